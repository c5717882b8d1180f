//! Proof before the run: the target takes our token, and refuses the same one with a broken signature; or it asks for no
//! token where we have none.
//!
//! Without the first a run measures how fast a target says no; without the second, a target that never checks.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use tapdeck_services::{Header, ServiceDefinition};

use super::error::AuthError;
use super::tokens::{carrier, fill};
use crate::error::chain;
use crate::harness::target::errand::{self, Answer};
use crate::mask::excerpt;
use crate::patience::{Patience, Stop};
use crate::replay::token::Token;
use crate::replay::transport::Target;

/// How long the target may take for both answers.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request that only a token opens the way for.
#[derive(Debug)]
struct Probe<'a> {
    target: &'a Target,
    patience: Patience,
    path: String,
    /// Where a token goes; nothing where none is sent.
    header: Option<&'a Header>,
}

/// Proves that a target checks tokens; `Unproven` where the service names no path to try it on.
///
/// Errors: `TokenRefused`, `AnyTokenTaken`, `Inconclusive` or `NoAnswer`.
pub fn check(
    target: &Target,
    service: &ServiceDefinition,
    token: &Token,
    stop: &Stop,
) -> Result<Proof, AuthError> {
    let path = service
        .auth
        .as_ref()
        .and_then(|auth| auth.probe_path.as_ref());
    let (Some(path), Some(header)) = (path, carrier(service)) else {
        return Ok(Proof::Unproven);
    };
    let probe = Probe {
        target,
        patience: Patience::begin(PATIENCE, stop),
        path: format!("{}{path}", target.base_path),
        header: Some(header),
    };
    accepts_token(&probe, token)?;
    refuses_bad_token(&probe, token)?;
    Ok(Proof::Proven)
}

/// Makes sure that a target does not ask for a token before a run that sends none; gives a remark if it did not answer.
///
/// Errors: `TokenWanted`, or what keeps us from asking.
pub fn check_open(
    target: &Target,
    service: &ServiceDefinition,
    stop: &Stop,
) -> Result<Option<String>, AuthError> {
    let path = service
        .auth
        .as_ref()
        .and_then(|auth| auth.probe_path.as_ref());
    let Some(path) = path else {
        return Ok(None);
    };
    let probe = Probe {
        target,
        patience: Patience::begin(PATIENCE, stop),
        path: format!("{}{path}", target.base_path),
        header: None,
    };
    let answer = match probe.ask(None) {
        Ok(answer) => answer,
        Err(error @ AuthError::NoAnswer { .. }) => {
            let remark = format!("nobody knows whether the target wants a token: {error}");
            return Ok(Some(remark));
        }
        Err(error) => return Err(error),
    };
    match answer.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(AuthError::TokenWanted {
            probe: probe.name(),
            answer: shown(&answer),
        }),
        _ => Ok(None),
    }
}

/// What is known of a target before a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It takes good tokens and refuses bad ones.
    Proven,
    /// Nothing: the service names no path to find out.
    Unproven,
}

fn accepts_token(probe: &Probe<'_>, token: &Token) -> Result<(), AuthError> {
    let answer = probe.ask(Some(token))?;
    match answer.status {
        status if status.is_success() => Ok(()),
        StatusCode::UNAUTHORIZED => Err(AuthError::TokenRefused {
            probe: probe.name(),
            answer: shown(&answer),
            advice: "compare issuer, audience and key with those the target trusts".to_owned(),
        }),
        StatusCode::FORBIDDEN => Err(AuthError::TokenRefused {
            probe: probe.name(),
            answer: shown(&answer),
            advice: "it lacks a right: compare scope, permissions and claims with what the target asks for".to_owned(),
        }),
        _ => Err(AuthError::Inconclusive {
            probe: probe.name(),
            answer: shown(&answer),
        }),
    }
}

fn refuses_bad_token(probe: &Probe<'_>, token: &Token) -> Result<(), AuthError> {
    let answer = probe.ask(Some(&broken(token)?))?;
    match answer.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(()),
        status if status.is_success() => Err(AuthError::AnyTokenTaken {
            probe: probe.name(),
            answer: status.as_u16().to_string(),
        }),
        _ => Err(AuthError::Inconclusive {
            probe: format!("{} with a broken token", probe.name()),
            answer: shown(&answer),
        }),
    }
}

impl Probe<'_> {
    fn name(&self) -> String {
        format!("GET {}", self.path)
    }

    fn ask(&self, token: Option<&Token>) -> Result<Answer, AuthError> {
        let impossible = |detail: String| AuthError::NoAnswer {
            probe: self.name(),
            detail,
        };
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() =
            Uri::try_from(self.path.as_str()).map_err(|error| impossible(error.to_string()))?;
        if let Some((header, token)) = self.header.zip(token) {
            let (name, value) = fill(header, token)?;
            request.headers_mut().insert(name, value);
        }
        errand::ask(self.target, &request, &self.patience)
            .map_err(|error| AuthError::of_asking(&error))?
            .map_err(|error| impossible(chain(&error)))
    }
}

/// Changes one character in the middle of a token's signature: its last one may stand for bits that do not count.
fn broken(token: &Token) -> Result<Token, AuthError> {
    let text = token.expose();
    let signature_from = text.rfind('.').map_or(0, |dot| dot + 1);
    let middle = signature_from + (text.len() - signature_from) / 2;
    let other = |(idx, letter): (usize, char)| match letter {
        'A' if idx == middle => 'B',
        _ if idx == middle => 'A',
        letter => letter,
    };
    // A token is ASCII, so a character is a byte.
    let text: String = text.chars().enumerate().map(other).collect();
    Token::new(text.into()).map_err(|error| AuthError::Internal(error.to_string()))
}

/// Gives status and body for people.
fn shown(answer: &Answer) -> String {
    format!("{}, {}", answer.status.as_u16(), excerpt(&answer.body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_token_differs_in_its_signature_only() {
        for (text, expected) in [
            ("aa.bb.cccc", "aa.bb.ccAc"),
            ("aa.bb.ccAc", "aa.bb.ccBc"),
            ("opaque", "opaAue"),
            ("aa.bb.c", "aa.bb.A"),
        ] {
            let token = Token::new(text.into()).unwrap();
            assert_eq!(broken(&token).unwrap().expose(), expected);
        }
    }
}
