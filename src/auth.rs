//! Tokens: where they come from, how they are renewed while a run goes on, and proof that the target checks them.
//!
//! Owns modes, claims, keys, the provider and its cache. Knows no lanes: a token goes into a
//! [`TokenFeed`](crate::replay::token::TokenFeed), and whoever sends takes it from there.
//!
//! Invariants: no token, key or secret is ever part of an error, a note or a `Debug` text; only the cache file holds a
//! token, and nobody else can read that. `docs/auth.md` says all of it for users.
//!
//! Reading order: [`settings`] is what the environment says, [`signing`] and [`claims`] make local tokens, [`provider`]
//! fetches others and [`cache`] keeps them, [`source`] has one of them ready at all times, [`preflight`] tries it; [`tokens`] is all of that for one service.
//! [`remembered`] tells the mask of everything that must not be shown.

pub mod cache;
pub mod claims;
mod error;
#[cfg(test)]
mod fixture;
pub mod preflight;
pub mod provider;
pub mod remembered;
pub mod settings;
pub mod signing;
pub mod source;
pub mod tokens;

pub use self::error::AuthError;
pub use self::settings::{AuthMode, AuthSettings};
pub use self::source::TokenSource;
pub use self::tokens::Tokens;
