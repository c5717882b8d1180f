//! Fraud of a slice: the campaigns that cross a window much shorter than they may last.
//!
//! Invariants: each typology has its share of the transactions inside, exactly; campaigns keep their tempo; as many are
//! under way when the window opens as at any other time.
//!
//! Campaigns begin at a constant rate, so a slice meets one the more often the longer the stretch of beginnings is that
//! leave it with a transaction inside. That stretch is the window's length, plus every gap between two of the campaign's
//! transactions, or the window's length again where the gap is longer. So campaigns are rehearsed: laid whole among the
//! cards of a smaller world of the same places and merchants, kept with a probability in proportion to their stretch,
//! moved to a beginning drawn from there, and cut to the window. Their victims' parts are then given to cards of the
//! slice (`cast`). Purchase points lie weeks before, where a slice shows nothing, so nobody looks for any.

use std::ops::Range;

use super::cast::{self, Crossing};
use super::scene::Scene;
use super::{Laid, TYPOLOGIES, budgets, lay};
use crate::behavior::life::{self, Desk};
use crate::dist;
use crate::error::Error;
use crate::event_time::MS_PER_HOUR;
use crate::numeric::round_half_up;
use crate::options::GenerateOptions;
use crate::population::card::Card;
use crate::progress::{Progress, Stage};
use crate::seed::{Entity, Purpose, Stream};
use crate::transaction::{Label, Transaction};
use crate::world::World;

/// Campaigns with a longer stretch count as if they had this one, in windows and in hours beyond the window; the
/// smaller of both. Hardly any is longer, and the more that are let in, the more are laid in vain.
const MOST_WINDOWS: u64 = 16;
const MOST_HOURS: u64 = 3;

/// Cards of a rehearsal per transaction that is wanted, and the least and the most of them.
const CARDS_PER_ROW: u64 = 64;
const LEAST_CARDS: u64 = 4_000;
const MOST_CARDS: u64 = 1 << 26;

/// Campaigns of a typology that are laid in a rehearsal beyond what is expected to suffice, and most transactions.
const SPARE_CAMPAIGNS: f64 = 8.0;
const MOST_ROWS: f64 = 262_144.0;

/// Rehearsals before it is given up; some typology would have to be out of luck in nearly all of them.
const MOST_ROUNDS: u32 = 255;

/// Lays the fraud of a window that makes up its share of all transactions inside, given the genuine ones.
///
/// Shape: by card and number. Errors: `VictimsExhausted`, `Cancelled`.
pub(crate) fn lay_all(
    world: &mut World,
    window: &Range<u64>,
    genuine_rows: u64,
    options: &GenerateOptions,
    progress: &(dyn Progress + Sync),
) -> Result<Vec<Transaction>, Error> {
    let budgets = budgets(genuine_rows, options);
    progress.stage(Stage::Fraud, budgets.iter().sum());
    let census = world.census.take();
    let crossings = rehearse(world, window, &budgets, progress);
    world.census = census;
    Ok(cast::give_parts(world, crossings?))
}

/// Rehearses campaigns until enough of them cross the window.
fn rehearse(
    world: &World,
    window: &Range<u64>,
    budgets: &[u64],
    progress: &(dyn Progress + Sync),
) -> Result<Vec<Crossing>, Error> {
    let total: u64 = budgets.iter().sum();
    let cards = (CARDS_PER_ROW * total).clamp(LEAST_CARDS, MOST_CARDS);
    let cards = u32::try_from(cards).unwrap_or(u32::MAX);
    let mut missing = budgets.to_vec();
    let mut crossings = Vec::new();
    for round in 0..MOST_ROUNDS {
        if missing.iter().all(|&rows| rows == 0) {
            return Ok(crossings);
        }
        let scene = Scene::new(world, cards, &[], round);
        let laid = lay(scene, &attempts(&missing, window), &Rehearsal(progress))?;
        let mut rows = all_rows(world, laid);
        rows.sort_unstable_by_key(|row| (row.label, row.campaign, row.order_key()));
        for campaign in rows.chunk_by(|one, other| identity(one) == identity(other)) {
            let (label, number) = identity(&campaign[0]);
            let left = &mut missing[usize::from(label.0) - 1];
            let id = (u64::from(label.0) << 40) | (u64::from(round) << 32) | u64::from(number);
            let mut stream = world.seed.stream(Entity::Campaign, id, Purpose::Place);
            let inside = cross(campaign, window, *left, &mut stream);
            if !inside.is_empty() {
                *left -= inside.len() as u64;
                progress.advance(inside.len() as u64);
                crossings.push(Crossing::new(world, inside));
            }
        }
    }
    let lacking = budgets.iter().zip(&missing).zip(TYPOLOGIES);
    let worst = lacking.max_by_key(|((_, missing), _)| **missing);
    Err(
        worst.map_or(Error::Cancelled, |((&budget, &missing), typology)| {
            Error::VictimsExhausted {
                typology: typology.profile().name,
                laid: budget - missing,
                budget,
            }
        }),
    )
}

fn identity(row: &Transaction) -> (Label, u32) {
    (row.label, row.campaign)
}

