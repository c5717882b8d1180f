//! One token at all times: made or fetched before the run, renewed on a thread of its own ahead of its end.
//!
//! A renewal that fails leaves the token as it is and is tried again, ever less often; what failed last can be asked for.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tapdeck_services::ServiceDefinition;

use super::cache::{Kept, TokenFile};
use super::claims::{Claims, LIFETIME_S};
use super::error::AuthError;
use super::provider::{Denied, Provider};
use super::settings::{AuthMode, AuthSettings};
use super::signing::SigningKey;
use crate::clock::{NS_PER_S, wall_now_ns};
use crate::error::chain;
use crate::patience::{Patience, Stop};
use crate::replay::token::{Token, TokenFeed};

/// A token is renewed so long before its end, or a tenth of its life before it if that is later.
const LEAD_NS: u64 = 60 * NS_PER_S;

/// How often a provider is asked before a run, where asking again makes sense.
const ATTEMPTS: usize = 3;

/// How long all these attempts may take before a run, and one during it.
const PATIENCE: Duration = Duration::from_secs(12);

/// Shortest and longest pause between attempts during a run.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Has a token ready at all times; renewals end when it is dropped.
#[derive(Debug)]
pub struct TokenSource {
    feed: TokenFeed,
    mode: AuthMode,
    notes: Vec<String>,
    trouble: Arc<Mutex<Option<String>>>,
    /// Closing it ends the thread.
    _renewing: Sender<()>,
}

/// Where tokens come from.
#[derive(Debug)]
enum Maker {
    Local {
        key: Box<SigningKey>,
        claims: Claims,
    },
    Provider {
        provider: Provider,
        file: Option<TokenFile>,
        stop: Stop,
    },
}

impl TokenSource {
    /// Gets the first token and begins to renew it; `None` where the mode is none or the service takes no token.
    ///
    /// Errors: `AuthError` if there is no token to begin with.
    pub fn start(
        mode: AuthMode,
        settings: &AuthSettings,
        service: &ServiceDefinition,
    ) -> Result<Option<Self>, AuthError> {
        Self::start_proven(mode, settings, service, |_| Ok(()))
    }

    /// Does the same with a first token that somebody tries before. A token kept by an earlier run may have been made with
    /// a key that the target trusts no more: if it is refused, it is dropped, and one is fetched anew and tried in its place.
    ///
    /// Errors: `AuthError` if there is no token to begin with, and those of `prove`.
    pub fn start_proven(
        mode: AuthMode,
        settings: &AuthSettings,
        service: &ServiceDefinition,
        prove: impl Fn(&Token) -> Result<(), AuthError>,
    ) -> Result<Option<Self>, AuthError> {
        let Some(auth) = &service.auth else {
            return Ok(None);
        };
        let maker = match mode {
            AuthMode::None => return Ok(None),
            AuthMode::Local => Maker::Local {
                key: Box::new(SigningKey::of_settings(settings)?),
                claims: Claims::new(auth, settings, run_number()),
            },
            AuthMode::Auth0 => {
                let provider = Provider::new(settings, auth.audience.as_deref())?;
                let file = provider.file(settings);
                let stop = settings.stop.clone();
                Maker::Provider {
                    provider,
                    file,
                    stop,
                }
            }
        };
        Self::of(maker, mode, prove).map(Some)
    }

    fn of(
        maker: Maker,
        mode: AuthMode,
        prove: impl Fn(&Token) -> Result<(), AuthError>,
    ) -> Result<Self, AuthError> {
        let mut notes = Vec::new();
        let (feed, expires_s) = first(&maker, &mut notes, prove)?;
        let trouble = Arc::default();
        let (renewing, stopped) = mpsc::channel();
        let renewal = Renewal {
            maker,
            feed: feed.clone(),
            trouble: Arc::clone(&trouble),
            stopped,
        };
        thread::Builder::new()
            .name("tokens".into())
            .spawn(move || renewal.run(expires_s))
            .map_err(|error| AuthError::Internal(error.to_string()))?;
        Ok(Self {
            feed,
            mode,
            notes,
            trouble,
            _renewing: renewing,
        })
    }

    /// Gives what lanes read.
    pub fn feed(&self) -> TokenFeed {
        self.feed.clone()
    }

    /// Gives the mode, which is not none.
    pub fn mode(&self) -> AuthMode {
        self.mode
    }

