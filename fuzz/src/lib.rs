//! What the fuzz targets in `tests/` share.
//!
//! A target is an ordinary test: `cargo test` runs each for a second. `docs/fuzzing.md` says how to run one for hours, with
//! a fuzzer that learns from what it reaches.

pub mod bounded;
pub mod edits;
