//! Secrets of every shape in every form in which a target may repeat them.

use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::*;

/// Characters of a piece that must not be shown.
const PIECE: usize = 12;

/// Draws numbers that look random, the same each time.
struct Draws(u64);

impl Draws {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..length)
            .map(|_| letters[self.below(letters.len())])
            .collect()
    }
}

/// Opaque tokens, JSON web tokens, keys, passwords with all kinds of characters.
fn secrets() -> Vec<String> {
    const URL_SAFE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const SMALL: &str = "abcdefghijklmnopqrstuvwxyz";
    const HEX: &str = "0123456789abcdef";
    const PRINTABLE: &str = "abcXYZ019!#$%&'()*+,-./:;<=>?@[]^_`{|}~\"\\";
    let mut draws = Draws(7);
    let mut secrets = Vec::new();
    for length in [12, 16, 20, 24, 32, 40, 64, 100, 300, 900] {
        secrets.push(draws.text(URL_SAFE, length));
        secrets.push(draws.text(SMALL, length));
        secrets.push(draws.text(HEX, length));
        secrets.push(draws.text(PRINTABLE, length));
        secrets.push(format!("sk_live.{}", draws.text(URL_SAFE, length)));
        let part = |draws: &mut Draws| draws.text(URL_SAFE, length);
        let (claims, signature) = (part(&mut draws), part(&mut draws));
        secrets.push(format!("eyJhbGciOiJSUzI1NiJ9.{claims}.{signature}"));
    }
    secrets
}

/// Says the secret again as some target does.
type Echo = fn(&str) -> String;

/// Writes each character in another way; secrets are ASCII here.
fn each(secret: &str, write: fn(char) -> String) -> String {
    secret.chars().map(write).collect::<Vec<_>>().concat()
}

/// Forms that hold nothing but the secret, from which it could be had again.
const CODED: [&str; 7] = [
    "Base64 twice",
    "hexadecimal with colons",
    "Base64",
    "Base64 for URLs",
    "hexadecimal",
    "URL-encoded throughout",
    "HTML by numbers",
];

fn echoes() -> Vec<(&'static str, Echo)> {
    vec![
        ("bare", |secret| secret.to_owned()),
        ("in prose", |secret| {
            format!("the value {secret} is not known")
        }),
        ("in JSON", |secret| {
            serde_json::json!({"error": {"got": secret}}).to_string()
        }),
        ("in JSON in JSON", |secret| {
            let inner = serde_json::json!({ "got": secret }).to_string();
            serde_json::json!({ "inner": inner }).to_string()
        }),
        ("in JSON, escaped throughout", |secret| {
            let escaped = each(secret, |it| format!("\\u{:04X}", u32::from(it)));
            format!("{{\"got\":\"{escaped}\"}}")
        }),
        ("URL-encoded", |secret| {
            format!("/cb?x={}", utf8_percent_encode(secret, NON_ALPHANUMERIC))
        }),
        ("URL-encoded in small letters", |secret| {
            utf8_percent_encode(secret, NON_ALPHANUMERIC)
                .to_string()
                .to_lowercase()
        }),
        ("URL-encoded twice", |secret| {
            let once = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
            utf8_percent_encode(&once, NON_ALPHANUMERIC).to_string()
        }),
        ("URL-encoded throughout", |secret| {
            each(secret, |it| format!("%{:02X}", u32::from(it)))
        }),
        ("Base64", |secret| STANDARD.encode_to_string(secret)),
        ("Base64 for URLs", |secret| {
            URL_SAFE_NO_PAD.encode_to_string(secret)
        }),
        ("Base64 behind a name", |secret| {
            STANDARD.encode_to_string(format!("user:{secret}"))
        }),
        ("Base64 in a sentence", |secret| {
            STANDARD.encode_to_string(format!("it was {secret}, wasn't it"))
        }),
        ("hexadecimal", |secret| {
            each(secret, |it| format!("{:02x}", u32::from(it)))
        }),
        ("HTML", |secret| {
            let named = secret
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            format!(
                "<p>{}</p>",
                named.replace('"', "&quot;").replace('\'', "&#39;")
            )
        }),
        ("HTML by numbers", |secret| {
            each(secret, |it| format!("&#x{:x};", u32::from(it)))
        }),
        ("in capitals", |secret| secret.to_uppercase()),
        ("as Rust shows it", |secret| format!("Some({secret:?})")),
        ("in lines", |secret| {
            let letters: Vec<char> = secret.chars().collect();
            let lines: Vec<String> = letters
                .chunks(8)
                .map(|line| line.iter().collect())
                .collect();
            lines.join("\r\n ")
        }),
        ("with nothing between", |secret| {
            secret
                .chars()
                .flat_map(|it| [it, '\0', '\u{200b}'])
                .collect()
        }),
        ("Base64 twice", |secret| {
            STANDARD.encode_to_string(STANDARD.encode_to_string(secret))
        }),
        ("hexadecimal with colons", |secret| {
            each(secret, |it| format!("{:02x}:", u32::from(it)))
        }),
        ("with a tag in it", |secret| {
            let (begin, end) = secret.split_at(8);
            format!("{begin}<wbr>{end}")
        }),
        ("cut at its end", |secret| {
            format!("got {}", &secret[..secret.len() - secret.len() / 3])
        }),
        ("cut at its beginning", |secret| {
            format!("...{} was sent", &secret[secret.len() / 3..])
        }),
    ]
}

