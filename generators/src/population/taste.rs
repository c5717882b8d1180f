//! What a holder likes to buy: for each category, how much more than others.
//!
//! Invariant: a function of the holder's stream. A whole life is drawn from hundreds of times, so there a table that is
//! quick to draw from pays; a slice asks a holder once or twice, so there all that counts is how soon the table is ready.

use crate::dist::{self, AliasTable, Cumulative, LogNormalSteps};
use crate::index::MccIdx;
use crate::seed::Stream;
use crate::tables::Mcc;

/// Mean and spread of the logarithm of how much more than others a holder likes a category.
const LIKING: (f64, f64) = (-0.4, 0.9);

/// Categories by how much a holder likes them.
#[derive(Debug, Clone)]
pub(crate) enum Taste {
    /// For many draws.
    Lasting(AliasTable),
    /// For a few.
    Passing(Cumulative),
}

impl Taste {
    /// Draws the taste of somebody whose whole life is told.
    pub(crate) fn lasting(mccs: &[Mcc], stream: &mut Stream) -> Self {
        let (mu, sigma) = LIKING;
        Self::Lasting(AliasTable::of(mccs, |mcc| {
            mcc.weight * dist::log_normal(stream, mu, sigma)
        }))
    }

    /// Draws the taste of somebody who is met once.
    pub(crate) fn passing(mccs: &[Mcc], likings: &LogNormalSteps, stream: &mut Stream) -> Self {
        let mut likings = likings.draws(stream);
        Self::Passing(Cumulative::new(
            mccs.iter().map(|mcc| mcc.weight * likings.draw()),
        ))
    }

    /// Gives the law of likings, for [`Self::passing`].
    pub(crate) fn likings() -> LogNormalSteps {
        let (mu, sigma) = LIKING;
        LogNormalSteps::new(mu, sigma)
    }

    /// Draws a category.
    #[inline]
    pub(crate) fn draw(&self, stream: &mut Stream) -> MccIdx {
        MccIdx::at(match self {
            Self::Lasting(table) => table.draw(stream),
            Self::Passing(sums) => sums.draw(stream),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Entity, Purpose, Seed};
    use crate::tables::Tables;

    /// Gives the share of each category in what 20,000 holders want first, and how many want the same twice in a row.
    fn wants(draw: impl Fn(&[Mcc], &mut Stream) -> Taste) -> (Vec<f64>, f64) {
        let mccs = Tables::builtin().unwrap().mccs;
        let count = 20_000;
        let mut shares = vec![0.0; mccs.len()];
        let mut twice = 0.0;
        for id in 0..count {
            let mut stream = Seed(12).stream(Entity::Card, id, Purpose::Habits);
            let taste = draw(&mccs, &mut stream);
            let (first, second) = (taste.draw(&mut stream), taste.draw(&mut stream));
            shares[first.get()] += 1.0 / count as f64;
            twice += f64::from(u8::from(first == second)) / count as f64;
        }
        (shares, twice)
    }

    #[test]
    fn both_kinds_of_taste_follow_one_law() {
        let likings = Taste::likings();
        let (lasting, lasting_twice) = wants(Taste::lasting);
        let (passing, passing_twice) = wants(|mccs, stream| Taste::passing(mccs, &likings, stream));
        for (one, other) in lasting.iter().zip(&passing) {
            // Five standard errors of a difference of shares.
            let error = 5.0 * (one.max(1e-3) * 2.0 / 20_000.0).sqrt();
            assert!((one - other).abs() < error, "{one} {other}");
        }
        assert!(
            (lasting_twice - passing_twice).abs() < 0.015,
            "{lasting_twice} {passing_twice}"
        );
        let by_chance: f64 = lasting.iter().map(|share| share * share).sum();
        assert!(
            lasting_twice > 1.2 * by_chance,
            "tastes differ, so habits repeat: {lasting_twice} {by_chance}"
        );
    }
}
