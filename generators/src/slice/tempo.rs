//! How often the holders of each city go out at each moment, in relation to all others.
//!
//! Derived from the tables and the rhythm of days; holds no randomness. Invariant: at any moment the mean over all cards
//! is 1, so that a slice keeps its rate where life would have its ups and downs, and still knows who sleeps and who
//! shops.

use std::ops::Range;

use crate::event_time::{MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE};
use crate::index::CityIdx;
use crate::population::census;
use crate::tables::Reach;
use crate::world::World;

/// Time within which nothing changes anywhere: local time is ahead of UTC by a multiple of it.
const SLOT_MS: i64 = 15 * MS_PER_MINUTE;

/// What a holder may set out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Outing,
    Charge,
}

/// How busy each city is, slot by slot from a day before the slice on.
#[derive(Debug)]
pub(super) struct Tempo {
    first_ms: i64,
    /// Cities with the same local time, by city.
    zones: Vec<usize>,
    slots: Vec<Slot>,
    /// The busiest slot of each zone, for outings.
    busiest: Vec<f64>,
    /// How often holders go out during the slice, a day's average being 1.
    swing: f64,
}

/// How busy each zone is, all cards' average being 1.
#[derive(Debug)]
struct Slot {
    outings: Vec<f64>,
    charges: Vec<f64>,
}

impl Tempo {
    /// Finds out for a stretch of time, and the day before.
    pub(super) fn new(world: &World, begun: &Range<i64>) -> Self {
        let mut offsets: Vec<i64> = Vec::new();
        let mut zones = Vec::new();
        let mut shares = Vec::new();
        let of_cities = census::shares(&world.tables, &world.cities);
        for (city, share) in world.cities.iter().zip(of_cities) {
            let offset = city.utc_offset_minutes;
            let known = offsets.iter().position(|&other| other == offset);
            let zone = known.unwrap_or(offsets.len());
            if known.is_none() {
                offsets.push(offset);
                shares.push(0.0);
            }
            zones.push(zone);
            shares[zone] += share;
        }
        let first_ms = (begun.start - MS_PER_DAY).div_euclid(SLOT_MS) * SLOT_MS;
        let (mut swing, mut shown) = (0.0, 0.0);
        let mut slots = Vec::new();
        let mut at_ms = first_ms;
        while at_ms < begun.end {
            let local = |offset: &i64| at_ms + offset * MS_PER_MINUTE;
            let mut outings: Vec<f64> = offsets
                .iter()
                .map(|offset| outings(world, local(offset)))
                .collect();
            let mut charges: Vec<f64> = offsets
                .iter()
                .map(|offset| charges(world, local(offset)))
                .collect();
            let mean = level(&mut outings, &shares);
            level(&mut charges, &shares);
            if at_ms + SLOT_MS > begun.start {
                swing += mean;
                shown += 1.0;
            }
            slots.push(Slot { outings, charges });
            at_ms += SLOT_MS;
        }
        let most = |zone: usize| {
            let of_zone = slots.iter().map(|slot| slot.outings[zone]);
            of_zone.fold(0.0, f64::max)
        };
        Self {
            first_ms,
            busiest: (0..offsets.len()).map(most).collect(),
            zones,
            slots,
            swing: swing / shown,
        }
    }

    /// Gives how often holders go out during the slice, a day's average being 1.
    pub(super) fn swing(&self) -> f64 {
        self.swing
    }

    /// Gives how often holders of a city set out at a moment, all cards' average being 1; before the first slot, as
    /// then.
    pub(super) fn at(&self, kind: Kind, city: CityIdx, at_ms: i64) -> f64 {
        let slot = usize::try_from((at_ms - self.first_ms).div_euclid(SLOT_MS)).unwrap_or(0);
        let slot = &self.slots[slot.min(self.slots.len() - 1)];
        let zone = self.zones[city.get()];
        match kind {
            Kind::Outing => slot.outings[zone],
            Kind::Charge => slot.charges[zone],
        }
    }

    /// Gives the most often that holders of a city go out at any moment.
    pub(super) fn busiest(&self, city: CityIdx) -> f64 {
        self.busiest[self.zones[city.get()]]
    }

    /// Cuts a stretch of time where something may change.
    pub(super) fn cut(&self, stretch: Range<i64>) -> impl Iterator<Item = Range<i64>> + use<> {
        let mut at_ms = stretch.start;
        let first_ms = self.first_ms;
        std::iter::from_fn(move || {
            let next_ms = first_ms + ((at_ms - first_ms).div_euclid(SLOT_MS) + 1) * SLOT_MS;
            let piece = at_ms..next_ms.min(stretch.end);
            at_ms = piece.end;
            (!piece.is_empty()).then_some(piece)
        })
    }
}

/// Scales values to a mean of 1 over all cards, and gives the mean they had.
fn level(values: &mut [f64], shares: &[f64]) -> f64 {
    let weighed = values
        .iter()
        .zip(shares)
        .map(|(value, share)| value * share);
    let mean: f64 = weighed.sum();
    for value in values {
        *value /= mean;
    }
    mean
}

/// Gives how often holders go out at a local time, a day's average being 1.
fn outings(world: &World, local_ms: i64) -> f64 {
    let rhythm = &world.rhythm;
    let day = rhythm.day_of(local_ms);
    let hour = hour_of(local_ms - day.midnight_ms);
    let (mut started, mut kept) = (0.0, 0.0);
    for mcc in world.tables.mcc_idxs() {
        let share = world.choices.errand_share(mcc);
        started += share * rhythm.start_share(mcc, day, hour);
        kept += share * rhythm.kept_share(mcc, day);
    }
    day.factor * 24.0 * started / kept
}

/// Gives how often standing charges fall due at a local time, a day's average being 1.
fn charges(world: &World, local_ms: i64) -> f64 {
    let day = world.rhythm.day_of(local_ms);
    let hour = hour_of(local_ms - day.midnight_ms);
    let (mut due, mut total) = (0.0, 0.0);
    for mcc in world.tables.mcc_idxs() {
        let category = world.mcc(mcc);
        if category.reach == Reach::Subscription {
            due += category.weight * world.rhythm.usual_share(mcc, hour);
            total += category.weight;
        }
    }
    24.0 * due / total
}

fn hour_of(local_ms: i64) -> usize {
    usize::try_from(local_ms.div_euclid(MS_PER_HOUR).rem_euclid(24)).unwrap_or(0)
}
