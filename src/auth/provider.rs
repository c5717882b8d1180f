//! The provider of tokens: who it is, what it is asked, and what its answers mean.
//!
//! It is no target: it gets one request per token, so the guard of targets has no say here. What is insisted on is that
//! the secret never leaves this machine unencrypted.
//!
//! Source: RFC 6749 sections 4.4, 5.1, 5.2; Auth0's `POST /oauth/token`.

mod said;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Method, Request, StatusCode};
use rustls::pki_types::ServerName;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tapdeck_addresses::{AddressError, HttpUrl, Scheme};

use self::said::Said;
use super::cache::{Kept, TokenFile};
use super::error::AuthError;
use super::settings::{AuthMode, AuthSettings};
use crate::error::{Error, chain};
use crate::harness::target::errand::{self, Answer, ErrandError};
use crate::harness::target::resolve::resolve;
use crate::harness::trust::Trust;
use crate::mask::excerpt;
use crate::patience::Patience;
use crate::replay::json_pick::json_text;
use crate::replay::token::Token;
use crate::replay::transport::connector::OpenError;
use crate::replay::transport::{Address, Protocol, Target};

/// When to try again where the provider does not say.
const PAUSE: Duration = Duration::from_secs(1);

/// A provider and what makes it give us tokens.
#[derive(Debug)]
pub struct Provider {
    url: HttpUrl,
    client_id: String,
    client_secret: SecretString,
    audience: String,
}

/// Why there is no token, and whether asking again makes sense.
#[derive(Debug)]
pub struct Denied {
    /// Why.
    pub error: AuthError,
    /// When to ask again, if that makes sense.
    pub again_after: Option<Duration>,
}

impl Provider {
    /// Gathers what is needed; nothing is asked yet.
    ///
    /// Errors: `Missing` naming everything that is, `Setting`.
    pub fn new(settings: &AuthSettings, of_service: Option<&str>) -> Result<Self, AuthError> {
        let audience = settings.audience(of_service);
        let (Some(domain), Some(client_id), Some(client_secret), Some(audience)) = (
            &settings.domain,
            &settings.client_id,
            &settings.client_secret,
            audience,
        ) else {
            let all = [
                ("AUTH0_DOMAIN", settings.domain.is_none()),
                ("AUTH0_CLIENT_ID", settings.client_id.is_none()),
                ("AUTH0_CLIENT_SECRET", settings.client_secret.is_none()),
                ("AUTH0_AUDIENCE", audience.is_none()),
            ];
            let missing = all.iter().filter(|(_, is_missing)| *is_missing);
            return Err(AuthError::Missing {
                mode: AuthMode::Auth0.name(),
                names: missing
                    .map(|(name, _)| *name)
                    .collect::<Vec<_>>()
                    .join(", "),
                advice: "set these environment variables",
            });
        };
        Ok(Self {
            url: origin(domain)?,
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            audience: audience.to_owned(),
        })
    }

    /// Gives its address.
    pub fn url(&self) -> String {
        self.url.to_string()
    }

    /// Gives the place where its tokens are kept in a cache folder.
    pub fn file(&self, settings: &AuthSettings) -> Option<TokenFile> {
        let folder = settings.cache.as_deref()?;
        let url = self.url();
        Some(TokenFile::new(
            folder,
            &url,
            &self.client_id,
            &self.audience,
        ))
    }

    /// Asks for a token once; `now_s` is the time in seconds since the Unix epoch.
    ///
    /// Errors: `Denied`.
    pub fn fetch(&self, now_s: u64, patience: &Patience) -> Result<Kept, Denied> {
        let target = self.find(patience)?;
        let asked = errand::ask(&target, &self.request(), patience);
        let answer = asked.map_err(|error| Denied {
            again_after: matches!(error, Error::OwnLimit(_)).then_some(PAUSE),
            error: AuthError::of_asking(&error),
        })?;
        match answer {
            Ok(answer) => self.read(&answer, now_s),
            Err(error @ ErrandError::Open(OpenError::Tls { .. })) => {
                Err(self.denied(chain(&error), None))
            }
            Err(error) => {
                Err(self.denied(format!("cannot be reached: {}", chain(&error)), Some(PAUSE)))
            }
        }
    }

