//! The replay engine: fires a tape at a target on schedule and measures what happens.
//!
//! A lane is one thread with its own runtime, connections, arrivals and histograms; lanes share nothing that either
//! writes while requests flow. Per request this code allocates nothing, takes no lock, parses no template and logs
//! nothing; what hyper allocates is held to its floor by a test (`tests/send_path_allocations.rs`).
//!
//! Reading order: [`walk`] goes over the tape, [`arrivals`] says what is due, [`visitors`] who comes back, [`lane`] deals it to connections, `connection` carries out the
//! exchange over [`transport`], [`payload`] is what is sent, [`token`] what opens the target's door, [`coding`] decodes the answer, [`judge`] looks at it, [`recorder`] keeps the
//! result, [`undisturbed`] says what it would have been without our lag, [`pacer`] waits for the next instant, [`prefetch`] checks the tape ahead of use.

pub mod arrivals;
mod carrier;
pub mod coding;
mod connection;
mod doorbell;
pub mod endpoint;
mod exchange;
pub mod failure;
#[cfg(test)]
mod fixture;
pub mod interval;
pub mod json_pick;
pub mod judge;
pub mod lane;
pub mod outcome;
pub mod pacer;
pub mod payload;
pub mod prefetch;
pub mod recorder;
pub mod session;
pub mod stamp;
pub mod token;
pub mod transport;
pub mod undisturbed;
pub mod visitors;
pub mod walk;
