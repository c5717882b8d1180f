//! Figures in lines and columns, as the commands print them.

use tapdeck_reports::printable::on_one_line;

use super::output::Output;
use crate::error::Error;
pub(super) use crate::units::show_rate;
use crate::units::{show_count, show_ns};

/// Prints a named figure, indented under its heading.
pub(super) fn fact(out: &mut Output, name: &str, value: &str) -> Result<(), Error> {
    writeln!(out, "  {name:<15}{}", on_one_line(value))
}

/// Prints what each name has of the whole: a count, and a share in percent.
pub(super) fn shares<'a>(
    out: &mut Output,
    heading: &str,
    parts: impl Iterator<Item = (&'a str, u64)> + Clone,
) -> Result<(), Error> {
    let whole = parts.clone().map(|(_, count)| count).sum();
    let width = parts.clone().map(|(name, _)| name.chars().count()).max();
    let width = width.unwrap_or(0).max(16);
    writeln!(out, "\n{heading}")?;
    for (name, count) in parts {
        let name = on_one_line(name);
        let (shown, share) = (show_count(count), show_share(count, whole));
        writeln!(out, "  {name:<width$}  {shown:>13}  {share:>8}")?;
    }
    Ok(())
}

/// Shows a share in percent; what is there never shows as nothing.
pub(super) fn show_share(part: u64, whole: u64) -> String {
    show_share_of(part as f64 / whole.max(1) as f64)
}

/// Shows a share given as a number from 0 to 1, likewise.
pub(super) fn show_share_of(share: f64) -> String {
    let percent = 100.0 * share;
    if percent > 0.0 && percent < 0.01 {
        "<0.01 %".to_owned()
    } else {
        format!("{percent:.2} %")
    }
}

/// Shows a length of time in the two largest units that say something.
pub(super) fn show_span(ns: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let seconds = ns / 1_000_000_000;
    if seconds < 60 {
        return show_ns(ns as f64);
    }
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (unit, length) in UNITS {
        let count = rest / length;
        rest %= length;
        if count > 0 && parts.len() < 2 {
            parts.push(format!("{count} {unit}"));
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_hide_what_is_there() {
        for (part, whole, expected) in [
            (1, 4, "25.00 %"),
            (0, 4, "0.00 %"),
            (1, 1_000_000, "<0.01 %"),
            (0, 0, "0.00 %"),
        ] {
            assert_eq!(show_share(part, whole), expected, "{part} of {whole}");
        }
    }

    #[test]
    fn spans_use_the_units_of_their_size() {
        const S: u64 = 1_000_000_000;
        for (ns, expected) in [
            (0, "0.00 ns"),
            (1_500_000, "1.50 ms"),
            (59 * S, "59.0 s"),
            (61 * S, "1 min 1 s"),
            (90 * 86_400 * S - 1, "89 d 23 h"),
            (86_400 * S, "1 d"),
        ] {
            assert_eq!(show_span(ns), expected);
        }
    }
}
