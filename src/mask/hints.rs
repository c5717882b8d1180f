//! Secrets that nobody told us of, by what stands before them: a name such as `password`, a scheme such as `Bearer`.
//!
//! A name announces a value where something is assigned to it (`"token":"..."`, `token=...`). In prose (`the token is
//! expired`, `token: expired`) what is spelled like a word is none.

use std::ops::Range;

/// Ends of names whose values are secrets.
const NAMES: [&str; 25] = [
    "authorization",
    "token",
    "secret",
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "accesskey",
    "secret_key",
    "secretkey",
    "private_key",
    "signing_key",
    "cookie",
    "csrf",
    "sessionid",
    "session_id",
    "signature",
    "credential",
    "credentials",
    "cvv",
    "cvc",
];

/// Words before a secret that say how it is used (RFC 9110, section 11.1); the secret is the next one.
const SCHEMES: [&str; 5] = ["bearer", "basic", "digest", "negotiate", "token"];

/// How a JSON web token begins: `{"` in Base64.
const JWT: &str = "eyJ";

/// Shortest part of a JSON web token behind its beginning.
const JWT_REST: usize = 8;

/// What a value that is no secret may be.
const LITERALS: [&str; 4] = ["null", "true", "false", "***"];

/// Letters in a row from which on no word is that long.
const LONGEST_WORD: usize = 24;

/// Masks what looks like a secret by what stands before it.
pub(super) fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    for found in values(text) {
        masked.push_str(&text[copied..found.start]);
        masked.push_str("***");
        copied = found.end;
    }
    masked.push_str(&text[copied..]);
    masked
}

/// Finds the values that look like secrets, in order and without overlaps.
pub(super) fn values(text: &str) -> Vec<Range<usize>> {
    let mut values: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(word) = next_word(text, at) {
        let found = value_of(text, &word);
        at = found
            .as_ref()
            .map_or(word.end, |value| value.end.max(word.end));
        values.extend(found);
    }
    values
}

/// Tells whether a name in small letters is that of a secret.
pub(super) fn announces(name: &str) -> bool {
    NAMES.iter().any(|end| name.ends_with(end))
}

/// Finds the secret that a word announces, or is.
fn value_of(text: &str, word: &Range<usize>) -> Option<Range<usize>> {
    let found = &text[word.clone()];
    if let Some(jwt) = json_web_token(found) {
        return Some(word.start + jwt.start..word.start + jwt.end);
    }
    if let Some(userinfo) = userinfo(text, word.end) {
        return Some(userinfo);
    }
    let lower = found.to_ascii_lowercase();
    if announces(&lower)
        && let Some(value) = assigned(text, word.end)
    {
        return Some(value);
    }
    let is_scheme = SCHEMES.contains(&lower.as_str());
    let rest = text[word.end..].strip_prefix(' ');
    let value = rest.filter(|_| is_scheme).map(plain_value)?;
    let value = word.end + 1..word.end + 1 + value;
    looks_secret(&text[value.clone()]).then_some(value)
}

/// Finds the credentials in a URL whose scheme ends at a byte (RFC 3986, section 3.2.1).
fn userinfo(text: &str, from: usize) -> Option<Range<usize>> {
    let rest = text[from..].strip_prefix("://")?;
    let ends = |letter: char| letter.is_whitespace() || "/?#\"'<>\\".contains(letter);
    let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let begin = text.len() - rest.len();
    let at = authority.rfind('@').filter(|&at| at > 0)?;
    Some(begin..begin + at)
}

/// Finds what is assigned to a name that ends at a byte.
fn assigned(text: &str, from: usize) -> Option<Range<usize>> {
    let rest = &text[from..];
    let sign = rest.trim_start_matches(['"', '\'', '\\', ' ', ']']);
    let (sign, value) = (sign.chars().next()?, sign.get(1..)?);
    if !matches!(sign, ':' | '=') {
        return None;
    }
    let is_named_in_quotes = rest.starts_with(['"', '\'', '\\']);
    let blank_free = value.trim_start_matches([' ', '\\']);
    let quote = blank_free
        .chars()
        .next()
        .filter(|letter| matches!(letter, '"' | '\''));
    let inside = quote.map_or(blank_free, |_| &blank_free[1..]);
    let (skipped, length) = match quote {
        Some(quote) => quoted_value(inside, quote),
        None => behind_scheme(inside),
    };
    let begin = text.len() - inside.len() + skipped;
    let value = begin..begin + length;
    let found = &text[value.clone()];
    let is_assigned = quote.is_some() || is_named_in_quotes || sign == '=' || skipped > 0;
    // What begins with a brace or a dollar is a list, an object or a placeholder.
    let is_value =
        !found.is_empty() && !LITERALS.contains(&found) && !found.starts_with(['[', '{', '$']);
    (is_value && (is_assigned || !is_word(found))).then_some(value)
}

