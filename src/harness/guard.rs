//! Keeps the generator from being pointed at what it must not be pointed at.
//!
//! Loopback and private addresses pass; anything else must be allowed by name; what looks like production never passes.
//! What is checked are the resolved addresses, not the name alone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::error::Error;

/// Words that, as a part of a host name, mean that real customers are behind it.
const PRODUCTION_WORDS: [&str; 4] = ["prod", "production", "prd", "live"];

/// Refuses names that look like production.
///
/// Errors: `Refused`.
pub fn check_name(url: &str, host: &str) -> Result<(), Error> {
    let lower = host.to_ascii_lowercase();
    let word = lower
        .split(|c: char| !c.is_ascii_alphabetic())
        .find(|part| PRODUCTION_WORDS.contains(part));
    match word {
        Some(word) => Err(Error::Refused {
            target: url.to_owned(),
            detail: format!(
                "{word:?} in its name looks like production; load tests belong elsewhere"
            ),
        }),
        None => Ok(()),
    }
}

/// Refuses addresses that are neither loopback nor private, unless the host was allowed expressly.
///
/// Errors: `Refused`, saying which flag would allow it.
pub fn check_addresses(
    url: &str,
    host: &str,
    addresses: &[SocketAddr],
    allowed_hosts: &[String],
) -> Result<(), Error> {
    if allowed_hosts
        .iter()
        .any(|allowed| allowed.eq_ignore_ascii_case(host))
    {
        return Ok(());
    }
    match addresses.iter().find(|address| !is_near(address.ip())) {
        Some(public) => Err(Error::Refused {
            target: url.to_owned(),
            detail: format!(
                "{} is neither a loopback nor a private address; if it is yours to load, add --allow-target {host}",
                public.ip()
            ),
        }),
        None => Ok(()),
    }
}

/// Tells whether an address is loopback or private (RFC 1918, RFC 4193).
fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_near_v4(address),
        IpAddr::V6(address) => address == Ipv6Addr::LOCALHOST || address.is_unique_local(),
    }
}

fn is_near_v4(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_private()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_addresses_pass_unasked() {
        for (address, expected) in [
            ("127.0.0.1", true),
            ("127.8.8.8", true),
            ("10.1.2.3", true),
            ("172.31.0.1", true),
            ("192.168.1.1", true),
            ("::1", true),
            ("fd00::1", true),
            ("::ffff:10.0.0.1", true),
            ("172.32.0.1", false),
            ("8.8.8.8", false),
            ("169.254.169.254", false),
            ("0.0.0.0", false),
            ("2001:db8::1", false),
            ("::ffff:8.8.8.8", false),
        ] {
            assert_eq!(is_near(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn an_allowed_host_passes_by_name() {
        let public = ["8.8.8.8:80".parse().unwrap()];
        let allowed = ["Load.Example".to_owned()];
        assert!(check_addresses("u", "load.example", &public, &allowed).is_ok());
        assert!(check_addresses("u", "other.example", &public, &allowed).is_err());
    }

    #[test]
    fn production_is_seen_in_names_but_not_in_words_that_contain_it() {
        for host in [
            "api.prod.example",
            "prod-rules",
            "live.example",
            "rules-prd2",
        ] {
            assert!(check_name("u", host).is_err(), "{host}");
        }
        for host in ["localhost", "products.test", "deliver.test", "10.0.0.1"] {
            assert!(check_name("u", host).is_ok(), "{host}");
        }
    }
}
