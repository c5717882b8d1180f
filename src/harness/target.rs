//! From a target as typed to addresses that answer.
//!
//! Names of targets are resolved here and nowhere else: what the guard has seen is what the lanes connect to.

mod access;
pub mod errand;
mod knock;
pub mod resolve;

pub use self::access::{Access, HttpVersion, STREAMS};
pub use self::knock::speaks_tls;

use std::time::Duration;

use http::HeaderValue;
use rustls::pki_types::ServerName;
use tapdeck_addresses::{HttpUrl, Place, Scheme};

use self::resolve::{ResolveError, resolve};
use super::guard;
use super::trust::Authorities;
use crate::error::{Error, chain};
use crate::patience::{Impatience, Patience};
use crate::replay::transport::connector::OpenError;
use crate::replay::transport::own_limit::OwnLimit;
use crate::replay::transport::tls::Tls;
use crate::replay::transport::{Address, Protocol, Target};

/// How long the system may take to resolve a name.
const RESOLVE_TIME: Duration = Duration::from_secs(10);

/// Refuses what is no usable URL, such as one with credentials in it; asks nobody. `origin` is the flag, variable or file
/// that it came from.
///
/// Errors: `Address`.
pub fn check(origin: &str, url: &str) -> Result<(), Error> {
    read(origin, url).map(drop)
}

fn read(origin: &str, url: &str) -> Result<Place, Error> {
    url.parse().map_err(|source| Error::Address {
        origin: origin.to_owned(),
        source,
    })
}

/// Reads a target URL, has the guard look at it, resolves it and connects to each of its addresses once.
///
/// Errors: `Address` for what is no usable URL, `Usage` for a certificate file, `Refused` by the guard, `Unreachable` if nothing
/// answers, or not in TLS as it should, `OwnLimit` if a limit of ours keeps us from finding out.
pub fn find(url: &str, access: &Access) -> Result<Target, Error> {
    let place = read("--target", url)?;
    let addresses = addresses(url, &place, access)?;
    let tls = tls(url, &place, access)?;
    let authority = HeaderValue::try_from(place.host_header()).map_err(|error| Error::Usage {
        flag: "--target",
        detail: format!("its host cannot be sent in a header: {error}"),
    })?;
    let unreachable = |error: &OpenError| match error.own_limit() {
        Some(_) => Error::OwnLimit(chain(error)),
        None => Error::Unreachable {
            target: url.to_owned(),
            detail: chain(error),
        },
    };
    let mut target = Target {
        addresses: Vec::new(),
        left_out: Vec::new(),
        session: None,
        protocol: Protocol::Http1,
        tls,
        authority,
        base_path: place.base_path().to_owned(),
    };
    let runtime = knock::runtime()?;
    let mut refusal = None;
    for address in addresses {
        match knock::knock(&runtime, &address, target.tls.as_ref(), access) {
            Ok((session, protocol)) => {
                // Addresses of one name are taken to be alike; one that is not fails when it is connected to.
                (target.session, target.protocol) = (session, protocol);
                target.addresses.push(address);
            }
            // A name may well have addresses that nothing listens on, such as ::1 for localhost.
            Err(error) if is_left_out(&error) => {
                refusal = Some(error);
                target.left_out.push(address);
            }
            Err(error) => return Err(unreachable(&error)),
        }
    }
    match refusal {
        Some(error) if target.addresses.is_empty() => Err(unreachable(&error)),
        _ => Ok(target),
    }
}

/// Tells whether an address can be left out that fails in this way: nothing listens on it, or this machine has no address
/// of its kind to connect from, as without IPv6.
fn is_left_out(error: &OpenError) -> bool {
    matches!(error, OpenError::Connect { .. } | OpenError::Timeout)
        || error.own_limit() == Some(OwnLimit::Ports)
}

/// Has the guard look at a place that is written to beside the load, such as an object store; connects to nothing.
/// `names` are the words by which it is known besides its host, `title` is what messages call it.
///
/// Errors: `Address` for what is no usable URL, `Unreachable` if its name has no address, `Refused` by the guard.
pub fn check_place(url: &str, title: &str, names: &[&str], access: &Access) -> Result<(), Error> {
    access.production.check(title, names)?;
    addresses(title, &read(title, url)?, access).map(drop)
}

/// Finds where to connect, as far as we may.
fn addresses(url: &str, place: &Place, access: &Access) -> Result<Vec<Address>, Error> {
    let found = match place {
        Place::Unix { socket, base_path } => {
            let names = [&socket.to_string_lossy(), base_path.as_str()];
            access.production.check(url, &names)?;
            return Ok(vec![Address::Unix(socket.clone())]);
        }
        Place::Network(found) => found,
    };
    let host = &found.authority.host;
    let names = [host.to_string(), found.base_path.clone()];
    access
        .production
        .check(url, &[names[0].as_str(), names[1].as_str()])?;
    let unreachable = |detail: String| Error::Unreachable {
        target: url.to_owned(),
        detail,
    };
    let patience = Patience::begin(RESOLVE_TIME, &access.stop);
    let mut found = resolve(&host.bare(), found.port(), &patience).map_err(|error| match &error {
        ResolveError::Ended(Impatience::NoThread(_)) => Error::OwnLimit(chain(&error)),
        ResolveError::Unknown(source) => match OwnLimit::of(source) {
            Some(limit) => Error::OwnLimit(format!(
                "the name of {url} cannot be resolved: this machine has reached its limit of {limit}; {}",
                limit.advice()
            )),
            None => unreachable(chain(&error)),
        },
        ResolveError::Ended(_) => unreachable(chain(&error)),
    })?;
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Err(unreachable("its name has no address".into()));
    }
    guard::check_addresses(url, host, &found, &access.allowed_hosts)?;
    Ok(found.into_iter().map(Address::Tcp).collect())
}

