//! Addresses: what is taken is shown as it reads again, and leads to one place.

use tapdeck_addresses::{HttpUrl, Place};
use tapdeck_fuzz::bounded::within;
use tapdeck_fuzz::edits::Edits;

const MOST_BYTES: u64 = 64 << 10;

const URLS: [&str; 5] = [
    "http://127.0.0.1:8081/engine/v1",
    "https://[2001:db8::1]:8443",
    "http://engine.example.test",
    "http://localhost:80/%41",
    "https://192.0.2.7/a-b_c~d",
];

#[test]
fn urls_read_the_same_again() {
    bolero::check!()
        .with_arbitrary::<(u8, Edits)>()
        .for_each(|(which, edits): &(u8, Edits)| {
            let sound = URLS[usize::from(*which) % URLS.len()];
            let tried = edits.apply(sound.as_bytes());
            let text = String::from_utf8_lossy(&tried);
            match within(MOST_BYTES, || text.parse::<HttpUrl>()) {
                Ok(url) => {
                    assert_ne!(url.port(), 0, "{text:?}");
                    let shown = url.to_string();
                    assert!(!shown.contains(['@', '?', '#', ' ', '\\']), "{shown:?}");
                    assert_eq!(shown.parse::<HttpUrl>().unwrap(), url, "{text:?}");
                    // The port is the one that was written, in its own digits.
                    if let Some(port) = url.authority.port {
                        assert!(text.contains(&format!(":{port}")), "{text:?}");
                    }
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        });
}

#[test]
fn targets_are_read_or_refused() {
    bolero::check!()
        .with_arbitrary::<Edits>()
        .for_each(|edits: &Edits| {
            let tried = edits.apply(b"unix:/run/engine.sock:/base/path");
            let text = String::from_utf8_lossy(&tried);
            if let Err(error) = within(MOST_BYTES, || text.parse::<Place>()) {
                assert!(!error.to_string().is_empty());
            }
        });
}
