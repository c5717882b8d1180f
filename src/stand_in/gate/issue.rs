//! `POST /oauth/token`: tokens for clients, in the words of Auth0.

use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::TokenRules;
use crate::clock::{NS_PER_S, wall_now_ns};
use crate::stand_in::connection::Connection;
use crate::stand_in::reply::Reply;
use crate::stand_in::seen::Event;

/// Every right that any role asks for.
const SCOPE: &str = "execute:rules read:metrics replay:transactions";
const PERMISSIONS: [&str; 12] = [
    "rule:create",
    "rule:read",
    "rule:update",
    "rule:submit",
    "rule:approve",
    "rule:reject",
    "ruleset:create",
    "ruleset:update",
    "ruleset:submit",
    "ruleset:approve",
    "ruleset:reject",
    "ruleset:activate",
];

/// What a client sends.
#[derive(Deserialize)]
struct Asked {
    grant_type: String,
    client_id: String,
    client_secret: SecretString,
    audience: String,
}

/// Gives a client a token, or the reason why not.
pub(super) fn answer(connection: &Connection, rules: &TokenRules, body: &[u8]) -> Reply {
    let (status, body) = match issue(connection, rules, body) {
        Ok(given) => (StatusCode::OK, given),
        Err((status, error, description)) => {
            connection.count(Event::Refused);
            let body = json!({"error": error, "error_description": description});
            (status, body)
        }
    };
    Reply {
        status,
        ..Reply::ok(connection.writer().json(&body))
    }
}

type Refused = (StatusCode, &'static str, &'static str);

fn issue(connection: &Connection, rules: &TokenRules, body: &[u8]) -> Result<Value, Refused> {
    let asked: Asked = serde_json::from_slice(body).map_err(|_| {
        let needed = "grant_type, client_id, client_secret and audience are needed";
        (StatusCode::BAD_REQUEST, "invalid_request", needed)
    })?;
    if asked.grant_type != "client_credentials" {
        let known = "only client_credentials is known here";
        return Err((StatusCode::FORBIDDEN, "unsupported_grant_type", known));
    }
    if let Some((id, secret)) = &rules.client
        && (*id != asked.client_id || secret.expose_secret() != asked.client_secret.expose_secret())
    {
        return Err((StatusCode::UNAUTHORIZED, "access_denied", "Unauthorized"));
    }
    if asked.audience != rules.audience {
        let unknown = "the client has no grant for this audience";
        return Err((StatusCode::FORBIDDEN, "access_denied", unknown));
    }
    let issued_s = wall_now_ns() / NS_PER_S;
    let lifetime_s = rules.lifetime.as_secs();
    let claims = json!({
        "iss": rules.issuer,
        "sub": format!("{}@clients", asked.client_id),
        "aud": rules.audience,
        "iat": issued_s,
        "exp": issued_s + lifetime_s,
        // Two tokens of one second differ.
        "jti": format!("{:032x}", connection.next_id()),
        "gty": "client-credentials",
        "azp": asked.client_id,
        "scope": SCOPE,
        "permissions": PERMISSIONS,
    });
    let no_claims = Map::new();
    let token = rules.key.sign(claims.as_object().unwrap_or(&no_claims));
    let token = token.map_err(|_| {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        (status, "server_error", "the token cannot be signed")
    })?;
    connection.count(Event::TokenGiven);
    Ok(json!({
        "access_token": token.expose(),
        "token_type": "Bearer",
        "expires_in": lifetime_s,
        "scope": SCOPE,
    }))
}
