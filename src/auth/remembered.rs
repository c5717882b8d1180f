//! What a run is given and must not show: secrets of the environment, of files and of service definitions.
//!
//! Whoever reads such a secret says so here, before anything is sent that it goes into.

use base64_simd::STANDARD;
use secrecy::ExposeSecret;
use tapdeck_services::{HeaderPiece, ServiceDefinition};
use tapdeck_stores::StoreConfig;

use super::settings::AuthSettings;
use crate::mask;

/// Ends of the names of headers that carry credentials, besides those that any text may have.
const KEY: &str = "-key";

/// A header that ends so and carries none.
const NO_SECRET: &str = "idempotency-key";

/// Remembers the secrets that tokens are made or fetched with.
pub fn of_settings(settings: &AuthSettings) {
    let secrets = [&settings.client_secret, &settings.signing_key];
    for secret in secrets.into_iter().flatten() {
        mask::know(secret.expose_secret());
    }
}

/// Remembers the keys of an object store.
pub fn of_store(config: &StoreConfig) {
    for key in [&config.access_key, &config.secret_key] {
        mask::know(key.expose_secret());
    }
}

/// Remembers the credentials that a definition has in its headers, queries and bodies.
pub fn of_definition(service: &ServiceDefinition) {
    for endpoint in &service.endpoints {
        for header in &endpoint.headers {
            let name = header.name.to_ascii_lowercase();
            let is_key = name.ends_with(KEY) && name != NO_SECRET;
            if is_key || mask::announces_secret(&name) {
                header.value.iter().for_each(of_header);
            }
        }
        let templates = endpoint.body.iter().chain([&endpoint.path]);
        templates.for_each(|template| mask::know_values(&template.pattern(&[])));
    }
}

/// Remembers each word of a header's value; of `Basic` credentials the password as well (RFC 7617).
fn of_header(piece: &HeaderPiece) {
    let HeaderPiece::Text(text) = piece else {
        return;
    };
    for word in text.split([' ', ';', ',', '=']) {
        mask::know(word);
    }
    for word in text.split(' ') {
        let decoded = STANDARD.decode_to_vec(word).ok();
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some((_, password)) = decoded.as_deref().and_then(|text| text.split_once(':')) {
            mask::know(password);
        }
    }
}
