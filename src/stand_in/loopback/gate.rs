//! The gate over real sockets: which tokens it lets in, which it gives, and what it says to everybody else.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Map, Value, json};

use super::super::{StandIn, StandInConfig, TokenRules};
use super::{AUTH, Answer, Client};
use crate::auth::AuthSettings;
use crate::auth::signing::SigningKey;
use crate::clock::{NS_PER_S, wall_now_ns};

const SCORE: &str = r#"{"transaction_id":"t1","card_hash":"tok_1","amount":1.5,"currency":"USD"}"#;

pub(super) fn rules() -> TokenRules {
    let settings = AuthSettings {
        signing_key: Some("a shared secret".into()),
        client_id: Some("me".to_owned()),
        client_secret: Some("my secret".into()),
        ..AuthSettings::default()
    };
    TokenRules::of_settings(&settings).unwrap()
}

fn guarded(rules: TokenRules) -> StandIn {
    StandIn::start(StandInConfig {
        tokens: Some(Arc::new(rules)),
        ..StandInConfig::demo().unwrap()
    })
    .unwrap()
}

/// What a good token says; members of `changes` replace those of it, and null removes one.
pub(super) fn claims(changes: &Value) -> Map<String, Value> {
    let now_s = wall_now_ns() / NS_PER_S;
    let good = json!({
        "iss": "load-test-local", "aud": "local-api", "exp": now_s + 600,
        "gty": "client-credentials", "scope": "execute:rules other:thing",
    });
    let mut claims = good.as_object().cloned().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        claims.insert(name.clone(), value.clone());
    }
    claims.retain(|_, value| !value.is_null());
    claims
}

fn score(client: &mut Client, token: &str) -> Answer {
    let lines = format!("content-type: application/json\r\nauthorization: Bearer {token}\r\n");
    client.send_with("POST", AUTH, &lines, SCORE).unwrap();
    client.receive().unwrap()
}

#[test]
fn only_good_tokens_are_let_in() {
    let rules = rules();
    let (key, shared) = (rules.key.clone(), rules.shared.clone().unwrap());
    let stranger = TokenRules::of_settings(&AuthSettings::default())
        .unwrap()
        .key;
    let stand_in = guarded(rules);
    let mut client = Client::new(&stand_in);
    for (signer, changes, status) in [
        (&key, json!({}), 200),
        (&shared, json!({}), 200),
        (&stranger, json!({}), 401),
        (&key, json!({"aud": "others"}), 401),
        (&key, json!({"aud": null}), 401),
        (&key, json!({"iss": "others"}), 401),
        (&key, json!({"exp": 1_000_000_000}), 401),
        (&key, json!({"exp": null}), 401),
        (&key, json!({"scope": "execute:rulesets"}), 403),
        (&key, json!({"scope": null}), 403),
        (&key, json!({"gty": "password"}), 403),
    ] {
        let token = signer.sign(&claims(&changes)).unwrap();
        let answer = score(&mut client, token.expose());
        assert_eq!(answer.status, status, "{changes}");
        let code = match status {
            401 => r#"{"code":"UNAUTHORIZED","#,
            403 => r#"{"code":"FORBIDDEN","#,
            _ => r#"{"transaction_id":"t1","#,
        };
        assert!(answer.body.starts_with(code), "{}", answer.body);
    }
    let good = key.sign(&claims(&json!({}))).unwrap();
    let good = good.expose();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (_, payload) = signed.split_once('.').unwrap();
    // Without a signature, as its header says (alg none).
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    let reversed: String = signature.chars().rev().collect();
    for bad in ["", "x", "a.b.c", &unsigned, &format!("{signed}.{reversed}")] {
        assert_eq!(score(&mut client, bad).status, 401, "{bad}");
    }
    let none = client.post(AUTH, SCORE).unwrap();
    assert_eq!(none.status, 401);
    assert!(none.head.contains("www-authenticate: Bearer"), "{none:?}");
    let seen = stand_in.stop().unwrap();
    assert_eq!((seen.auth_requests, seen.turned_away), (2, 15));
}

#[test]
fn a_public_key_must_not_serve_as_a_secret() {
    // The known attack: sign with HS256 and what everybody can read.
    let rules = TokenRules {
        shared: None,
        ..rules()
    };
    let public = serde_json::to_string(rules.key.public().unwrap()).unwrap();
    let stand_in = guarded(rules);
    let mut client = Client::new(&stand_in);
    let forger = SigningKey::from_secret(&public.as_str().into());
    let token = forger.sign(&claims(&json!({}))).unwrap();
    assert_eq!(score(&mut client, token.expose()).status, 401);
}

#[test]
fn health_is_open_and_the_registry_wants_another_right() {
    let rules = rules();
    let key = rules.key.clone();
    let stand_in = guarded(rules);
    let mut client = Client::new(&stand_in);
    for path in ["/health", "/v1/evaluate/health", "/.well-known/jwks.json"] {
        assert_eq!(client.get(path).unwrap().status, 200, "{path}");
    }
    for (scope, status) in [("execute:rules", 403), ("read:metrics", 200)] {
        let token = key.sign(&claims(&json!({"scope": scope}))).unwrap();
        let bearer = format!("authorization: Bearer {}\r\n", token.expose());
        for path in [
            "/v1/evaluate/rulesets/registry/status",
            "/v1/manage/metrics",
        ] {
            client.send_with("GET", path, &bearer, "").unwrap();
            assert_eq!(client.receive().unwrap().status, status, "{scope} {path}");
        }
    }
}

#[test]
fn tokens_are_given_to_the_client_and_open_the_gate() {
    let stand_in = guarded(TokenRules {
        lifetime: Duration::from_secs(77),
        ..rules()
    });
    let mut client = Client::new(&stand_in);
    let ask = |client: &mut Client, changes: Value| {
        let mut asked = json!({
            "grant_type": "client_credentials", "client_id": "me",
            "client_secret": "my secret", "audience": "local-api",
        });
        for (name, value) in changes.as_object().unwrap() {
            asked[name] = value.clone();
        }
        client.post("/oauth/token", &asked.to_string()).unwrap()
    };
    for (changes, status, error) in [
        (json!({"client_secret": "other"}), 401, "access_denied"),
        (json!({"client_id": "other"}), 401, "access_denied"),
        (json!({"audience": "other"}), 403, "access_denied"),
        (
            json!({"grant_type": "password"}),
            403,
            "unsupported_grant_type",
        ),
        (json!({"audience": 7}), 400, "invalid_request"),
    ] {
        let answer = ask(&mut client, changes.clone());
        assert_eq!(answer.status, status, "{changes}");
        assert!(answer.body.contains(error), "{}", answer.body);
    }
    let given: Value = serde_json::from_str(&ask(&mut client, json!({})).body).unwrap();
    assert_eq!(given["expires_in"], 77);
    let token = given["access_token"].as_str().unwrap();
    assert_eq!(score(&mut client, token).status, 200);

    // Anybody can check it with the key that is served.
    let keys: JwkSet =
        serde_json::from_str(&client.get("/.well-known/jwks.json").unwrap().body).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = keys.find(&header.kid.unwrap()).unwrap();
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&["local-api"]);
    let key = DecodingKey::from_jwk(key).unwrap();
    let read = jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap();
    assert_eq!(read.claims["sub"], "me@clients");
    let seen = stand_in.stop().unwrap();
    assert_eq!((seen.tokens_given, seen.tokens), (1, 1));
}
