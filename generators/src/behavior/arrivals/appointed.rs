//! Errands whose time is known before anything else about them: what slices are made of.
//!
//! A slice knows how often holders go out and draws when that happens, then who it is, then what for; a life draws the
//! same things the other way round. Both obey the same laws, so this file holds no constant of its own.

use std::ops::Range;

use super::{
    ACTIVE_DAYS, ACTIVE_FACTOR, Channel, Errand, GAP_MINUTES, GAP_SPREAD, GO_ON, MAX_GAPS,
    MAX_SUBSCRIPTION_AFFINITY, MCC_ATTEMPTS, Plan, QUIET_DAYS, QUIET_FACTOR, ROWS_PER_OUTING,
    SUBSCRIPTION_DAYS, SUBSCRIPTIONS, Visit, gap_ms, is_active,
};
use crate::behavior::rhythm::Day;
use crate::dist;
use crate::event_time::{MS_PER_HOUR, MS_PER_MINUTE};
use crate::index::{CardIdx, MccIdx};
use crate::population::card::{Card, Habits};
use crate::seed::{Purpose, Stream};
use crate::world::World;

/// Categories of standing charges have at most one in so many of their charges in any one hour.
const CHARGED_HOURS: f64 = 8.0;

/// An errand whose time is known before anything else about it, which is how slices come by theirs.
#[derive(Debug, Clone)]
pub(crate) struct Appointment {
    pub(crate) card: CardIdx,
    /// When it begins, milliseconds from the start of the span.
    pub(crate) at_ms: i64,
    pub(crate) occasion: Occasion,
}

/// What an appointment is for.
#[derive(Debug, Clone)]
pub(crate) enum Occasion {
    /// An outing, with the times from each purchase to the next.
    Outing(Gaps),
    /// A standing charge.
    Charge,
}

/// The times between the purchases of an outing, in milliseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gaps {
    gaps_ms: [u32; MAX_GAPS],
    count: usize,
}

impl Appointment {
    /// Tells whether a purchase is made within a stretch of time.
    pub(crate) fn falls_into(&self, stretch: &Range<i64>) -> bool {
        let mut at_ms = self.at_ms;
        if stretch.contains(&at_ms) {
            return true;
        }
        let Occasion::Outing(gaps) = &self.occasion else {
            return false;
        };
        gaps.iter().any(|gap_ms| {
            at_ms += gap_ms;
            stretch.contains(&at_ms)
        })
    }
}

impl Gaps {
    /// Draws the gaps of any outing.
    pub(crate) fn draw(stream: &mut Stream) -> Self {
        let further = dist::geometric(stream, GO_ON).min(MAX_GAPS as u64);
        Self::of(further, |_| 0.0, stream)
    }

    /// Draws the gaps of an outing that somebody comes across at any time, who is as much more likely to meet with an
    /// outing as it takes longer.
    ///
    /// The sum of the gaps weighs the draw: their number in proportion to itself, then one of them, each alike, in
    /// proportion to its length, which moves a log-normal law by the square of its spread; the others as ever.
    pub(crate) fn draw_by_length(stream: &mut Stream) -> Self {
        let counts = Self::counts();
        let total: f64 = counts.iter().map(|(gaps, share)| gaps * share).sum();
        let mut place = dist::unit(stream) * total;
        let mut further = 1;
        for (gaps, share) in &counts[1..] {
            if place < gaps * share {
                break;
            }
            place -= gaps * share;
            further += 1;
        }
        let further = further.min(MAX_GAPS as u64);
        let long = dist::below(stream, further);
        let mu = |gap| {
            if gap == long {
                GAP_SPREAD * GAP_SPREAD
            } else {
                0.0
            }
        };
        Self::of(further, mu, stream)
    }

    fn of(count: u64, mu: impl Fn(u64) -> f64, stream: &mut Stream) -> Self {
        let mut gaps = Self::default();
        for (place, gap) in gaps.gaps_ms.iter_mut().zip(0..count) {
            *place = u32::try_from(gap_ms(mu(gap), stream)).unwrap_or(u32::MAX);
            gaps.count += 1;
        }
        gaps
    }

    /// Gives every number of gaps with its probability.
    fn counts() -> [(f64, f64); MAX_GAPS + 1] {
        let mut rest = 1.0;
        let mut gaps = 0.0;
        std::array::from_fn(|place| {
            let is_last = place == MAX_GAPS;
            let share = if is_last { rest } else { rest * (1.0 - GO_ON) };
            rest -= share;
            gaps += 1.0;
            (gaps - 1.0, share)
        })
    }

    /// Gives the mean of the sum of an outing's gaps, in milliseconds.
    pub(crate) fn mean_sum_ms() -> f64 {
        let gaps: f64 = Self::counts()
            .iter()
            .map(|(gaps, share)| gaps * share)
            .sum();
        gaps * GAP_MINUTES * MS_PER_MINUTE as f64 * libm::exp(GAP_SPREAD * GAP_SPREAD / 2.0)
    }

    /// Gives the sum of the gaps, in milliseconds.
    pub(crate) fn sum_ms(&self) -> i64 {
        self.iter().sum()
    }

    fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        self.gaps_ms[..self.count].iter().map(|&gap| i64::from(gap))
    }
}

/// How often a holder in a quiet stretch goes out, one in a busy stretch being 1.
pub(crate) const QUIET_SHARE: f64 = QUIET_FACTOR / ACTIVE_FACTOR;

