//! From a target as typed to an address that answers.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;

use super::guard;
use crate::error::Error;
use crate::replay::transport::{Address, Target};

/// How long the first connection may take.
const PREFLIGHT_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads a target URL, has the guard look at it, resolves it and connects once.
///
/// Errors: `Usage` for what is no usable URL, `Refused` by the guard, `Unreachable` if nothing answers.
pub fn find(url: &str, allowed_hosts: &[String]) -> Result<Target, Error> {
    let (host, port, target_path) = parse(url)?;
    let unreachable = |detail: String| Error::Unreachable {
        target: url.to_owned(),
        detail,
    };
    guard::check_name(url, &host)?;
    let bare_host = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<SocketAddr> = (bare_host, port)
        .to_socket_addrs()
        .map_err(|error| unreachable(format!("its name cannot be resolved: {error}")))?
        .collect();
    guard::check_addresses(url, &host, &addresses, allowed_hosts)?;
    let mut failure = "its name has no address".to_owned();
    for address in addresses {
        match TcpStream::connect_timeout(&address, PREFLIGHT_TIMEOUT) {
            Ok(_) => return target(&host, port, address, target_path),
            Err(error) => failure = format!("{address} does not accept connections: {error}"),
        }
    }
    Err(unreachable(failure))
}

fn target(host: &str, port: u16, address: SocketAddr, base_path: String) -> Result<Target, Error> {
    let authority = if port == 80 {
        host.to_owned()
    } else {
        format!("{host}:{port}")
    };
    Ok(Target {
        addresses: vec![Address::Tcp(address)],
        authority: http::HeaderValue::try_from(authority)
            .map_err(|error| usage(format!("its host cannot be sent in a header: {error}")))?,
        base_path,
    })
}

/// Splits a URL into host, port and base path.
fn parse(url: &str) -> Result<(String, u16, String), Error> {
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
    if authority.as_str().contains('@') {
        return Err(usage(
            "credentials do not belong into a URL; remove them".into(),
        ));
    }
    match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP => {}
        Some(scheme) if *scheme == Scheme::HTTPS => {
            return Err(usage(format!(
                "{url}: TLS is yet to come; use an http:// address, for example of a local proxy that adds TLS"
            )));
        }
        _ => return Err(usage(format!("{url:?} must begin with http://"))),
    }
    if uri.query().is_some() {
        return Err(usage(format!(
            "{url:?} has a query; the tape's requests bring their own"
        )));
    }
    let base_path = uri.path().trim_end_matches('/').to_owned();
    let port = authority.port_u16().unwrap_or(80);
    if port == 0 {
        return Err(usage(format!(
            "{url:?} has port 0, which nothing listens on"
        )));
    }
    Ok((authority.host().to_owned(), port, base_path))
}

fn usage(detail: String) -> Error {
    Error::Usage {
        flag: "--target",
        detail,
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::exit::Exit;

    #[test]
    fn what_is_no_target_is_refused() {
        for (url, expected, exit) in [
            ("", "no URL", Exit::Usage),
            ("localhost", "must begin with http://", Exit::Usage),
            ("/v1/evaluate", "names no host", Exit::Usage),
            ("https://localhost:8443", "TLS is yet to come", Exit::Usage),
            ("ftp://localhost", "must begin with http://", Exit::Usage),
            ("http://user:secret@localhost", "credentials", Exit::Usage),
            ("http://localhost:80?x=1", "query", Exit::Usage),
            ("http://localhost:0", "port 0", Exit::Usage),
            ("http://8.8.8.8:80", "--allow-target 8.8.8.8", Exit::Usage),
            ("http://rules.production.svc:80", "production", Exit::Usage),
        ] {
            let error = find(url, &[]).unwrap_err();
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
        let error = find(&format!("http://{address}"), &[]).unwrap_err();
        assert_eq!(error.exit(), Exit::TargetUnreachable, "{error}");
    }

    #[test]
    fn a_listening_target_is_found_with_its_base_path() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let target = find(&format!("http://localhost:{}/api/", address.port()), &[]).unwrap();
        assert_eq!(target.addresses, [Address::Tcp(address)]);
        assert_eq!(target.base_path, "/api");
        assert_eq!(target.authority, format!("localhost:{}", address.port()));
    }
}
