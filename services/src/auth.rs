//! What a service wants of a token.
//!
//! Owns what a definition says about it: names and rights, never a key or a token, for a definition travels inside tapes.

use serde_json::{Map, Value};

/// What a service wants of a token.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Auth {
    /// Whom a token is for (`aud`).
    pub audience: Option<String>,
    /// Who made a local token (`iss`).
    pub issuer: Option<String>,
    /// What a local token allows (`scope`): words with single spaces between them.
    pub scope: Option<String>,
    /// What a local token allows, as a list (`permissions`), each once.
    pub permissions: Vec<String>,
    /// Further claims of a local token, none of those above nor any that is made with the token.
    pub claims: Map<String, Value>,
    /// Path that only a token opens and that changes nothing.
    pub probe_path: Option<String>,
}