/// Prepares TLS if the target wants it.
fn tls(url: &str, place: &Place, access: &Access) -> Result<Option<Tls>, Error> {
    match place {
        Place::Network(HttpUrl {
            scheme: Scheme::Https,
            authority,
            ..
        }) => {
            let name = authority.host.bare();
            let server = ServerName::try_from(name.clone());
            let server = server.map_err(|error| Error::Usage {
                flag: "--target",
                detail: format!("{name:?} cannot stand in a certificate: {error}"),
            })?;
            Ok(Some(access.trust.tls(server, access.http.offers())?))
        }
        _ => match access.trust.flag() {
            Some(flag) => Err(Error::Usage {
                flag,
                detail: format!(
                    "is about TLS, which {url} does without; write https:// in --target or drop it"
                ),
            }),
            None => Ok(None),
        },
    }
}

impl Authorities {
    /// Says loudly that nobody vouches for the target, if that is so.
    pub fn warning(&self) -> Option<&'static str> {
        matches!(self, Self::Anybody).then_some(
            "the target's certificate was not checked (--insecure): anybody could have answered",
        )
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::exit::Exit;
    use crate::harness::trust::Trust;

    #[test]
    fn what_is_no_target_is_refused() {
        for (url, expected, exit) in [
            ("", "names no host", Exit::Usage),
            ("localhost", "must begin with http://", Exit::Usage),
            ("http://localhost:80811", "port \"80811\"", Exit::Usage),
            ("ftp://localhost", "must begin with http://", Exit::Usage),
            ("http://user:secret@localhost", "credentials", Exit::Usage),
            ("http://localhost:80?x=1", "query", Exit::Usage),
            ("http://localhost:0", "port 0", Exit::Usage),
            ("http://8.8.8.8:80", "--allow-target 8.8.8.8", Exit::Usage),
            ("http://[2001:db8::1]", "neither a loopback", Exit::Usage),
            ("http://rules.production.svc:80", "production", Exit::Usage),
            ("http://127.0.0.1/prod/v1", "production", Exit::Usage),
            (
                "http://169.254.169.254",
                "no load is ever sent",
                Exit::Usage,
            ),
            ("http://0.0.0.0:80", "no load is ever sent", Exit::Usage),
            ("http://[::ffff:169.254.169.254]", "no load", Exit::Usage),
            ("http://2852039166", "four decimal numbers", Exit::Usage),
            ("http://127.0.0.1/%70rod/v1", "production", Exit::Usage),
            ("http://127.0.0.1/%2570%52od", "production", Exit::Usage),
            ("unix:", "names no socket", Exit::Usage),
            ("unix:/run/prod.sock", "production", Exit::Usage),
            (
                "unix:/nowhere/x.sock",
                "No such file",
                Exit::TargetUnreachable,
            ),
        ] {
            let error = find(url, &Access::default()).unwrap_err();
            assert!(error.to_string().contains(expected), "{url}: {error}");
            assert!(!error.to_string().contains("secret"), "{error}");
            assert_eq!(error.exit(), exit, "{url}");
        }
    }

    #[test]
    fn a_closed_port_is_unreachable() {
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let error = find(&format!("http://{address}"), &Access::default()).unwrap_err();
        assert_eq!(error.exit(), Exit::TargetUnreachable, "{error}");
    }

    #[test]
    fn a_listening_target_is_found_with_its_base_path() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://localhost:{}/api/", address.port());
        let target = find(&url, &Access::default()).unwrap();
        assert_eq!(target.addresses, [Address::Tcp(address)]);
        assert_eq!(target.base_path, "/api");
        assert_eq!(target.authority, format!("localhost:{}", address.port()));
    }

    #[test]
    fn flags_about_tls_are_refused_where_there_is_none() {
        for (authorities, flag) in [
            (Authorities::Anybody, "--insecure"),
            (Authorities::File("ca.pem".into()), "--ca"),
        ] {
            let access = Access {
                trust: Trust {
                    authorities,
                    client: None,
                },
                ..Access::default()
            };
            let error = find("http://127.0.0.1:1", &access).unwrap_err();
            assert!(error.to_string().starts_with(flag), "{error}");
            assert_eq!(error.exit(), Exit::Usage);
        }
    }

    proptest::proptest! {
        // HTTP/2 takes the target's `host` header for a part of each request's address, where it must be read as the same.
        #[test]
        fn what_a_target_is_called_can_stand_in_an_address(
            host in r"[a-z0-9_.-]{1,12}|\[[0-9a-f:.]{2,20}\]",
            port in "(:[0-9]{1,5})?",
        ) {
            if let Ok(place) = format!("https://{host}{port}").parse::<Place>() {
                let header = place.host_header();
                let authority: http::uri::Authority = header.parse().unwrap();
                proptest::prop_assert_eq!(authority.as_str(), &header);
                proptest::prop_assert!(HeaderValue::try_from(header).is_ok());
            }
        }
    }
}
