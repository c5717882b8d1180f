//! The token that requests carry: published by whoever renews it, taken over by lanes as they go.
//!
//! Owns the way from one to the other and the headers that hold a token; where tokens come from is not known here.
//!
//! Invariants: as long as the token stays, a request costs one load of a number that nobody writes; a lock is taken only
//! by a lane that has seen that number change. Lanes share no reference count: each copies what it puts into its headers.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{HeaderName, HeaderValue, InvalidHeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tapdeck_services::{Endpoint, HeaderPiece};

use super::endpoint::RequestError;
use crate::mask;

/// A token that a header can hold; never shown.
#[derive(Debug, Clone)]
pub struct Token(SecretString);

/// What should be a token holds what no header can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is empty, or holds characters that no token has")]
pub struct NoToken;

impl Token {
    /// Checks what somebody calls a token.
    ///
    /// Errors: `NoToken` unless it is visible ASCII throughout.
    pub fn new(text: SecretString) -> Result<Self, NoToken> {
        let bytes = text.expose_secret().as_bytes();
        if bytes.is_empty() || !bytes.iter().all(u8::is_ascii_graphic) {
            return Err(NoToken);
        }
        Ok(Self(text))
    }

    /// Gives the text, for a header or a check of it; not to be kept, shown or written.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Where a token is published, and read.
#[derive(Clone)]
pub struct TokenFeed(Arc<Shared>);

struct Shared {
    /// Changes with the token, and after it.
    generation: AtomicU64,
    token: Mutex<Token>,
}

impl TokenFeed {
    /// Starts with a token, which nothing shows from then on.
    pub fn new(token: Token) -> Self {
        mask::know_token(token.expose());
        Self(Arc::new(Shared {
            generation: AtomicU64::new(0),
            token: Mutex::new(token),
        }))
    }

    /// Replaces the token; each lane takes it over with its next request.
    pub fn publish(&self, token: Token) {
        mask::know_token(token.expose());
        let mut held = self.0.token.lock().unwrap_or_else(PoisonError::into_inner);
        *held = token;
        drop(held);
        self.0.generation.fetch_add(1, Ordering::Release);
    }

    /// Counts how often the token was replaced.
    #[inline]
    pub fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::Acquire)
    }

    /// Gives the token of this moment.
    pub fn token(&self) -> Token {
        let held = self.0.token.lock().unwrap_or_else(PoisonError::into_inner);
        held.clone()
    }
}

impl fmt::Debug for TokenFeed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let generation = self.generation();
        formatter
            .debug_struct("TokenFeed")
            .field("generation", &generation)
            .finish_non_exhaustive()
    }
}

/// The headers of one endpoint that hold the token, as one lane sends them.
#[derive(Debug)]
pub(super) struct TokenHeaders {
    feed: TokenFeed,
    generation: u64,
    token: Token,
    /// Which of the endpoint's prepared headers they are, and what they are put together from.
    places: Vec<(usize, Vec<HeaderPiece>)>,
}

impl TokenHeaders {
    /// Prepares those headers of an endpoint that hold nothing but text and the token, behind the others.
    ///
    /// Errors: says which header HTTP does not allow.
    pub(super) fn prepare(
        endpoint: &Endpoint,
        feed: &TokenFeed,
        headers: &mut Vec<(HeaderName, HeaderValue)>,
    ) -> Result<Self, String> {
        // In this order: a token that is published in between is taken over once more.
        let generation = feed.generation();
        let token = feed.token();
        let mut places = Vec::new();
        for header in &endpoint.headers {
            if !header.sends_token() || header.captured().next().is_some() {
                continue;
            }
            let name = HeaderName::try_from(header.name.as_str());
            let (Ok(name), Ok(value)) = (name, value(&header.value, &token)) else {
                return Err(format!(
                    "endpoint {:?}: HTTP does not allow the header {:?}",
                    endpoint.name, header.name
                ));
            };
            places.push((headers.len(), header.value.clone()));
            headers.push((name, value));
        }
        Ok(Self {
            feed: feed.clone(),
            generation,
            token,
            places,
        })
    }

