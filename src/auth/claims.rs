//! What a local token says.
//!
//! Source: RFC 7519, and what tokens of Auth0 for machines hold (`gty`, `scope`, `permissions`).

use serde_json::{Map, Value};
use tapdeck_services::Auth;

use super::settings::AuthSettings;

/// How long a local token lasts, seconds.
pub const LIFETIME_S: u64 = 3_600;

/// Who made a token, and whom it is for, where nobody says otherwise.
pub const ISSUER: &str = "load-test-local";
const AUDIENCE: &str = "local-api";

/// What all tokens of a run say.
#[derive(Debug, Clone)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Gathers them; `run` tells the tokens of one run from those of another.
    pub fn new(auth: &Auth, settings: &AuthSettings, run: u32) -> Self {
        let audience = settings.audience(auth.audience.as_deref());
        let mut claims = Map::new();
        let mut set = |name: &str, value: Value| {
            claims.insert(name.to_owned(), value);
        };
        set("sub", format!("load-test-{run:08x}").into());
        set("iss", auth.issuer.as_deref().unwrap_or(ISSUER).into());
        set("aud", audience.unwrap_or(AUDIENCE).into());
        set("gty", "client-credentials".into());
        if let Some(scope) = &auth.scope {
            set("scope", scope.as_str().into());
        }
        if !auth.permissions.is_empty() {
            set("permissions", auth.permissions.clone().into());
        }
        for (name, value) in &auth.claims {
            set(name, value.clone());
        }
        Self(claims)
    }

    /// Gives those of a token made at an instant, seconds since the Unix epoch, that lasts so many.
    pub fn at(&self, issued_s: u64, lifetime_s: u64) -> Map<String, Value> {
        let mut claims = self.0.clone();
        claims.insert("iat".to_owned(), issued_s.into());
        claims.insert("exp".to_owned(), (issued_s + lifetime_s).into());
        claims
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_are_those_of_the_service_and_of_the_environment() {
        let bare = Claims::new(&Auth::default(), &AuthSettings::default(), 0xbeef);
        let expected = json!({
            "sub": "load-test-0000beef", "iss": "load-test-local", "aud": "local-api",
            "gty": "client-credentials", "iat": 100, "exp": 3700,
        });
        assert_eq!(Value::from(bare.at(100, LIFETIME_S)), expected);

        let auth = Auth {
            audience: Some("of the service".to_owned()),
            issuer: Some("me".to_owned()),
            scope: Some("a b".to_owned()),
            permissions: vec!["rule:read".to_owned()],
            claims: [("gty".to_owned(), json!("other"))].into_iter().collect(),
            probe_path: None,
        };
        let settings = AuthSettings {
            audience: Some("of the environment".to_owned()),
            ..AuthSettings::default()
        };
        let full = Claims::new(&auth, &settings, 1);
        let expected = json!({
            "sub": "load-test-00000001", "iss": "me", "aud": "of the environment", "gty": "other",
            "scope": "a b", "permissions": ["rule:read"], "iat": 0, "exp": 1,
        });
        assert_eq!(Value::from(full.at(0, 1)), expected);
    }
}
