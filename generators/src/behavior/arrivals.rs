//! When a holder spends, and on what: outings by day and hour, and standing charges.

pub(crate) mod appointed;

use std::ops::Range;

use crate::behavior::rhythm::Day;
use crate::dist;
use crate::event_time::{MS_PER_HOUR, MS_PER_MINUTE};
use crate::index::MccIdx;
use crate::numeric::{round_half_up, scale_to_index};
use crate::population::card::{Card, Habits};
use crate::seed::{Purpose, Stream};
use crate::world::World;

/// Mean number of purchases that the activity rate counts per outing.
const ROWS_PER_OUTING: f64 = 1.30;

/// Probability that an outing goes on after each purchase, the most times it does, and the most purchases it has.
const GO_ON: f64 = 0.26;
const MAX_GAPS: usize = 6;
const MAX_ROWS_PER_OUTING: u64 = MAX_GAPS as u64 + 1;

/// Time between the purchases of an outing: median in minutes, and spread of the logarithm.
const GAP_MINUTES: f64 = 13.0;
const GAP_SPREAD: f64 = 0.9;

/// Draws of a further category before the outing's first one is taken again.
const MCC_ATTEMPTS: u32 = 32;

/// From this share on, a category is always paid for without the card.
const ALWAYS_ABSENT_SHARE: f64 = 0.92;

/// Busy stretches: mean length in days and factor; then the same for quiet ones.
const ACTIVE_DAYS: f64 = 8.0;
const ACTIVE_FACTOR: f64 = 1.22;
const QUIET_DAYS: f64 = 4.0;
const QUIET_FACTOR: f64 = 0.15;

/// Standing charges per holder, before the affinity to buy online, which counts up to a limit.
const SUBSCRIPTIONS: f64 = 2.0;
const MAX_SUBSCRIPTION_AFFINITY: f64 = 2.0;
const SUBSCRIPTION_DAYS: usize = 30;

/// Whether the card is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Present,
    Absent,
}

/// What a visit belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// An outing, by number.
    Outing(u32),
    /// A standing charge, by number.
    Subscription(u64),
}

/// An intended purchase.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    /// Milliseconds from the start of the span; inside the span.
    pub(crate) at_ms: u64,
    pub(crate) mcc: MccIdx,
    pub(crate) channel: Channel,
    pub(crate) errand: Errand,
}

/// Lays out all visits of a card in time order, replacing what is in `visits`.
pub(crate) fn lay_out(world: &World, card: &Card, habits: &Habits, visits: &mut Vec<Visit>) {
    visits.clear();
    let since_ms = habits.active_from_ms.max(0);
    let mut plan = Plan::new(
        world,
        card,
        habits,
        since_ms..world.span.length_ms(),
        visits,
    );
    plan.outings();
    plan.subscriptions();
    // Stable, so that visits of the same instant keep the order they were made in.
    visits.sort_by_key(|visit| visit.at_ms);
}

struct Plan<'w, 'v> {
    world: &'w World,
    card: &'w Card,
    habits: &'w Habits,
    utc_offset_ms: i64,
    /// Visits outside are left out, milliseconds from the start of the span.
    within: Range<i64>,
    outings: u32,
    visits: &'v mut Vec<Visit>,
}

impl<'w, 'v> Plan<'w, 'v> {
    fn new(
        world: &'w World,
        card: &'w Card,
        habits: &'w Habits,
        within: Range<i64>,
        visits: &'v mut Vec<Visit>,
    ) -> Self {
        Self {
            within,
            world,
            card,
            habits,
            utc_offset_ms: world.city(card.city).utc_offset_minutes * MS_PER_MINUTE,
            outings: 0,
            visits,
        }
    }

    fn stream(&self, purpose: Purpose) -> Stream {
        self.card.stream(purpose)
    }

    fn outings(&mut self) {
        let mut stream = self.stream(Purpose::Arrivals);
        let mut is_active = is_active(&mut stream);
        for day in self.world.rhythm.days() {
            let (mood, mean_days) = if is_active {
                (ACTIVE_FACTOR, ACTIVE_DAYS)
            } else {
                (QUIET_FACTOR, QUIET_DAYS)
            };
            let mean = self.habits.activity / ROWS_PER_OUTING * mood * day.factor;
            for _ in 0..dist::poisson(&mut stream, mean) {
                self.outing(day, &mut stream);
            }
            is_active ^= dist::chance(&mut stream, 1.0 / mean_days);
        }
    }

