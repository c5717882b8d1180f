//! What is known of merchants: how risky they are held to be, and since when anybody has heard of them.
//!
//! Says nothing about how they behave: no transaction is drawn by it.

use crate::dist;
use crate::seed::{Entity, Purpose, Seed};

/// Share of merchants that nobody had heard of before the span.
const NEW_SHARE: f64 = 0.04;

/// What is known of a merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repute {
    /// How risky its acquirer holds it to be.
    pub risk_tier: RiskTier,
    /// Whether nobody had heard of it before the span.
    pub is_new: bool,
}

impl Repute {
    /// Draws it for a merchant whose category has a multiplier of risk.
    pub(super) fn draw(seed: Seed, merchant: u64, mcc_risk: f64) -> Self {
        let mut stream = seed.stream(Entity::Merchant, merchant, Purpose::Repute);
        Self {
            risk_tier: RiskTier::of(dist::unit(&mut stream), mcc_risk),
            is_new: dist::chance(&mut stream, NEW_SHARE),
        }
    }
}

/// How risky an acquirer holds a merchant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RiskTier {
    /// Hardly.
    A,
    /// A little.
    B,
    /// Clearly.
    C,
    /// Very.
    D,
}

impl RiskTier {
    /// Gives the tier that a uniform fraction stands for, given the risk of the merchant's category.
    fn of(fraction: f64, mcc_risk: f64) -> Self {
        let up_to = |least: f64, slope: f64| (least + slope * mcc_risk) / 100.0;
        if fraction < up_to(0.6, 0.3) {
            Self::D
        } else if fraction < up_to(6.0, 1.0) {
            Self::C
        } else if fraction < up_to(20.0, 2.0) {
            Self::B
        } else {
            Self::A
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_follow_the_risk_of_the_category() {
        for mcc_risk in [1.0, 25.0] {
            let mut counts = [0.0; 4];
            for merchant in 0..20_000 {
                let repute = Repute::draw(Seed(1), merchant, mcc_risk);
                counts[repute.risk_tier as usize] += 1.0 / 20_000.0;
            }
            let [_, b, c, d] = counts;
            let rows = [
                ("D", d, 0.006 + 0.003 * mcc_risk),
                ("C", c + d, 0.06 + 0.01 * mcc_risk),
                ("B", b + c + d, 0.20 + 0.02 * mcc_risk),
            ];
            for (tier, found, expected) in rows {
                assert!(
                    (found - expected).abs() < 0.015,
                    "{tier} {mcc_risk}: {found}"
                );
            }
        }
    }
}
