//! Counts: the Poisson and the geometric law.

use crate::dist::{open_unit, unit};
use crate::seed::Stream;

/// Largest mean a single search serves; sums of Poisson counts are Poisson, so larger means are cut into such parts.
const SEARCHED_MEAN: f64 = 16.0;

/// Draws the number of events of a Poisson process whose mean count is given; 0 unless the mean is above 0.
///
/// Source: inverse transform by sequential search, Devroye 1986, chapter X.3.
pub fn poisson(stream: &mut Stream, mean: f64) -> u64 {
    let mut rest = mean;
    let mut count = 0;
    while rest > SEARCHED_MEAN {
        count += search(stream, SEARCHED_MEAN);
        rest -= SEARCHED_MEAN;
    }
    if rest > 0.0 {
        count += search(stream, rest);
    }
    count
}

fn search(stream: &mut Stream, mean: f64) -> u64 {
    let mut below = unit(stream);
    let mut probability = libm::exp(-mean);
    let mut count = 0;
    // Beyond 150 a mean of at most 16 has no probability left that a 53-bit fraction could hit.
    while below >= probability && count < 150 {
        below -= probability;
        count += 1;
        probability *= mean / count as f64;
    }
    count
}

/// Draws how often something repeats that goes on with probability `again` each time.
///
/// Shape: 0 and above; mean `again / (1 - again)`; `again` lies in `0..1`.
pub fn geometric(stream: &mut Stream, again: f64) -> u64 {
    if again <= 0.0 {
        return 0;
    }
    floor_count(libm::log(open_unit(stream)) / libm::log(again))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are not negative, and rounding down is the point"
)]
fn floor_count(value: f64) -> u64 {
    value as u64
}
