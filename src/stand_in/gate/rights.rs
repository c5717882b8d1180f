//! What each role asks of a token, and in which words one is refused.
//!
//! Source: the rule engine before it left authentication to a gateway, and the two management services; their health paths
//! are open.

use http::StatusCode;
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
}

impl Need {
    pub(super) fn is_met_by(self, bearer: &Bearer) -> bool {
        match self {
            Self::Nothing | Self::Token => true,
            Self::MachineScope(wanted) => {
                bearer.gty == "client-credentials"
                    && bearer.scope.split(' ').any(|word| word == wanted)
            }
        }
    }
}

/// Tells what a request to a role needs.
pub(super) fn need(role: Role, path: &str) -> Need {
    match role {
        Role::RuleEngine => rule_engine(path),
        Role::TransactionManagement => transaction_management(path),
        Role::RuleManagement => rule_management(path),
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

/// Ingestion and queries need a token, whoever's it is.
fn transaction_management(path: &str) -> Need {
    if path.starts_with("/api/v1/health") || path == "/audit" {
        Need::Nothing
    } else {
        Need::Token
    }
}

/// What a token permits is not looked at.
fn rule_management(path: &str) -> Need {
    match path {
        "/api/v1/health" | "/api/v1/readyz" | "/audit" => Need::Nothing,
        _ => Need::Token,
    }
}

/// Gives the words in which a role refuses.
pub(super) fn refusal(role: Role, objection: Objection) -> (StatusCode, Value) {
    let (status, code, message) = match objection {
        Objection::NoToken => (
            StatusCode::UNAUTHORIZED,
            "UNAUTHORIZED",
            "a bearer token is needed",
        ),
        Objection::BadToken => (
            StatusCode::UNAUTHORIZED,
            "UNAUTHORIZED",
            "the token is not valid",
        ),
        Objection::Forbidden => (
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "the token does not allow this",
        ),
    };
    let body = match role {
        Role::TransactionManagement => json!({"detail": message}),
        Role::RuleManagement => json!({"error": code, "message": message, "details": {}}),
        _ => json!({"code": code, "message": message}),
    };
    (status, body)
}