    /// Takes over the token if it was renewed.
    #[inline]
    pub(super) fn renew(
        &mut self,
        headers: &mut [(HeaderName, HeaderValue)],
    ) -> Result<(), RequestError> {
        if self.feed.generation() == self.generation {
            return Ok(());
        }
        self.take_over(headers)
    }

    #[cold]
    fn take_over(&mut self, headers: &mut [(HeaderName, HeaderValue)]) -> Result<(), RequestError> {
        self.generation = self.feed.generation();
        self.token = self.feed.token();
        for (idx, pieces) in &self.places {
            let Some((name, held)) = headers.get_mut(*idx) else {
                continue;
            };
            *held = value(pieces, &self.token).map_err(|source| RequestError::Header {
                name: name.clone(),
                source,
            })?;
        }
        Ok(())
    }

    /// Gives the token as taken over last.
    pub(super) fn token(&self) -> &Token {
        &self.token
    }
}

/// Puts a header value of text and a token together.
///
/// Errors: `InvalidHeaderValue` if it is not visible ASCII.
pub fn value(pieces: &[HeaderPiece], token: &Token) -> Result<HeaderValue, InvalidHeaderValue> {
    let text: String = pieces
        .iter()
        .map(|piece| match piece {
            HeaderPiece::Text(text) => text.as_str(),
            HeaderPiece::Token => token.expose(),
            HeaderPiece::Captured(_) => "",
        })
        .collect();
    let mut value = HeaderValue::try_from(text)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use tapdeck_services::ServiceDefinition;

    use super::*;

    fn token(text: &str) -> Token {
        Token::new(text.into()).unwrap()
    }

    fn endpoint() -> Endpoint {
        let source = r#"
            name = "s"
            title = "S"
            [target]
            base_url = "http://localhost:1"
            [[endpoints]]
            name = "one"
            method = "GET"
            path = "/"
            event = "authorization"
            headers = { x-first = "${fire.token}", accept = "*/*", authorization = "Bearer ${fire.token}" }
        "#;
        let mut service = ServiceDefinition::parse(source, "s.toml").unwrap();
        service.endpoints.remove(0)
    }

    #[test]
    fn headers_hold_the_token_published_last() {
        let feed = TokenFeed::new(token("aaa.bbb"));
        let mut headers = vec![(http::header::HOST, HeaderValue::from_static("h"))];
        let mut held = TokenHeaders::prepare(&endpoint(), &feed, &mut headers).unwrap();
        let values = |headers: &[(HeaderName, HeaderValue)]| {
            let text = |(_, value): &(_, HeaderValue)| value.to_str().unwrap().to_owned();
            headers.iter().map(text).collect::<Vec<_>>()
        };
        assert_eq!(values(&headers), ["h", "aaa.bbb", "Bearer aaa.bbb"]);
        held.renew(&mut headers).unwrap();
        assert_eq!(values(&headers), ["h", "aaa.bbb", "Bearer aaa.bbb"]);
        feed.publish(token("ccc"));
        held.renew(&mut headers).unwrap();
        assert_eq!(values(&headers), ["h", "ccc", "Bearer ccc"]);
        assert_eq!(held.token().expose(), "ccc");
    }

    #[test]
    fn a_token_is_never_shown() {
        let feed = TokenFeed::new(token("planted"));
        let mut headers = Vec::new();
        let held = TokenHeaders::prepare(&endpoint(), &feed, &mut headers).unwrap();
        let shown = format!("{feed:?} {held:?} {headers:?} {:?}", feed.token());
        assert!(!shown.contains("planted"), "{shown}");
        assert!(shown.contains("Sensitive"), "{shown}");
    }

    #[test]
    fn what_no_header_can_hold_is_no_token() {
        for text in ["", "a b", "a\nb", "\u{e9}"] {
            assert_eq!(Token::new(text.into()).unwrap_err(), NoToken, "{text:?}");
        }
    }
}
