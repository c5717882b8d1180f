//! A host and perhaps a port: what a `host` header holds.

use std::fmt;
use std::str::FromStr;

use crate::error::{AddressError, Fault, start};
use crate::host::Host;
use crate::url::plain;

/// A host and perhaps a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The host.
    pub host: Host,
    /// The port, if one is written; never 0.
    pub port: Option<u16>,
}

impl Authority {
    /// Reads an authority in which nothing but its own characters stands.
    pub(crate) fn read(text: &str) -> Result<Self, Fault> {
        let (host, port) = parts(text);
        Ok(Self {
            host: Host::read(host)?,
            port: port.map(read_port).transpose()?,
        })
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(formatter, "{}:{port}", self.host),
            None => write!(formatter, "{}", self.host),
        }
    }
}

impl FromStr for Authority {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        plain(text)
            .and_then(|()| Self::read(text))
            .map_err(|fault| AddressError::new(text, fault))
    }
}

/// Parts a host from the port behind it.
fn parts(text: &str) -> (&str, Option<&str>) {
    let end = match text.rfind(']') {
        Some(bracket) => bracket + 1,
        // Two colons outside of brackets belong to an IPv6 address, which the host's own rules refuse.
        None if text.matches(':').count() > 1 => text.len(),
        None => text.find(':').unwrap_or(text.len()),
    };
    match text[end..].strip_prefix(':') {
        Some(port) => (&text[..end], Some(port)),
        None => (text, None),
    }
}

/// Reads a port: digits and nothing else, no sign, and no zeros before them, which some take for octal.
fn read_port(text: &str) -> Result<u16, Fault> {
    if text.is_empty() {
        return Err(Fault::EmptyPort);
    }
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    match text.parse() {
        Ok(0) if text == "0" => Err(Fault::PortZero),
        Ok(port) if is_plain => Ok(port),
        _ => Err(Fault::Port(start(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_a_port_or_nothing() {
        for (text, port) in [
            ("a", None),
            ("a:1", Some(1)),
            ("a:65535", Some(65_535)),
            ("[::1]", None),
            ("[::1]:8443", Some(8_443)),
        ] {
            assert_eq!(text.parse::<Authority>().unwrap().port, port, "{text}");
        }
        for (text, expected) in [
            (
                "a:80811",
                "port \"80811\"; expected a number from 1 to 65535",
            ),
            ("a:65536", "port \"65536\""),
            ("a:-1", "port \"-1\""),
            ("a:+80", "port \"+80\""),
            ("a:abc", "port \"abc\""),
            ("a:808O", "port \"808O\""),
            ("a:0x50", "port \"0x50\""),
            ("a:000080", "port \"000080\""),
            ("a:0081", "port \"0081\""),
            ("a:8%30", "port \"8%30\""),
            ("[::1]:80811", "port \"80811\""),
            ("a:0", "port 0"),
            ("a:", "ends its host with a colon"),
            ("[::1]:", "ends its host with a colon"),
            ("a:80:80", "in brackets"),
            ("::1:80", "in brackets"),
            (":80", "names no host"),
        ] {
            let error = text.parse::<Authority>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }
}