    fn outing(&mut self, day: &Day, stream: &mut Stream) {
        let rhythm = &self.world.rhythm;
        let first_mcc = loop {
            let mcc = self.habits.taste.draw(stream);
            if self.world.mcc(mcc).starts_outings() && rhythm.accepts_day(mcc, day, stream) {
                break mcc;
            }
        };
        let absent_share = self.absent_share(first_mcc);
        let channel = if dist::chance(stream, absent_share) {
            Channel::Absent
        } else {
            Channel::Present
        };
        let hour = rhythm.hour(first_mcc, day, stream);
        let mut local_ms = time_of_day(hour, stream);
        let errand = Errand::Outing(self.outings);
        self.outings += 1;
        let rows = 1 + dist::geometric(stream, GO_ON);
        self.push(day, local_ms, first_mcc, channel, errand);
        for _ in 1..rows.min(MAX_ROWS_PER_OUTING) {
            local_ms += gap_ms(0.0, stream);
            let mcc = self.further_mcc(first_mcc, channel, local_ms, stream);
            self.push(day, local_ms, mcc, channel, errand);
        }
    }

    /// Draws what comes next on an outing: by taste and hour, and bought over the same channel.
    fn further_mcc(
        &self,
        first: MccIdx,
        channel: Channel,
        local_ms: i64,
        stream: &mut Stream,
    ) -> MccIdx {
        for _ in 0..MCC_ATTEMPTS {
            let mcc = self.habits.taste.draw(stream);
            let absent_share = self.absent_share(mcc);
            let channel_share = match channel {
                Channel::Absent => absent_share,
                Channel::Present => 1.0 - absent_share,
            };
            let fits = channel_share * self.world.rhythm.relative_hour(mcc, local_ms);
            if dist::chance(stream, fits) {
                return mcc;
            }
        }
        first
    }

    /// Gives how often the holder buys a category without the card.
    fn absent_share(&self, mcc: MccIdx) -> f64 {
        let mcc = self.world.mcc(mcc);
        if !mcc.has_shops() || mcc.cnp >= ALWAYS_ABSENT_SHARE {
            return 1.0;
        }
        let country = self.world.tables.country(self.card.country);
        (mcc.cnp * country.cnp * self.habits.online_affinity).min(1.0)
    }

    fn subscriptions(&mut self) {
        let mut stream = self.stream(Purpose::Subscriptions);
        let affinity = self.habits.online_affinity.min(MAX_SUBSCRIPTION_AFFINITY);
        let count = dist::poisson(&mut stream, SUBSCRIPTIONS * affinity);
        let days = self.world.rhythm.days();
        for number in 0..count {
            let mcc = self.world.choices.subscription(&mut stream);
            let hour = self.world.rhythm.usual_hour(mcc, &mut stream);
            let mut day_idx = scale_to_index(dist::unit(&mut stream), SUBSCRIPTION_DAYS);
            while let Some(day) = days.get(day_idx) {
                let local_ms = time_of_day(hour, &mut stream);
                self.push(
                    day,
                    local_ms,
                    mcc,
                    Channel::Absent,
                    Errand::Subscription(number),
                );
                let late = dist::chance(&mut stream, 0.5);
                day_idx += SUBSCRIPTION_DAYS + usize::from(late);
            }
        }
    }

    /// Keeps a visit if it lies inside the stretch that is laid out.
    fn push(&mut self, day: &Day, local_ms: i64, mcc: MccIdx, channel: Channel, errand: Errand) {
        let at_ms = day.midnight_ms + local_ms - self.utc_offset_ms;
        if self.within.contains(&at_ms) {
            self.visits.push(Visit {
                at_ms: at_ms.unsigned_abs(),
                mcc,
                channel,
                errand,
            });
        }
    }
}

/// Draws the time from one purchase of an outing to the next, whose logarithm is moved by `mu`.
fn gap_ms(mu: f64, stream: &mut Stream) -> i64 {
    let minutes = GAP_MINUTES * dist::log_normal(stream, mu, GAP_SPREAD);
    round_half_up(minutes * MS_PER_MINUTE as f64)
}

/// Tells whether a holder is in a busy stretch, as the first draw of what they are up to does.
pub(crate) fn is_active(stream: &mut Stream) -> bool {
    dist::chance(stream, ACTIVE_DAYS / (ACTIVE_DAYS + QUIET_DAYS))
}

