//! Cards and the people who hold them.
//!
//! A card is a function of (seed, index): none is stored, any can be drawn again at any time, and drawing who
//! somebody is costs nothing for how they live.

use crate::dist;
use crate::fields::address::{DeviceId, IpAddress};
use crate::fields::geo::Point;
use crate::index::{CardIdx, CityIdx, CountryIdx, IinIdx};
use crate::numeric::scale_to_index;
use crate::population::taste::Taste;
use crate::seed::{Entity, Member, Purpose, Seed, Stream};
use crate::world::World;

/// Spread of the logarithm of how much a holder spends at a time.
pub(crate) const AMOUNT_SPREAD: f64 = 0.32;

/// Share of households with an IPv6 address.
const IPV6_SHARE: f64 = 0.42;

/// Share of holders with one device, and with at most two; the others have three.
const ONE_DEVICE_SHARE: f64 = 0.62;
const TWO_DEVICES_SHARE: f64 = 0.92;

/// Purchases per day: the median, the spread of the logarithm, and the most anybody makes.
const ACTIVITY: f64 = 0.75;
const ACTIVITY_SPREAD: f64 = 0.85;
pub(crate) const MOST_ACTIVITY: f64 = 9.0;

/// Spread of the logarithm of how much more than others a holder buys without the card.
const ONLINE_SPREAD: f64 = 0.5;

/// Share of cards that come into use during the span, within its first part.
const NEW_CARD_SHARE: f64 = 0.12;
const NEW_CARDS_WITHIN: f64 = 0.9;

/// Words of a holder's habits before that: activity, amounts, online and travel affinity.
const WORDS_BEFORE_USE: u32 = 4;

/// A card: what it is and where its holder lives.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    pub(crate) idx: CardIdx,
    pub(crate) country: CountryIdx,
    pub(crate) city: CityIdx,
    pub(crate) home: Point,
    pub(crate) iin: IinIdx,
    /// Address of the holder's home.
    pub(crate) household: IpAddress,
    /// Number of the holder's own devices.
    pub(crate) device_count: u64,
    /// Word that the holder's devices are known by.
    device_word: u64,
    /// Where all that is drawn of card and holder comes from.
    member: Member,
}

impl Card {
    /// Draws a card.
    pub(crate) fn draw(world: &World, idx: CardIdx) -> Self {
        let member = member(world.seed, idx);
        let mut stream = member.stream(Purpose::Identity);
        let (country, city) = world.home_of(idx, &mut stream);
        let iin = draw_iin(world, &mut stream);
        let radius_km = world.city(city).radius_km;
        let north = radius_km * dist::normal(&mut stream);
        let home = world
            .city(city)
            .center
            .offset_km(north, radius_km * dist::normal(&mut stream));
        let household = if dist::chance(&mut stream, IPV6_SHARE) {
            let household = idx.0;
            IpAddress::V6 { country, household }
        } else {
            world.addresses.residential(country, &mut stream)
        };
        let devices = dist::unit(&mut stream);
        Self {
            idx,
            country,
            city,
            home,
            iin,
            household,
            device_count: 1
                + u64::from(devices >= ONE_DEVICE_SHARE)
                + u64::from(devices >= TWO_DEVICES_SHARE),
            device_word: stream.next_u64(),
            member,
        }
    }

    /// Opens the stream of one purpose.
    #[inline]
    pub(crate) fn stream(&self, purpose: Purpose) -> Stream {
        self.member.stream(purpose)
    }

    /// Gives a device; numbers below `device_count` are the holder's own, others have never been seen before.
    pub(crate) const fn device(&self, number: u64) -> DeviceId {
        let device = DeviceId::of(self.device_word, number);
        if number < self.device_count {
            device.own()
        } else {
            device
        }
    }
}

/// Draws a network by share, and one of its issuer numbers with the first ones ahead.
fn draw_iin(world: &World, stream: &mut Stream) -> IinIdx {
    let network = &world.tables.networks[world.choices.network(stream)];
    let fraction = dist::unit(stream);
    let iins = &network.iins;
    IinIdx::at(iins.start + scale_to_index(fraction * fraction.sqrt(), iins.len()))
}

