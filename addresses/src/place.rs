//! A place that load can be sent to: `http://host:port/base`, `https://...`, `unix:/path.sock`, `unix:/path.sock:/base`.

use std::path::PathBuf;
use std::str::FromStr;

use crate::error::{AddressError, Fault};
use crate::path;
use crate::url::HttpUrl;

/// A place that load can be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On the network.
    Network(HttpUrl),
    /// In the file system.
    Unix {
        /// The socket.
        socket: PathBuf,
        /// Path in front of every request's path, without a final slash.
        base_path: String,
    },
}

impl Place {
    /// Gives the path in front of every request's path, without a final slash.
    pub fn base_path(&self) -> &str {
        match self {
            Self::Network(url) => &url.base_path,
            Self::Unix { base_path, .. } => base_path,
        }
    }

    /// Gives what a `host` header says.
    pub fn host_header(&self) -> String {
        match self {
            Self::Network(url) => url.host_header(),
            Self::Unix { .. } => "localhost".to_owned(),
        }
    }
}

impl FromStr for Place {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let read = match text.strip_prefix("unix:") {
            Some(rest) => read_unix(rest),
            None => HttpUrl::read(text, "http://, https:// or unix:").map(Self::Network),
        };
        read.map_err(|fault| AddressError::new(text, fault))
    }
}

fn read_unix(rest: &str) -> Result<Place, Fault> {
    let (socket, base_path) = match rest.find(":/") {
        Some(colon) => (&rest[..colon], &rest[colon + 1..]),
        None => (rest, ""),
    };
    if socket.is_empty() || socket.ends_with(['/', ':']) {
        return Err(Fault::NoSocket);
    }
    if let Some(odd) = socket.chars().find(|c| c.is_control()) {
        return Err(Fault::Character(odd));
    }
    Ok(Place::Unix {
        socket: socket.into(),
        base_path: path::read_base(base_path)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_read_with_the_path_behind_them() {
        for (text, socket, base_path) in [
            ("unix:/run/engine.sock", "/run/engine.sock", ""),
            ("unix:engine.sock:/api/v1/", "engine.sock", "/api/v1"),
            ("unix:/run/a b@c.sock", "/run/a b@c.sock", ""),
        ] {
            let place: Place = text.parse().unwrap();
            assert_eq!(place.host_header(), "localhost");
            assert_eq!(place.base_path(), base_path);
            let (socket, base_path) = (socket.into(), base_path.to_owned());
            assert_eq!(place, Place::Unix { socket, base_path }, "{text}");
        }
        for (text, expected) in [
            ("unix:", "names no socket"),
            ("unix:/run/", "names no socket"),
            ("unix:/run/:/v1", "names no socket"),
            ("unix:/run/x.sock:", "names no socket"),
            ("unix:/run/x\0.sock", "control characters"),
            ("unix:/run/x.sock:/v1?a=b", "has a query"),
            ("unix:/run/x.sock:/v1#a", "has a fragment"),
            ("unix:/run/x.sock:/../v1", "\"..\""),
            ("unix:/run/x.sock:/ä", "RFC 3986"),
            (
                "UNIX:/run/x.sock",
                "must begin with http://, https:// or unix:",
            ),
        ] {
            let error = text.parse::<Place>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }
}