/// Measures a value in quotes; one with several words is prose, unless the first is a scheme.
fn quoted_value(inside: &str, quote: char) -> (usize, usize) {
    let end = inside.find([quote, '\\']).unwrap_or(inside.len());
    let value = &inside[..end];
    let (skipped, length) = behind_scheme(value);
    match value.find(' ') {
        None => (0, end),
        Some(_) if skipped > 0 => (skipped, length.max(end - skipped)),
        Some(_) => {
            let mut words = value.split(' ');
            let secret = words.find(|word| looks_secret(word)).unwrap_or_default();
            let from = value.find(secret).unwrap_or(0);
            (from, secret.len())
        }
    }
}

/// Measures a value without quotes: what is skipped before it because it is a scheme, and the value's length.
fn behind_scheme(text: &str) -> (usize, usize) {
    let first = plain_value(text);
    let is_scheme = SCHEMES
        .iter()
        .any(|scheme| text[..first].eq_ignore_ascii_case(scheme));
    match text[first..].strip_prefix(' ') {
        Some(rest) if is_scheme => (first + 1, plain_value(rest)),
        _ => (0, first),
    }
}

fn plain_value(text: &str) -> usize {
    let ends = |letter: char| letter.is_whitespace() || ",;\"'\\}])&<>".contains(letter);
    text.find(ends).unwrap_or(text.len())
}

fn next_word(text: &str, from: usize) -> Option<Range<usize>> {
    let is_part =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let start = from + text[from..].find(is_part)?;
    let length = text[start..]
        .find(|letter| !is_part(letter))
        .unwrap_or(text.len() - start);
    Some(start..start + length)
}

/// Finds what follows the beginning of a JSON web token.
fn json_web_token(word: &str) -> Option<Range<usize>> {
    let begins = word
        .find(JWT)
        .filter(|&at| !word[..at].ends_with(|it: char| it.is_ascii_alphabetic()))?;
    let from = begins + JWT.len();
    (word.len() >= from + JWT_REST).then_some(from..word.len())
}

/// Tells whether text can be a word of a sentence.
fn is_word(text: &str) -> bool {
    let bare = text.trim_end_matches(['.', ':', '!', '?']);
    bare.chars().all(char::is_alphabetic)
}

/// Tells whether text is no word of a language: digits and letters in it, capitals after small letters, or its length.
fn looks_secret(text: &str) -> bool {
    let bare = text.trim_end_matches(['.', ':', '!', '?', '=']);
    let has = |is: fn(&u8) -> bool| bare.bytes().any(|byte| is(&byte));
    let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    let is_cased = bare
        .as_bytes()
        .windows(2)
        .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    bare.len() >= 6 && (is_mixed || is_cased || bare.len() > LONGEST_WORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_name_announces_is_masked() {
        for (text, expected) in [
            ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
            ("authorization: abc1", "authorization: ***"),
            (
                r#"{"access_token":"xyz","a":1}"#,
                r#"{"access_token":"***","a":1}"#,
            ),
            (r#"{"access_token" : "xyz"}"#, r#"{"access_token" : "***"}"#),
            ("password=hunter2&user=me", "password=***&user=me"),
            ("password: hunter2", "password: ***"),
            (
                r#"{"token":"Bearer opaque-98765","detail":"Authorization: Basic dXNlcjpwYXNz"}"#,
                r#"{"token":"Bearer ***","detail":"Authorization: Basic ***"}"#,
            ),
            (r#"{"token":"Bearer abc"}"#, r#"{"token":"Bearer ***"}"#),
            ("x-api-key: k-1", "x-api-key: ***"),
            (
                "Cookie: sessionid=abc; csrftoken=def",
                "Cookie: ***; csrftoken=***",
            ),
            (r#"{"got":"eyJhbGciOi.e30.c2ln"}"#, r#"{"got":"eyJ***"}"#),
            (
                "Location: /cb?X-Amz-Signature=ab12&y=1",
                "Location: /cb?X-Amz-Signature=***&y=1",
            ),
            (
                r#"{\"client_secret\":\"hush\"}"#,
                r#"{\"client_secret\":\"***\"}"#,
            ),
            ("sent Bearer q8Zr71xKw0 twice", "sent Bearer *** twice"),
            (r#"{"cvv":"123","n":4}"#, r#"{"cvv":"***","n":4}"#),
            ("see https://me:pw@host:1/p@q", "see https://***@host:1/p@q"),
            ("at http://host/a@b", "at http://host/a@b"),
        ] {
            assert_eq!(mask(text), expected);
        }
    }

    #[test]
    fn innocent_words_stay() {
        for text in [
            "nothing here",
            "the access token is expired",
            "invalid token: expired",
            "invalid_token: The token was revoked",
            "access_denied: Unauthorized",
            "client secret is wrong; ask for a new secret",
            "Bearer token is missing",
            "Bearer realm is unknown",
            "password: must be longer",
            r#"{"password":["This field is required."]}"#,
            r#"{"password":"This field is required."}"#,
            r#"{"token":null,"token_type":"Bearer","tokens":5}"#,
            "basic validation failed",
            "heyJude and eyJ",
            "unsupported token type",
            "Authentication credentials were not provided.",
            "authorization: denied",
        ] {
            assert_eq!(mask(text), text);
        }
    }
}
