//! Ten reference rules, simple enough that any engine can hold them, so that its answers can be compared exactly.
//!
//! Each rule has a bit; the bits that fire decide.

use super::Velocity;
use crate::fields::entry_mode::EntryMode;
use crate::transaction::Transaction;
use crate::world::World;

/// Categories that are as good as cash.
const CASH_LIKE: [u16; 3] = [6051, 7995, 4829];

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
struct Facts {
    usd_cents: i64,
    card_present: bool,
    merchant_abroad: bool,
    ip_abroad: bool,
    entry_mode: EntryMode,
    mcc: u16,
    velocity: Velocity,
}

/// What a rule that fires asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// A refusal.
    Decline,
    /// A refusal together with the other rules of this kind, a look by a person alone.
    Half,
    /// A look by a person.
    Review,
}

#[derive(Debug)]
struct Rule {
    bit: u16,
    weight: Weight,
    fires: fn(&Facts) -> bool,
}

const fn rule(bit: u16, weight: Weight, fires: fn(&Facts) -> bool) -> Rule {
    Rule { bit, weight, fires }
}

/// Every rule, by its bit.
const RULES: [Rule; 10] = [
    rule(1, Weight::Review, |facts| facts.usd_cents > 200_000),
    rule(2, Weight::Half, |facts| {
        !facts.card_present && facts.usd_cents > 50_000
    }),
    rule(4, Weight::Review, |facts| {
        !facts.card_present && facts.merchant_abroad && facts.usd_cents > 10_000
    }),
    rule(8, Weight::Decline, |facts| {
        facts.entry_mode == EntryMode::Magstripe && facts.merchant_abroad
    }),
    rule(16, Weight::Review, |facts| {
        CASH_LIKE.contains(&facts.mcc) && facts.usd_cents > 30_000
    }),
    rule(32, Weight::Half, |facts| {
        facts.ip_abroad && facts.usd_cents > 10_000
    }),
    rule(64, Weight::Decline, |facts| facts.velocity.card_5m >= 3),
    rule(128, Weight::Decline, |facts| facts.velocity.card_1h >= 5),
    rule(256, Weight::Decline, |facts| facts.velocity.device_1h >= 6),
    rule(512, Weight::Decline, |facts| facts.velocity.ip_1h >= 8),
];

/// Gives the bits of all rules of a weight.
const fn bits_of(weight: Weight) -> u16 {
    let (mut bits, mut idx) = (0, 0);
    while idx < RULES.len() {
        if RULES[idx].weight as u8 == weight as u8 {
            bits |= RULES[idx].bit;
        }
        idx += 1;
    }
    bits
}

const DECLINING: u16 = bits_of(Weight::Decline);
const HALVES: u16 = bits_of(Weight::Half);

/// Gives the bits of the rules that fire.
pub(super) fn mask(world: &World, transaction: &Transaction, velocity: Velocity) -> u16 {
    let merchant = world.merchant(transaction.merchant);
    let currency = world.tables.currency(transaction.currency);
    let facts = Facts {
        usd_cents: currency.usd_cents(transaction.amount_minor),
        card_present: transaction.card_present,
        merchant_abroad: merchant.country != transaction.card_country,
        ip_abroad: transaction
            .ip
            .is_some_and(|ip| world.country_of(ip) != transaction.card_country),
        entry_mode: transaction.entry_mode,
        mcc: world.mcc(merchant.mcc).code,
        velocity,
    };
    fired(&facts)
}

fn fired(facts: &Facts) -> u16 {
    let fired = RULES.iter().filter(|rule| (rule.fires)(facts));
    fired.fold(0, |mask, rule| mask | rule.bit)
}

/// Gives what the rules that fire decide.
pub(super) const fn decision(mask: u16) -> &'static str {
    if mask & DECLINING != 0 || mask & HALVES == HALVES {
        "DECLINE"
    } else if mask != 0 {
        "REVIEW"
    } else {
        "APPROVE"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small purchase at home that no rule minds.
    const QUIET: Facts = Facts {
        usd_cents: 2_000,
        card_present: true,
        merchant_abroad: false,
        ip_abroad: false,
        entry_mode: EntryMode::Chip,
        mcc: 5411,
        velocity: Velocity {
            card_5m: 2,
            card_1h: 4,
            card_24h: 50,
            ip_1h: 7,
            device_1h: 5,
        },
    };

    fn with(change: impl FnOnce(&mut Facts)) -> Facts {
        let mut facts = QUIET;
        change(&mut facts);
        facts
    }

    #[test]
    fn rules_fire_just_beyond_their_limits() {
        let absent = |usd_cents| {
            with(|facts| {
                facts.card_present = false;
                facts.usd_cents = usd_cents;
            })
        };
        let abroad = |facts: Facts| Facts {
            merchant_abroad: true,
            ..facts
        };
        let from_abroad = |facts: Facts| Facts {
            ip_abroad: true,
            ..facts
        };
        let swiped = with(|facts| facts.entry_mode = EntryMode::Magstripe);
        let crypto = |usd_cents| {
            with(|facts| {
                facts.mcc = 6051;
                facts.usd_cents = usd_cents;
            })
        };
        let rows = [
            (QUIET, 0),
            (with(|facts| facts.usd_cents = 200_000), 0),
            (with(|facts| facts.usd_cents = 200_001), 1),
            (absent(50_000), 0),
            (absent(50_001), 2),
            (abroad(absent(10_000)), 0),
            (abroad(absent(10_001)), 4),
            (abroad(with(|facts| facts.usd_cents = 10_001)), 0),
            (swiped, 0),
            (abroad(swiped), 8),
            (crypto(30_000), 0),
            (crypto(30_001), 16),
            (from_abroad(absent(10_000)), 0),
            (from_abroad(absent(10_001)), 32),
            (with(|facts| facts.velocity.card_5m = 3), 64),
            (with(|facts| facts.velocity.card_1h = 5), 128),
            (with(|facts| facts.velocity.device_1h = 6), 256),
            (with(|facts| facts.velocity.ip_1h = 8), 512),
        ];
        for (facts, expected) in rows {
            assert_eq!(fired(&facts), expected, "{facts:?}");
        }
    }

    #[test]
    fn bits_decide() {
        let declining = [8, 64, 128, 256, 512, 2 | 32, 1 | 8, 1023];
        let reviewing = [1, 2, 4, 16, 32, 1 | 2 | 4 | 16, 4 | 16 | 32];
        for mask in 0..1024 {
            let alone_suffices = mask & (8 | 64 | 128 | 256 | 512) != 0;
            let expected = match mask {
                0 => "APPROVE",
                _ if alone_suffices || mask & (2 | 32) == 2 | 32 => "DECLINE",
                _ => "REVIEW",
            };
            assert_eq!(decision(mask), expected, "{mask}");
        }
        assert!(declining.iter().all(|&mask| decision(mask) == "DECLINE"));
        assert!(reviewing.iter().all(|&mask| decision(mask) == "REVIEW"));
    }
}
