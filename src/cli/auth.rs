//! The flags of tokens, for every command that sends.

use std::path::{Path, PathBuf};

use tapdeck_services::ServiceDefinition;

use crate::auth::{AuthMode, AuthSettings, Tokens, remembered};
use crate::error::Error;
use crate::harness::calibration::store;
use crate::replay::transport::Target;

/// Which token requests carry.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Tokens")]
pub struct AuthArgs {
    /// Where tokens come from: none, local (signed here), or auth0 (fetched with client credentials) [default:
    /// `AUTH_MODE`, else none]
    #[arg(long, value_name = "MODE", value_parser = parse_mode)]
    pub auth_mode: Option<AuthMode>,

    /// RSA private key that signs local tokens: a PEM file [default: `LOCAL_SIGNING_KEY`]
    #[arg(long, value_name = "FILE")]
    pub auth_key: Option<PathBuf>,
}

impl AuthArgs {
    /// Gets a token and proves that the target checks it; `cache` is the folder for caches.
    ///
    /// Errors: `Usage` for flags that have no effect, `Auth` for everything about tokens.
    pub fn begin(
        &self,
        service: &ServiceDefinition,
        target: &Target,
        cache: Option<&Path>,
    ) -> Result<Tokens, Error> {
        let variable = |name: &str| std::env::var(name).ok();
        let mode = match self.auth_mode {
            Some(mode) => mode,
            None => AuthMode::from_environment(variable)?.unwrap_or_default(),
        };
        mode.check_key_file(self.auth_key.as_deref())?;
        let settings = AuthSettings {
            key_file: self.auth_key.clone(),
            cache: store::folder(cache),
            ..AuthSettings::from_environment(variable)
        };
        remembered::of_settings(&settings);
        Ok(Tokens::begin(mode, &settings, service, target)?)
    }
}

fn parse_mode(name: &str) -> Result<AuthMode, String> {
    let names = AuthMode::ALL.map(AuthMode::name).join(", ");
    AuthMode::named(name).ok_or_else(|| format!("expected one of {names}"))
}
