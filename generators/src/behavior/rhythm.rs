//! The rhythm of hours, weeks and months.

use crate::dist::{self, AliasTable};
use crate::event_time::{MS_PER_DAY, MS_PER_HOUR};
use crate::index::MccIdx;
use crate::numeric::{index_u32, low_half};
use crate::seed::Stream;
use crate::tables::Tables;
use crate::world::Span;

/// How much more is spent right after pay day than on an average one, and the length of a month.
const PAY_SWING: f64 = 0.06;
const MONTH_DAYS: f64 = 30.4;

/// On Saturdays and Sundays this share of outings starts an hour later, if they start early enough.
const LIE_IN_SHARE: f64 = 0.4;
const LIE_IN_BEFORE_HOUR: u32 = 22;

/// How busy days and hours are.
#[derive(Debug)]
pub(crate) struct Rhythm {
    days: Vec<Day>,
    mccs: Vec<MccRhythm>,
    /// The greatest share of any category's outings that start in each hour: on other days, and on weekends.
    most_starts: [[f64; 24]; 2],
}

/// A calendar day; the first is the one before the span starts, because it is not over yet west of Greenwich.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day {
    /// Midnight UTC, milliseconds from the start of the span.
    pub(crate) midnight_ms: i64,
    /// How busy it is; 1 is average.
    pub(crate) factor: f64,
    /// Whether it is a Saturday or Sunday.
    pub(crate) is_weekend: bool,
}

#[derive(Debug)]
struct MccRhythm {
    hours: AliasTable,
    /// Weight of each hour, the busiest being 1.
    relative_hours: [f64; 24],
    /// How often an outing is for this category on a weekend, the most frequent being 1.
    weekend: f64,
    /// Share of its outings that start in each hour: on other days, and on weekends.
    starts: [[f64; 24]; 2],
}

impl MccRhythm {
    fn start_share(&self, is_weekend: bool, hour: usize) -> f64 {
        let kept = if is_weekend { self.weekend } else { 1.0 };
        kept * self.starts[usize::from(is_weekend)][hour]
    }
}

impl Rhythm {
    pub(crate) fn new(tables: &Tables, span: Span) -> Self {
        let weekends = tables.mccs.iter().map(|mcc| mcc.weekend);
        let busiest_weekend = weekends.fold(f64::MIN_POSITIVE, f64::max);
        let mccs = tables.mccs.iter().map(|mcc| {
            let weights = &tables.profiles[mcc.profile.0].weights;
            let busiest = weights.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
            MccRhythm {
                hours: AliasTable::new(weights),
                relative_hours: weights.map(|weight| weight / busiest),
                weekend: mcc.weekend / busiest_weekend,
                starts: [
                    start_shares(weights, 0.0),
                    start_shares(weights, LIE_IN_SHARE),
                ],
            }
        });
        let mccs: Vec<MccRhythm> = mccs.collect();
        let into_day_ms = span.start.unix_ms() % MS_PER_DAY;
        let first_weekday = span.start.weekday_idx();
        let days = (0..=u64::from(span.days) + 1)
            .zip(-1i64..)
            .map(|(count, number)| {
                let weekday = (first_weekday + 6 + usize::try_from(count % 7).unwrap_or(0)) % 7;
                let angle = std::f64::consts::TAU * number as f64 / MONTH_DAYS;
                Day {
                    midnight_ms: number * MS_PER_DAY - into_day_ms,
                    factor: tables.weekdays[weekday] * (1.0 + PAY_SWING * libm::sin(angle)),
                    is_weekend: weekday >= 5,
                }
            });
        let most_starts = [false, true].map(|is_weekend| {
            std::array::from_fn(|hour| {
                let shares = mccs.iter().map(|mcc| mcc.start_share(is_weekend, hour));
                shares.fold(0.0, f64::max)
            })
        });
        Self {
            days: days.collect(),
            mccs,
            most_starts,
        }
    }

    /// Gives every day that has an hour inside the span somewhere on Earth.
    pub(crate) fn days(&self) -> &[Day] {
        &self.days
    }

    /// Tells whether an outing on a given day goes on being for a category once drawn by taste.
    pub(crate) fn accepts_day(&self, mcc: MccIdx, day: &Day, stream: &mut Stream) -> bool {
        !day.is_weekend || dist::chance(stream, self.mccs[mcc.get()].weekend)
    }

    /// Draws the local hour at which an outing for a category starts.
    pub(crate) fn hour(&self, mcc: MccIdx, day: &Day, stream: &mut Stream) -> u32 {
        let hour = self.usual_hour(mcc, stream);
        let lies_in =
            day.is_weekend && hour < LIE_IN_BEFORE_HOUR && dist::chance(stream, LIE_IN_SHARE);
        hour + u32::from(lies_in)
    }