    fn request(&self) -> Request<Bytes> {
        let body = json!({
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret.expose_secret(),
            "audience": self.audience,
        });
        let mut request = Request::new(Bytes::from(body.to_string()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = http::Uri::from_static("/oauth/token");
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        request
    }

    /// Resolves the name; anew each time, for a run may last longer than an address.
    fn find(&self, patience: &Patience) -> Result<Target, Denied> {
        let host = self.url.authority.host.bare();
        let is_plain = self.url.scheme == Scheme::Http;
        let unknown = |why: String| {
            let detail = format!("cannot be found: {why}; is AUTH0_DOMAIN right?");
            self.denied(detail, Some(PAUSE))
        };
        let found: Vec<SocketAddr> = resolve(&host, self.url.port(), patience)
            .map_err(|error| unknown(chain(&error)))?
            .into_iter()
            .filter(|address| !is_plain || address.ip().is_loopback())
            .collect();
        if found.is_empty() {
            return Err(unknown("its name has no address".to_owned()));
        }
        let fixed = |error: String| self.denied(error, None);
        let tls = if is_plain {
            None
        } else {
            let name = ServerName::try_from(host);
            let name = name.map_err(|error| fixed(error.to_string()))?;
            let tls = Trust::default().tls(name, &[b"http/1.1"]);
            Some(tls.map_err(|error| fixed(chain(&error)))?)
        };
        Ok(Target {
            addresses: found.into_iter().map(Address::Tcp).collect(),
            left_out: Vec::new(),
            tls,
            session: None,
            protocol: Protocol::Http1,
            authority: HeaderValue::try_from(self.url.authority.to_string())
                .map_err(|error| fixed(error.to_string()))?,
            base_path: String::new(),
        })
    }

    /// Makes sense of an answer.
    fn read(&self, answer: &Answer, now_s: u64) -> Result<Kept, Denied> {
        // A body is only quoted where it cannot hold a token.
        let said: Option<Said> = serde_json::from_slice(json_text(&answer.body)).ok();
        let status = answer.status;
        if status != StatusCode::OK {
            return Err(self.refusal(answer, said));
        }
        let Some(said) = said else {
            let detail = format!(
                "answers 200 with a body that is no JSON object ({} bytes); is AUTH0_DOMAIN right?",
                answer.body.len()
            );
            return Err(self.denied(detail, None));
        };
        let lifetime_s = said.lifetime_s().map_err(|found| {
            let detail = format!(
                "says that the token expires in {}, which is no number of seconds; correct its expires_in",
                self.shown(&found)
            );
            self.denied(detail, None)
        })?;
        let text = said
            .access_token
            .ok_or_else(|| self.denied("answers 200 without an access_token".to_owned(), None))?;
        let token = Token::new(text)
            .map_err(|error| self.denied(format!("gives an access_token, but {error}"), None))?;
        Ok(Kept {
            token,
            expires_s: now_s.saturating_add(lifetime_s),
        })
    }

    fn refusal(&self, answer: &Answer, said: Option<Said>) -> Denied {
        let status = answer.status.as_u16();
        let words = said.map(|said| said.reason()).unwrap_or_default();
        let reason = match words.as_str() {
            "" => String::new(),
            words => format!(" ({})", self.shown(words)),
        };
        let after = answer.headers.get(RETRY_AFTER);
        let after = after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let again_after = after.map(Duration::from_secs);
        match status {
            400 | 401 => {
                let advice = "check AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET";
                self.denied(
                    format!("does not know us: {status}{reason}; {advice}"),
                    None,
                )
            }
            403 => {
                let audience = &self.audience;
                let advice = format!("authorize the client for the audience {audience:?}");
                self.denied(format!("gives us no token: 403{reason}; {advice}"), None)
            }
            429 => {
                let when = again_after.map_or_else(
                    || "later".to_owned(),
                    |after| format!("in {} s", after.as_secs()),
                );
                let detail = format!("is asked too often: 429{reason}; try again {when}");
                self.denied(detail, Some(again_after.unwrap_or(PAUSE)))
            }
            500.. => {
                let detail = format!("is in trouble: {status}{reason}");
                self.denied(detail, Some(again_after.unwrap_or(PAUSE)))
            }
            _ => {
                let detail = format!("answers {status}{reason}; is AUTH0_DOMAIN right?");
                self.denied(detail, None)
            }
        }
    }

    /// Makes the provider's words safe to show, should it repeat ours; however short a secret is.
    fn shown(&self, words: &str) -> String {
        let words = words.replace(self.client_secret.expose_secret(), "***");
        excerpt(words.as_bytes())
    }

    fn denied(&self, detail: String, again_after: Option<Duration>) -> Denied {
        Denied {
            error: AuthError::Provider {
                provider: self.url(),
                detail,
            },
            again_after,
        }
    }
}

/// Reads `AUTH0_DOMAIN`: a host, perhaps with `https://` before it; or `http://` and a host that is this machine.
fn origin(domain: &str) -> Result<HttpUrl, AuthError> {
    let unusable = |detail: &str| AuthError::Setting {
        origin: "AUTH0_DOMAIN".to_owned(),
        detail: format!("{detail}; write a host such as tenant.eu.auth0.com"),
    };
    let whole = if domain.contains("://") {
        domain.to_owned()
    } else {
        format!("https://{domain}")
    };
    let url: HttpUrl = whole
        .parse()
        .map_err(|error: AddressError| unusable(&error.to_string()))?;
    if !url.base_path.is_empty() {
        return Err(unusable("holds a path, which a provider does not have"));
    }
    if url.scheme == Scheme::Http && !url.authority.host.is_loopback() {
        return Err(unusable(
            "would have the client secret sent unencrypted: http:// is for stand-ins on this machine only",
        ));
    }
    Ok(url)
}

#[cfg(test)]
mod tests;
