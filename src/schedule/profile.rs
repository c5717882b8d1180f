//! Rate over time: pieces of linear change, their integral and its exact inverse.
//!
//! With rate `r(t)` the expected number of arrivals up to `t` is the integral of `r`; a process that steps along that
//! integral (by ones, or by unit exponentials) and maps each step back through the inverse follows the profile exactly.
//! Source: inversion of the cumulative rate function, Lewis and Shedler 1979; Devroye 1986, chapter VI.

use crate::units;

/// Highest rate that can be scheduled, arrivals per second: intended times are whole nanoseconds, and no target of
/// this tool is within sight of it.
pub const HIGHEST_RATE: f64 = 10_000_000.0;

/// Most arrivals of one schedule; beyond it a float no longer counts by ones.
const MOST_ARRIVALS: f64 = 9e15;

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

    /// Gives the time into the piece by which `arrivals` are expected; `arrivals` lies within the piece.
    ///
    /// Solves `from * t + slope * t^2 / 2 = arrivals` in the form that stays accurate when the slope is tiny.
    fn seconds_for(&self, arrivals: f64) -> f64 {
        let slope = (self.to - self.from) / self.seconds;
        let root = (self.from * self.from + 2.0 * slope * arrivals)
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
    pieces: Vec<Piece>,
}

/// A rate profile that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "rate profile {text:?}: {detail} (write 10000, or pieces such as 0..10000/30s,10000/2m,10000..0/30s)"
)]
pub struct ProfileError {
    text: String,
    detail: String,
}

impl RateProfile {
    /// Parses `RATE/TIME` and `RATE..RATE/TIME` pieces joined by commas; every piece needs its time.
    ///
    /// Errors: says which piece is wrong: rates must lie in 0 to [`HIGHEST_RATE`], times above zero, and some piece
    /// must have a rate above zero.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let fail = |detail: String| ProfileError {
            text: text.to_owned(),
            detail,
        };
        let pieces = text
            .split(',')
            .map(|piece| {
                parse_piece(piece.trim()).map_err(|why| fail(format!("piece {piece:?} {why}")))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let profile = Self { pieces };
        if profile.arrivals() <= 0.0 {
            return Err(fail(
                "its rate is zero throughout, so nothing would be sent".into(),
            ));
        }
        if profile.arrivals() > MOST_ARRIVALS {
            return Err(fail("it has more arrivals than can be counted".into()));
        }
        Ok(profile)
    }

    /// Makes a profile of one rate held for a time.
    pub fn hold(rate: f64, seconds: f64) -> Self {
        Self {
            pieces: vec![Piece {
                from: rate,
                to: rate,
                seconds,
            }],
        }
    }

    /// Puts a hold at this profile's starting rate in front of it.
    #[must_use]
    pub fn after_warm_up(mut self, seconds: f64) -> Self {
        if let (Some(first), true) = (self.pieces.first(), seconds > 0.0) {
            let rate = first.from;
            self.pieces.splice(0..0, Self::hold(rate, seconds).pieces);
        }
        self
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

/// Parses a rate in arrivals per second: a plain number, or one with `k` for thousands.
///
/// Errors: says what is expected instead.
pub fn parse_rate(text: &str) -> Result<f64, String> {
    let (digits, unit) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1_000.0),
        None => (text, 1.0),
    };
    match digits.trim().parse::<f64>().map(|rate| rate * unit) {
        Ok(rate) if (0.0..=HIGHEST_RATE).contains(&rate) => Ok(rate),
        Ok(rate) => Err(format!(
            "has rate {rate}, a rate lies in 0 to {HIGHEST_RATE} per second"
        )),
        Err(_) => Err(format!("has no number where a rate was expected: {text:?}")),
    }
}

