//! A user's cookie jar.
//!
//! There is one target, so the jar holds the cookies of one host: what is for other hosts is not kept, and a cookie for a
//! domain that the host belongs to differs from the host's own in its identity alone. Public suffixes are not looked up
//! (a cookie for one would come back to the same target only), and names that begin with `__Host-` or `__Secure-` are
//! names like any other.
//!
//! Source: RFC 6265, section 5.

mod date;
mod set_cookie;

use std::cmp::Reverse;
use std::net::IpAddr;

use http::HeaderMap;
use http::header::SET_COOKIE;

use self::set_cookie::SetCookie;
use super::origin::Origin;

/// Cookies of one user at most, and bytes of one with its domain and path: a target that sets more would else have every
/// user grow without end. Browsers keep as much; RFC 6265, section 6.1, asks for 50 of 4,096 bytes.
const MOST_COOKIES: usize = 180;
const LONGEST_COOKIE: usize = 4_096;

/// Cookies in the order of their creation.
#[derive(Debug, Clone, Default)]
pub struct Cookies {
    kept: Vec<Kept>,
    /// Set-Cookie headers so far that set something.
    set_count: u64,
}

/// A cookie; name, domain and path tell it from all others.
#[derive(Debug, Clone)]
struct Kept {
    name: String,
    value: String,
    domain: String,
    path: String,
    is_secure: bool,
    /// When it ends, seconds since the Unix epoch; `None` for with the session.
    ends_s: Option<i64>,
    /// When it was last set, as a count.
    set_at: u64,
}

impl Cookies {
    /// Takes over what an answer sets, replaces or takes back; `path` is that of the request, `now_s` the time in seconds
    /// since the Unix epoch.
    pub fn note(&mut self, headers: &HeaderMap, origin: &Origin, path: &str, now_s: i64) {
        for header in headers.get_all(SET_COOKIE) {
            let text = std::str::from_utf8(header.as_bytes()).ok();
            // What is no cookie is as if it had not been sent.
            let Some(cookie) = text.and_then(|text| SetCookie::parse(text, now_s)) else {
                continue;
            };
            let is_foreign = |domain: &str| !is_in_domain(origin.host(), domain);
            if cookie.domain.as_deref().is_some_and(is_foreign) {
                continue;
            }
            self.set(cookie, origin.host(), path);
        }
        self.kept.retain(|cookie| !cookie.has_ended(now_s));
    }

    fn set(&mut self, cookie: SetCookie<'_>, host: &str, request_path: &str) {
        self.set_count += 1;
        let new = Kept {
            name: cookie.name.to_owned(),
            value: cookie.value.to_owned(),
            domain: cookie.domain.unwrap_or_else(|| host.to_owned()),
            path: cookie.path.unwrap_or(folder(request_path)).to_owned(),
            is_secure: cookie.is_secure,
            ends_s: cookie.ends_s,
            set_at: self.set_count,
        };
        if new.bytes() > LONGEST_COOKIE {
            return;
        }
        let is_same = |old: &&mut Kept| {
            (&old.name, &old.domain, &old.path) == (&new.name, &new.domain, &new.path)
        };
        match self.kept.iter_mut().find(is_same) {
            // The place says when a cookie was created, which a new value does not change.
            Some(old) => *old = new,
            None => self.kept.push(new),
        }
        if self.kept.len() > MOST_COOKIES {
            let places = 0..self.kept.len();
            if let Some(oldest) = places.min_by_key(|&place| self.kept[place].set_at) {
                self.kept.remove(oldest);
            }
        }
    }