/// How a cardholder lives.
#[derive(Debug, Clone)]
pub(crate) struct Habits {
    /// Purchases per day before the rhythm of days.
    pub(crate) activity: f64,
    /// Logarithm of how much more than others the holder spends at a time.
    pub(crate) amount_effect: f64,
    /// How much more than others the holder buys without the card.
    pub(crate) online_affinity: f64,
    /// How much more than others the holder travels.
    pub(crate) travel_affinity: f64,
    /// When the card comes into use, milliseconds from the start of the span.
    pub(crate) active_from_ms: i64,
    /// Categories by how much the holder likes them.
    pub(crate) taste: Taste,
}

impl Habits {
    /// Draws the habits of a card's holder.
    pub(crate) fn draw(world: &World, card: &Card) -> Self {
        let mut stream = card.stream(Purpose::Habits);
        let activity = activity(stream.next_u64());
        let amount_effect = AMOUNT_SPREAD * dist::normal(&mut stream);
        let online_affinity = online_affinity(stream.next_u64());
        let travel_affinity = dist::log_normal(&mut stream, -0.32, 0.8);
        let active_from_ms = comes_into_use(world, &mut stream);
        let mccs = &world.tables.mccs;
        let taste = match &world.likings {
            Some(likings) => Taste::passing(mccs, likings, &mut stream),
            None => Taste::lasting(mccs, &mut stream),
        };
        Self {
            activity,
            amount_effect,
            online_affinity,
            travel_affinity,
            active_from_ms,
            taste,
        }
    }

    /// Gives the word that the activity of a card's holder is made of, see [`activity`].
    #[inline]
    pub(crate) fn activity_word(holder: Member) -> u64 {
        holder.stream(Purpose::Habits).next_u64()
    }

    /// Gives the word that the online affinity of a card's holder is made of, see [`online_affinity`].
    #[inline]
    pub(crate) fn online_affinity_word(holder: Member) -> u64 {
        let mut stream = holder.stream(Purpose::Habits);
        // Activity and amounts come before it.
        stream.next_u64();
        stream.next_u64();
        stream.next_u64()
    }
}

/// Gives when a card comes into use, as its habits have it.
pub(crate) fn active_from_ms(world: &World, card: &Card) -> i64 {
    let mut stream = card.stream(Purpose::Habits);
    for _ in 0..WORDS_BEFORE_USE {
        stream.next_u64();
    }
    comes_into_use(world, &mut stream)
}

fn comes_into_use(world: &World, stream: &mut Stream) -> i64 {
    let is_new = dist::chance(stream, NEW_CARD_SHARE);
    let new_at = dist::unit(stream) * NEW_CARDS_WITHIN;
    if is_new {
        world.span.at_fraction(new_at)
    } else {
        i64::MIN
    }
}

/// Gives card or holder as what everything about them is drawn from.
#[inline]
pub(crate) fn member(seed: Seed, idx: CardIdx) -> Member {
    seed.member(Entity::Card, u64::from(idx.0))
}

/// Gives the purchases per day that a word stands for; the greater the word, the more.
pub(crate) fn activity(word: u64) -> f64 {
    let times_median = dist::log_normal_quantile(dist::open_unit_of(word), 0.0, ACTIVITY_SPREAD);
    (ACTIVITY * times_median).min(MOST_ACTIVITY)
}

/// Gives how much more than others a holder buys without the card; the greater the word, the more.
pub(crate) fn online_affinity(word: u64) -> f64 {
    dist::log_normal_quantile(dist::open_unit_of(word), 0.0, ONLINE_SPREAD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_time::EventTime;
    use crate::world::Span;

    #[test]
    fn habits_are_the_same_drawn_one_by_one() {
        let start = EventTime::DEFAULT_START;
        let world = World::build(Seed(4), Span { start, days: 1 }, 10).unwrap();
        for idx in (0..50).map(CardIdx) {
            let card = Card::draw(&world, idx);
            let habits = Habits::draw(&world, &card);
            let holder = member(world.seed, idx);
            let alone = activity(Habits::activity_word(holder));
            assert!((habits.activity - alone).abs() < 1e-15);
            let alone = online_affinity(Habits::online_affinity_word(holder));
            assert!((habits.online_affinity - alone).abs() < 1e-15);
            assert_eq!(active_from_ms(&world, &card), habits.active_from_ms);
        }
    }
}
