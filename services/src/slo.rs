//! SLOs: promises on a run, such as `p99<30ms`, `errors<=1%` or `recall[card_testing]>=80%`.
//!
//! Owns their grammar and how lists of them combine; knows nothing of how they are judged, nor of the baseline that some
//! refer to.
//!
//! ```text
//! list     = slo *("," slo)
//! slo      = quantile below (duration | baseline) | share below (percent | baseline) | part above (percent | baseline)
//! quantile = "p" number                   ; above 0, at most 100
//! share    = "errors" | "fpr"
//! part     = "achieved" | "sessions" | "recall" | "recall[" label "]"
//! label    = 1*(lowercase letter | DIGIT | "_" | "-")
//! below    = "<" | "<="
//! above    = ">" | ">="
//! baseline = "baseline" ["*" number]      ; what an earlier run measured, or so many times that; above 0
//! duration = number ("us" | "µs" | "ms" | "s")
//! percent  = number "%"                   ; at most 100
//! number   = 1*DIGIT ["." 1*DIGIT]        ; spaces may stand around each subject, comparison, number and unit
//! ```

#[cfg(test)]
mod tests;

use crate::error::{Error, Fault, Located, nearest};
use crate::quantity::Word;

/// One promise.
#[derive(Debug, Clone, PartialEq)]
pub struct Slo {
    /// What is promised something about.
    pub subject: SloSubject,
    /// On which side of the limit it must stay, as typed.
    pub comparison: Comparison,
    /// Where that is.
    pub limit: Limit,
    /// As typed, without spaces.
    pub text: String,
}

/// Where a limit lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// Units: nanoseconds for a quantile, a share 0..=1 for the others. Finite.
    Fixed(f64),
    /// So many times what an earlier run measured; above 0.
    OfBaseline(f64),
}

/// What an SLO is about; one list has at most one SLO on each subject.
#[derive(Debug, Clone, PartialEq)]
pub enum SloSubject {
    /// A quantile of the response time, above 0 and up to 1.
    ResponseQuantile(f64),
    /// Share of the planned requests that did not end good and of the steps left out.
    ErrorShare,
    /// Achieved over offered rate.
    AchievedShare,
    /// Good sessions over sessions that came to their end.
    SessionShare,
    /// Flagged fraud over all fraud, or over all fraud of one label.
    Recall(Option<String>),
    /// Flagged legitimate requests over all of them.
    FalsePositiveRate,
}

/// A comparison as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Says whether `measured` keeps the promise; a NaN never does.
    pub fn holds(self, measured: f64, limit: f64) -> bool {
        match self {
            Self::Below => measured < limit,
            Self::AtMost => measured <= limit,
            Self::Above => measured > limit,
            Self::AtLeast => measured >= limit,
        }
    }
}

/// Parses a list such as `p99<30ms, errors<0.5%`.
///
/// Errors: an empty list or entry, a fault in an entry, and a subject that stands twice, each with its column.
pub fn parse_list(text: &str) -> Result<Vec<Slo>, Error> {
    let mut slos = Vec::new();
    let mut offset = 0;
    for entry in text.split(',') {
        let start = offset + (entry.len() - entry.trim_start().len());
        locate(entry)
            .map_err(|located| located.fault.at(located.offset + offset))
            .and_then(|slo| push_new(&mut slos, slo).map_err(|fault| fault.at(start)))
            .map_err(|located| Error::in_expression(text, located))?;
        offset += entry.len() + 1;
    }
    Ok(slos)
}

/// Combines two lists: an override takes the place of the default on the same subject, the others follow.
pub fn merge(defaults: &[Slo], overrides: &[Slo]) -> Vec<Slo> {
    let mut merged = defaults.to_vec();
    for slo in overrides {
        match merged.iter_mut().find(|held| held.subject == slo.subject) {
            Some(held) => *held = slo.clone(),
            None => merged.push(slo.clone()),
        }
    }
    merged
}

