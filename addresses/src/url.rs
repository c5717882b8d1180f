//! A URL of http or https that requests are sent under: scheme, host, perhaps a port and a path; nothing else.

use std::fmt;
use std::str::FromStr;

use crate::authority::Authority;
use crate::error::{AddressError, Fault};
use crate::path;

/// How bytes travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// As they are.
    Http,
    /// Encrypted.
    Https,
}

impl Scheme {
    /// Gives the port that holds where none is written.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    /// Gives its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// Finds a scheme by its name, in whatever case.
    pub fn find(name: &str) -> Option<Self> {
        let is_named = |scheme: &Self| scheme.name().eq_ignore_ascii_case(name);
        [Self::Http, Self::Https].into_iter().find(is_named)
    }
}

/// A URL that requests are sent under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpUrl {
    /// How bytes travel.
    pub scheme: Scheme,
    /// The host, and the port if one is written.
    pub authority: Authority,
    /// The path in front of every request's path, without a final slash; empty if there is none.
    pub base_path: String,
}

impl HttpUrl {
    /// Gives the port to connect to.
    pub fn port(&self) -> u16 {
        self.authority.port.unwrap_or(self.scheme.default_port())
    }

    /// Gives what a `host` header says: no port that goes without saying.
    pub fn host_header(&self) -> String {
        let port = self.authority.port;
        let port = port.filter(|port| *port != self.scheme.default_port());
        let host = self.authority.host.clone();
        Authority { host, port }.to_string()
    }

    pub(crate) fn read(text: &str, expected: &'static str) -> Result<Self, Fault> {
        plain(text)?;
        if text.is_empty() {
            return Err(Fault::NoHost);
        }
        let no_scheme = Fault::Scheme { expected };
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(no_scheme);
        };
        let scheme = Scheme::find(scheme).ok_or(no_scheme)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        Ok(Self {
            scheme,
            authority: Authority::read(authority)?,
            base_path: path::read_base(path)?,
        })
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.scheme.name();
        write!(formatter, "{scheme}://{}{}", self.authority, self.base_path)
    }
}

impl FromStr for HttpUrl {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::read(text, "http:// or https://").map_err(|fault| AddressError::new(text, fault))
    }
}

/// Refuses what no part of an address can hold. Credentials first: messages about anything else show the address, and a
/// password with a slash in it looks like a path.
pub(crate) fn plain(text: &str) -> Result<(), Fault> {
    if text.contains('@') {
        return Err(Fault::Credentials);
    }
    let is_odd = |c: &char| c.is_whitespace() || c.is_control() || *c == '\\';
    if let Some(odd) = text.chars().find(is_odd) {
        return Err(Fault::Character(odd));
    }
    match text.chars().find(|c| !c.is_ascii()) {
        Some(foreign) => Err(Fault::NonAscii(foreign)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart_and_put_together() {
        for (text, shown, port, header) in [
            ("http://localhost", "http://localhost", 80, "localhost"),
            ("HTTP://LocalHost/", "http://localhost", 80, "localhost"),
            ("http://a:80", "http://a:80", 80, "a"),
            ("https://a:80/v1/", "https://a:80/v1", 80, "a:80"),
            (
                "https://[::1]:8443",
                "https://[::1]:8443",
                8_443,
                "[::1]:8443",
            ),
            ("https://a/%2F;x=1", "https://a/%2F;x=1", 443, "a"),
        ] {
            let url: HttpUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown, "{text}");
            assert_eq!(url.port(), port, "{text}");
            assert_eq!(url.host_header(), header, "{text}");
            assert_eq!(shown.parse::<HttpUrl>().unwrap(), url);
        }
    }

    #[test]
    fn what_is_no_url_is_refused_with_what_to_write() {
        for (text, expected) in [
            ("", "names no host"),
            ("http://", "names no host"),
            ("http:///v1", "names no host"),
            ("localhost:8081", "must begin with http:// or https://"),
            ("http:localhost", "must begin with http:// or https://"),
            ("http:/localhost", "must begin with http:// or https://"),
            ("//localhost", "must begin with http:// or https://"),
            ("ftp://localhost", "must begin with http:// or https://"),
            ("/v1/evaluate", "must begin with http:// or https://"),
            (" http://a", "neither spaces"),
            ("http://a ", "neither spaces"),
            ("http://a\n", "neither spaces"),
            ("http://a\t:1", "neither spaces"),
            ("http:\\\\a", "backslashes"),
            ("http://a/b\\c", "backslashes"),
            ("http://a/ü", "percent-encode"),
            ("http://a\0", "control characters"),
            ("http://a:80811", "expected a number from 1 to 65535"),
            ("http://a:/v1", "ends its host with a colon"),
            ("http://a?x=1", "has a query"),
            ("http://a/b?x=1", "has a query"),
            ("http://a#x", "has a fragment"),
            ("http://a/b#x?y", "has a fragment"),
            ("http://a/%7", "expected only what RFC 3986 allows"),
            ("http://a/<b>", "expected only what RFC 3986 allows"),
            ("http://a//b", "empty segments"),
            ("http://a//", "empty segments"),
            ("http://a/b/../c", "\"..\""),
            ("http://a/%2e%2E/c", "\"..\""),
            ("http://a/.", "\"..\""),
        ] {
            let error = text.parse::<HttpUrl>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_password_or_a_query_is_not_shown_wherever_it_stands() {
        for text in [
            "http://user:planted/secret@host:1",
            "http://user:planted@host:1",
            "ftp://user:planted@host",
            "user:planted@host",
            "//user:planted@host /",
            "http://host/?token=planted",
            "http://host:x#planted",
        ] {
            let error = text.parse::<HttpUrl>().unwrap_err().to_string();
            assert!(!error.contains("planted"), "{error}");
        }
    }

    #[test]
    fn a_long_address_is_not_repeated_whole() {
        for part in ["ä", "!", "0", ":", "[", "/", "/<"] {
            let text = format!("http://a{}", part.repeat(10_000));
            let error = text.parse::<HttpUrl>().unwrap_err().to_string();
            assert!(error.len() < 600, "{error}");
        }
    }

    proptest::proptest! {
        // Whatever is read is written as something that is read as the same; nothing panics.
        #[test]
        fn what_is_read_survives_writing(text in "(http|HTTPS)://[a-z0-9.:\\[\\]%-]{0,12}(/[a-z.%2e]{0,4}){0,3}") {
            if let Ok(url) = text.parse::<HttpUrl>() {
                proptest::prop_assert_eq!(url.to_string().parse::<HttpUrl>().unwrap(), url);
            }
        }
    }
}
