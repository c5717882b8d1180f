//! A run around the replay engine: who may be sent to, threads from start to end, what the machine was, the result;
//! and what a machine can do.

pub mod calibration;
pub mod capacity;
pub mod descriptors;
pub mod disk;
pub mod guard;
pub mod lane_facts;
pub mod machine;
pub mod measure;
pub mod memory;
pub mod play;
mod running;
mod sampler;
pub mod seconds;
pub mod target;
pub mod trust;