fn parse_piece(text: &str) -> Result<Piece, String> {
    let (rates, time) = text
        .split_once('/')
        .ok_or("lacks its time, as in 10000/30s")?;
    let duration = units::parse_duration(time.trim()).map_err(|error| format!("has {error}"))?;
    let (from, to) = rates.split_once("..").unwrap_or((rates, rates));
    let (from, to) = (parse_rate(from.trim())?, parse_rate(to.trim())?);
    if duration.is_zero() {
        return Err("has no length".into());
    }
    Ok(Piece {
        from,
        to,
        seconds: duration.as_secs_f64(),
    })
}

/// Walks along a profile's integral.
///
/// Positions are kept relative to the current piece, so that a long run loses no precision to its own length.
#[derive(Debug, Clone)]
pub(super) struct ProfileCursor {
    pieces: std::vec::IntoIter<Piece>,
    piece: Option<Piece>,
    /// Expected arrivals since the current piece began.
    position: f64,
    /// Seconds before the current piece.
    elapsed: f64,
}

impl ProfileCursor {
    pub(super) fn new(profile: &RateProfile) -> Self {
        let mut pieces = profile.pieces.clone().into_iter();
        Self {
            piece: pieces.next(),
            pieces,
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
    pub(super) fn advance(&mut self, step: f64) -> Option<u64> {
        self.position += step;
        loop {
            let piece = self.piece?;
            let arrivals = piece.arrivals();
            if self.position < arrivals {
                let seconds = self.elapsed + piece.seconds_for(self.position);
                return Some((seconds * 1e9) as u64);
            }
            self.position -= arrivals;
            self.elapsed += piece.seconds;
            self.piece = self.pieces.next();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_makes_no_sense_is_refused_with_its_piece() {
        for (text, expected) in [
            ("", "lacks its time"),
            ("10000", "lacks its time"),
            ("0/10s", "zero throughout"),
            ("NaN/10s", "a rate lies in"),
            ("inf/10s", "a rate lies in"),
            ("-5/10s", "a rate lies in"),
            ("1e9/1s", "a rate lies in"),
            ("5/0s", "has no length"),
            ("5/10", "unit"),
            ("a..b/10s", "no number"),
            ("5/1s,,5/1s", "lacks its time"),
            ("9000000/9000000000h", "has"),
        ] {
            let error = RateProfile::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }

    #[test]
    fn pieces_are_read_as_written() {
        let profile = RateProfile::parse("0..10k/30s, 10000/2m ,10000..0/30s").unwrap();
        assert_eq!(profile.pieces().len(), 3);
        assert!((profile.seconds() - 180.0).abs() < 1e-9);
        assert!((profile.arrivals() - 1_500_000.0).abs() < 1e-6);
        assert!((profile.peak() - 10_000.0).abs() < 1e-9);
        let warm = profile.after_warm_up(5.0);
        assert!(
            (warm.arrivals() - 1_500_000.0).abs() < 1e-6,
            "it starts at rate zero"
        );
        let held = RateProfile::hold(10.0, 1.0).after_warm_up(2.0);
        assert!((held.arrivals() - 30.0).abs() < 1e-9);
    }

    proptest! {
        /// Stepping to a position and integrating up to the time it gives leads back to the position.
        #[test]
        fn the_inverse_inverts_the_integral(
            from in 0.0..1e6_f64, to in 0.0..1e6_f64, seconds in 0.001..1e4_f64, share in 0.0..1.0_f64,
        ) {
            prop_assume!(from + to > 1.0);
            let piece = Piece { from, to, seconds };
            let position = piece.arrivals() * share;
            let t = piece.seconds_for(position);
            let slope = (to - from) / seconds;
            let back = from * t + slope * t * t / 2.0;
            prop_assert!((back - position).abs() <= 1e-6 * piece.arrivals().max(1.0));
        }

        /// No text makes the parser panic.
        #[test]
        fn any_text_is_parsed_or_refused(text in "[0-9./,ksmh eNaN-]{0,40}") {
            if let Ok(profile) = RateProfile::parse(&text) {
                prop_assert!(profile.arrivals() > 0.0 && profile.seconds() > 0.0);
            }
        }
    }
}