    /// Gives remarks from the beginning: kept tokens that were not used, and the like.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Tells why the latest renewal failed, if it did.
    pub fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock();
        trouble.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Gets the first token that passes; gives it where lanes find it, and its end.
fn first(
    maker: &Maker,
    notes: &mut Vec<String>,
    prove: impl Fn(&Token) -> Result<(), AuthError>,
) -> Result<(TokenFeed, u64), AuthError> {
    let kept = maker.kept(now_s(), notes);
    let is_kept = kept.is_some();
    let first = match kept {
        Some(kept) => kept,
        None => maker.first(notes)?,
    };
    // From here on nothing shows it: whoever refuses it may repeat it.
    let feed = TokenFeed::new(first.token.clone());
    match prove(&first.token) {
        Ok(()) => Ok((feed, first.expires_s)),
        Err(refusal @ AuthError::TokenRefused { .. }) if is_kept => {
            maker.forget();
            let fresh = maker.first(notes)?;
            feed.publish(fresh.token.clone());
            prove(&fresh.token).map_err(AuthError::again)?;
            notes.push(format!(
                "the token kept by an earlier run was dropped and another one fetched: {refusal}"
            ));
            Ok((feed, fresh.expires_s))
        }
        Err(error) => Err(error),
    }
}

impl Maker {
    /// Gives a token kept by an earlier run, if it lasts for a while.
    fn kept(&self, now_s: u64, notes: &mut Vec<String>) -> Option<Kept> {
        let Self::Provider {
            file: Some(file), ..
        } = self
        else {
            return None;
        };
        let kept = file.read().unwrap_or_else(|note| {
            notes.push(note);
            None
        });
        kept.filter(|kept| kept.expires_s > now_s + LEAD_NS / NS_PER_S)
    }

    /// Drops the token kept by an earlier run.
    fn forget(&self) {
        if let Self::Provider {
            file: Some(file), ..
        } = self
        {
            file.forget();
        }
    }

    /// Makes or fetches the first token; a provider that asks for patience gets some.
    fn first(&self, notes: &mut Vec<String>) -> Result<Kept, AuthError> {
        let patience = self.patience();
        for _ in 1..ATTEMPTS {
            let Denied { error, again_after } = match self.make(notes, &patience) {
                Ok(kept) => return Ok(kept),
                Err(denied) => denied,
            };
            // The reason is of more use than that there was no time for another attempt.
            match again_after.map(|after| patience.pause(after)) {
                Some(Ok(())) => {}
                Some(Err(_)) | None => return Err(error),
            }
        }
        self.make(notes, &patience).map_err(|denied| denied.error)
    }

    fn patience(&self) -> Patience {
        match self {
            Self::Local { .. } => Patience::begin(PATIENCE, &Stop::default()),
            Self::Provider { stop, .. } => Patience::begin(PATIENCE, stop),
        }
    }

    fn make(&self, notes: &mut Vec<String>, patience: &Patience) -> Result<Kept, Denied> {
        let now_s = now_s();
        match self {
            Self::Local { key, claims } => {
                let token = key.sign(&claims.at(now_s, LIFETIME_S));
                let token = token.map_err(|error| Denied {
                    error,
                    again_after: None,
                })?;
                Ok(Kept {
                    token,
                    expires_s: now_s + LIFETIME_S,
                })
            }
            Self::Provider { provider, file, .. } => {
                let kept = provider.fetch(now_s, patience)?;
                if let Some(file) = file {
                    notes.extend(file.write(&kept).err());
                }
                Ok(kept)
            }
        }
    }
}

/// What the renewing thread has.
struct Renewal {
    maker: Maker,
    feed: TokenFeed,
    trouble: Arc<Mutex<Option<String>>>,
    stopped: Receiver<()>,
}

impl Renewal {
    fn run(self, expires_s: u64) {
        let mut pause = Duration::from_nanos(time_left_ns(wall_now_ns(), expires_s));
        let mut backoff = SHORTEST_PAUSE;
        // Nothing is ever sent: the channel closes when nobody wants tokens any more.
        while self.stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            // What a cache file does by now concerns the next run, which will say so.
            match self.maker.make(&mut Vec::new(), &self.maker.patience()) {
                Ok(kept) => {
                    self.feed.publish(kept.token);
                    self.note(None);
                    backoff = SHORTEST_PAUSE;
                    let left_ns = time_left_ns(wall_now_ns(), kept.expires_s);
                    // A provider whose tokens end at once is not asked all the time.
                    pause = Duration::from_nanos(left_ns).max(SHORTEST_PAUSE);
                }
                Err(denied) => {
                    self.note(Some(chain(&denied.error)));
                    pause = denied.again_after.unwrap_or_default().max(backoff);
                    backoff = (backoff * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    fn note(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

/// Gives the time until a token must be renewed that ends at `expires_s`, both counted from the Unix epoch.
fn time_left_ns(now_ns: u64, expires_s: u64) -> u64 {
    let life_ns = expires_s.saturating_mul(NS_PER_S).saturating_sub(now_ns);
    life_ns - LEAD_NS.min(life_ns / 10)
}

fn now_s() -> u64 {
    wall_now_ns() / NS_PER_S
}

/// A number that tells this run's tokens from those of others: the clock, spread over all bits.
fn run_number() -> u32 {
    let spread = wall_now_ns().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    u32::try_from(spread).unwrap_or_default()
}

#[cfg(test)]
mod tests;