    /// Gives the value of a cookie, the one set last if several have the name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let named = self.kept.iter().filter(|cookie| cookie.name == name);
        let latest = named.max_by_key(|cookie| cookie.set_at)?;
        Some(&latest.value)
    }

    /// Gives the values of all cookies.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.kept.iter().map(|cookie| cookie.value.as_str())
    }

    /// Writes the cookies that a request to a path carries, those of longer paths first; nothing if there are none.
    pub fn header(&self, origin: &Origin, path: &str, now_s: i64) -> Option<String> {
        let mut sent: Vec<&Kept> = self
            .kept
            .iter()
            .filter(|cookie| {
                !cookie.has_ended(now_s)
                    && (origin.is_secure() || !cookie.is_secure)
                    && is_under(path, &cookie.path)
            })
            .collect();
        // Stable, so that of equally long paths the cookie created first comes first.
        sent.sort_by_key(|cookie| Reverse(cookie.path.len()));
        let pairs: Vec<String> = sent
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Kept {
    fn bytes(&self) -> usize {
        self.name.len() + self.value.len() + self.domain.len() + self.path.len()
    }

    fn has_ended(&self, now_s: i64) -> bool {
        self.ends_s.is_some_and(|ends_s| ends_s <= now_s)
    }
}

/// Tells whether a host is a domain or below it; section 5.1.3. Addresses have no domains.
fn is_in_domain(host: &str, domain: &str) -> bool {
    let is_address = host.starts_with('[') || host.parse::<IpAddr>().is_ok();
    let is_below = || {
        let before = host.strip_suffix(domain);
        before.is_some_and(|before| before.ends_with('.'))
    };
    host == domain || (!is_address && is_below())
}

/// Gives the path of cookies that name none: the folder that a request was for; section 5.1.4.
fn folder(path: &str) -> &str {
    match path.rfind('/') {
        Some(end @ 1..) if path.starts_with('/') => &path[..end],
        _ => "/",
    }
}

/// Tells whether a request's path is the one of a cookie or below it; section 5.1.4.
fn is_under(path: &str, cookie_path: &str) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_S: i64 = 1_750_000_000;

    fn origin() -> Origin {
        Origin::new(false, "desk.engine.test", 80)
    }

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(SET_COOKIE, value.parse().unwrap());
        }
        headers
    }

    fn jar(values: &[&str]) -> Cookies {
        let mut cookies = Cookies::default();
        cookies.note(&headers(values), &origin(), "/a/b", NOW_S);
        cookies
    }

    fn sent(cookies: &Cookies, path: &str, now_s: i64) -> String {
        cookies.header(&origin(), path, now_s).unwrap_or_default()
    }

    #[test]
    fn cookies_are_kept_replaced_and_taken_back() {
        let mut cookies = jar(&[
            "sessionid=abc; HttpOnly; Path=/; SameSite=Lax",
            "csrftoken=1; Max-Age=31449600; Path=/",
            "no cookie at all",
        ]);
        assert_eq!(sent(&cookies, "/", NOW_S), "sessionid=abc; csrftoken=1");
        let mut note = |value| cookies.note(&headers(&[value]), &origin(), "/login", NOW_S);
        note("csrftoken=2; Path=/");
        note("sessionid=new; Path=/");
        assert_eq!(cookies.get("csrftoken"), Some("2"));
        assert_eq!(sent(&cookies, "/", NOW_S), "sessionid=new; csrftoken=2");
        let mut note = |value| cookies.note(&headers(&[value]), &origin(), "/login", NOW_S);
        note("sessionid=\"\"; Max-Age=0; Path=/");
        note("csrftoken=; expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/elsewhere");
        assert_eq!(sent(&cookies, "/", NOW_S), "csrftoken=2");
        cookies.note(
            &headers(&["csrftoken=; expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/"]),
            &origin(),
            "/login",
            NOW_S,
        );
        assert_eq!(cookies.header(&origin(), "/", NOW_S), None);
    }

    #[test]
    fn a_jar_has_a_limit() {
        let mut cookies = jar(&["first=1; Path=/", "second=2; Path=/", "first=again; Path=/"]);
        for number in 0..MOST_COOKIES - 1 {
            let header = format!("n{number}=x; Path=/");
            cookies.note(&headers(&[&header]), &origin(), "/", NOW_S);
        }
        assert_eq!(cookies.kept.len(), MOST_COOKIES);
        assert_eq!(cookies.get("second"), None, "set before all others");
        assert_eq!(cookies.get("first"), Some("again"));
        let long = format!("long={}; Path=/", "x".repeat(LONGEST_COOKIE));
        cookies.note(&headers(&[&long]), &origin(), "/", NOW_S);
        assert_eq!(cookies.get("long"), None);
    }

    #[test]
    fn a_cookie_ends_by_the_clock_and_not_by_the_epoch() {
        let cookies = jar(&[
            "yesterday=1; Path=/; Expires=Sat, 14 Jun 2025 15:06:39 GMT",
            "soon=1; Path=/; Expires=Sun, 15 Jun 2025 15:06:45 GMT",
            "longer=1; Path=/; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        ]);
        assert_eq!(cookies.get("yesterday"), None);
        assert_eq!(sent(&cookies, "/", NOW_S), "soon=1; longer=1");
        assert_eq!(sent(&cookies, "/", NOW_S + 5), "longer=1");
        assert_eq!(sent(&cookies, "/", NOW_S + 9), "");
    }

    #[test]
    fn a_cookie_goes_where_its_path_says_the_longest_first() {
        let cookies = jar(&[
            "root=1; Path=/",
            "own=1",
            "deep=1; Path=/a/b/c/",
            "own=2; Path=/",
        ]);
        for (path, expected) in [
            ("/", "root=1; own=2"),
            ("/a", "own=1; root=1; own=2"),
            ("/a/", "own=1; root=1; own=2"),
            ("/ab", "root=1; own=2"),
            ("/a/b/c", "own=1; root=1; own=2"),
            ("/a/b/c/d", "deep=1; own=1; root=1; own=2"),
        ] {
            assert_eq!(sent(&cookies, path, NOW_S), expected, "{path}");
        }
        assert_eq!(cookies.get("own"), Some("2"));
        for (path, expected) in [
            ("/", "/"),
            ("/a", "/"),
            ("/a/b", "/a"),
            ("/a/", "/a"),
            ("", "/"),
        ] {
            assert_eq!(folder(path), expected, "{path}");
        }
    }

    #[test]
    fn cookies_of_other_hosts_are_not_kept() {
        let cookies = jar(&[
            "host=1; Path=/",
            "host=2; Path=/; Domain=desk.engine.test",
            "above=1; Path=/; Domain=.ENGINE.test",
            "beside=1; Path=/; Domain=shop.engine.test",
            "below=1; Path=/; Domain=a.desk.engine.test",
            "cut=1; Path=/; Domain=gine.test",
        ]);
        assert_eq!(sent(&cookies, "/", NOW_S), "host=2; above=1");
        for (host, domain, expected) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "0.0.1", false),
            ("[::1]", "::1", false),
            ("localhost", "localhost", true),
        ] {
            assert_eq!(is_in_domain(host, domain), expected, "{host} {domain}");
        }
    }

    #[test]
    fn one_name_may_have_cookies_of_its_own_for_host_and_domain() {
        let cookies = jar(&["id=1; Path=/", "id=2; Path=/; Domain=engine.test"]);
        assert_eq!(sent(&cookies, "/", NOW_S), "id=1; id=2");
    }

    #[test]
    fn a_secure_cookie_is_sent_encrypted_or_not_at_all() {
        let cookies = jar(&["open=1; Path=/", "secure=1; Path=/; Secure"]);
        assert_eq!(sent(&cookies, "/", NOW_S), "open=1");
        let encrypted = Origin::new(true, "desk.engine.test", 443);
        let header = cookies.header(&encrypted, "/", NOW_S);
        assert_eq!(header.as_deref(), Some("open=1; secure=1"));
        let here = Origin::new(false, "localhost", 80);
        assert_eq!(cookies.header(&here, "/", NOW_S).as_deref(), Some("open=1"));
    }
}
