//! People with tokens, so that rule management can tell them apart.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::gate::{claims, rules};
use super::Client;
use crate::auth::signing::SigningKey;
use crate::stand_in::{RateLimits, Role, StandIn, StandInConfig};

/// Somebody with a token that allows everything.
pub(super) struct Somebody {
    client: Client,
    bearer: String,
}

impl Somebody {
    fn new(stand_in: &StandIn, key: &SigningKey, name: &str) -> Self {
        let deeds = ["create", "read", "update", "submit", "approve", "reject"];
        let rights = deeds.iter().map(|deed| format!("rule:{deed}"));
        let rulesets = [
            "create", "update", "submit", "approve", "reject", "activate",
        ];
        let rights = rights.chain(rulesets.iter().map(|deed| format!("ruleset:{deed}")));
        let rights: Vec<String> = rights.collect();
        let token = key.sign(&claims(&json!({"sub": name, "permissions": rights})));
        Self {
            client: Client::new(stand_in),
            bearer: format!(
                "content-type: application/json\r\nauthorization: Bearer {}\r\n",
                token.unwrap().expose()
            ),
        }
    }

    pub(super) fn post(&mut self, path: &str, body: &Value) -> (u16, Value) {
        self.send("POST", path, &body.to_string())
    }

    pub(super) fn get(&mut self, path: &str) -> (u16, Value) {
        self.send("GET", path, "")
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let sent = self.client.send_with(method, path, &self.bearer, body);
        sent.unwrap();
        let answer = self.client.receive().unwrap();
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }
}

/// A stand-in that asks for tokens, and two who have one: the first writes, the second decides.
pub(super) fn two_people() -> (StandIn, Somebody, Somebody) {
    let rules = rules();
    let key = rules.key.clone();
    let config = StandInConfig {
        role: Role::RuleManagement,
        rate_limits: RateLimits::Off,
        tokens: Some(Arc::new(rules)),
        ..StandInConfig::default()
    };
    let stand_in = StandIn::start(config).unwrap();
    let ada = Somebody::new(&stand_in, &key, "ada");
    let bob = Somebody::new(&stand_in, &key, "bob");
    (stand_in, ada, bob)
}