    /// Draws a local hour by a category's profile, whatever the day.
    pub(crate) fn usual_hour(&self, mcc: MccIdx, stream: &mut Stream) -> u32 {
        index_u32(self.mccs[mcc.get()].hours.draw(stream))
    }

    /// Gives the day that an instant of local time falls on, given as milliseconds from the start of the span as if
    /// local time were UTC.
    pub(crate) fn day_of(&self, local_ms: i64) -> &Day {
        let number = (local_ms - self.days[0].midnight_ms).div_euclid(MS_PER_DAY);
        let last = self.days.len() - 1;
        &self.days[usize::try_from(number).unwrap_or(0).min(last)]
    }

    /// Gives the share of the outings drawn for a category that are kept and start within a given hour of a day.
    pub(crate) fn start_share(&self, mcc: MccIdx, day: &Day, hour: usize) -> f64 {
        self.mccs[mcc.get()].start_share(day.is_weekend, hour)
    }

    /// Gives the greatest such share of any category.
    pub(crate) fn most_start_share(&self, day: &Day, hour: usize) -> f64 {
        self.most_starts[usize::from(day.is_weekend)][hour]
    }

    /// Gives the share of the outings drawn for a category that are kept on a day.
    pub(crate) fn kept_share(&self, mcc: MccIdx, day: &Day) -> f64 {
        if day.is_weekend {
            self.mccs[mcc.get()].weekend
        } else {
            1.0
        }
    }

    /// Gives the share of a category's usual hours that an hour is.
    pub(crate) fn usual_share(&self, mcc: MccIdx, hour: usize) -> f64 {
        self.mccs[mcc.get()].starts[0][hour]
    }

    /// Gives how busy a category is at a time after local midnight, its busiest hour being 1.
    pub(crate) fn relative_hour(&self, mcc: MccIdx, local_ms: i64) -> f64 {
        let hour = (local_ms / MS_PER_HOUR).rem_euclid(24).unsigned_abs();
        self.mccs[mcc.get()].relative_hours[low_half(hour) as usize]
    }
}

/// Gives the share of outings that start in each hour, if some of the early ones start an hour later than usual.
fn start_shares(weights: &[f64; 24], later: f64) -> [f64; 24] {
    let sum: f64 = weights.iter().sum();
    let moved = |hour: usize| {
        let may_move = hour < LIE_IN_BEFORE_HOUR as usize;
        if may_move {
            later * weights[hour] / sum
        } else {
            0.0
        }
    };
    std::array::from_fn(|hour| {
        let arriving = if hour > 0 { moved(hour - 1) } else { 0.0 };
        weights[hour] / sum - moved(hour) + arriving
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_starts_are_those_drawn() {
        use crate::seed::{Entity, Purpose, Seed};
        let tables = Tables::builtin().unwrap();
        let start = crate::EventTime::DEFAULT_START;
        let rhythm = Rhythm::new(&tables, Span { start, days: 7 });
        let mut stream = Seed(5).stream(Entity::Card, 0, Purpose::Arrivals);
        for day in [rhythm.days[1], rhythm.days[6]] {
            let mut hours = [0.0; 24];
            for _ in 0..20_000 {
                hours[rhythm.hour(MccIdx(0), &day, &mut stream) as usize] += 1.0 / 20_000.0;
            }
            for (hour, found) in hours.into_iter().enumerate() {
                let kept = rhythm.kept_share(MccIdx(0), &day);
                let expected = rhythm.start_share(MccIdx(0), &day, hour) / kept;
                assert!(
                    (found - expected).abs() < 0.01,
                    "{hour}: {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn days_know_their_midnight_and_their_place_in_the_week() {
        let tables = Tables::builtin().unwrap();
        let start = "2025-01-08T06:00Z".parse().unwrap();
        let rhythm = Rhythm::new(&tables, Span { start, days: 7 });
        let days = rhythm.days();
        assert_eq!(days.len(), 9);
        assert_eq!(days[0].midnight_ms, -30 * 3_600_000);
        assert_eq!(days[1].midnight_ms, -6 * 3_600_000);
        let weekends: Vec<bool> = days.iter().map(|day| day.is_weekend).collect();
        // Tuesday 7 January to Wednesday 15 January.
        let expected = [false, false, false, false, true, true, false, false, false];
        assert_eq!(weekends, expected);
        // Tuesday ends at Wednesday's midnight, six hours before the start; what lies beyond counts as the first day.
        assert!(!rhythm.day_of(-40 * MS_PER_HOUR).is_weekend);
        assert_eq!(
            rhythm.day_of(-6 * MS_PER_HOUR - 1).midnight_ms,
            days[0].midnight_ms
        );
        assert_eq!(
            rhythm.day_of(-6 * MS_PER_HOUR).midnight_ms,
            days[1].midnight_ms
        );
        let friday = days[3].factor;
        assert!(days.iter().all(|day| day.factor <= friday));
    }
}
