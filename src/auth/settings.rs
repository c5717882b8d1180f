//! What the environment says about tokens.
//!
//! Source: the variables of the harness that tapdeck replaces.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::error::AuthError;
use crate::patience::Stop;

/// Where tokens come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AuthMode {
    /// Nowhere: no token is sent.
    #[default]
    None,
    /// We sign them.
    Local,
    /// A provider gives them to a client it knows (client credentials, RFC 6749 section 4.4).
    Auth0,
}

/// What there is to make or get tokens with.
#[derive(Debug, Clone, Default)]
pub struct AuthSettings {
    /// Host of the provider, or an `http://127.0.0.1:PORT` of a stand-in.
    pub domain: Option<String>,
    /// Whom tokens are for, whatever the service says.
    pub audience: Option<String>,
    /// Who we are to the provider.
    pub client_id: Option<String>,
    /// And the proof of it.
    pub client_secret: Option<SecretString>,
    /// Key of local tokens: a PEM text, or the secret of HS256.
    pub signing_key: Option<SecretString>,
    /// The file with that key; goes before `signing_key`.
    pub key_file: Option<PathBuf>,
    /// Folder where tokens of a provider are kept between runs; none are kept without one.
    pub cache: Option<PathBuf>,
    /// Ends waiting for a provider or a target early.
    pub stop: Stop,
}

impl AuthMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::None, Self::Local, Self::Auth0];

    /// The variable that names one where no flag does.
    pub const VARIABLE: &str = "AUTH_MODE";

    /// Gives its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Local => "local",
            Self::Auth0 => "auth0",
        }
    }

    /// Finds a mode by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Refuses a key file that this mode has no use for.
    ///
    /// Errors: `Setting`.
    pub fn check_key_file(self, file: Option<&Path>) -> Result<(), AuthError> {
        match file {
            Some(_) if self != Self::Local => Err(AuthError::Setting {
                origin: "--auth-key".to_owned(),
                detail: "signs local tokens; say --auth-mode local".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Gives the mode that `AUTH_MODE` names, if it is set.
    ///
    /// Errors: `Setting` for any other word.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, AuthError> {
        let Some(name) = variable(Self::VARIABLE).filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        let names = Self::ALL.map(Self::name).join(", ");
        let mode = Self::named(&name).ok_or_else(|| AuthError::Setting {
            origin: Self::VARIABLE.to_owned(),
            detail: format!("{name:?} is no auth mode; known: {names}"),
        });
        mode.map(Some)
    }
}

impl AuthSettings {
    /// Reads them; an empty variable counts as not set.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| variable(name).filter(|value| !value.is_empty());
        let secret = |name: &str| text(name).map(SecretString::from);
        Self {
            domain: text("AUTH0_DOMAIN"),
            audience: text("AUTH0_AUDIENCE"),
            client_id: text("AUTH0_CLIENT_ID"),
            client_secret: secret("AUTH0_CLIENT_SECRET"),
            signing_key: secret("LOCAL_SIGNING_KEY"),
            key_file: None,
            cache: None,
            stop: Stop::default(),
        }
    }

    /// Whom a token for a service is for: `AUTH0_AUDIENCE`, else what the service says.
    pub(crate) fn audience<'a>(&'a self, of_service: Option<&'a str>) -> Option<&'a str> {
        self.audience.as_deref().or(of_service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_and_empty_ones_are_not_there() {
        let settings = AuthSettings::from_environment(|name| match name {
            "AUTH0_DOMAIN" => Some("tenant.test".to_owned()),
            "AUTH0_CLIENT_SECRET" => Some("planted".to_owned()),
            "AUTH0_AUDIENCE" => Some(String::new()),
            _ => None,
        });
        assert_eq!(settings.domain.as_deref(), Some("tenant.test"));
        assert_eq!(settings.audience(Some("service")), Some("service"));
        assert!(settings.signing_key.is_none());
        assert!(!format!("{settings:?}").contains("planted"));
    }

    #[test]
    fn a_mode_is_one_of_three_words() {
        let mode = |value: &'static str| {
            AuthMode::from_environment(|name| (name == "AUTH_MODE").then(|| value.to_owned()))
        };
        for known in AuthMode::ALL {
            assert_eq!(mode(known.name()).unwrap(), Some(known));
        }
        assert_eq!(mode("").unwrap(), None);
        let error = mode("oauth").unwrap_err().to_string();
        assert_eq!(
            error,
            "AUTH_MODE: \"oauth\" is no auth mode; known: none, local, auth0"
        );
    }
}
