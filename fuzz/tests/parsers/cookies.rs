//! Cookies: a jar stays within its limit, and what it sends back is a header that HTTP allows.

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use tapdeck::replay::session::cookies::Cookies;
use tapdeck::replay::session::origin::Origin;
use tapdeck_fuzz::bounded::within;
use tapdeck_fuzz::edits::Edits;

const NOW_S: i64 = 1_750_000_000;

/// A full jar, and as much again while it is written.
const MOST_BYTES: u64 = 4 << 20;

const HEADERS: [&str; 4] = [
    "sessionid=abc; HttpOnly; Path=/; SameSite=Lax; Max-Age=3600",
    "csrf=\"x y\"; Domain=.desk.example.test; Expires=Sun, 15 Jun 2025 15:06:45 GMT; Secure",
    "a=; Max-Age=0",
    "b=1; Expires=Sunday, 15-Jun-25 15:06:45 GMT; Path=relative",
];

#[test]
fn a_jar_keeps_what_it_can_send_back() {
    let origin = Origin::new(false, "desk.example.test", 80);
    bolero::check!()
        .with_arbitrary::<Vec<(u8, Edits)>>()
        .for_each(|answers: &Vec<(u8, Edits)>| {
            let mut jar = Cookies::default();
            within(MOST_BYTES, || {
                for (which, edits) in answers {
                    let sound = HEADERS[usize::from(*which) % HEADERS.len()];
                    let Ok(value) = HeaderValue::from_bytes(&edits.apply(sound.as_bytes())) else {
                        continue;
                    };
                    let mut headers = HeaderMap::new();
                    headers.append(SET_COOKIE, value);
                    jar.note(&headers, &origin, "/a/b", NOW_S);
                }
            });
            for path in ["/", "/a/b/c", "relative", ""] {
                if let Some(sent) = jar.header(&origin, path, NOW_S) {
                    HeaderValue::from_bytes(sent.as_bytes()).unwrap();
                    assert!(sent.len() <= 180 * 4_200, "{} bytes", sent.len());
                }
            }
        });
}