/// Draws an instant within an hour, in milliseconds after midnight.
fn time_of_day(hour: u32, stream: &mut Stream) -> i64 {
    let within_hour = dist::below(stream, MS_PER_HOUR.unsigned_abs());
    (i64::from(hour) * MS_PER_HOUR).saturating_add_unsigned(within_hour)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_time::EventTime;
    use crate::index::CardIdx;
    use crate::seed::Seed;
    use crate::tables::Reach;
    use crate::world::Span;

    const DAYS: u32 = 56;

    /// Lays out the visits of many cards and hands out each card with its own.
    fn each_life(mut check: impl FnMut(&World, &Card, &Habits, &[Visit])) {
        let start = EventTime::DEFAULT_START;
        let world = World::build(Seed(31), Span { start, days: DAYS }, 300).unwrap();
        let mut visits = Vec::new();
        for idx in 0..300 {
            let card = Card::draw(&world, CardIdx(idx));
            let habits = Habits::draw(&world, &card);
            lay_out(&world, &card, &habits, &mut visits);
            check(&world, &card, &habits, &visits);
        }
    }

    #[test]
    fn visits_are_in_order_and_within_the_life_of_the_card() {
        each_life(|world, _, habits, visits| {
            assert!(visits.is_sorted_by_key(|visit| visit.at_ms));
            for visit in visits {
                let at_ms = i64::try_from(visit.at_ms).unwrap();
                assert!(at_ms < world.span.length_ms() && at_ms >= habits.active_from_ms);
                let mcc = world.mcc(visit.mcc);
                assert!(mcc.has_shops() || visit.channel == Channel::Absent);
                assert!(mcc.sells_online() || visit.channel == Channel::Present);
                let is_standing = matches!(visit.errand, Errand::Subscription(_));
                assert!(!is_standing || mcc.reach == Reach::Subscription);
            }
            let mut outings = std::collections::BTreeSet::new();
            for visit in visits {
                if let Errand::Outing(number) = visit.errand
                    && outings.insert(number)
                    && visits
                        .first()
                        .is_some_and(|first| first.at_ms < visit.at_ms)
                {
                    assert_ne!(world.mcc(visit.mcc).reach, Reach::Subscription);
                }
            }
        });
    }

    #[test]
    fn local_hours_and_weekdays_follow_the_tables() {
        let (mut hours, mut expected_hours) = ([0.0; 24], [0.0; 24]);
        let mut weekdays = [0.0; 7];
        let mut count = 0.0;
        each_life(|world, card, _, visits| {
            let offset_ms = world.city(card.city).utc_offset_minutes * MS_PER_MINUTE;
            for visit in visits {
                let local_ms = i64::try_from(visit.at_ms).unwrap() + offset_ms;
                let place = |period: i64, count: i64| {
                    usize::try_from((local_ms.div_euclid(period)).rem_euclid(count)).unwrap()
                };
                hours[place(MS_PER_HOUR, 24)] += 1.0;
                weekdays[place(24 * MS_PER_HOUR, 7)] += 1.0;
                let weights = world.tables.profiles[world.mcc(visit.mcc).profile.0].weights;
                let sum: f64 = weights.iter().sum();
                for (expected, weight) in expected_hours.iter_mut().zip(weights) {
                    *expected += weight / sum;
                }
                count += 1.0;
            }
        });
        let gaps = hours
            .iter()
            .zip(expected_hours)
            .map(|(found, expected)| (found - expected).abs());
        let distance = gaps.sum::<f64>() / count / 2.0;
        assert!(distance < 0.05, "{distance}");
        let busiest = weekdays.iter().copied().fold(0.0, f64::max);
        let quietest = weekdays.iter().copied().fold(f64::INFINITY, f64::min);
        assert!((1.15..1.75).contains(&(busiest / quietest)), "{weekdays:?}");
        assert!(weekdays[6] < weekdays[4], "{weekdays:?}");
    }

    #[test]
    fn outings_bundle_purchases_of_one_channel() {
        let (mut rows, mut outings) = (0.0, 0.0);
        each_life(|_, _, _, visits| {
            let mut channels = std::collections::BTreeMap::new();
            for visit in visits {
                if let Errand::Outing(number) = visit.errand {
                    let channel = *channels.entry(number).or_insert(visit.channel);
                    assert_eq!(channel, visit.channel);
                    rows += 1.0;
                }
            }
            outings += channels.len() as f64;
        });
        // 1 / (1 - 0.26), less what the end of the span cuts off.
        assert!(
            (1.30..1.40).contains(&(rows / outings)),
            "{}",
            rows / outings
        );
    }
}
