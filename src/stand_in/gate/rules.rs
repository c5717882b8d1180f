//! Which tokens a gate takes, and to whom it gives some.

use std::time::Duration;

use secrecy::SecretString;

use crate::auth::claims::ISSUER;
use crate::auth::signing::SigningKey;
use crate::auth::{AuthError, AuthSettings};

/// Which tokens are taken, and to whom some are given.
#[derive(Debug, Clone)]
pub struct TokenRules {
    /// Signs the tokens that are given; what it signs elsewhere is taken, too.
    pub key: SigningKey,
    /// A shared secret whose signatures are taken as well.
    pub shared: Option<SigningKey>,
    /// Whom a token must be for.
    pub audience: String,
    /// Who must have made it.
    pub issuer: String,
    /// The one client that gets tokens, with its secret; every client for `None`.
    pub client: Option<(String, SecretString)>,
    /// How long a token lasts that is given.
    pub lifetime: Duration,
}

impl TokenRules {
    /// Whom a token must be for unless told otherwise.
    pub const AUDIENCE: &str = "local-api";

    /// How long a token lasts unless told otherwise.
    pub const LIFETIME: Duration = Duration::from_hours(1);

    /// Takes what the settings say: the key of the file or of the environment, which may be a shared secret, the
    /// audience, and the client. A key that is not there is made on the spot.
    ///
    /// Errors: `Setting` for a key that cannot be used.
    pub fn of_settings(settings: &AuthSettings) -> Result<Self, AuthError> {
        let given = match (&settings.key_file, &settings.signing_key) {
            (None, None) => None,
            _ => Some(SigningKey::of_settings(settings)?),
        };
        let (key, shared) = match given {
            Some(key) if key.public().is_some() => (key, None),
            shared => {
                let pem = SigningKey::generate_pem()?;
                let key = SigningKey::from_pem(&pem, "a key made on the spot")?;
                (key, shared)
            }
        };
        let client = settings.client_id.clone();
        Ok(Self {
            key,
            shared,
            audience: settings.audience.clone().unwrap_or(Self::AUDIENCE.into()),
            issuer: ISSUER.to_owned(),
            client: client.zip(settings.client_secret.clone()),
            lifetime: Self::LIFETIME,
        })
    }
}
