//! Tokens of a run: what they are made with, and what embedded targets ask of them.

use std::sync::Arc;

use tapdeck_services::ServiceDefinition;

use super::environment::Environment;
use super::outline::Outline;
use crate::auth::claims::ISSUER;
use crate::auth::signing::SigningKey;
use crate::auth::{AuthMode, AuthSettings, Tokens, remembered};
use crate::error::Error;
use crate::patience::Stop;
use crate::replay::transport::Target;
use crate::stand_in::TokenRules;

/// Who we are to an embedded provider where the environment does not say.
const CLIENT: &str = "tapdeck";

/// What the tokens of a run are made with.
#[derive(Debug, Default)]
pub struct Keys {
    mode: AuthMode,
    settings: AuthSettings,
    /// What embedded targets ask for; `None` where they ask for nothing, or there are none.
    embedded: Option<TokenRules>,
}

impl Keys {
    /// Takes what the outline and the environment say. Embedded targets get what they need to check tokens: a key is made where
    /// nobody gave one, and they are the provider, whoever else the environment names.
    ///
    /// Errors: `Auth` for a key that cannot be used.
    pub fn new(outline: &Outline, environment: &Environment, stop: Stop) -> Result<Self, Error> {
        let mode = outline.auth_mode.value;
        let mut settings =
            AuthSettings::from_environment(|name| environment.get(name).map(str::to_owned));
        remembered::of_settings(&settings);
        settings.key_file.clone_from(&outline.auth_key);
        settings.cache = Some(outline.cache.clone());
        settings.stop = stop;
        let mut keys = Self {
            mode,
            settings,
            embedded: None,
        };
        if outline.stand_ins.is_on() && mode != AuthMode::None {
            keys.embed()?;
        }
        Ok(keys)
    }

    fn embed(&mut self) -> Result<(), Error> {
        let settings = &mut self.settings;
        if settings.key_file.is_none() && settings.signing_key.is_none() {
            settings.signing_key = Some(SigningKey::generate_pem()?);
        }
        // Their tokens are of no use to another run.
        settings.cache = None;
        let rules = TokenRules::of_settings(settings)?;
        settings.client_id.get_or_insert_with(|| CLIENT.to_owned());
        settings.client_secret.get_or_insert_with(|| CLIENT.into());
        self.embedded = Some(rules);
        Ok(())
    }

    /// Gives what the embedded target of a service asks of tokens.
    pub fn rules(&self, service: &ServiceDefinition) -> Option<Arc<TokenRules>> {
        let (rules, auth) = (self.embedded.as_ref()?, service.auth.as_ref()?);
        let audience = self.settings.audience(auth.audience.as_deref());
        Some(Arc::new(TokenRules {
            audience: audience.unwrap_or(TokenRules::AUDIENCE).to_owned(),
            issuer: auth.issuer.as_deref().unwrap_or(ISSUER).to_owned(),
            ..rules.clone()
        }))
    }

    /// Gets the tokens of one service and proves that its target checks them.
    ///
    /// Errors: `Auth`.
    pub fn begin(
        &self,
        service: &ServiceDefinition,
        url: &str,
        target: &Target,
    ) -> Result<Tokens, Error> {
        let mut settings = self.settings.clone();
        if let Some(rules) = self.rules(service) {
            settings.domain = Some(url.to_owned());
            settings.audience = Some(rules.audience.clone());
        }
        Ok(Tokens::begin(self.mode, &settings, service, target)?)
    }

    /// Tells whether tokens are asked for at all.
    pub fn are_wanted(&self) -> bool {
        self.mode != AuthMode::None
    }
}
