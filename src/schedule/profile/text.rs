//! How a rate over time is written on a command line.
//!
//! ```text
//! profile = item *("," item)
//! item    = piece | [count "x"] "(" profile ")"        ; all of it, so many times over
//! piece   = rate "/" time                              ; held
//!         | rate ".." rate "/" time                    ; ramp
//!         | "stairs:" rate ".." rate "/" count "x" time  ; equal steps from the one to the other, each of that length
//!         | "sine:" rate ".." rate "/" time            ; one swing to the other rate and back
//! rate    = number ["k"]                               ; per second; spaces may stand around each part
//! ```

use super::{HIGHEST_RATE, MOST_PIECES, Piece, RateProfile, held, swing};
use crate::units;

/// Parentheses within parentheses at most.
const DEEPEST: usize = 8;

/// A rate profile that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "rate profile {text:?}: {detail} (write 10000, or pieces such as 0..10000/30s,10000/2m,3x(2000/50s,9000/10s))"
)]
pub struct ProfileError {
    text: String,
    detail: String,
}

impl RateProfile {
    /// Parses a profile; every piece needs its time.
    ///
    /// Errors: says which piece is wrong: rates must lie in 0 to [`HIGHEST_RATE`], times above zero, and some piece
    /// must have a rate above zero.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let parsed = parse_items(text, 0)
            .and_then(|pieces| Self::new(pieces).map_err(|why| format!("it {why}")));
        parsed.map_err(|detail| ProfileError {
            text: text.to_owned(),
            detail,
        })
    }
}

/// Parses a rate in arrivals per second: a plain number, or one with `k` for thousands.
///
/// Errors: says what is expected instead.
pub fn parse_rate(text: &str) -> Result<f64, String> {
    let (digits, unit) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1_000.0),
        None => (text, 1.0),
    };
    match digits.trim().parse::<f64>().map(|rate| rate * unit) {
        Ok(rate) if (0.0..=HIGHEST_RATE).contains(&rate) => Ok(rate),
        Ok(rate) => Err(format!(
            "has rate {rate}, a rate lies in 0 to {HIGHEST_RATE} per second"
        )),
        Err(_) => Err(no_rate(text)),
    }
}

/// Says what is wrong with a rate that cannot be read: what stands behind its number, or that there is none.
fn no_rate(text: &str) -> String {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    if number.parse::<f64>().is_err() {
        return format!("has no number where a rate was expected: {text:?}");
    }
    format!(
        "has the unknown unit {:?} in the rate {text:?}; a rate is a number per second, and k stands for thousands of them",
        unit.trim()
    )
}

fn parse_items(text: &str, depth: usize) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    for item in items(text)? {
        let item = item.trim();
        pieces.extend(match item.split_once('(') {
            Some((before, rest)) => parse_repeat(item, before, rest, depth)?,
            None => parse_piece(item).map_err(|why| format!("piece {item:?} {why}"))?,
        });
        if pieces.len() > MOST_PIECES {
            return Err("it has more than a million pieces".into());
        }
    }
    Ok(pieces)
}

/// Splits at the commas that stand in no parentheses.
fn items(text: &str) -> Result<Vec<&str>, String> {
    let mut items = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => {
                depth = depth.checked_sub(1).ok_or_else(|| {
                    format!("nothing is open at the `)` behind {:?}", &text[..at])
                })?;
            }
            ',' if depth == 0 => {
                items.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err("a `)` is missing".into());
    }
    items.push(&text[start..]);
    Ok(items)
}

/// Reads what stands before and behind an opening parenthesis; parentheses are known to match.
fn parse_repeat(item: &str, before: &str, rest: &str, depth: usize) -> Result<Vec<Piece>, String> {
    if depth == DEEPEST {
        return Err(format!("it is nested more than {DEEPEST} deep"));
    }
    let Some(inner) = rest.strip_suffix(')') else {
        return Err(format!(
            "{item:?} goes on behind its `)`; a comma joins items"
        ));
    };
    let times = match before.trim() {
        "" => 1,
        count => count
            .strip_suffix('x')
            .and_then(|count| count.trim().parse::<usize>().ok())
            .filter(|&times| times > 0)
            .ok_or_else(|| {
                format!("{item:?} needs how often before its `(`, as in 3x(2000/50s,9000/10s)")
            })?,
    };
    let pieces = parse_items(inner, depth + 1)?;
    if times.saturating_mul(pieces.len()) > MOST_PIECES {
        return Err(format!("{item:?} makes more than a million pieces"));
    }
    Ok(pieces.repeat(times))
}

fn parse_piece(text: &str) -> Result<Vec<Piece>, String> {
    if let Some(swing) = text.strip_prefix("sine:") {
        let (from, to, time) = parse_change(swing, "sine:500..1500/10m")?;
        return Ok(swing::sine(from, to, parse_time(time)?));
    }
    if let Some(stairs) = text.strip_prefix("stairs:") {
        let example = "stairs:1000..5000/5x1m";
        let (from, to, steps) = parse_change(stairs, example)?;
        let (count, time) = steps
            .split_once('x')
            .ok_or_else(|| format!("lacks its number of steps, as in {example}"))?;
        let count = count
            .trim()
            .parse()
            .ok()
            .filter(|count| (2..=1_000).contains(count));
        let count = count.ok_or("needs 2 to 1000 steps")?;
        return Ok(swing::stairs(from, to, count, parse_time(time)?));
    }
    let (rates, time) = text
        .split_once('/')
        .ok_or("lacks its time, as in 10000/30s")?;
    let seconds = parse_time(time)?;
    let Some((from, to)) = rates.split_once("..") else {
        return Ok(vec![held(parse_rate(rates.trim())?, seconds)]);
    };
    let (from, to) = (parse_rate(from.trim())?, parse_rate(to.trim())?);
    Ok(vec![Piece { from, to, seconds }])
}

/// Reads `RATE..RATE/REST`.
fn parse_change<'a>(text: &'a str, example: &str) -> Result<(f64, f64, &'a str), String> {
    let (rates, rest) = text
        .split_once('/')
        .ok_or_else(|| format!("lacks its time, as in {example}"))?;
    let (from, to) = rates
        .split_once("..")
        .ok_or_else(|| format!("lacks its two rates, as in {example}"))?;
    Ok((parse_rate(from.trim())?, parse_rate(to.trim())?, rest))
}

fn parse_time(text: &str) -> Result<f64, String> {
    let duration = units::parse_duration(text.trim()).map_err(|error| format!("has {error}"))?;
    if duration.is_zero() {
        return Err("has no length".into());
    }
    Ok(duration.as_secs_f64())
}