/// Gives what a service with sessions is held to unless a list names the subject: a broken session is an error.
pub fn default_for_sessions() -> Slo {
    Slo {
        subject: SloSubject::SessionShare,
        comparison: Comparison::AtLeast,
        limit: Limit::Fixed(0.99),
        text: "sessions>=99%".to_owned(),
    }
}

/// Gives what every service is held to unless a list names the subject.
pub fn default_for_errors() -> Slo {
    Slo {
        subject: SloSubject::ErrorShare,
        comparison: Comparison::AtMost,
        limit: Limit::Fixed(0.01),
        text: "errors<=1%".to_owned(),
    }
}

/// Adds an SLO unless its subject already has one.
pub(crate) fn push_new(slos: &mut Vec<Slo>, slo: Slo) -> Result<(), Fault> {
    if slos.iter().any(|held| held.subject == slo.subject) {
        return Err(Fault::SloTwice { text: slo.text });
    }
    slos.push(slo);
    Ok(())
}

/// Parses one SLO.
pub(crate) fn locate(text: &str) -> Result<Slo, Located> {
    let example = "p99<30ms";
    let Some(operator_at) = text.find(['<', '>']) else {
        let expected = "a comparison";
        return Err(Fault::SloSyntax { expected, example }.at(text.trim_end().len()));
    };
    let left = Word::trim(&text[..operator_at], 0);
    let (comparison, width) = comparison_at(&text[operator_at..]);
    let right_at = operator_at + width;
    let right = Word::trim(&text[right_at..], right_at);

    let subject = subject(left)?;
    let limit = match baseline(right)? {
        Some(factor) => Limit::OfBaseline(factor),
        None => Limit::Fixed(fixed(&subject, right)?),
    };
    if let Some(allowed) = forbidden(&subject, comparison) {
        let subject = left.text.to_owned();
        return Err(Fault::SloDirection { subject, allowed }.at(operator_at));
    }
    let text = text.split_whitespace().collect();
    if never_holds(&subject, comparison, limit) {
        return Err(Fault::SloNever { text }.at(right.offset));
    }
    Ok(Slo {
        subject,
        comparison,
        limit,
        text,
    })
}

/// Reads the comparison that `rest` starts with, and its length.
fn comparison_at(rest: &str) -> (Comparison, usize) {
    match rest.as_bytes() {
        [b'<', b'=', ..] => (Comparison::AtMost, 2),
        [b'<', ..] => (Comparison::Below, 1),
        [_, b'=', ..] => (Comparison::AtLeast, 2),
        _ => (Comparison::Above, 1),
    }
}

fn subject(word: Word<'_>) -> Result<SloSubject, Located> {
    match word.text {
        "errors" => return Ok(SloSubject::ErrorShare),
        "achieved" => return Ok(SloSubject::AchievedShare),
        "sessions" => return Ok(SloSubject::SessionShare),
        "recall" => return Ok(SloSubject::Recall(None)),
        "fpr" => return Ok(SloSubject::FalsePositiveRate),
        _ => {}
    }
    if let Some(label) = word.text.strip_prefix("recall[") {
        return labelled(label, word.offset + "recall[".len());
    }
    let number = word.text.strip_prefix('p').map(|text| Word {
        text,
        offset: word.offset + 1,
    });
    let Some(quantile) = number.and_then(|number| number.scaled(-2)) else {
        let known = [
            "p50", "p95", "p99", "p99.9", "errors", "achieved", "sessions", "recall", "fpr",
        ];
        let fault = Fault::UnknownWord {
            what: "SLO subject",
            found: word.text.to_owned(),
            nearest: nearest(word.text, known),
            known: known.to_vec(),
        };
        return Err(fault.at(word.offset));
    };
    if quantile <= 0.0 || quantile > 1.0 {
        let what = "a quantile";
        let range = "above p0 and up to p100";
        return Err(Fault::SloRange { what, range }.at(word.offset));
    }
    Ok(SloSubject::ResponseQuantile(quantile))
}

