//! Randomness: one seed, and one stream per purpose of every entity.
//!
//! A stream is a function of (seed, entity, id, purpose) and of nothing else, so no entity's bytes depend on the
//! order in which entities are made or on the thread that makes them, and a further draw for one purpose never shifts
//! another. The generator is PCG XSL RR 128/64 (O'Neill 2014); only its raw 64-bit words are used, shaped by
//! [`crate::dist`].

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

use crate::numeric::mix64;

/// Name of the generator of raw words, as tapes record it.
pub const RNG_NAME: &str = "pcg64 (XSL RR 128/64), rand_pcg 0.10";

/// The number a whole world grows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

/// What a stream belongs to.
///
/// The numbers are part of the bytes: they may be added to, never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Entity {
    /// A city.
    City = 1,
    /// A merchant.
    Merchant = 2,
    /// A card and its holder.
    Card = 3,
    /// A fraud campaign; the typology is in the upper half of the id.
    Campaign = 4,
    /// The identifiers of transactions.
    Identifiers = 5,
    /// The arrival times of a run.
    Schedule = 6,
    /// A part of a city whose cards a slice draws together; city and part are in the id.
    District = 7,
    /// What a holder remembers of a pool of merchants; card and pool are in the id.
    Memory = 8,
    /// A request, known by its transaction; what its template draws.
    Request = 9,
    /// A session on a tape; what its templates draw.
    Session = 10,
    /// The account of a card's holder, in a fixture.
    User = 32,
    /// A rule, in a fixture.
    Rule = 33,
    /// A ruleset, in a fixture.
    Ruleset = 34,
}

/// What a stream decides.
///
/// The numbers are part of the bytes: they may be added to, never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Where it is.
    Place = 1,
    /// What it is called.
    Name = 2,
    /// Which issuer, network and country it has.
    Identity = 3,
    /// How it lives: rates, tastes, effects.
    Habits = 4,
    /// When it goes on trips, and where to.
    Trips = 5,
    /// When it spends, and on which category.
    Arrivals = 6,
    /// Which merchant it goes to.
    Merchants = 7,
    /// How much it spends.
    Amounts = 8,
    /// How the card is read.
    EntryModes = 9,
    /// Which addresses and devices it uses.
    Network = 10,
    /// What the issuer answers.
    Answers = 11,
    /// The token standing for the card.
    Token = 12,
    /// The holder's e-mail address and telephone.
    Contact = 13,
    /// Which requests a transaction becomes.
    Requests = 14,
    /// Which cards a campaign hits, when and how.
    Plot = 15,
    /// The standing charges of a card.
    Subscriptions = 16,
    /// Where the shops are that a growing world adds, and what they sell.
    Shops = 17,
    /// Where the online merchants sit that a growing world adds, and what they sell.
    OnlineShops = 18,
    /// Where outings lead that leave town for the day.
    DayTrips = 19,
    /// Values that a template draws without a world.
    Placeholders = 20,
    /// What is known of a merchant: its risk, its history.
    Repute = 24,
    /// Which purchases of a card are undone right away.
    Reversals = 25,
    /// Whether cards may be copied in a shop.
    Skimming = 30,
    /// How easily a holder is fooled.
    Susceptibility = 31,
    /// When fraud becomes known.
    LabelTime = 32,
    /// How long a user pauses during a run.
    Thoughts = 40,
}

impl Seed {
    /// Opens the stream of one purpose of one entity.
    #[inline]
    pub fn stream(self, entity: Entity, id: u64, purpose: Purpose) -> Stream {
        self.member(entity, id).stream(purpose)
    }

    /// Goes the way to an entity's streams that all of them share.
    #[inline]
    pub fn member(self, entity: Entity, id: u64) -> Member {
        let words = [self.0, entity as u64, id];
        Member {
            state: chain(0x9e37_79b9_7f4a_7c15, words),
            stream: chain(0xd1b5_4a32_d192_ed03, words),
        }
    }

    /// Gives the one word of an entity that needs no more than that.
    pub fn word(self, entity: Entity, id: u64, purpose: Purpose) -> u64 {
        chain(
            0x8cb9_2ba7_2f3d_8dd7,
            [self.0, entity as u64, id, purpose as u64],
        )
    }
}

/// One entity, for opening several of its streams.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    state: u64,
    stream: u64,
}

impl Member {
    /// Opens the stream of one purpose.
    #[inline]
    pub fn stream(self, purpose: Purpose) -> Stream {
        let state = chain(self.state, [purpose as u64]);
        let stream = chain(self.stream, [purpose as u64]);
        Stream(Pcg64::new(widen(state), widen(stream)))
    }
}

/// A source of raw words; [`crate::dist`] makes numbers of them.
#[derive(Debug, Clone)]
pub struct Stream(Pcg64);

impl Stream {
    /// Draws 64 uniform bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }
}

/// Hashes words one into the other, so that (1, 2) and (2, 1) part ways.
#[inline]
const fn chain<const N: usize>(start: u64, words: [u64; N]) -> u64 {
    let mut hash = start;
    let mut idx = 0;
    while idx < words.len() {
        hash = mix64(hash.wrapping_add(0x9e37_79b9_7f4a_7c15) ^ words[idx]);
        idx += 1;
    }
    hash
}

/// Spreads a word over 128 bits.
const fn widen(word: u64) -> u128 {
    ((word as u128) << 64) | mix64(word ^ 0xa076_1d64_78bd_642f) as u128
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn streams_differ_in_every_word_of_their_name() {
        let mut firsts = BTreeSet::new();
        for seed in [0, 1, 42] {
            for entity in [Entity::City, Entity::Merchant, Entity::Card] {
                for id in [0, 1, 2, 3, u64::MAX] {
                    for purpose in [Purpose::Place, Purpose::Name, Purpose::Identity] {
                        let mut stream = Seed(seed).stream(entity, id, purpose);
                        assert!(firsts.insert(stream.next_u64()));
                        assert!(firsts.insert(Seed(seed).word(entity, id, purpose)));
                    }
                }
            }
        }
        assert_eq!(firsts.len(), 3 * 3 * 5 * 3 * 2);
    }

    #[test]
    fn streams_repeat() {
        let draw = || {
            let mut stream = Seed(7).stream(Entity::Card, 3, Purpose::Arrivals);
            [stream.next_u64(), stream.next_u64()]
        };
        assert_eq!(draw(), draw());
    }

    #[test]
    fn the_words_of_a_seed_are_pinned() {
        let mut stream = Seed(42).stream(Entity::Card, 7, Purpose::Amounts);
        let words = [stream.next_u64(), stream.next_u64()];
        assert_eq!(words, PINNED, "{words:#x?}");
    }

    /// Draws of (42, card 7, amounts); they change only with a new major version of every tape.
    const PINNED: [u64; 2] = [0x8e8e_e5f6_ce89_13b4, 0x34a2_20ee_84ee_04d1];

    #[test]
    fn neighboring_streams_are_not_correlated() {
        let count = 20_000;
        let unit = |word: u64| (word >> 11) as f64 / (1u64 << 53) as f64 - 0.5;
        let mut product = 0.0;
        for id in 0..count {
            let mut left = Seed(1).stream(Entity::Card, id, Purpose::Place);
            let mut right = Seed(1).stream(Entity::Card, id + 1, Purpose::Place);
            product += unit(left.next_u64()) * unit(right.next_u64());
        }
        let correlation = product / count as f64 * 12.0;
        assert!(correlation.abs() < 0.03, "{correlation}");
    }
}
