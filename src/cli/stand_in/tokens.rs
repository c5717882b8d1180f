//! The flags of a stand-in that asks for tokens.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::auth::{AuthSettings, remembered};
use crate::error::Error;
use crate::stand_in::{Role, TokenRules};
use crate::units::parse_duration;

/// Whether to ask for tokens, and for which.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Tokens")]
pub(super) struct TokenArgs {
    /// Ask for a bearer token and check it; serve the public key at /.well-known/jwks.json and tokens at POST
    /// /oauth/token
    ///
    /// `LOCAL_SIGNING_KEY` is taken for a key, too: a PEM text, or the secret of HS256. With `AUTH0_CLIENT_ID` and
    /// `AUTH0_CLIENT_SECRET` set, only that client is given tokens.
    #[arg(long)]
    auth: bool,

    /// RSA private key whose tokens are taken, and that signs those given: a PEM file [default: made on the spot]
    #[arg(long, value_name = "FILE", requires = "auth")]
    auth_key: Option<PathBuf>,

    /// Whom tokens must be for [default: `AUTH0_AUDIENCE`, else local-api]
    #[arg(long, value_name = "NAME", requires = "auth")]
    auth_audience: Option<String>,

    /// Who must have made them
    #[arg(long, value_name = "NAME", requires = "auth", default_value = crate::auth::claims::ISSUER)]
    auth_issuer: String,

    /// How long tokens last that are given
    #[arg(long, value_name = "TIME", requires = "auth", value_parser = parse_duration, default_value = "1h")]
    token_lifetime: Duration,
}

impl TokenArgs {
    /// Gives what is asked of tokens.
    ///
    /// Errors: `Usage` for a target that asks for none, `Auth` for a key that cannot be used.
    pub(super) fn rules(&self, role: Role) -> Result<Option<Arc<TokenRules>>, Error> {
        if !self.auth {
            return Ok(None);
        }
        if matches!(role, Role::Approvals | Role::Null) {
            return Err(Error::Usage {
                flag: "--auth",
                detail: "this stand-in takes no bearer tokens; drop it".to_owned(),
            });
        }
        let environment = AuthSettings::from_environment(|name| std::env::var(name).ok());
        remembered::of_settings(&environment);
        let rules = TokenRules::of_settings(&AuthSettings {
            audience: self.auth_audience.clone().or(environment.audience.clone()),
            key_file: self.auth_key.clone(),
            ..environment
        })?;
        Ok(Some(Arc::new(TokenRules {
            issuer: self.auth_issuer.clone(),
            lifetime: self.token_lifetime,
            ..rules
        })))
    }
}