/// Reads the rest of `recall[LABEL]`.
fn labelled(rest: &str, offset: usize) -> Result<SloSubject, Located> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    let label = rest
        .strip_suffix(']')
        .filter(|label| !label.is_empty() && label.chars().all(allowed));
    label
        .map(|label| SloSubject::Recall(Some(label.to_owned())))
        .ok_or_else(|| {
            let (expected, example) = ("a label in brackets", "recall[card_testing]");
            Fault::SloSyntax { expected, example }.at(offset)
        })
}

/// Reads a limit that an earlier run sets, if it is one.
fn baseline(word: Word<'_>) -> Result<Option<f64>, Located> {
    let Some(rest) = word.text.strip_prefix("baseline") else {
        return Ok(None);
    };
    let rest = Word::trim(rest, word.offset + "baseline".len());
    let factor = match rest.text.strip_prefix('*') {
        None if rest.text.is_empty() => Some(1.0),
        None => None,
        Some(factor) => Word::trim(factor, 0)
            .scaled(0)
            .filter(|&factor| factor > 0.0),
    };
    factor.map(Some).ok_or_else(|| {
        let (expected, example) = ("nothing more or a factor above 0", "baseline*1.1");
        Fault::SloSyntax { expected, example }.at(rest.offset)
    })
}

/// Reads a limit in the unit of its subject.
fn fixed(subject: &SloSubject, word: Word<'_>) -> Result<f64, Located> {
    match subject {
        SloSubject::ResponseQuantile(_) => word.duration_ns().map_err(|unread| {
            let (expected, example) = (unread.expected, unread.example);
            Fault::SloSyntax { expected, example }.at(unread.offset)
        }),
        SloSubject::ErrorShare
        | SloSubject::AchievedShare
        | SloSubject::SessionShare
        | SloSubject::Recall(_)
        | SloSubject::FalsePositiveRate => percent(word),
    }
}

/// Reads a percentage as a share 0..=1.
fn percent(word: Word<'_>) -> Result<f64, Located> {
    let (number, unit) = word.split_number();
    let share = number.scaled(-2).filter(|_| unit.text == "%");
    let Some(share) = share else {
        let expected = "a percentage";
        let example = "0.5%";
        return Err(Fault::SloSyntax { expected, example }.at(word.offset));
    };
    if share > 1.0 {
        let what = "a percentage";
        let range = "between 0% and 100%";
        return Err(Fault::SloRange { what, range }.at(word.offset));
    }
    Ok(share)
}

/// Names the comparisons that make sense for `subject`, if `comparison` is not among them.
fn forbidden(subject: &SloSubject, comparison: Comparison) -> Option<&'static str> {
    let upward = matches!(comparison, Comparison::Above | Comparison::AtLeast);
    match (subject.is_better_high(), upward) {
        (true, false) => Some("above (>) or at least at (>=) its limit"),
        (false, true) => Some("below (<) or at most at (<=) its limit"),
        _ => None,
    }
}

impl SloSubject {
    /// Tells whether more of it is better.
    fn is_better_high(&self) -> bool {
        match self {
            Self::AchievedShare | Self::SessionShare | Self::Recall(_) => true,
            Self::ResponseQuantile(_) | Self::ErrorShare | Self::FalsePositiveRate => false,
        }
    }
}

fn never_holds(subject: &SloSubject, comparison: Comparison, limit: Limit) -> bool {
    let Limit::Fixed(limit) = limit else {
        return false;
    };
    match subject {
        SloSubject::ResponseQuantile(_) => limit <= 0.0,
        SloSubject::ErrorShare | SloSubject::FalsePositiveRate => {
            comparison == Comparison::Below && limit <= 0.0
        }
        SloSubject::AchievedShare | SloSubject::SessionShare | SloSubject::Recall(_) => {
            comparison == Comparison::Above && limit >= 1.0
        }
    }
}
