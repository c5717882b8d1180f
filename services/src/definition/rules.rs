//! What a value of the right type must look like.

use tapdeck_addresses::is_path;

use crate::header::CODINGS;
use crate::scenario::length;

/// A rule and how an error words it.
pub(super) struct Rule {
    pub(super) expected: &'static str,
    pub(super) holds: fn(&str) -> bool,
}

/// Names end up in file names, chart legends and flags.
pub(super) const NAME: Rule = Rule {
    expected: "a name of at most 64 lowercase letters, digits and dashes that starts with a letter",
    holds: |text| {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.len() <= 64
            && text.chars().all(allowed)
    },
};

pub(super) const TITLE: Rule = Rule {
    expected: "one line of text",
    holds: |text| !text.trim().is_empty() && !text.contains(char::is_control),
};

pub(super) const ENVIRONMENT_NAME: Rule = Rule {
    expected: "the name of an environment variable: letters, digits and underscores, no digit first",
    holds: |text| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(allowed)
    },
};

pub(super) const PATH: Rule = Rule {
    expected: "a path that starts with \"/\" and holds only what RFC 3986 allows there; percent-encode the rest",
    holds: is_path,
};

pub(super) const STEP_PATH: Rule = Rule {
    expected: "a path that starts with \"/\" or a captured value and holds only what RFC 3986 allows there; percent-encode the rest",
    holds: is_path,
};

pub(super) const BODY: Rule = Rule {
    expected: "some text; leave the key out where there is no body",
    holds: |text| !text.is_empty(),
};

pub(super) const WORD: Rule = Rule {
    expected: "a word or more",
    holds: |text| !text.is_empty(),
};

pub(super) const SCOPE: Rule = Rule {
    expected: "words of visible ASCII with single spaces between them",
    holds: |text| {
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic());
        text.split(' ').all(is_word)
    },
};

pub(super) const LENGTH: Rule = Rule {
    expected: "a time above 0 and up to a year, such as \"5m\", \"90s\" or \"1h20m\"",
    holds: |text| length(text).is_some(),
};

pub(super) const VARIABLE: Rule = Rule {
    expected: "a name of at most 64 lowercase letters, digits, dashes and underscores that starts with a letter",
    holds: |text| {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.len() <= 64
            && text.chars().all(allowed)
    },
};

pub(super) const COOKIE_NAME: Rule = Rule {
    expected: "a cookie name as in RFC 6265: letters, digits and any of !#$%&'*+-.^_`|~",
    holds: HEADER_NAME.holds,
};

pub(super) const HEADER_NAME: Rule = Rule {
    expected: "a header name as in RFC 9110: letters, digits and any of !#$%&'*+-.^_`|~",
    holds: |text| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        !text.is_empty() && text.bytes().all(allowed)
    },
};

pub(super) const HEADER_VALUE: Rule = Rule {
    expected: "visible ASCII with spaces and tabs only in between",
    holds: |text| {
        let allowed = |b: u8| b.is_ascii_graphic() || b == b' ' || b == b'\t';
        text.bytes().all(allowed) && text.trim() == text
    },
};

/// An answer in another coding could not be looked into; RFC 9110, section 12.5.3.
pub(super) const ACCEPT_ENCODING: Rule = Rule {
    expected: "a literal list of gzip, deflate, br, zstd and identity, whose answers can be decoded",
    holds: |text| {
        let mut items = text.split(',').map(str::trim);
        text.is_empty()
            || items.all(|item| {
                let (coding, weight) = item.split_once(';').unwrap_or((item, ""));
                let coding = coding.trim().to_ascii_lowercase();
                let weight = weight.trim().to_ascii_lowercase();
                let is_known = coding == "identity" || CODINGS.contains(&coding.as_str());
                is_known || is_refusal(&weight)
            })
    },
};

/// Codings of the transfer, unlike those of the content, are not decoded; RFC 9110, section 10.1.4.
pub(super) const TE: Rule = Rule {
    expected: "trailers and nothing else; ask for compressed answers by accept-encoding",
    holds: |text| text.eq_ignore_ascii_case("trailers"),
};

/// Tells whether a weight of 0 says that something must not be sent.
fn is_refusal(weight: &str) -> bool {
    let digits = weight.strip_prefix("q=0");
    digits.is_some_and(|digits| digits.trim_start_matches('.').bytes().all(|it| it == b'0'))
}