/// Tells whether text shows twelve characters in a row of what should be hidden.
fn shows(text: &str, hidden: &str) -> bool {
    let (text, hidden) = (text.as_bytes(), hidden.as_bytes());
    hidden
        .windows(PIECE)
        .any(|piece| memchr::memmem::find(text, piece).is_some())
}

#[test]
fn no_echo_shows_a_piece_of_a_secret() {
    let secrets = secrets();
    let echoes = echoes();
    assert!(secrets.len() >= 60 && echoes.len() >= 20);
    for secret in &secrets {
        let mut mask = Mask::default();
        mask.add(secret);
        for (form, echo) in &echoes {
            let said = echo(secret);
            let is_cut = form.starts_with("cut") && secret.len() < 18;
            let shown = mask.foreign(&said);
            assert!(
                is_cut || shown.contains(HIDDEN),
                "{form} of {secret}: {shown}"
            );
            assert!(!shows(&shown, secret), "{form} of {secret}: {shown}");
            // Nor is the form itself, where nothing surrounds the secret.
            let is_all = CODED.contains(form);
            assert!(
                !is_all || !shows(&shown, &said),
                "{form} of {secret}: {shown}"
            );
        }
    }
}

#[test]
fn no_piece_of_a_secret_is_shown() {
    for secret in secrets().iter().filter(|secret| secret.len() <= 64) {
        let mut mask = Mask::default();
        mask.add(secret);
        for from in 0..=secret.len() - PIECE {
            let piece = &secret[from..from + PIECE];
            let shown = mask.foreign(&format!("<{piece}>"));
            assert!(!shown.contains(piece), "{piece} of {secret}: {shown}");
        }
    }
}

#[test]
fn a_short_secret_is_hidden_where_it_is_a_word() {
    let mut mask = Mask::default();
    mask.add("hunter42");
    for (text, expected) in [
        ("hunter42", "***"),
        ("got \"hunter42\".", "got \"***\"."),
        ("HUNTER42!", "***!"),
        ("aHVudGVyNDI=", "***I="),
        ("the hunter42x and xhunter42", "the hunter42x and xhunter42"),
    ] {
        assert_eq!(mask.foreign(text), expected);
    }
    // It may be a word of ours.
    assert_eq!(mask.printed("hunter42"), "hunter42");
}
