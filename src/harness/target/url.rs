//! A target as typed, taken apart: `http://host:port/base`, `https://...`, `unix:/path.sock`, `unix:/path.sock:/base`.

use std::path::PathBuf;

use http::Uri;
use http::uri::Scheme;

use crate::error::Error;

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) host: Host,
    /// Path in front of every endpoint's path, without a final slash.
    pub(super) base_path: String,
}

/// Where it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// On the network.
    Network {
        security: Security,
        /// A name, or an address; IPv6 in brackets, as HTTP writes it.
        name: String,
        port: u16,
    },
    /// In the file system.
    Unix(PathBuf),
}

/// How bytes travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// As they are.
    Plain,
    /// Encrypted.
    Tls,
}

impl Security {
    const fn default_port(self) -> u16 {
        match self {
            Self::Plain => 80,
            Self::Tls => 443,
        }
    }
}

impl Host {
    /// Gives what a `host` header says.
    pub(super) fn authority(&self) -> String {
        match self {
            Self::Network {
                security,
                name,
                port,
            } if *port == security.default_port() => name.clone(),
            Self::Network { name, port, .. } => format!("{name}:{port}"),
            Self::Unix(_) => "localhost".to_owned(),
        }
    }
}

/// Takes a target apart.
///
/// Errors: `Usage`.
pub(super) fn parse(url: &str) -> Result<Place, Error> {
    match url.strip_prefix("unix:") {
        Some(rest) => parse_unix(url, rest),
        None => parse_network(url),
    }
}

fn parse_unix(url: &str, rest: &str) -> Result<Place, Error> {
    let (path, base_path) = match rest.split_once(":/") {
        Some((path, base)) => (path, format!("/{base}")),
        None => (rest, String::new()),
    };
    if url.contains('?') && (path.is_empty() || path.ends_with('/')) {
        return Err(has_query(url));
    }
    if path.is_empty() || path.ends_with('/') {
        return Err(usage(format!(
            "{url:?} names no socket; write unix:/run/engine.sock, or unix:/run/engine.sock:/base/path"
        )));
    }
    if base_path.contains('?') {
        return Err(has_query(url));
    }
    Ok(Place {
        host: Host::Unix(path.into()),
        base_path: base_path.trim_end_matches('/').to_owned(),
    })
}

fn parse_network(url: &str) -> Result<Place, Error> {
    // Before anything else, for everything else shows the URL; and a password with a slash in it looks like a path.
    if url.contains('@') {
        let detail =
            "credentials do not belong into a URL; remove them (in a path, @ is written %40)";
        return Err(usage(detail.to_owned()));
    }
    if url.contains('?') {
        return Err(has_query(url));
    }
    let uri: Uri = url.parse().map_err(|error| {
        usage(format!(
            "{url:?} is no URL ({error}); write http://127.0.0.1:8081"
        ))
    })?;
    let authority = uri.authority().ok_or_else(|| {
        usage(format!(
            "{url:?} names no host; write http://127.0.0.1:8081"
        ))
    })?;
    let security = match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP => Security::Plain,
        Some(scheme) if *scheme == Scheme::HTTPS => Security::Tls,
        _ => {
            return Err(usage(format!(
                "{url:?} must begin with http://, https:// or unix:"
            )));
        }
    };
    let port = authority.port_u16().unwrap_or(security.default_port());
    if port == 0 {
        return Err(usage(format!(
            "{url:?} has port 0, which nothing listens on"
        )));
    }
    Ok(Place {
        host: Host::Network {
            security,
            name: authority.host().to_owned(),
            port,
        },
        base_path: uri.path().trim_end_matches('/').to_owned(),
    })
}

fn has_query(url: &str) -> Error {
    // What stands in it may be a key.
    let (bare, _) = url.split_once('?').unwrap_or((url, ""));
    usage(format!(
        "{bare:?} has a query behind it; drop that, the tape's requests bring their own"
    ))
}

fn usage(detail: String) -> Error {
    Error::Usage {
        flag: "--target",
        detail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown_wherever_it_stands() {
        for url in [
            "http://user:planted/secret@host:1",
            "http://user:planted@host:1",
            "ftp://user:planted@host",
            "user:planted@host",
            "//user:planted@host /",
        ] {
            let error = parse(url).unwrap_err().to_string();
            assert!(!error.contains("planted"), "{error}");
        }
    }

    #[test]
    fn targets_are_taken_apart() {
        let network = |security, name: &str, port| Host::Network {
            security,
            name: name.to_owned(),
            port,
        };
        for (url, host, base_path, authority) in [
            (
                "http://localhost",
                network(Security::Plain, "localhost", 80),
                "",
                "localhost",
            ),
            (
                "http://10.0.0.1:8081/api/",
                network(Security::Plain, "10.0.0.1", 8081),
                "/api",
                "10.0.0.1:8081",
            ),
            (
                "https://engine.test/v2",
                network(Security::Tls, "engine.test", 443),
                "/v2",
                "engine.test",
            ),
            (
                "https://[::1]:8443",
                network(Security::Tls, "[::1]", 8443),
                "",
                "[::1]:8443",
            ),
            (
                "unix:/run/engine.sock",
                Host::Unix("/run/engine.sock".into()),
                "",
                "localhost",
            ),
            (
                "unix:engine.sock:/api/v1/",
                Host::Unix("engine.sock".into()),
                "/api/v1",
                "localhost",
            ),
        ] {
            let place = parse(url).unwrap();
            assert_eq!(place.host.authority(), authority, "{url}");
            let base_path = base_path.to_owned();
            assert_eq!(place, Place { host, base_path }, "{url}");
        }
    }
}
