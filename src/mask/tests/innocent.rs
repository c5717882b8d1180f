//! Words and numbers that answers are full of, none of which is a secret or a card.

use super::super::*;

/// How many of each kind.
const EACH: u64 = 100;

/// Makes numbers that look random out of a count.
fn spread(nth: u64) -> u64 {
    let mut mixed = nth.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Makes one example out of a number that looks random.
type Make = fn(u64) -> String;

/// A kind by name.
type Kind = (&'static str, Make);

fn kinds() -> Vec<Kind> {
    [
        amounts(),
        instants(),
        ids(),
        fractions(),
        addresses(),
        versions(),
        sentences(),
    ]
    .concat()
}

fn amounts() -> Vec<Kind> {
    vec![
        ("amount", |x| format!("{}.{:02}", x % 1_000_000, x % 100)),
        ("amount with thousands", |x| {
            format!(
                "{},{:03},{:03},{:03}.{:02}",
                x % 999,
                x % 1000,
                x / 7 % 1000,
                x / 11 % 1000,
                x % 100
            )
        }),
        ("large amount", |x| {
            let part = |by: u64| x / by % 1000;
            format!(
                "{:03},{:03},{:03},{:03},{:03}",
                100 + part(3) % 900,
                part(5),
                part(7),
                part(11),
                part(13)
            )
        }),
        ("minor units", |x| (x % 100_000_000_000).to_string()),
    ]
}

fn instants() -> Vec<Kind> {
    vec![
        ("seconds", |x| (1_600_000_000 + x % 400_000_000).to_string()),
        ("milliseconds", |x| {
            (1_600_000_000_000 + x % 400_000_000_000).to_string()
        }),
        ("microseconds", |x| {
            (1_600_000_000_000_000 + x % 400_000_000_000_000).to_string()
        }),
        ("nanoseconds", |x| {
            (1_600_000_000_000_000_000 + x % 200_000_000_000_000_000).to_string()
        }),
        ("RFC 3339", |x| {
            format!(
                "2026-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z",
                x % 12 + 1,
                x % 28 + 1,
                x % 24,
                x / 60 % 60,
                x / 3600 % 60,
                x % 1_000_000_000
            )
        }),
        ("date and time", |x| {
            format!(
                "2026-{:02}-{:02} {:02}:{:02}:{:02},{:03}",
                x % 12 + 1,
                x % 28 + 1,
                x % 24,
                x / 60 % 60,
                x / 3600 % 60,
                x % 1000
            )
        }),
        ("date by day", |x| {
            format!(
                "{:02}.{:02}.2026 {:02}:{:02}:{:02}.{:06}",
                x % 28 + 1,
                x % 12 + 1,
                x % 24,
                x / 60 % 60,
                x / 99 % 60,
                x % 1_000_000
            )
        }),
        ("compact time", |x| {
            format!(
                "2026{:02}{:02}{:02}{:02}{:02}",
                x % 12 + 1,
                x % 28 + 1,
                x % 24,
                x / 60 % 60,
                x / 99 % 60
            )
        }),
    ]
}

fn ids() -> Vec<Kind> {
    vec![
        ("UUID", |x| {
            let (high, low) = (spread(x), spread(x ^ 1));
            format!(
                "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
                high >> 32,
                high >> 16 & 0xffff,
                high & 0xfff,
                low >> 48 & 0xfff,
                low & 0xffff_ffff_ffff
            )
        }),
        ("UUID of digits", |x| {
            format!(
                "{:08}-{:04}-4{:03}-8{:03}-{:012}",
                x % 100_000_000,
                x / 3 % 10_000,
                x / 5 % 1000,
                x / 7 % 1000,
                spread(x) % 1_000_000_000_000
            )
        }),
        ("trace", |x| {
            format!("{:016x}{:016x}", spread(x), spread(x ^ 1))
        }),
        ("digest", |x| {
            format!(
                "blake3:{:016x}{:016x}{:016x}{:016x}",
                spread(x),
                spread(x ^ 1),
                spread(x ^ 2),
                spread(x ^ 3)
            )
        }),
        ("transaction", |x| {
            format!("txn_{:016x}", spread(x) | 0xa << 60)
        }),
        ("card hash", |x| {
            format!("card_{:012x}", spread(x) & 0xffff_ffff_ffff)
        }),
        ("merchant", |x| format!("M{:05}", x % 100_000)),
    ]
}

fn fractions() -> Vec<Kind> {
    vec![
        ("share", |x| {
            format!("{}", (x % 1_000_003) as f64 / 1_000_003.0)
        }),
        ("quotient", |x| {
            format!("{}", (x % 99_999_989) as f64 / 7_919.0)
        }),
        ("small quotient", |x| {
            format!("{}", 1.0 + (x % 99_991) as f64 / 9_973.0)
        }),
        ("power", |x| format!("{:e}", spread(x) as f64)),
    ]
}

fn addresses() -> Vec<Kind> {
    vec![
        ("IPv4", |x| {
            format!(
                "{}.{}.{}.{}:{}",
                x % 256,
                x / 3 % 256,
                x / 5 % 256,
                x / 7 % 256,
                1024 + x % 60_000
            )
        }),
        ("IPv4 addresses", |x| {
            format!(
                "10.{}.{}.{}, 192.168.{}.{}",
                x % 256,
                x / 3 % 256,
                x / 5 % 256,
                x / 7 % 256,
                x / 11 % 256
            )
        }),
        ("IPv6", |x| {
            format!(
                "2001:db8:{:x}:{:x}:{:x}:{:x}:{:x}:{:x}",
                x % 65_536,
                x / 3 % 65_536,
                x / 5 % 65_536,
                x / 7 % 65_536,
                x / 11 % 65_536,
                x / 13 % 65_536
            )
        }),
        ("IPv6 of digits", |x| {
            format!(
                "2001:{:04}:{:04}:{:04}:{:04}:{:04}:{:04}:{:04}",
                x % 10_000,
                x / 3 % 10_000,
                x / 5 % 10_000,
                x / 7 % 10_000,
                x / 11 % 10_000,
                x / 13 % 10_000,
                x / 17 % 10_000
            )
        }),
        ("MAC", |x| {
            format!(
                "{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}",
                x & 255,
                x >> 8 & 255,
                x >> 16 & 255,
                x >> 24 & 255,
                x >> 32 & 255,
                x >> 40 & 255
            )
        }),
    ]
}

fn versions() -> Vec<Kind> {
    vec![
        ("version", |x| {
            format!(
                "v{}.{}.{}-rc.{}+build.{}",
                x % 30,
                x / 3 % 100,
                x / 5 % 1000,
                x % 9,
                x % 100_000
            )
        }),
        ("version of dates", |x| {
            format!("2026.{:02}.{:02}.{}", x % 12 + 1, x % 28 + 1, x % 10_000)
        }),
        ("OID", |x| {
            format!("1.3.6.1.4.1.{}.{}.{}", x % 60_000, x / 3 % 100, x / 5 % 10)
        }),
        ("phone", |x| {
            format!(
                "+49 {} {:04} {:04}",
                150 + x % 30,
                x / 3 % 10_000,
                x / 5 % 10_000
            )
        }),
        ("phone in one", |x| {
            format!("+49{}{:08}", 150 + x % 30, x / 3 % 100_000_000)
        }),
        ("order", |x| {
            format!(
                "ORD-{:03}-{:07}-{:07}",
                x % 1000,
                x / 3 % 10_000_000,
                x / 5 % 10_000_000
            )
        }),
        ("order like a phone", |x| {
            format!(
                "{:03}-{:03}-{:04}",
                200 + x % 800,
                x / 3 % 1000,
                x / 5 % 10_000
            )
        }),
    ]
}

fn sentences() -> Vec<Kind> {
    vec![
        ("status", |x| {
            format!(
                "HTTP 400 after {} ms in {} of {} attempts",
                x % 10_000,
                x % 5,
                x % 7 + 5
            )
        }),
        ("list", |x| {
            format!(
                "[{}, {}, {}, {}]",
                x % 1000,
                x / 3 % 1000,
                x / 5 % 1000,
                x / 7 % 1000
            )
        }),
        ("prose", |x| {
            let sentences = [
                "the access token is expired",
                "invalid_client: The client secret is wrong",
                "Bearer token missing or malformed",
                "basic validation of the request failed",
                "password must have at least 12 characters",
                "signature of the token could not be verified",
                "Authentication credentials were not provided.",
            ];
            sentences[usize::try_from(x % 7).unwrap()].to_owned()
        }),
    ]
}

#[test]
fn innocent_words_and_numbers_stay_whole() {
    let mut mask = Mask::default();
    mask.add("q8Zr71xKw0-planted-client-secret");
    mask.add_token("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJsb2FkIn0.c2lnbmF0dXJl");
    let kinds = kinds();
    assert!(kinds.len() as u64 * EACH >= 2_000);
    for (kind, make) in kinds {
        for nth in 0..EACH {
            let text = make(spread(nth));
            assert_eq!(mask.foreign(&text), text, "{kind}");
            let quoted = format!("{{\"value\":\"{text}\",\"n\":1}}");
            assert_eq!(mask.foreign(&quoted), quoted, "{kind}");
        }
    }
}
