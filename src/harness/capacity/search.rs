//! Which rate to try next: a geometric climb until the promise breaks, then bisection, then the proof by repetition.
//!
//! A pure function of what was seen so far, in whatever order: no clock, no target, no chance. So an interrupted search
//! goes on from a list of its runs, and tests walk through whole searches at no cost.
//!
//! - A rate holds if every run at it held. It is the capacity once it held in as many runs as asked for.
//! - A miss ends it, with one exception: the first run at a rate of the climb gets a second chance, so that one stall of
//!   anybody's machine does not end a climb far below the capacity.
//! - A run spoiled by the generator says nothing and is tried again; a rate spoiled three times in a row is out of our reach,
//!   unless three more tries at the end of the search, when it is the limit, show that we were only busy for a while.

/// Runs in a row that the generator may spoil before a rate counts as out of reach.
const SPOILED_MAX: usize = 3;

/// Steps of the climb downwards before it is given up, as a share of the starting rate.
const LOWEST_SHARE: f64 = 0.01;

/// How to search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// First rate, per second; above 0.
    pub start: f64,
    /// Factor from one rate of the climb to the next; above 1.
    pub climb: f64,
    /// How far apart the highest rate that holds and the lowest that does not may be in the end, as a share; above 0.
    pub precision: f64,
    /// Runs that must hold at the capacity; at least 1.
    pub repeats: u32,
    /// No rate above is tried.
    pub highest: f64,
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The promise was kept.
    Held,
    /// The target broke it.
    Missed,
    /// The generator could not keep up; the run says nothing about the target.
    Spoiled,
}

/// Why a rate is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To find a rate that does not hold, or one that does.
    Climb,
    /// To halve the gap between the two.
    Narrow,
    /// To prove that the highest one holds in every repeat.
    Confirm,
}

/// A run to make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probe {
    /// Offered rate, per second.
    pub rate: f64,
    /// What for.
    pub purpose: Purpose,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Next {
    /// Make this run and say what was seen.
    Try(Probe),
    /// Nothing: the finding is final.
    Done,
}

/// Who keeps a rate from holding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The target missed its promise.
    Target,
    /// The generator cannot offer it.
    Generator,
}

/// What is known so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Finding {
    /// The highest rate that holds, below any that does not, with the number of runs in which it did.
    pub holds: Option<(f64, usize)>,
    /// The lowest rate that does not hold, and because of whom.
    pub fails: Option<(f64, Limit)>,
}

/// All runs at one rate.
#[derive(Debug, Clone)]
struct Tried {
    rate: f64,
    first: Purpose,
    seen: Vec<Seen>,
}

/// What the runs at one rate come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Open,
    Holds(usize),
    Fails(Limit),
}

impl Tried {
    /// Counts the runs spoiled since the last one that said something.
    fn spoiled_last(&self) -> usize {
        let seen = self.seen.iter().rev();
        seen.take_while(|&&seen| seen == Seen::Spoiled).count()
    }

    fn standing(&self) -> Standing {
        let judged = || self.seen.iter().filter(|&&seen| seen != Seen::Spoiled);
        let chances = usize::from(self.first == Purpose::Climb);
        if judged().skip(chances).any(|&seen| seen == Seen::Missed) {
            return Standing::Fails(Limit::Target);
        }
        if self.spoiled_last() >= SPOILED_MAX {
            return Standing::Fails(Limit::Generator);
        }
        match judged().filter(|&&seen| seen == Seen::Held).count() {
            0 => Standing::Open,
            held => Standing::Holds(held),
        }
    }
}

/// A search and all it has seen.
#[derive(Debug, Clone)]
pub struct Search {
    rules: Rules,
    tried: Vec<Tried>,
}

