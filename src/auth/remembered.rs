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
    for credential in credentials(service) {
        mask::know(&credential);
    }
}

fn credentials(service: &ServiceDefinition) -> Vec<String> {
    let mut found = Vec::new();
    for endpoint in &service.endpoints {
        for header in &endpoint.headers {
            let name = header.name.to_ascii_lowercase();
            let is_key = name.ends_with(KEY) && name != NO_SECRET;
            if is_key || mask::announces_secret(&name) {
                let pieces = header.value.iter();
                found.extend(pieces.flat_map(of_header));
            }
        }
        for template in endpoint.body.iter().chain([&endpoint.path]) {
            found.extend(mask::secret_values(&template.pattern(&[])));
        }
    }
    found
}

/// Gives each word of a header's value; of `Basic` credentials the password as well (RFC 7617).
fn of_header(piece: &HeaderPiece) -> Vec<String> {
    let HeaderPiece::Text(text) = piece else {
        return Vec::new();
    };
    let words = text.split([' ', ';', ',', '=']).map(str::to_owned);
    let passwords = text.split(' ').filter_map(|word| {
        let decoded = String::from_utf8(STANDARD.decode_to_vec(word).ok()?).ok()?;
        let (_, password) = decoded.split_once(':')?;
        Some(password.to_owned())
    });
    words.chain(passwords).collect()
}

#[cfg(test)]
mod tests {
    use tapdeck_services::registry::BUILTIN;

    use super::*;

    #[test]
    fn credentials_of_a_definition_are_found() {
        let source = r#"
            name = "s"
            title = "S"
            [target]
            base_url = "http://localhost:1"
            [[endpoints]]
            name = "one"
            method = "POST"
            path = "/a?api_key=in-the-query&page=2"
            event = "authorization"
            headers = { authorization = "Basic dXNlcjpwYXNzd29yZC0x", x-subscription-key = "in-a-header", idempotency-key = "no secret", content-type = "application/json" }
            body = '{"name": "me", "password": "in-a-body", "token_type": "none"}'
        "#;
        let service = ServiceDefinition::parse(source, "s.toml").unwrap();
        let expected = [
            "Basic",
            "dXNlcjpwYXNzd29yZC0x",
            "password-1",
            "in-a-header",
            "in-a-body",
            "in-the-query",
        ];
        assert_eq!(credentials(&service), expected);
    }

    #[test]
    fn built_in_definitions_have_none_but_a_password_for_tests() {
        for built_in in BUILTIN {
            let service = ServiceDefinition::parse(built_in.source, "built in").unwrap();
            let mut found = credentials(&service);
            // What stands before a token is none.
            found.retain(|word| !matches!(word.as_str(), "Bearer" | ""));
            found.dedup();
            assert!(found.is_empty() || found == ["loadtest-only"], "{found:?}");
        }
    }
}
