//! The value of a Set-Cookie header.
//!
//! Source: RFC 6265, section 5.2.

use super::date;

/// What a server asks to be kept; attributes that stand twice count as last written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SetCookie<'h> {
    pub(super) name: &'h str,
    pub(super) value: &'h str,
    /// When it ends, seconds since the Unix epoch; `None` for at the end of the session. Max-Age goes before Expires.
    pub(super) ends_s: Option<i64>,
    /// Lowercase, without a dot in front; `None` for the host that set it.
    pub(super) domain: Option<String>,
    /// Begins with a slash; `None` for the folder of the request.
    pub(super) path: Option<&'h str>,
    pub(super) is_secure: bool,
}

impl<'h> SetCookie<'h> {
    /// Reads a header; what has no name is no cookie.
    pub(super) fn parse(text: &'h str, now_s: i64) -> Option<Self> {
        let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
        let (name, value) = trimmed(pair.split_once('=')?);
        if name.is_empty() {
            return None;
        }
        let mut cookie = Self {
            name,
            value,
            ..Self::default()
        };
        let (mut expires, mut lasts) = (None, None);
        for attribute in attributes.split(';') {
            let (key, value) = trimmed(attribute.split_once('=').unwrap_or((attribute, "")));
            match key.to_ascii_lowercase().as_str() {
                "expires" => expires = date::parse(value).or(expires),
                "max-age" => lasts = seconds(value).or(lasts),
                "domain" if !value.is_empty() => {
                    let domain = value.strip_prefix('.').unwrap_or(value);
                    cookie.domain = Some(domain.to_ascii_lowercase());
                }
                "path" => cookie.path = Some(value).filter(|path| path.starts_with('/')),
                "secure" => cookie.is_secure = true,
                _ => {}
            }
        }
        cookie.ends_s = lasts
            .map(|lasts_s| {
                if lasts_s > 0 {
                    now_s.saturating_add(lasts_s)
                } else {
                    i64::MIN
                }
            })
            .or(expires);
        Some(cookie)
    }
}

fn trimmed<'t>((key, value): (&'t str, &'t str)) -> (&'t str, &'t str) {
    (key.trim(), value.trim())
}

/// Reads a Max-Age; one too long to be counted lasts for ever.
fn seconds(value: &str) -> Option<i64> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| {
        let endless = if value.starts_with('-') {
            i64::MIN
        } else {
            i64::MAX
        };
        value.parse().unwrap_or(endless)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_S: i64 = 1_000_000;

    fn ends_s(attributes: &str) -> Option<i64> {
        let text = format!("a=b; {attributes}");
        SetCookie::parse(&text, NOW_S).unwrap().ends_s
    }

    #[test]
    fn a_cookie_ends_when_it_says() {
        let date = "Expires=Thu, 01 Jan 1970 00:00:09 GMT";
        for (attributes, expected) in [
            ("HttpOnly", None),
            (date, Some(9)),
            ("expires=no date", None),
            ("Max-Age=60", Some(NOW_S + 60)),
            ("max-age=0", Some(i64::MIN)),
            ("max-age=-1", Some(i64::MIN)),
            ("max-age=soon", None),
            ("max-age=", None),
            ("max-age=99999999999999999999", Some(i64::MAX)),
            ("max-age=1; max-age=2", Some(NOW_S + 2)),
        ] {
            assert_eq!(ends_s(attributes), expected, "{attributes}");
        }
        assert_eq!(ends_s(&format!("{date}; Max-Age=60")), Some(NOW_S + 60));
        assert_eq!(ends_s(&format!("Max-Age=60; {date}")), Some(NOW_S + 60));
    }

    #[test]
    fn names_values_and_attributes_are_taken_apart() {
        let text = " id = a=\"b c\" ; PATH=/x ;Domain=.Engine.Test; secure; SameSite=Lax";
        let expected = SetCookie {
            name: "id",
            value: "a=\"b c\"",
            ends_s: None,
            domain: Some("engine.test".to_owned()),
            path: Some("/x"),
            is_secure: true,
        };
        assert_eq!(SetCookie::parse(text, NOW_S), Some(expected));
        let bare = SetCookie::parse("a=; path=x; domain=", NOW_S).unwrap();
        assert_eq!((bare.value, bare.path, bare.domain), ("", None, None));
        for text in ["", "no cookie at all", "=b", " = ; path=/"] {
            assert_eq!(SetCookie::parse(text, NOW_S), None, "{text}");
        }
    }
}
