//! The distributions of the world, made of a stream's raw words.
//!
//! Ours and not a library's, because their output is part of a tape's bytes: a new release, or another crate's
//! feature flag, must not move it. Transcendental functions come from `libm`, which gives the same bits everywhere.
//! The tests hold each law against `rand_distr` (Kolmogorov-Smirnov) and against its moments.

mod alias;
mod cumulative;
mod discrete;
mod normal;
mod steps;
mod uniform;

pub use alias::AliasTable;
pub use cumulative::Cumulative;
pub use discrete::{geometric, poisson};
pub use normal::{log_normal, log_normal_quantile, normal};
pub use steps::LogNormalSteps;
pub use uniform::{below, chance, open_unit, open_unit_of, pick, unit};

use crate::seed::Stream;

/// Draws from the exponential law.
///
/// Units: those of `mean`. Shape: above 0. Source: inverse transform, Devroye 1986, chapter II.
pub fn exponential(stream: &mut Stream, mean: f64) -> f64 {
    -libm::log(open_unit(stream)) * mean
}

#[cfg(test)]
mod tests;