/// Gives how many transactions of each typology to lay, for the missing ones to cross the window.
fn attempts(missing: &[u64], window: &Range<u64>) -> Vec<u64> {
    let length = window.end - window.start;
    let odds = most_stretch(length) as f64 / length as f64;
    let attempts = missing.iter().zip(TYPOLOGIES).map(|(&missing, typology)| {
        if missing == 0 {
            return 0;
        }
        let spare = SPARE_CAMPAIGNS * typology.profile().campaign_rows;
        round_half_up((odds * missing as f64 + spare).min(MOST_ROWS)).unsigned_abs()
    });
    attempts.collect()
}

/// Gives all fraudulent transactions, those that holders confess to included.
fn all_rows(world: &World, laid: Laid) -> Vec<Transaction> {
    let (mut desk, mut told) = (Desk::default(), Vec::new());
    let mut rows = laid.rows;
    for relabel in laid.amendments.relabels() {
        told.clear();
        let card = Card::draw(world, relabel.card);
        life::tell(world, &card, &mut desk, &mut told);
        let confessed = told.iter().filter(|row| row.seq == relabel.seq);
        rows.extend(confessed.map(|row| Transaction {
            label: relabel.label,
            campaign: relabel.campaign,
            ..*row
        }));
    }
    rows
}

/// Gives what of a campaign lies inside the window, if it crosses it; no more than `most` transactions, in time order.
fn cross(
    campaign: &[Transaction],
    window: &Range<u64>,
    most: u64,
    stream: &mut Stream,
) -> Vec<Transaction> {
    let times: Vec<u64> = campaign.iter().map(|row| row.at_ms).collect();
    let Some(beginning) = crossing(&times, window, stream) else {
        return Vec::new();
    };
    let moved = campaign.iter().map(|row| Transaction {
        at_ms: beginning + (row.at_ms - times[0]),
        ..*row
    });
    moved
        .filter(|row| window.contains(&row.at_ms))
        .take(usize::try_from(most).unwrap_or(usize::MAX))
        .collect()
}

/// Lets a rehearsal be cancelled, but not count.
struct Rehearsal<'p>(&'p (dyn Progress + Sync));

impl Progress for Rehearsal<'_> {
    fn stage(&self, _stage: Stage, _total: u64) {}

    fn advance(&self, _by: u64) {}

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

fn most_stretch(length: u64) -> u64 {
    (MOST_WINDOWS * length).min(length + MOST_HOURS * MS_PER_HOUR.unsigned_abs())
}

/// Draws when a campaign whose transactions come at given times begins, for one of them to lie in a window; nothing if
/// it begins at another time.
///
/// Shape: times in order; instants may lie before the window by as much as the campaign lasts.
fn crossing(times: &[u64], window: &Range<u64>, stream: &mut Stream) -> Option<u64> {
    let first = *times.first()?;
    let length = window.end - window.start;
    let stretches = || {
        let gaps = times.windows(2).map(|pair| (pair[0], pair[1] - pair[0]));
        let last = times.last().map(|&time| (time, length));
        gaps.chain(last)
            .map(move |(time, gap)| (time, gap.min(length)))
    };
    let stretch: u64 = stretches().map(|(_, part)| part).sum();
    if dist::below(stream, most_stretch(length)) >= stretch {
        return None;
    }
    // A part belongs to the beginnings that let this transaction be the last one inside, at one of the window's last
    // instants.
    let mut place = dist::below(stream, stretch);
    for (time, part) in stretches() {
        if place < part {
            return (window.end - 1 - place).checked_sub(time - first);
        }
        place -= part;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    #[test]
    fn campaigns_are_met_in_proportion_to_their_stretch_and_at_any_point() {
        let window = 1_000_000..1_060_000;
        let mut stream = Seed(9).stream(Entity::Campaign, 0, Purpose::Place);
        // A burst of two, and a third transaction much later: 60 s + 20 s + 60 s of beginnings.
        let times = [5_000, 25_000, 900_000];
        let (mut met, mut inside) = (0, [0u32; 3]);
        let draws = 40_000;
        for _ in 0..draws {
            let Some(beginning) = crossing(&times, &window, &mut stream) else {
                continue;
            };
            met += 1;
            let mut any = false;
            for (count, time) in inside.iter_mut().zip(times) {
                let is_inside = window.contains(&(beginning + time - times[0]));
                *count += u32::from(is_inside);
                any |= is_inside;
            }
            assert!(any);
        }
        let share = f64::from(met) / f64::from(draws);
        let expected = 140.0 / (16.0 * 60.0);
        assert!((share - expected).abs() < 0.01, "{share}");
        // Each transaction alone is inside for 60 s of beginnings.
        for count in inside {
            let share = f64::from(count) / f64::from(met);
            assert!((share - 60.0 / 140.0).abs() < 0.03, "{inside:?} of {met}");
        }
    }

    #[test]
    fn nothing_crosses_without_transactions() {
        let mut stream = Seed(9).stream(Entity::Campaign, 1, Purpose::Place);
        assert_eq!(crossing(&[], &(0..10), &mut stream), None);
    }
}
