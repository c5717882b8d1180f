//! A user's cookie jar.
//!
//! There is one target, so every cookie goes back with every request of the session, whatever domain and path it names.

use cookie::Cookie;
use http::HeaderMap;
use http::header::SET_COOKIE;

/// Cookies by name, in the order they were first set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cookies(Vec<(String, String)>);

impl Cookies {
    /// Takes over what an answer sets, replaces or takes back.
    pub(super) fn note(&mut self, headers: &HeaderMap) {
        for header in headers.get_all(SET_COOKIE) {
            // What is no cookie is as if it had not been sent (RFC 6265, section 5.2).
            let Some(cookie) = header
                .to_str()
                .ok()
                .and_then(|text| Cookie::parse(text).ok())
            else {
                continue;
            };
            self.0.retain(|(name, _)| name != cookie.name());
            if !is_taken_back(&cookie) {
                self.0
                    .push((cookie.name().to_owned(), cookie.value().to_owned()));
            }
        }
    }

    /// Gives the value of a cookie.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(other, _)| other == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Writes all cookies as a request carries them; nothing if there are none.
    pub(crate) fn header(&self) -> Option<String> {
        let pairs: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// Tells whether a cookie is set only to be removed: it has no time left, or an end long past.
fn is_taken_back(cookie: &Cookie<'_>) -> bool {
    let has_no_time = cookie.max_age().is_some_and(|age| !age.is_positive());
    let ended = cookie
        .expires_datetime()
        .is_some_and(|end| end.unix_timestamp() <= 0);
    has_no_time || (cookie.max_age().is_none() && ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(SET_COOKIE, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn cookies_are_kept_replaced_and_taken_back() {
        let mut cookies = Cookies::default();
        assert_eq!(cookies.header(), None);
        cookies.note(&headers(&[
            "sessionid=abc; HttpOnly; Path=/; SameSite=Lax",
            "csrftoken=1; Max-Age=31449600",
            "no cookie at all",
        ]));
        assert_eq!(
            cookies.header().as_deref(),
            Some("sessionid=abc; csrftoken=1")
        );
        cookies.note(&headers(&["csrftoken=2"]));
        assert_eq!(cookies.get("csrftoken"), Some("2"));
        cookies.note(&headers(&["sessionid=\"\"; Max-Age=0"]));
        assert_eq!(cookies.header().as_deref(), Some("csrftoken=2"));
        cookies.note(&headers(&[
            "csrftoken=; expires=Thu, 01 Jan 1970 00:00:00 GMT",
        ]));
        assert_eq!(cookies.header(), None);
    }
}
