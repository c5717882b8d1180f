//! The flags of tokens, for every command that sends.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tapdeck_services::ServiceDefinition;

use crate::auth::preflight::{self, Proof};
use crate::auth::{AuthMode, AuthSettings, TokenSource};
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

/// Tokens of a run, ready to be sent, and what there is to say about them.
#[derive(Debug)]
pub struct Tokens {
    /// Where lanes get them; none are sent for `None`.
    pub source: Option<Arc<TokenSource>>,
    /// Remarks for the report.
    pub notes: Vec<String>,
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
        if self.auth_key.is_some() && mode != AuthMode::Local {
            return Err(Error::Usage {
                flag: "--auth-key",
                detail: "signs local tokens; say --auth-mode local".to_owned(),
            });
        }
        let settings = AuthSettings {
            key_file: self.auth_key.clone(),
            cache: store::folder(cache),
            ..AuthSettings::from_environment(variable)
        };
        let Some(source) = TokenSource::start(mode, &settings, service)? else {
            let name = &service.name;
            let is_asked = mode != AuthMode::None;
            let none = format!(
                "auth mode {}, but no header of {name} holds ${{fire.token}}: no token is sent",
                mode.name()
            );
            return Ok(Tokens {
                source: None,
                notes: is_asked.then_some(none).into_iter().collect(),
            });
        };
        let mut notes = source.notes().to_vec();
        match preflight::check(target, service, &source.feed().token())? {
            Proof::Proven => {}
            Proof::Unproven => notes.push(
                "nobody proved that the target checks tokens: [auth] of the service names no probe_path"
                    .to_owned(),
            ),
        }
        Ok(Tokens {
            source: Some(Arc::new(source)),
            notes,
        })
    }
}

fn parse_mode(name: &str) -> Result<AuthMode, String> {
    let names = AuthMode::ALL.map(AuthMode::name).join(", ");
    AuthMode::named(name).ok_or_else(|| format!("expected one of {names}"))
}
