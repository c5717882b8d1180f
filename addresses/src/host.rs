//! A host: a name, or an IP address in the one way of writing it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::error::{AddressError, Fault, start};

/// Longest name; RFC 1035, section 2.3.4.
const NAME_BYTES: usize = 253;

/// Longest part of a name between dots.
const LABEL_BYTES: usize = 63;

/// A host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name, lowercase.
    Name(String),
    /// An address.
    Ip(IpAddr),
}

impl Host {
    /// Gives the host as names are looked up and certificates name it: IPv6 without brackets.
    pub fn bare(&self) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::Ip(address) => address.to_string(),
        }
    }

    /// Tells whether this is certainly the machine we run on.
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost",
            Self::Ip(address) => address.is_loopback(),
        }
    }

    /// Reads a host.
    pub(crate) fn read(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::NoHost);
        }
        if text.contains(['[', ']', ':']) {
            return ipv6(text).map(|address| Self::Ip(address.into()));
        }
        if text.contains('%') {
            return Err(Fault::EncodedHost);
        }
        if text.ends_with('.') {
            return Err(Fault::TrailingDot);
        }
        if ends_in_a_number(text) {
            let address = text.parse::<Ipv4Addr>();
            let address = address.map_err(|_| Fault::NumericHost(start(text)))?;
            return Ok(Self::Ip(address.into()));
        }
        if !is_name(text) {
            return Err(Fault::Name(start(text)));
        }
        Ok(Self::Name(text.to_ascii_lowercase()))
    }
}

/// Writes a host as URLs have it: IPv6 in brackets.
impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => formatter.write_str(name),
            Self::Ip(IpAddr::V4(address)) => write!(formatter, "{address}"),
            Self::Ip(IpAddr::V6(address)) => write!(formatter, "[{address}]"),
        }
    }
}

impl FromStr for Host {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        crate::url::plain(text)
            .and_then(|()| Self::read(text))
            .map_err(|fault| AddressError::new(text, fault))
    }
}

fn ipv6(text: &str) -> Result<Ipv6Addr, Fault> {
    let inside = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let inside = inside.ok_or_else(|| Fault::Ipv6(start(text)))?;
    if inside.contains('%') {
        return Err(Fault::Zone);
    }
    inside.parse().map_err(|_| Fault::Ipv6(start(text)))
}

/// Tells whether resolvers would take a host for an IPv4 address: its last part is a number, decimal, octal or hexadecimal.
///
/// Source: `inet_aton(3)`; WHATWG URL, "ends in a number".
fn ends_in_a_number(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or(text);
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    match hexadecimal {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL_BYTES
            && label.bytes().all(is_letter)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= NAME_BYTES && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_read_in_one_way_only() {
        for (text, expected) in [
            ("localhost", "localhost"),
            ("Engine.TEST", "engine.test"),
            ("rule_engine", "rule_engine"),
            ("xn--mnchen-3ya.test", "xn--mnchen-3ya.test"),
            ("1password.test", "1password.test"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("[0:0::1]", "[::1]"),
            ("[::ffff:10.0.0.1]", "[::ffff:10.0.0.1]"),
        ] {
            let host: Host = text.parse().unwrap();
            assert_eq!(host.to_string(), expected, "{text}");
            assert_eq!(expected.parse::<Host>().unwrap(), host);
        }
    }

    #[test]
    fn other_ways_of_writing_a_host_are_refused() {
        let long_label = "a".repeat(64);
        let long_name = ["a".repeat(50).as_str(); 5].join(".");
        for (text, expected) in [
            ("", "names no host"),
            ("0x7f.1", "four decimal numbers"),
            ("0x7f000001", "four decimal numbers"),
            ("0x", "four decimal numbers"),
            ("2130706433", "four decimal numbers"),
            ("127.1", "four decimal numbers"),
            ("0177.0.0.1", "four decimal numbers"),
            ("127.0.0.01", "four decimal numbers"),
            ("256.0.0.1", "four decimal numbers"),
            ("1.2.3.4.5", "four decimal numbers"),
            ("a.1", "four decimal numbers"),
            ("localhost.", "ends its host with a dot"),
            ("127.0.0.1.", "ends its host with a dot"),
            (".localhost", "expected a name"),
            ("a..b", "expected a name"),
            ("-a", "expected a name"),
            ("a-", "expected a name"),
            ("a!b", "expected a name"),
            ("a,b", "expected a name"),
            (&long_label, "expected a name"),
            (&long_name, "expected a name"),
            ("%6cocalhost", "percent-encodes its host"),
            ("münchen.test", "punycode"),
            ("localhost\u{3002}test", "punycode"),
            ("local host", "neither spaces"),
            ("local\\host", "backslashes"),
            ("::1", "in brackets"),
            ("[::1", "in brackets"),
            ("[127.0.0.1]", "in brackets"),
            ("[]", "in brackets"),
            ("[::1]x", "in brackets"),
            ("[fe80::1%25eth0]", "with a zone"),
            ("[fe80::1%eth0]", "with a zone"),
            ("me@localhost", "credentials"),
        ] {
            let error = text.parse::<Host>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }
}
