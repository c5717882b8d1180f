//! What a search has found, in figures and in words.

use serde::{Deserialize, Serialize};

use crate::format;

/// What the runs of a search come to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bracket {
    /// The highest rate that holds, below any that does not, and whether it held as often as it must.
    pub holds: Option<(f64, bool)>,
    /// The lowest rate that does not hold, and because of whom.
    pub fails: Option<(f64, LimitedBy)>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityResult {
    /// What kind of finding it is.
    pub outcome: Outcome,
    /// The capacity, if it was found.
    pub capacity_per_s: Option<f64>,
    /// The highest rate that holds, below any that does not.
    pub holds_per_s: Option<f64>,
    /// Whether it held in as many runs as asked for.
    pub proven: bool,
    /// The lowest rate that does not hold.
    pub fails_per_s: Option<f64>,
    /// What keeps the finding from being higher, or from being known.
    pub limited_by: LimitedBy,
    /// Where the curve of the response time bends.
    pub knee_per_s: Option<f64>,
    /// How the search ended.
    pub ending: Ending,
    /// The finding in words; plain sentences. Shape: never empty.
    pub reasons: Vec<String>,
}

/// What kind of finding it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The capacity of the target.
    Found,
    /// A rate that holds in every repeat; the capacity is that or more.
    AtLeast,
    /// No rate holds.
    Nowhere,
    /// Nothing is known for sure.
    Unknown,
}

/// What limits a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitedBy {
    /// The target missed its promises.
    Target,
    /// The generator could not offer more.
    Generator,
    /// No higher rate was to be tried.
    HighestRate,
    /// The time was up.
    Time,
    /// The user stopped it.
    Interrupt,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// By itself.
    Completed,
    /// No further run would have ended in time.
    OutOfTime,
    /// The user stopped it.
    Interrupted,
    /// It is still going on.
    Running,
}

impl CapacityResult {
    /// Puts the finding into words.
    pub fn new(bracket: Bracket, ending: Ending, knee_per_s: Option<f64>) -> Self {
        let proven = bracket.holds.is_some_and(|(_, proven)| proven);
        let limited_by = match ending {
            Ending::Completed => bracket
                .fails
                .map_or(LimitedBy::HighestRate, |(_, limit)| limit),
            Ending::OutOfTime => LimitedBy::Time,
            Ending::Interrupted | Ending::Running => LimitedBy::Interrupt,
        };
        let outcome = match (proven, bracket.holds, limited_by) {
            (true, _, LimitedBy::Target) => Outcome::Found,
            (true, _, _) => Outcome::AtLeast,
            (false, None, LimitedBy::Target) => Outcome::Nowhere,
            (false, _, _) => Outcome::Unknown,
        };
        let holds_per_s = bracket.holds.map(|(rate, _)| rate);
        Self {
            outcome,
            capacity_per_s: holds_per_s.filter(|_| outcome == Outcome::Found),
            holds_per_s,
            proven,
            fails_per_s: bracket.fails.map(|(rate, _)| rate),
            limited_by,
            knee_per_s,
            ending,
            reasons: reasons(bracket, limited_by),
        }
    }

    /// Gives the finding in a few words.
    pub fn title(&self) -> String {
        match (self.outcome, self.holds_per_s) {
            (Outcome::Found, Some(rate)) => format!("Capacity {}", format::rate(rate)),
            (Outcome::AtLeast, Some(rate)) => format!("At least {}", format::rate(rate)),
            (Outcome::Nowhere, _) => "No rate holds".to_owned(),
            _ => "Not known".to_owned(),
        }
    }
}

fn reasons(bracket: Bracket, limited_by: LimitedBy) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some((rate, proven)) = bracket.holds {
        let often = if proven {
            "in every repeat"
        } else {
            "so far; it was not repeated as often as it must"
        };
        reasons.push(format!("{} held {often}.", format::rate(rate)));
    }
    if let Some((rate, limit)) = bracket.fails {
        let rate = format::rate(rate);
        reasons.push(if limit == LimitedBy::Generator {
            format!(
                "At {rate} the generator could not keep up, so nothing is known about the target there: add lanes on \
                 free cores, or move the target to another machine."
            )
        } else {
            format!("At {rate} the target missed its promises.")
        });
    }
    match limited_by {
        LimitedBy::Target | LimitedBy::Generator => {}
        LimitedBy::HighestRate => reasons.push("No higher rate was to be tried.".to_owned()),
        LimitedBy::Time => reasons.push(
            "The time was up before the gap was as small as asked for: give it more, or resume it."
                .to_owned(),
        ),
        LimitedBy::Interrupt => {
            reasons.push("The search was stopped before its end; it can be resumed.".to_owned());
        }
    }
    reasons
}