/// Gives the mean number of outings per day of a holder with so many purchases per day.
pub(crate) fn outings_per_day(activity: f64) -> f64 {
    let mood =
        (ACTIVE_DAYS * ACTIVE_FACTOR + QUIET_DAYS * QUIET_FACTOR) / (ACTIVE_DAYS + QUIET_DAYS);
    activity / ROWS_PER_OUTING * mood
}

/// Gives the mean number of standing charges per day of a holder with an affinity to buy online.
pub(crate) fn charges_per_day(online_affinity: f64) -> f64 {
    let mean_days = SUBSCRIPTION_DAYS as f64 + 0.5;
    SUBSCRIPTIONS * online_affinity.min(MAX_SUBSCRIPTION_AFFINITY) / mean_days
}

/// The most standing charges per day that any holder has on average.
pub(crate) fn most_charges_per_day() -> f64 {
    charges_per_day(MAX_SUBSCRIPTION_AFFINITY)
}

/// Lays out the visits of a card's appointments up to a time, in their order, replacing what is in `visits`.
pub(crate) fn lay_out_appointments(
    world: &World,
    card: &Card,
    habits: &Habits,
    appointments: &[Appointment],
    until_ms: u64,
    visits: &mut Vec<Visit>,
) {
    visits.clear();
    let mut plan = Plan::new(world, card, habits, 0..until_ms.cast_signed(), visits);
    let mut stream = plan.stream(Purpose::Arrivals);
    // Whoever made the appointments has asked for the mood.
    is_active(&mut stream);
    for (number, appointment) in (0..).zip(appointments) {
        plan.keep(appointment, number, &mut stream);
    }
    visits.sort_by_key(|visit| visit.at_ms);
}

impl Plan<'_, '_> {
    /// Lays out an errand that is known to begin at a given time.
    fn keep(&mut self, appointment: &Appointment, number: u32, stream: &mut Stream) {
        let at_local_ms = appointment.at_ms + self.utc_offset_ms;
        let day = self.world.rhythm.day_of(at_local_ms);
        let mut local_ms = at_local_ms - day.midnight_ms;
        let (errand, first_mcc, channel) = match &appointment.occasion {
            Occasion::Charge => {
                let mcc = self.charged_mcc(local_ms, stream);
                let errand = Errand::Subscription(u64::from(number));
                (errand, mcc, Channel::Absent)
            }
            Occasion::Outing(_) => {
                let mcc = self.first_mcc_at(day, local_ms, stream);
                let is_absent = dist::chance(stream, self.absent_share(mcc));
                let channel = if is_absent {
                    Channel::Absent
                } else {
                    Channel::Present
                };
                (Errand::Outing(number), mcc, channel)
            }
        };
        self.push(day, local_ms, first_mcc, channel, errand);
        if let Occasion::Outing(gaps) = &appointment.occasion {
            for gap_ms in gaps.iter() {
                local_ms += gap_ms;
                let mcc = self.further_mcc(first_mcc, channel, local_ms, stream);
                self.push(day, local_ms, mcc, channel, errand);
            }
        }
    }

    /// Draws what an outing that begins at a given time is for: by taste, and by how many outings for it begin then.
    fn first_mcc_at(&self, day: &Day, local_ms: i64, stream: &mut Stream) -> MccIdx {
        let rhythm = &self.world.rhythm;
        let hour = hour_of(local_ms);
        let most = rhythm.most_start_share(day, hour);
        let mut mcc = self.habits.taste.draw(stream);
        for _ in 0..MCC_ATTEMPTS {
            if dist::unit(stream) * most < rhythm.start_share(mcc, day, hour) {
                break;
            }
            mcc = self.habits.taste.draw(stream);
        }
        mcc
    }

    /// Draws what a standing charge at a given time is for.
    fn charged_mcc(&self, local_ms: i64, stream: &mut Stream) -> MccIdx {
        let (world, hour) = (self.world, hour_of(local_ms));
        let mut mcc = world.choices.subscription(stream);
        for _ in 0..MCC_ATTEMPTS {
            if dist::unit(stream) < world.rhythm.usual_share(mcc, hour) * CHARGED_HOURS {
                break;
            }
            mcc = world.choices.subscription(stream);
        }
        mcc
    }
}

/// Gives the hour of the day at a time after local midnight.
fn hour_of(local_ms: i64) -> usize {
    usize::try_from((local_ms / MS_PER_HOUR).rem_euclid(24)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Entity, Seed};

    #[test]
    fn an_outing_come_across_is_weighed_by_its_length() {
        let mut stream = Seed(6).stream(Entity::Card, 0, Purpose::Arrivals);
        let count = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..count {
            let ms = Gaps::draw(&mut stream).sum_ms() as f64;
            sum += ms;
            squares += ms * ms;
        }
        let mean = sum / f64::from(count);
        assert!((mean / Gaps::mean_sum_ms() - 1.0).abs() < 0.02, "{mean}");
        // The mean of a law weighed by its value is its second moment over its first.
        let weighed = (0..count).map(|_| Gaps::draw_by_length(&mut stream).sum_ms() as f64);
        let ratio = weighed.sum::<f64>() / f64::from(count) / (squares / sum);
        assert!((ratio - 1.0).abs() < 0.05, "{ratio}");
    }
}
