//! Shapes of several pieces: a swing of a sine, a flight of stairs.

use std::f64::consts::TAU;

use super::{Piece, held};

/// Chords of a swing. A chord stays below its arc by at most `(2 pi / 360)^2 / 8` of half the swing's height.
const CHORDS: u32 = 360;

/// Swings from one rate to the other and back along a sine, beginning and ending level.
///
/// The sine is replaced by 360 chords, so its rate is met to 4e-5 of half the swing's height, and the arrivals of a whole
/// swing exactly: chords over a whole period integrate a sine without error. The cosine is `libm`'s, the same everywhere.
pub(super) fn sine(from: f64, to: f64, seconds: f64) -> Vec<Piece> {
    let rate = |point: u32| {
        let risen = (1.0 - libm::cos(TAU * f64::from(point) / f64::from(CHORDS))) / 2.0;
        from + (to - from) * risen
    };
    (0..CHORDS)
        .map(|point| Piece {
            from: rate(point),
            to: rate(point + 1),
            seconds: seconds / f64::from(CHORDS),
        })
        .collect()
}

/// Climbs from one rate to the other in so many steps, at least two, each held for the same time.
pub(super) fn stairs(from: f64, to: f64, count: u32, seconds: f64) -> Vec<Piece> {
    let rise = (to - from) / f64::from(count - 1);
    (0..count)
        .map(|step| held(from + rise * f64::from(step), seconds))
        .collect()
}
