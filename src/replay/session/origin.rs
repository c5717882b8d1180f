//! Where the target is, as the URLs and cookies in its answers name it.

use http::uri::Authority;

use crate::replay::transport::Target;

/// Scheme, host and port of the target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    is_secure: bool,
    /// Lowercase, IPv6 addresses in brackets.
    host: String,
    port: u16,
}

impl Origin {
    /// Reads it off a target; a Unix socket is taken for plain HTTP at `localhost`.
    pub(crate) fn of(target: &Target) -> Self {
        let authority = Authority::try_from(target.authority.as_bytes()).ok();
        let is_secure = target.tls.is_some();
        let default_port = default_port(is_secure);
        Self {
            is_secure,
            host: authority
                .as_ref()
                .map_or_else(String::new, |it| it.host().to_ascii_lowercase()),
            port: authority
                .and_then(|it| it.port_u16())
                .unwrap_or(default_port),
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
        let is_secure = match scheme {
            _ if scheme.eq_ignore_ascii_case("https") => true,
            _ if scheme.eq_ignore_ascii_case("http") => false,
            _ => return false,
        };
        self.is_secure == is_secure && self.has_authority(authority)
    }

    /// Tells whether an authority is the target's; one with a user's name in it is nobody's.
    pub(super) fn has_authority(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else {
            return false;
        };
        let port = authority.port_u16();
        !authority.as_str().contains('@')
            && authority.host().eq_ignore_ascii_case(&self.host)
            && port.unwrap_or(default_port(self.is_secure)) == self.port
    }

    /// Makes one for tests.
    #[cfg(test)]
    pub(crate) fn new(is_secure: bool, host: &str, port: u16) -> Self {
        Self {
            is_secure,
            host: host.to_owned(),
            port,
        }
    }
}

const fn default_port(is_secure: bool) -> u16 {
    if is_secure { 443 } else { 80 }
}
