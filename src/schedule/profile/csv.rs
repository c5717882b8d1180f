//! A rate over time as a table: what a monitoring system exports, played back.
//!
//! Two columns, seconds and arrivals per second, with or without the heading `seconds,rate`. Between two rows the rate
//! changes linearly; two rows with the same second make a jump. Seconds count from the first row, so that time stamps of
//! any epoch will do. Empty lines are skipped.

use super::{Piece, RateProfile, parse_rate};

/// A table that makes no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {detail}")]
pub struct CsvError {
    /// Counted from 1.
    line: usize,
    detail: String,
}

#[derive(Clone, Copy)]
struct Row {
    seconds: f64,
    rate: f64,
}

impl RateProfile {
    /// Reads a table of seconds and rates.
    ///
    /// Errors: names the line that has no two numbers, goes back in time or has a rate outside 0 to
    /// [`super::HIGHEST_RATE`]; the last line if the whole makes no profile.
    pub fn from_csv(text: &str) -> Result<Self, CsvError> {
        let mut pieces = Vec::new();
        let mut before: Option<Row> = None;
        let mut last_line = 1;
        for (line, content) in (1..).zip(text.lines()) {
            let fail = |detail| CsvError { line, detail };
            let content = content.trim();
            if content.is_empty() || (before.is_none() && is_heading(content)) {
                continue;
            }
            let row = parse_row(content).map_err(fail)?;
            if let Some(Row { seconds, rate }) = before {
                if row.seconds < seconds {
                    let detail =
                        format!("goes back in time, from {seconds} s to {} s", row.seconds);
                    return Err(fail(detail));
                }
                if row.seconds > seconds {
                    pieces.push(Piece {
                        from: rate,
                        to: row.rate,
                        seconds: row.seconds - seconds,
                    });
                }
            }
            before = Some(row);
            last_line = line;
        }
        let fail = |detail: &str| CsvError {
            line: last_line,
            detail: detail.to_owned(),
        };
        if pieces.is_empty() {
            return Err(fail(
                "ends the table before it covers any time: it takes two rows of seconds and rate",
            ));
        }
        Self::new(pieces).map_err(|why| fail(&format!("ends a profile that {why}")))
    }
}

fn is_heading(content: &str) -> bool {
    content
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .eq(["seconds", "rate"])
}

fn parse_row(content: &str) -> Result<Row, String> {
    let (seconds, rate) = content
        .split_once(',')
        .filter(|(_, rate)| !rate.contains(','))
        .ok_or_else(|| format!("has not the two columns seconds,rate: {content:?}"))?;
    let seconds = seconds
        .trim()
        .parse()
        .ok()
        .filter(|seconds: &f64| seconds.is_finite())
        .ok_or_else(|| format!("has no number of seconds: {seconds:?}"))?;
    let rate = parse_rate(rate.trim())?;
    Ok(Row { seconds, rate })
}
