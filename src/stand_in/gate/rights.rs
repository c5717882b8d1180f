//! What each role asks of a token, and in which words one is refused.
//!
//! Source: the rule engine before it left authentication to a gateway (health was open); the tables of rights and the
//! errors of the two management services. What no table names needs a token and no right.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Bearer, Objection};
use crate::stand_in::config::Role;

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing.
    Nothing,
    /// Any good token.
    Token,
    /// A token of a machine with this word in its scope.
    MachineScope(&'static str),
    /// A token with this permission.
    Permission(&'static str),
}

impl Need {
    pub(super) fn is_met_by(self, bearer: &Bearer) -> bool {
        match self {
            Self::Nothing | Self::Token => true,
            Self::MachineScope(wanted) => {
                bearer.gty == "client-credentials"
                    && bearer.scope.split(' ').any(|word| word == wanted)
            }
            Self::Permission(wanted) => bearer.permissions.iter().any(|held| held == wanted),
        }
    }
}

/// Tells what a request to a role needs; what lies beside a service, its audit among it, needs nothing.
pub(super) fn need(role: Role, method: &Method, path: &str) -> Need {
    match role {
        Role::RuleEngine => rule_engine(path),
        Role::TransactionManagement => transaction_management(path),
        Role::RuleManagement => rule_management(method, path),
        // One signs in with a password, the other knows nobody.
        Role::Approvals | Role::Null => Need::Nothing,
    }
}

fn rule_engine(path: &str) -> Need {
    match path {
        "/v1/evaluate/health" | "/health" | "/health/live" | "/health/ready" | "/audit" => {
            Need::Nothing
        }
        "/v1/manage/metrics" => Need::MachineScope("read:metrics"),
        path if path.starts_with("/v1/evaluate/rulesets/registry/") => {
            Need::MachineScope("read:metrics")
        }
        _ => Need::MachineScope("execute:rules"),
    }
}

fn transaction_management(path: &str) -> Need {
    match path.strip_prefix("/api/v1/") {
        Some("health" | "health/ready" | "health/live") | None => Need::Nothing,
        Some(_) => Need::Token,
    }
}

fn rule_management(method: &Method, path: &str) -> Need {
    let Some(path) = path.strip_prefix("/api/v1/") else {
        return Need::Nothing;
    };
    let parts: Vec<&str> = path.split('/').collect();
    let permission = match (method.as_str(), parts.as_slice()) {
        (_, ["health" | "readyz"]) => return Need::Nothing,
        ("GET", ["rules" | "rule-versions", ..])
        | ("POST", ["rules", "simulate"] | ["ruleset-versions", _, "compile"]) => "rule:read",
        ("POST", ["rules"]) => "rule:create",
        ("POST", ["rules", _, "versions"]) => "rule:update",
        ("POST", ["rule-versions", _, "submit"]) => "rule:submit",
        ("POST", ["rule-versions", _, "approve"]) => "rule:approve",
        ("POST", ["rule-versions", _, "reject"]) => "rule:reject",
        ("POST", ["rulesets"]) => "ruleset:create",
        ("POST", ["rulesets", _, "versions"]) => "ruleset:update",
        ("POST", ["ruleset-versions", _, "submit"]) => "ruleset:submit",
        ("POST", ["ruleset-versions", _, "approve"]) => "ruleset:approve",
        ("POST", ["ruleset-versions", _, "reject"]) => "ruleset:reject",
        ("POST", ["ruleset-versions", _, "activate"]) => "ruleset:activate",
        _ => return Need::Token,
    };
    Need::Permission(permission)
}

/// Gives the words in which a role refuses.
pub(super) fn refusal(role: Role, objection: Objection) -> (StatusCode, Value) {
    let (status, code, class, message) = match objection {
        Objection::NoToken => (
            StatusCode::UNAUTHORIZED,
            "UNAUTHORIZED",
            "UnauthorizedError",
            "a bearer token is needed",
        ),
        Objection::BadToken => (
            StatusCode::UNAUTHORIZED,
            "UNAUTHORIZED",
            "UnauthorizedError",
            "the token is not valid",
        ),
        Objection::Forbidden => (
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "ForbiddenError",
            "the token does not allow this",
        ),
    };
    let body = match role {
        Role::TransactionManagement => json!({"detail": message}),
        Role::RuleManagement => json!({"error": class, "message": message, "details": {}}),
        Role::RuleEngine | Role::Approvals | Role::Null => {
            json!({"code": code, "message": message})
        }
    };
    (status, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_needs_what_the_service_asks_for() {
        use Need::{MachineScope, Nothing, Permission, Token};
        use Role::{Approvals, RuleEngine, RuleManagement, TransactionManagement};
        for (role, method, path, expected) in [
            (RuleEngine, Method::GET, "/health/ready", Nothing),
            (
                RuleEngine,
                Method::POST,
                "/v1/evaluate/auth",
                MachineScope("execute:rules"),
            ),
            (
                RuleEngine,
                Method::POST,
                "/v1/evaluate/rulesets/load",
                MachineScope("execute:rules"),
            ),
            (
                RuleEngine,
                Method::GET,
                "/v1/evaluate/rulesets/registry/US",
                MachineScope("read:metrics"),
            ),
            (
                TransactionManagement,
                Method::GET,
                "/api/v1/health/ready",
                Nothing,
            ),
            (TransactionManagement, Method::GET, "/audit", Nothing),
            (
                TransactionManagement,
                Method::POST,
                "/api/v1/decision-events",
                Token,
            ),
            (RuleManagement, Method::GET, "/api/v1/readyz", Nothing),
            (
                RuleManagement,
                Method::GET,
                "/api/v1/rules",
                Permission("rule:read"),
            ),
            (
                RuleManagement,
                Method::GET,
                "/api/v1/rules/7/summary",
                Permission("rule:read"),
            ),
            (
                RuleManagement,
                Method::POST,
                "/api/v1/rules",
                Permission("rule:create"),
            ),
            (
                RuleManagement,
                Method::POST,
                "/api/v1/rules/7/versions",
                Permission("rule:update"),
            ),
            (
                RuleManagement,
                Method::POST,
                "/api/v1/rule-versions/7/submit",
                Permission("rule:submit"),
            ),
            (RuleManagement, Method::GET, "/api/v1/rulesets/7", Token),
            (RuleManagement, Method::GET, "/api/v1/approvals", Token),
            (
                RuleManagement,
                Method::POST,
                "/api/v1/ruleset-versions/7/activate",
                Permission("ruleset:activate"),
            ),
            (Approvals, Method::POST, "/api/v1/deployments/", Nothing),
        ] {
            assert_eq!(
                need(role, &method, path),
                expected,
                "{role:?} {method} {path}"
            );
        }
    }

    #[test]
    fn each_service_refuses_in_its_own_words() {
        for (role, objection, status, expected) in [
            (
                Role::RuleEngine,
                Objection::Forbidden,
                403,
                json!({"code": "FORBIDDEN", "message": "the token does not allow this"}),
            ),
            (
                Role::TransactionManagement,
                Objection::NoToken,
                401,
                json!({"detail": "a bearer token is needed"}),
            ),
            (
                Role::RuleManagement,
                Objection::BadToken,
                401,
                json!({"error": "UnauthorizedError", "message": "the token is not valid", "details": {}}),
            ),
        ] {
            let (found, body) = refusal(role, objection);
            assert_eq!((found.as_u16(), body), (status, expected));
        }
    }

    #[test]
    fn rights_are_compared_word_by_word() {
        let bearer = Bearer {
            exp: 0,
            sub: String::new(),
            scope: "execute:rules".to_owned(),
            permissions: vec!["rule:read".to_owned()],
            gty: "password".to_owned(),
        };
        assert!(Need::Nothing.is_met_by(&bearer) && Need::Token.is_met_by(&bearer));
        assert!(Need::Permission("rule:read").is_met_by(&bearer));
        assert!(!Need::Permission("rule:create").is_met_by(&bearer));
        assert!(!Need::MachineScope("execute:rules").is_met_by(&bearer));
    }
}
