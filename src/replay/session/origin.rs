//! Where the target is, as the URLs and cookies in its answers name it.

use tapdeck_addresses::{Authority, Scheme};

use crate::replay::transport::Target;

/// Scheme, host and port of the target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    is_secure: bool,
    /// Lowercase, IPv6 addresses in brackets.
    host: String,
    port: u16,
}

impl Origin {
    /// Reads it off a target; a Unix socket is taken for plain HTTP at `localhost`.
    pub(crate) fn of(target: &Target) -> Self {
        let is_secure = target.tls.is_some();
        // What the address of a target was made into can be read again; nothing could lead to one that could not.
        let authority = target.authority.to_str().ok();
        match authority.and_then(|text| text.parse::<Authority>().ok()) {
            Some(authority) => Self {
                is_secure,
                host: authority.host.to_string(),
                port: authority.port.unwrap_or(default_port(is_secure)),
            },
            None => Self::default(),
        }
    }

    /// Gives the host, lowercase.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Tells whether what is sent there is encrypted.
    pub(super) fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Tells whether a URL with this scheme and authority leads to the target.
    pub(super) fn is_at(&self, scheme: &str, authority: &str) -> bool {
        let scheme = Scheme::find(scheme);
        scheme == Some(scheme_of(self.is_secure)) && self.has_authority(authority)
    }

    /// Tells whether an authority is the target's; one with a user's name in it, or with a port that is none, is nobody's.
    pub(super) fn has_authority(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else {
            return false;
        };
        let port = authority.port.unwrap_or(default_port(self.is_secure));
        authority.host.to_string() == self.host && port == self.port
    }

    /// Makes one; the host in lowercase.
    pub fn new(is_secure: bool, host: &str, port: u16) -> Self {
        Self {
            is_secure,
            host: host.to_owned(),
            port,
        }
    }
}

const fn default_port(is_secure: bool) -> u16 {
    scheme_of(is_secure).default_port()
}

const fn scheme_of(is_secure: bool) -> Scheme {
    if is_secure {
        Scheme::Https
    } else {
        Scheme::Http
    }
}
