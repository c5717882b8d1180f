//! What a target speaks: service definitions, the templates of their requests, and the promises made about them.
//!
//! A service is data. [`registry::find`] gives a built-in one by name or reads a user's own from a TOML file; what comes
//! back is validated throughout, so whoever uses it handles no syntax and no user errors. This crate knows no
//! transactions, tapes, sockets, clock or environment.
//!
//! ```
//! let service = tapdeck_services::registry::find("rule-engine")?;
//! let bodies = service.endpoints.iter().filter_map(|endpoint| endpoint.body.as_ref());
//! assert!(bodies.clone().count() > 0);
//! for segment in bodies.flat_map(|body| body.segments()) {
//!     // Copy a literal, render a value of the world, or reserve a slot.
//!     # let _ = segment;
//! }
//! # Ok::<(), tapdeck_services::Error>(())
//! ```

mod auth;
mod check;
mod definition;
mod error;
mod header;
mod mix;
mod placeholder;
mod pointer;
mod quantity;
pub mod registry;
mod scalar;
mod scenario;
mod session;
pub mod slo;
mod template;
mod think;

pub use auth::Auth;
pub use check::{Check, CheckRule, DecisionRule};
pub use definition::{
    Endpoint, Key, Method, Need, ServiceDefinition, TABLES, TableKeys, TargetDefaults, VelocityKey,
    WorldEvent,
};
pub use error::{Error, ErrorKind, Fault, Place, nearest};
pub use header::{CODINGS, Header, HeaderPiece};
pub use mix::Mix;
pub use placeholder::{
    DRAWS, Draw, DrawInfo, FIRE_FIELDS, FireField, FireFieldInfo, Presence, TOKEN_FIELD,
    TokenFieldInfo, ValueKind, WORLD_FIELDS, WorldField, WorldFieldInfo,
};
pub use pointer::JsonPointer;
pub use scalar::Scalar;
pub use scenario::{Scenario, ScenarioLoad};
pub use session::{
    Capture, CaptureSource, Iteration, MAX_VARIABLES, Session, Step, Take, Variable,
};
pub use template::{Encoding, Segment, Template};
pub use think::Think;
