//! A district: a part of a city whose cards make their appointments together, whatever happens elsewhere.
//!
//! Invariants: appointments are a function of (seed, options, district); a card of the district makes one in proportion
//! to how often its holder goes out; outings that began before are met as an observer meets them who comes at any time.

use std::ops::Range;

use super::Plan;
use super::tempo::Kind;
use crate::behavior::arrivals::appointed::{Appointment, Gaps, Occasion};
use crate::dist;
use crate::index::{CardIdx, CityIdx};
use crate::numeric::{low_half, round_half_up};
use crate::population::card;
use crate::seed::{Entity, Purpose, Seed, Stream};
use crate::world::World;

/// Cards looked at before the last one is taken; one in ten is taken, so hardly any search ends this way.
const LOOKS: u32 = 1_000;

/// A part of a city.
#[derive(Debug, Clone)]
pub(super) struct District {
    pub(super) city: CityIdx,
    /// Number among the parts of the city.
    pub(super) part: u32,
    pub(super) cards: Range<u32>,
}

impl District {
    pub(super) fn stream(&self, seed: Seed, purpose: Purpose) -> Stream {
        let id = (u64::from(self.city.0) << 32) | u64::from(self.part);
        seed.stream(Entity::District, id, purpose)
    }

    /// Appends the appointments of all cards, by card and time, if errands are as frequent as the plan says times
    /// `pace`.
    pub(super) fn appoint(
        &self,
        world: &World,
        plan: &Plan,
        pace: f64,
        appointments: &mut Vec<Appointment>,
    ) {
        let mut stream = self.stream(world.seed, Purpose::Arrivals);
        let share = f64::from(self.cards.end - self.cards.start) / plan.cards();
        if share == 0.0 {
            return;
        }
        let first = appointments.len();
        let begun = plan.window().begun();
        for (kind, per_ms) in [
            (Kind::Outing, plan.outings_per_ms()),
            (Kind::Charge, plan.charges_per_ms()),
        ] {
            for piece in plan.tempo().cut(begun.clone()) {
                let length_ms = (piece.end - piece.start).unsigned_abs();
                let tempo = plan.tempo().at(kind, self.city, piece.start);
                let mean = per_ms * pace * share * tempo * length_ms as f64;
                for _ in 0..dist::poisson(&mut stream, mean) {
                    let after_ms = dist::below(&mut stream, length_ms);
                    appointments.push(Appointment {
                        at_ms: piece.start.saturating_add_unsigned(after_ms),
                        card: self.somebody(world, plan, kind, &mut stream),
                        occasion: match kind {
                            Kind::Outing => Occasion::Outing(Gaps::draw(&mut stream)),
                            Kind::Charge => Occasion::Charge,
                        },
                    });
                }
            }
        }
        let rate = plan.outings_per_ms() * pace * share;
        self.come_across(world, plan, rate, &mut stream, appointments);
        appointments[first..].sort_by_key(|appointment| (appointment.card, appointment.at_ms));
    }

    /// Appends the outings begun before that have a purchase yet to come in the window, given how many begin per
    /// millisecond.
    fn come_across(
        &self,
        world: &World,
        plan: &Plan,
        rate: f64,
        stream: &mut Stream,
        appointments: &mut Vec<Appointment>,
    ) {
        // As many are under way as begin in the time that one takes on average (Little's law).
        let busiest = plan.tempo().busiest(self.city);
        let begun = plan.window().begun();
        for _ in 0..dist::poisson(stream, rate * busiest * Gaps::mean_sum_ms()) {
            let gaps = Gaps::draw_by_length(stream);
            let age_ms = round_half_up(dist::unit(stream) * gaps.sum_ms() as f64);
            let mut appointment = Appointment {
                at_ms: begun.start - age_ms,
                card: CardIdx(self.cards.start),
                occasion: Occasion::Outing(gaps),
            };
            let tempo = plan.tempo().at(Kind::Outing, self.city, appointment.at_ms);
            if dist::chance(stream, tempo / busiest) && appointment.falls_into(&begun) {
                appointment.card = self.somebody(world, plan, Kind::Outing, stream);
                appointments.push(appointment);
            }
        }
    }

    /// Draws a card in proportion to how often its holder runs such errands.
    pub(super) fn somebody(
        &self,
        world: &World,
        plan: &Plan,
        kind: Kind,
        stream: &mut Stream,
    ) -> CardIdx {
        let count = u64::from(self.cards.end - self.cards.start);
        let mut idx = CardIdx(self.cards.start);
        for _ in 0..LOOKS {
            idx = CardIdx(self.cards.start + low_half(dist::below(stream, count)));
            let holder = card::member(world.seed, idx);
            if plan.sieve().takes(holder, kind, dist::unit(stream)) {
                break;
            }
        }
        idx
    }
}
