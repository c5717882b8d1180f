//! The tokens of one service: got, tried on its target, and ready to be sent.

use std::cell::Cell;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use tapdeck_services::{Header, ServiceDefinition};

use super::error::AuthError;
use super::preflight::{self, Proof};
use super::settings::{AuthMode, AuthSettings};
use super::source::TokenSource;
use crate::replay::token::{self, Token};
use crate::replay::transport::Target;

/// Tokens of one service, and what there is to say about them.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    /// Where lanes get them; none are sent for `None`.
    pub source: Option<Arc<TokenSource>>,
    /// Remarks for the report.
    pub notes: Vec<String>,
}

impl Tokens {
    /// Gets a token and proves that the target checks it.
    ///
    /// Errors: everything about tokens, see [`AuthError`].
    pub fn begin(
        mode: AuthMode,
        settings: &AuthSettings,
        service: &ServiceDefinition,
        target: &Target,
    ) -> Result<Self, AuthError> {
        let proof = Cell::new(Proof::Unproven);
        let prove = |token: &Token| {
            proof.set(preflight::check(target, service, token, &settings.stop)?);
            Ok(())
        };
        let Some(source) = TokenSource::start_proven(mode, settings, service, prove)? else {
            if mode == AuthMode::None {
                return Ok(Self {
                    source: None,
                    notes: preflight::check_open(target, service, &settings.stop)?
                        .into_iter()
                        .collect(),
                });
            }
            let none = format!(
                "auth mode {}, but no header of {} holds ${{fire.token}}: no token is sent",
                mode.name(),
                service.name
            );
            return Ok(Self {
                source: None,
                notes: vec![none],
            });
        };
        let mut notes = source.notes().to_vec();
        if proof.get() == Proof::Unproven {
            notes.push(
                "nobody proved that the target checks tokens: [auth] of the service names no probe_path"
                    .to_owned(),
            );
        }
        Ok(Self {
            source: Some(Arc::new(source)),
            notes,
        })
    }

    /// Gives what a request beside the load sends to the service, with the token of this moment; nothing where it takes none.
    ///
    /// Errors: `Internal` for a header that HTTP does not allow.
    pub fn headers(&self, service: &ServiceDefinition) -> Result<HeaderMap, AuthError> {
        let (Some(source), Some(header)) = (&self.source, carrier(service)) else {
            return Ok(HeaderMap::new());
        };
        let (name, value) = fill(header, &source.feed().token())?;
        Ok([(name, value)].into_iter().collect())
    }
}

/// Finds the header in which a service wants its token.
pub(super) fn carrier(service: &ServiceDefinition) -> Option<&Header> {
    let mut headers = service
        .endpoints
        .iter()
        .flat_map(|endpoint| &endpoint.headers);
    headers.find(|header| header.sends_token() && header.captured().next().is_none())
}

/// Puts a token into a header.
///
/// Errors: `Internal` for a header that HTTP does not allow.
pub(super) fn fill(header: &Header, token: &Token) -> Result<(HeaderName, HeaderValue), AuthError> {
    let internal = |error: &dyn std::fmt::Display| AuthError::Internal(error.to_string());
    let name = HeaderName::try_from(header.name.as_str()).map_err(|error| internal(&error))?;
    let value = token::value(&header.value, token).map_err(|error| internal(&error))?;
    Ok((name, value))
}
