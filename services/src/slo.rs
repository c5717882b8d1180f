//! SLOs: promises on a run, such as `p99<30ms`, `errors<=1%` or `achieved>=99%`.
//!
//! Owns their grammar and how lists of them combine; knows nothing of how they are judged.
//!
//! ```text
//! list     = slo *("," slo)
//! slo      = quantile ("<" | "<=") duration | "errors" ("<" | "<=") percent | "achieved" (">" | ">=") percent
//! quantile = "p" number                   ; above 0, at most 100
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
    /// Units: nanoseconds for a quantile, a share 0..=1 for the others. Finite.
    pub limit: f64,
    /// As typed, without spaces.
    pub text: String,
}

/// What an SLO is about; one list has at most one SLO on each subject.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SloSubject {
    /// A quantile of the response time, above 0 and up to 1.
    ResponseQuantile(f64),
    /// Share of the planned requests that did not end good.
    ErrorShare,
    /// Achieved over offered rate.
    AchievedShare,
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
    let limit = match subject {
        SloSubject::ResponseQuantile(_) => right.duration_ns().map_err(|unread| {
            let (expected, example) = (unread.expected, unread.example);
            Fault::SloSyntax { expected, example }.at(unread.offset)
        })?,
        SloSubject::ErrorShare | SloSubject::AchievedShare => percent(right)?,
    };
    if let Some(allowed) = forbidden(subject, comparison) {
        let subject = left.text.to_owned();
        return Err(Fault::SloDirection { subject, allowed }.at(operator_at));
    }
    let text = text.split_whitespace().collect();
    if never_holds(subject, comparison, limit) {
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
        _ => {}
    }
    let number = word.text.strip_prefix('p').map(|text| Word {
        text,
        offset: word.offset + 1,
    });
    let Some(quantile) = number.and_then(|number| number.scaled(-2)) else {
        let known = ["p50", "p95", "p99", "p99.9", "errors", "achieved"];
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
fn forbidden(subject: SloSubject, comparison: Comparison) -> Option<&'static str> {
    let upward = matches!(comparison, Comparison::Above | Comparison::AtLeast);
    match (subject, upward) {
        (SloSubject::AchievedShare, false) => Some("above (>) or at least at (>=) its limit"),
        (SloSubject::ResponseQuantile(_) | SloSubject::ErrorShare, true) => {
            Some("below (<) or at most at (<=) its limit")
        }
        _ => None,
    }
}

fn never_holds(subject: SloSubject, comparison: Comparison, limit: f64) -> bool {
    match subject {
        SloSubject::ResponseQuantile(_) => limit <= 0.0,
        SloSubject::ErrorShare => comparison == Comparison::Below && limit <= 0.0,
        SloSubject::AchievedShare => comparison == Comparison::Above && limit >= 1.0,
    }
}
