//! Two walks along a profile: by expected arrivals, which gives times, and by time, which gives expected arrivals.
//!
//! Positions are kept relative to the current piece, so that a long run loses no precision to its own length.

use std::sync::Arc;

use super::{Piece, RateProfile};

/// Expected arrivals that sums may be short of a whole number. An arrival due that close to a profile's end is one at
/// the end, which is past it: 1000/3s has 3,000 arrivals, however the sums are rounded.
const ROUNDING: f64 = 1e-6;

/// Walks along a profile's integral.
#[derive(Debug, Clone)]
pub(in crate::schedule) struct ProfileCursor {
    pieces: Arc<[Piece]>,
    piece_idx: usize,
    /// Expected arrivals since the current piece began.
    position: f64,
    /// Seconds before the current piece.
    elapsed: f64,
}

impl ProfileCursor {
    pub(in crate::schedule) fn new(profile: &RateProfile) -> Self {
        Self {
            pieces: Arc::clone(&profile.pieces),
            piece_idx: 0,
            position: 0.0,
            elapsed: 0.0,
        }
    }

    /// Moves on by `step` expected arrivals and gives the time reached, `None` past the end.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "times are positive and a schedule's seconds are checked when it is parsed"
    )]
    pub(in crate::schedule) fn advance(&mut self, step: f64) -> Option<u64> {
        self.position += step;
        loop {
            let piece = self.pieces.get(self.piece_idx)?;
            let arrivals = piece.arrivals();
            let is_last = self.piece_idx + 1 == self.pieces.len();
            let reach = if is_last {
                arrivals - ROUNDING
            } else {
                arrivals
            };
            if self.position < reach {
                let seconds = self.elapsed + piece.seconds_for(self.position);
                return Some((seconds * 1e9) as u64);
            }
            self.position -= arrivals;
            self.elapsed += piece.seconds;
            self.piece_idx += 1;
        }
    }
}

/// Walks along a profile's time.
#[derive(Debug, Clone)]
pub(in crate::schedule) struct TimeCursor {
    pieces: Arc<[Piece]>,
    piece_idx: usize,
    /// Seconds since the current piece began.
    position: f64,
}

impl TimeCursor {
    pub(in crate::schedule) fn new(profile: &RateProfile) -> Self {
        Self {
            pieces: Arc::clone(&profile.pieces),
            piece_idx: 0,
            position: 0.0,
        }
    }

    /// Moves on by `seconds`, to the end at most, and gives the arrivals expected on the way; `None` from the end on.
    pub(in crate::schedule) fn advance(&mut self, seconds: f64) -> Option<f64> {
        self.pieces.get(self.piece_idx)?;
        let mut left = seconds;
        let mut arrivals = 0.0;
        while let Some(piece) = self.pieces.get(self.piece_idx) {
            let end = self.position + left;
            if end < piece.seconds {
                arrivals += piece.arrivals_between(self.position, end);
                self.position = end;
                break;
            }
            arrivals += piece.arrivals_between(self.position, piece.seconds);
            left = end - piece.seconds;
            self.piece_idx += 1;
            self.position = 0.0;
        }
        Some(arrivals)
    }
}
