//! Rate over time: pieces of linear change, their integral and its exact inverse.
//!
//! With rate `r(t)` the expected number of arrivals up to `t` is the integral of `r`; a process that steps along that
//! integral (by ones, or by unit exponentials) and maps each step back through the inverse follows the profile exactly.
//! Source: inversion of the cumulative rate function, Lewis and Shedler 1979; Devroye 1986, chapter VI.

mod csv;
mod swing;
mod text;
mod walk;

use std::sync::Arc;

pub use self::csv::CsvError;
pub use self::text::{ProfileError, parse_rate};

pub(super) use self::walk::{ProfileCursor, TimeCursor};

/// Highest rate that can be scheduled, arrivals per second: intended times are whole nanoseconds, and no target of
/// this tool is within sight of it.
pub const HIGHEST_RATE: f64 = 10_000_000.0;

/// Most pieces of one profile: a year by the half minute, and a few dozen megabytes.
pub const MOST_PIECES: usize = 1_000_000;

/// Longest profile, seconds: the longest duration that can be typed. Nanoseconds of much more do not fit
/// into 64 bits; and at the highest rate, a float still counts the arrivals of so long a time by ones.
const LONGEST_S: f64 = 366.0 * 86_400.0;

/// Rate changing linearly over a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Arrivals per second at the beginning.
    pub from: f64,
    /// Arrivals per second at the end.
    pub to: f64,
    /// Length, seconds.
    pub seconds: f64,
}

impl Piece {
    fn arrivals(&self) -> f64 {
        f64::midpoint(self.from, self.to) * self.seconds
    }

    fn slope(&self) -> f64 {
        (self.to - self.from) / self.seconds
    }

    /// Gives the expected arrivals between two times into the piece.
    fn arrivals_between(&self, start_s: f64, end_s: f64) -> f64 {
        (self.from + self.slope() * f64::midpoint(start_s, end_s)) * (end_s - start_s)
    }

    /// Gives the time into the piece by which `arrivals` are expected; `arrivals` lies within the piece.
    ///
    /// Solves `from * t + slope * t^2 / 2 = arrivals` in the form that stays accurate when the slope is tiny.
    fn seconds_for(&self, arrivals: f64) -> f64 {
        let root = (self.from * self.from + 2.0 * self.slope() * arrivals)
            .max(0.0)
            .sqrt();
        let denominator = self.from + root;
        if denominator > 0.0 {
            (2.0 * arrivals / denominator).min(self.seconds)
        } else {
            0.0
        }
    }
}

/// A rate profile: pieces one after the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RateProfile {
    pieces: Arc<[Piece]>,
}

impl RateProfile {
    /// Joins pieces.
    ///
    /// Errors: says why nothing could be scheduled by them.
    fn new(pieces: Vec<Piece>) -> Result<Self, &'static str> {
        if pieces.len() > MOST_PIECES {
            return Err("has more than a million pieces");
        }
        let profile = Self {
            pieces: pieces.into(),
        };
        if profile.seconds() > LONGEST_S {
            return Err("lasts longer than a year");
        }
        if profile.arrivals() <= 0.0 {
            return Err("has rate zero throughout, so nothing would be sent");
        }
        Ok(profile)
    }

    /// Makes a profile of one rate held for a time.
    pub fn hold(rate: f64, seconds: f64) -> Self {
        Self {
            pieces: [held(rate, seconds)].into(),
        }
    }

    /// Puts a hold at this profile's starting rate in front of it.
    #[must_use]
    pub fn after_warm_up(self, seconds: f64) -> Self {
        match self.pieces.first() {
            Some(first) if seconds > 0.0 => {
                let warm_up = held(first.from, seconds);
                let pieces = std::iter::once(warm_up).chain(self.pieces.iter().copied());
                Self {
                    pieces: pieces.collect(),
                }
            }
            _ => self,
        }
    }

    /// Gives the pieces.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Gives the integral of the rate: the expected number of arrivals.
    pub fn arrivals(&self) -> f64 {
        self.pieces.iter().map(Piece::arrivals).sum()
    }

    /// Gives the length in seconds.
    pub fn seconds(&self) -> f64 {
        self.pieces.iter().map(|piece| piece.seconds).sum()
    }

    /// Gives the highest rate.
    pub fn peak(&self) -> f64 {
        self.pieces
            .iter()
            .map(|piece| piece.from.max(piece.to))
            .fold(0.0, f64::max)
    }
}

fn held(rate: f64, seconds: f64) -> Piece {
    Piece {
        from: rate,
        to: rate,
        seconds,
    }
}

#[cfg(test)]
mod tests;
