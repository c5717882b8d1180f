//! Keeps the generator from being pointed at what it must not be pointed at.
//!
//! Loopback and private addresses pass; others must be allowed by name; some never pass. What looks like production, by
//! its name or by what the environment says, passes only if somebody says that it is none, whatever its address.
//! What is checked are the resolved addresses, not the name alone, and every connection is held to them
//! (`replay/transport/wire.rs`). `docs/safety.md` says it for users.
//!
//! Source: RFC 1918, RFC 4193 (private addresses), RFC 3927, RFC 4291 (link-local, unspecified, mapped), RFC 6052 and
//! RFC 3056 (IPv4 inside of IPv6).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use percent_encoding::percent_decode_str;
use tapdeck_addresses::Host;

use crate::error::Error;

/// Words that, as a part of a name, mean that real customers are behind it.
const PRODUCTION_WORDS: [&str; 4] = ["prod", "production", "prd", "live"];

/// Variables by which programs are told where they run.
const ENVIRONMENT_NAMES: [&str; 10] = [
    "APP_ENV",
    "ENVIRONMENT",
    "ENV",
    "DEPLOY_ENV",
    "DEPLOYMENT_ENV",
    "DEPLOYMENT_ENVIRONMENT",
    "STAGE",
    "QUARKUS_PROFILE",
    "SPRING_PROFILES_ACTIVE",
    "RULESET_PUBLISH_ENVIRONMENT",
];

/// Addresses at which clouds hand out credentials to whoever asks, but for those that are link-local anyway.
const METADATA: [IpAddr; 3] = [
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
];

/// What was said about production.
#[derive(Debug, Clone, Default)]
pub struct Production {
    /// Whether somebody has said that this is none.
    pub denied: Denied,
    /// What in the environment looks like it, each in words.
    pub signs: Vec<String>,
}

/// Whether somebody has said that a target is no production.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Denied {
    /// Nobody has, so what looks like production is refused.
    #[default]
    No,
    /// Somebody has.
    Yes,
}

impl Production {
    /// Looks for signs of production in the environment.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
        let sign = |name: &&str| {
            let value = variable(name)?;
            production_word(&value).map(|word| format!("the environment says {name}={word}"))
        };
        ENVIRONMENT_NAMES.iter().filter_map(sign).collect()
    }

    /// Tells whether the name of the variable that gave the target's URL is such a sign.
    pub fn of_variable(name: &str) -> Option<String> {
        production_word(name).map(|word| format!("the target is that of {name}, and {word:?}"))
    }

    /// Refuses what looks like production; `names` are all the words by which the target is known.
    ///
    /// Errors: `Refused`, saying which flag would allow it.
    pub fn check(&self, url: &str, names: &[&str]) -> Result<(), Error> {
        if self.denied == Denied::Yes {
            return Ok(());
        }
        let in_names = names.iter().find_map(|name| production_word(name));
        let in_names = in_names.map(|word| format!("{word:?} in its name"));
        match in_names.or_else(|| self.signs.first().cloned()) {
            Some(sign) => Err(Error::Refused {
                target: url.to_owned(),
                detail: format!(
                    "{sign} looks like production; load tests belong elsewhere, and if this is elsewhere, add --i-know-this-is-not-production"
                ),
            }),
            None => Ok(()),
        }
    }
}

/// Finds a word that means production, however often it is percent-encoded: somebody on the way decodes it.
fn production_word(name: &str) -> Option<&'static str> {
    let decoded = percent_decode_str(name).decode_utf8_lossy();
    // Decoding never makes a text longer, and leaves it as it is once nothing is encoded in it.
    let is_plain = decoded == name;
    plain_production_word(name).or_else(|| (!is_plain).then(|| production_word(&decoded))?)
}

fn plain_production_word(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let mut parts = lower.split(|letter: char| !letter.is_ascii_alphabetic());
    parts.find_map(|part| {
        let words = PRODUCTION_WORDS.iter();
        words.copied().find(|&word| word == part)
    })
}

/// Refuses addresses that are neither loopback nor private, unless the host was allowed expressly, and those that no
/// load may go to at all.
///
/// Errors: `Refused`, saying which flag would allow it, if one would.
pub fn check_addresses(
    url: &str,
    host: &Host,
    addresses: &[SocketAddr],
    allowed_hosts: &[Host],
) -> Result<(), Error> {
    let refused = |detail| Error::Refused {
        target: url.to_owned(),
        detail,
    };
    let is_allowed = allowed_hosts.contains(host);
    for ip in addresses.iter().map(SocketAddr::ip) {
        match distance(ip) {
            Distance::Near => {}
            Distance::Far if is_allowed => {}
            Distance::Far => {
                return Err(refused(format!(
                    "{ip} is neither a loopback nor a private address; if it is yours to load, add --allow-target {host}"
                )));
            }
            Distance::Never(what) => {
                return Err(refused(format!(
                    "{ip} is {what}, to which no load is ever sent"
                )));
            }
        }
    }
    Ok(())
}

/// How far away an address is, for our purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Distance {
    /// Loopback or private.
    Near,
    /// Somebody's.
    Far,
    /// Nobody's that could want load, or something that must not get any.
    Never(&'static str),
}

fn distance(address: IpAddr) -> Distance {
    let address = address.to_canonical();
    if METADATA.contains(&address) {
        return Distance::Never("a cloud's metadata service");
    }
    match address {
        IpAddr::V4(address) => distance_v4(address),
        IpAddr::V6(address) => distance_v6(address),
    }
}

fn distance_v4(address: Ipv4Addr) -> Distance {
    if address.is_unspecified() {
        Distance::Never("no address but every one of this machine")
    } else if address.is_link_local() {
        Distance::Never("link-local (clouds keep their metadata services there)")
    } else if address.is_multicast() || address.is_broadcast() {
        Distance::Never("an address of many")
    } else if address.is_loopback() || address.is_private() {
        Distance::Near
    } else {
        Distance::Far
    }
}

fn distance_v6(address: Ipv6Addr) -> Distance {
    if address.is_unspecified() {
        return Distance::Never("no address but every one of this machine");
    }
    if address.is_loopback() || address.is_unique_local() {
        return Distance::Near;
    }
    if address.is_unicast_link_local() {
        return Distance::Never("link-local (clouds keep their metadata services there)");
    }
    if address.is_multicast() {
        return Distance::Never("an address of many");
    }
    // A translator on the way may lead to the address inside; it is not ours to say that it is near.
    match embedded_v4(address).map(|inside| distance(inside.into())) {
        Some(never @ Distance::Never(_)) => never,
        _ => Distance::Far,
    }
}

/// Gives the IPv4 address inside of a translated (`64:ff9b::/96`), a 6to4 (`2002::/16`) or a compatible one (`::/96`).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let octets = address.octets();
    let [a, b, c, d] = match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0, 0, ..] => {
            [octets[12], octets[13], octets[14], octets[15]]
        }
        [0x2002, ..] => [octets[2], octets[3], octets[4], octets[5]],
        _ => return None,
    };
    Some(Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests;
