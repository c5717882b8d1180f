//! The gate before every role: it asks for a bearer token, checks it, and gives tokens to clients it knows.
//!
//! Owns who is let in, and tells the role who it is; what it answers then is not known here. It serves the public key at
//! `/.well-known/jwks.json` and tokens at `POST /oauth/token`, as a provider does, so that whoever checks or fetches
//! tokens can do it for real. A signature is checked when a token is seen for the first time, its end at every request.
//!
//! Source: RFC 6750 (bearer tokens), RFC 6749 section 4.4 (client credentials), the services' own errors.

mod issue;
mod rights;
mod rules;

pub use self::rules::TokenRules;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};
use hyper::body::Incoming;
use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Serialize};

use self::rights::{Need, need, refusal};
use super::body::{BodyError, read_json};
use super::config::Role;
use super::connection::{Broken, Connection};
use super::reply::Reply;
use super::seen::Event;
use crate::clock::{NS_PER_S, wall_now_ns};

/// Tokens whose signatures are remembered as good.
const REMEMBERED: usize = 64;

/// Lets in who has a token.
pub(super) struct Gate {
    role: Role,
    rules: Arc<TokenRules>,
    /// By token.
    known: Mutex<BTreeMap<String, Arc<Bearer>>>,
}

/// What a good token says of its bearer.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Bearer {
    exp: u64,
    #[serde(default)]
    pub(super) sub: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    permissions: Vec<String>,
    #[serde(default)]
    gty: String,
}

/// How a request fares at the gate.
pub(super) enum Passage {
    /// It goes on, with its body, and with its bearer where one had to be shown.
    On(Incoming, Option<Arc<Bearer>>),
    /// It is answered here.
    Answered(Reply),
}

/// Why nobody is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Objection {
    /// There is no bearer token.
    NoToken,
    /// It is not one of ours, or not any more.
    BadToken,
    /// It does not allow this.
    Forbidden,
}

impl Gate {
    pub(super) fn new(role: Role, rules: Arc<TokenRules>) -> Self {
        Self {
            role,
            rules,
            known: Mutex::default(),
        }
    }

    /// Lets a request pass or answers it.
    ///
    /// Errors: `Broken` if the client goes away inside its body.
    pub(super) async fn meet(
        &self,
        connection: &Connection,
        head: &Parts,
        body: Incoming,
    ) -> Result<Passage, Broken> {
        let path = head.uri.path();
        match (&head.method, path) {
            (&Method::GET, "/.well-known/jwks.json") => {
                connection.count(Event::Other);
                let keys = KeySet {
                    keys: self.rules.key.public().into_iter().collect(),
                };
                let reply = Reply::ok(connection.writer().json(&keys));
                Ok(Passage::Answered(reply))
            }
            (&Method::POST, "/oauth/token") => {
                connection.count(Event::Other);
                let reply = match read_json(&head.headers, body).await {
                    Ok(body) => issue::answer(connection, &self.rules, &body),
                    Err(BodyError::Refused(refusal)) => connection.refuse(refusal),
                    Err(BodyError::Cut) => return Err(Broken),
                };
                Ok(Passage::Answered(reply))
            }
            (method, path) => {
                let need = need(self.role, method, path);
                match self.check(connection, &head.headers, need) {
                    Ok(bearer) => Ok(Passage::On(body, bearer)),
                    Err(objection) => Ok(Passage::Answered(self.turn_away(connection, objection))),
                }
            }
        }
    }

    fn check(
        &self,
        connection: &Connection,
        headers: &HeaderMap,
        need: Need,
    ) -> Result<Option<Arc<Bearer>>, Objection> {
        if need == Need::Nothing {
            return Ok(None);
        }
        let token = bearer_token(headers).ok_or(Objection::NoToken)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let bearer = if let Some(bearer) = known.get(token) {
            bearer
        } else {
            let bearer = self.verify(token).ok_or(Objection::BadToken)?;
            connection.count(Event::Token);
            if known.len() >= REMEMBERED {
                known.clear();
            }
            known.entry(token.to_owned()).or_insert(Arc::new(bearer))
        };
        if bearer.exp < wall_now_ns() / NS_PER_S {
            return Err(Objection::BadToken);
        }
        if need.is_met_by(bearer) {
            Ok(Some(Arc::clone(bearer)))
        } else {
            Err(Objection::Forbidden)
        }
    }

    /// Checks signature, issuer, audience and end.
    fn verify(&self, token: &str) -> Option<Bearer> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let key = match header.alg {
            Algorithm::RS256 if header.kid.as_deref() == self.rules.key.kid() => &self.rules.key,
            Algorithm::HS256 => self.rules.shared.as_ref()?,
            _ => return None,
        };
        let mut validation = Validation::new(key.algorithm());
        validation.leeway = 0;
        validation.set_audience(&[&self.rules.audience]);
        validation.set_issuer(&[&self.rules.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        let read = jsonwebtoken::decode(token, key.decoding(), &validation);
        read.ok().map(|read| read.claims)
    }

    fn turn_away(&self, connection: &Connection, objection: Objection) -> Reply {
        connection.count(Event::Other);
        connection.count(Event::Refused);
        connection.count(Event::TurnedAway);
        let (status, body) = refusal(self.role, objection);
        let reply = Reply {
            status,
            ..Reply::ok(connection.writer().json(&body))
        };
        reply.with_value(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }
}

/// Gives the token of the `Authorization` header.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

#[derive(Serialize)]
struct KeySet<'a> {
    keys: Vec<&'a jsonwebtoken::jwk::Jwk>,
}
