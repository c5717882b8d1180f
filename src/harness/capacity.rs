//! The search for the highest offered rate that a target bears.

pub mod search;