impl Search {
    /// Begins a search.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            tried: Vec::new(),
        }
    }

    /// Learns what became of a run.
    pub fn learn(&mut self, probe: Probe, seen: Seen) {
        // A rate that was written down and read again may differ in its last bit.
        let known = |tried: &&mut Tried| (tried.rate / probe.rate - 1.0).abs() < 1e-9;
        match self.tried.iter_mut().find(known) {
            Some(tried) => tried.seen.push(seen),
            None => self.tried.push(Tried {
                rate: probe.rate,
                first: probe.purpose,
                seen: vec![seen],
            }),
        }
    }

    /// Says what to do next.
    pub fn next(&self) -> Next {
        let is_open = |tried: &&Tried| tried.standing() == Standing::Open;
        if let Some(open) = self.tried.iter().find(is_open) {
            return attempt(open.rate, open.first);
        }
        let Rules {
            start,
            climb,
            highest,
            ..
        } = self.rules;
        let lowest = (start * LOWEST_SHARE).min(highest);
        let Finding { holds, fails } = self.finding();
        match (holds, fails) {
            (None, None) => attempt(start.min(highest), Purpose::Climb),
            (None, Some((fails, _))) if fails <= lowest => self.look_again(),
            (None, Some((fails, _))) => attempt(rounded(fails / climb).max(lowest), Purpose::Climb),
            (Some((rate, runs)), None) if rate >= highest => self.settle(rate, runs),
            (Some((rate, _)), None) => attempt(rounded(rate * climb).min(highest), Purpose::Climb),
            (Some((rate, runs)), Some((fails, _))) => match self.between(rate, fails) {
                Some(middle) => attempt(middle, Purpose::Narrow),
                None => self.settle(rate, runs),
            },
        }
    }

    /// Says what is known so far.
    pub fn finding(&self) -> Finding {
        let fails = self
            .tried
            .iter()
            .filter_map(|tried| match tried.standing() {
                Standing::Fails(limit) => Some((tried.rate, limit)),
                _ => None,
            });
        let fails = fails.min_by(|left, right| left.0.total_cmp(&right.0));
        let below = |rate: f64| fails.is_none_or(|(fails, _)| rate < fails);
        let holds = self
            .tried
            .iter()
            .filter_map(|tried| match tried.standing() {
                Standing::Holds(runs) if below(tried.rate) => Some((tried.rate, runs)),
                _ => None,
            });
        Finding {
            holds: holds.max_by(|left, right| left.0.total_cmp(&right.0)),
            fails,
        }
    }

    /// Says whether a rate held as often as it must.
    pub fn is_proven(&self, runs: usize) -> bool {
        u32::try_from(runs).is_ok_and(|runs| runs >= self.rules.repeats)
    }

    fn settle(&self, rate: f64, runs: usize) -> Next {
        if self.is_proven(runs) {
            self.look_again()
        } else {
            attempt(rate, Purpose::Confirm)
        }
    }

    /// Ends the search, unless the generator sets the limit: it may have been busy with something else for a while.
    fn look_again(&self) -> Next {
        let fails = self.finding().fails.map(|(fails, _)| fails);
        let is_limit =
            |tried: &&Tried| fails.is_some_and(|fails| tried.rate.total_cmp(&fails).is_eq());
        match self.tried.iter().find(is_limit) {
            Some(tried) if (SPOILED_MAX..2 * SPOILED_MAX).contains(&tried.spoiled_last()) => {
                attempt(tried.rate, Purpose::Confirm)
            }
            _ => Next::Done,
        }
    }

    /// Gives the rate to try between one that holds and one that does not; `None` if they are close enough.
    fn between(&self, holds: f64, fails: f64) -> Option<f64> {
        let middle = rounded((holds * fails).sqrt());
        let is_apart = fails / holds > 1.0 + self.rules.precision;
        (is_apart && holds < middle && middle < fails).then_some(middle)
    }
}

fn attempt(rate: f64, purpose: Purpose) -> Next {
    Next::Try(Probe { rate, purpose })
}

/// Rounds to four digits: people read and type rates.
fn rounded(rate: f64) -> f64 {
    let behind_point = 3.0 - libm::floor(libm::log10(rate));
    let scale = libm::exp10(behind_point.abs());
    if behind_point > 0.0 {
        (rate * scale).round() / scale
    } else {
        (rate / scale).round() * scale
    }
}

#[cfg(test)]
mod tests;
