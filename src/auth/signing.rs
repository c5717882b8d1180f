//! The key that signs local tokens, and its public half.
//!
//! Source: RFC 7515 (signatures), RFC 7517 (public keys as JSON), RFC 7518 (RS256, HS256).

use std::fmt;
use std::path::Path;

use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use rsa::rand_core::OsRng;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::error::AuthError;
use super::settings::{AuthMode, AuthSettings};
use crate::mask;
use crate::replay::token::Token;

/// Bits of a key made on the spot.
const BITS: usize = 2048;

/// How a private key in PEM form begins.
const PEM: &str = "-----BEGIN ";

/// A key that signs: of RSA (RS256), or a shared secret (HS256).
#[derive(Clone)]
pub struct SigningKey {
    algorithm: Algorithm,
    encoding: EncodingKey,
    decoding: DecodingKey,
    /// The public half, if there is one.
    public: Option<Jwk>,
}

impl SigningKey {
    /// Takes the key of the settings: that of the file, else that of the environment.
    ///
    /// Errors: `Missing`, or `Setting` if it cannot be read or is no key.
    pub fn of_settings(settings: &AuthSettings) -> Result<Self, AuthError> {
        if let Some(path) = &settings.key_file {
            return Self::from_file(path);
        }
        let key = settings
            .signing_key
            .as_ref()
            .ok_or_else(|| AuthError::Missing {
                mode: AuthMode::Local.name(),
                names: "a signing key".to_owned(),
                advice: "give an RSA private key with --auth-key FILE, or LOCAL_SIGNING_KEY (a PEM text, or the secret of HS256)",
            })?;
        let text = key.expose_secret();
        if text.contains(PEM) {
            // In variables, line breaks are often written as two characters.
            let text = SecretString::from(text.replace("\\n", "\n"));
            return Self::from_pem(&text, "LOCAL_SIGNING_KEY");
        }
        Ok(Self::from_secret(key))
    }

    /// Reads an RSA private key from a PEM file.
    ///
    /// Errors: `Setting`.
    pub fn from_file(path: &Path) -> Result<Self, AuthError> {
        let origin = format!("--auth-key {}", path.display());
        let text = tapdeck_files::read_text(path).map_err(|error| AuthError::Setting {
            origin: origin.clone(),
            detail: format!("cannot be read: {error}"),
        })?;
        mask::know(&text);
        Self::from_pem(&text.into(), &origin)
    }

    /// Reads an RSA private key from a PEM text; `origin` says where that stood.
    ///
    /// Errors: `Setting`.
    pub fn from_pem(text: &SecretString, origin: &str) -> Result<Self, AuthError> {
        let unusable = |detail: String| AuthError::Setting {
            origin: origin.to_owned(),
            detail: format!(
                "holds no RSA private key in PEM form ({detail}); openssl genrsa 2048 makes one"
            ),
        };
        let encoding = EncodingKey::from_rsa_pem(text.expose_secret().as_bytes())
            .map_err(|error| unusable(error.to_string()))?;
        let mut public = Jwk::from_encoding_key(&encoding, Algorithm::RS256)
            .map_err(|error| unusable(error.to_string()))?;
        let name = public.thumbprint(ThumbprintHash::SHA256);
        public.common.key_id = Some(name.map_err(|error| unusable(error.to_string()))?);
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        let decoding =
            DecodingKey::from_jwk(&public).map_err(|error| unusable(error.to_string()))?;
        Ok(Self {
            algorithm: Algorithm::RS256,
            encoding,
            decoding,
            public: Some(public),
        })
    }

    /// Takes a shared secret.
    pub fn from_secret(secret: &SecretString) -> Self {
        let bytes = secret.expose_secret().as_bytes();
        Self {
            algorithm: Algorithm::HS256,
            encoding: EncodingKey::from_secret(bytes),
            decoding: DecodingKey::from_secret(bytes),
            public: None,
        }
    }

    /// Makes an RSA private key, as PEM text.
    ///
    /// Errors: `Internal` if this machine has no random numbers.
    pub fn generate_pem() -> Result<SecretString, AuthError> {
        let internal = |error: &dyn fmt::Display| AuthError::Internal(error.to_string());
        let key = RsaPrivateKey::new(&mut OsRng, BITS).map_err(|error| internal(&error))?;
        let pem = key
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|error| internal(&error))?;
        Ok(SecretString::from(pem.as_str()))
    }

    /// Signs claims.
    ///
    /// Errors: `Internal`.
    pub fn sign(&self, claims: &Map<String, Value>) -> Result<Token, AuthError> {
        let mut header = Header::new(self.algorithm);
        header.kid = self.kid().map(str::to_owned);
        let text = jsonwebtoken::encode(&header, claims, &self.encoding)
            .map_err(|error| AuthError::Internal(error.to_string()))?;
        Token::new(text.into()).map_err(|error| AuthError::Internal(error.to_string()))
    }

    /// Gives the algorithm of its signatures.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Gives what its signatures are checked with.
    pub fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }

    /// Gives its public half; a shared secret has none.
    pub fn public(&self) -> Option<&Jwk> {
        self.public.as_ref()
    }

    /// Gives the name of its public half.
    pub fn kid(&self) -> Option<&str> {
        self.public.as_ref()?.common.key_id.as_deref()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::Validation;
    use serde_json::json;

    use super::*;

    fn claims() -> Map<String, Value> {
        let claims = json!({"sub": "me", "exp": 4_000_000_000_u64});
        claims.as_object().cloned().unwrap()
    }

    fn settings(key: &str) -> AuthSettings {
        AuthSettings {
            signing_key: Some(key.into()),
            ..AuthSettings::default()
        }
    }

    #[test]
    fn what_a_key_signs_its_public_half_accepts() {
        let pem = SigningKey::generate_pem().unwrap();
        let in_one_line = pem.expose_secret().replace('\n', "\\n");
        for (key, algorithm) in [
            (in_one_line.as_str(), Algorithm::RS256),
            ("a shared secret", Algorithm::HS256),
        ] {
            let key = SigningKey::of_settings(&settings(key)).unwrap();
            let token = key.sign(&claims()).unwrap();
            let validation = Validation::new(algorithm);
            let decoding = match key.public() {
                Some(public) => DecodingKey::from_jwk(public).unwrap(),
                None => key.decoding().clone(),
            };
            let read =
                jsonwebtoken::decode::<Map<String, Value>>(token.expose(), &decoding, &validation);
            let read = read.unwrap();
            assert_eq!(read.claims, claims());
            assert_eq!(read.header.kid.as_deref(), key.kid());
        }
    }

    #[test]
    fn keys_that_are_none_are_refused_without_being_shown() {
        let missing = SigningKey::of_settings(&AuthSettings::default()).unwrap_err();
        assert!(missing.to_string().contains("--auth-key"), "{missing}");
        let broken = "-----BEGIN PRIVATE KEY-----\nplanted\n-----END PRIVATE KEY-----\n";
        let error = SigningKey::of_settings(&settings(broken)).unwrap_err();
        assert!(
            error.to_string().starts_with("LOCAL_SIGNING_KEY"),
            "{error}"
        );
        assert!(!error.to_string().contains("planted"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        let error = SigningKey::from_file(&folder.path().join("none.pem")).unwrap_err();
        assert!(error.to_string().contains("cannot be read"), "{error}");
        let shown = format!("{:?}", SigningKey::from_secret(&"planted".into()));
        assert!(!shown.contains("planted"), "{shown}");
    }
}
