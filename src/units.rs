//! Quantities as people type and read them.

use std::time::Duration;

/// Time units by suffix, longest suffix first so that `ms` is not taken for minutes.
const UNITS: [(&str, f64); 8] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("ms", 1e-3),
    ("d", 86_400.0),
    ("h", 3600.0),
    ("m", 60.0),
    ("s", 1.0),
];

/// Parses a duration: numbers with units, such as `30s`, `250ms`, `1h20m`, `1.5s`.
///
/// Errors: says what is wrong with the text.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let fail =
        |detail: &str| format!("no duration in {text:?}: {detail}, as in 30s, 250ms or 1h20m");
    let mut rest = text.trim();
    let mut seconds = 0.0;
    if rest.is_empty() {
        return Err(fail("expected a number with a unit"));
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(|| fail("the unit is missing"))?;
        let number: f64 = rest[..digits]
            .parse()
            .map_err(|_| fail("expected a number before the unit"))?;
        let tail = &rest[digits..];
        let (unit, scale) = UNITS
            .iter()
            .find(|(unit, _)| tail.starts_with(unit))
            .ok_or_else(|| fail("the unit must be ns, us, ms, s, m, h or d"))?;
        seconds += number * scale;
        rest = tail[unit.len()..].trim_start();
    }
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if seconds <= 366.0 * 86_400.0 => Ok(duration),
        _ => Err(fail("longer than a year")),
    }
}

/// Converts a duration to nanoseconds; parsed durations are far below the limit of 584 years.
pub fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Shows nanoseconds with three significant digits in the unit that suits them.
pub fn show_ns(ns: f64) -> String {
    let (value, unit) = match ns {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns if ns < 1e9 => (ns / 1e6, "ms"),
        ns => (ns / 1e9, "s"),
    };
    let digits = match value {
        value if value < 10.0 => 2,
        value if value < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

/// Shows a count with thousands separators.
pub fn show_count(count: u64) -> String {
    let digits = count.to_string();
    let mut shown = String::with_capacity(digits.len() * 4 / 3);
    for (idx, digit) in digits.char_indices() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Shows a rate per second.
pub fn show_rate(per_second: f64) -> String {
    if per_second < 10.0 {
        return format!("{per_second:.2}/s");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is positive and far below the limit of a count"
    )]
    let whole = per_second.round() as u64;
    format!("{}/s", show_count(whole))
}

/// Shows how many times as fast or as much something is: one decimal below ten, then whole, with thousands separators.
pub fn show_factor(factor: f64) -> String {
    if factor < 0.095 {
        return format!("{factor:.2}");
    }
    if factor < 9.95 {
        return format!("{factor:.1}");
    }
    // Rounded text of a whole number, so nothing is cast.
    let whole = format!("{factor:.0}");
    whole.parse().map_or(whole, show_count)
}

/// Shows a size in binary units.
pub fn show_bytes(bytes: u64) -> String {
    const STEP: f64 = 1024.0;
    let mut value = bytes as f64;
    let mut unit = "B";
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if value < STEP {
            break;
        }
        value /= STEP;
        unit = larger;
    }
    if unit == "B" {
        format!("{bytes} B")
    } else {
        format!("{value:.1} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_every_unit() {
        for (text, expected_ms) in [
            ("30s", 30_000),
            ("250ms", 250),
            ("7d", 604_800_000),
            ("1h20m", 4_800_000),
            ("1.5s", 1_500),
            ("2m 30s", 150_000),
            ("4000us", 4),
            ("0s", 0),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(expected_ms)),
                "{text}"
            );
        }
        for text in [
            "",
            "20",
            "s",
            "5 parsecs",
            "1..2s",
            "-1s",
            "999999h",
            "NaNs",
        ] {
            let error = parse_duration(text).unwrap_err();
            assert!(error.contains("as in 30s"), "{text}: {error}");
        }
    }

    #[test]
    fn quantities_are_shown_as_people_read_them() {
        assert_eq!(show_ns(1_234.0), "1.23 µs");
        assert_eq!(show_ns(12_340_000.0), "12.3 ms");
        assert_eq!(show_ns(2e9), "2.00 s");
        assert_eq!(show_count(1_234_567), "1,234,567");
        assert_eq!(show_count(12), "12");
        for (factor, shown) in [
            (0.016, "0.02"),
            (0.5, "0.5"),
            (1.004, "1.0"),
            (9.96, "10"),
            (7_776.2, "7,776"),
        ] {
            assert_eq!(show_factor(factor), shown);
        }
        assert_eq!(show_bytes(512), "512 B");
        assert_eq!(show_bytes(5 << 30), "5.0 GiB");
    }

    #[test]
    fn rates_are_shown_as_counts_once_they_are_large() {
        assert_eq!(show_rate(0.5), "0.50/s");
        assert_eq!(show_rate(12_345.6), "12,346/s");
    }
}
