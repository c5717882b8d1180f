//! Numbers as people read them: separators, three significant digits, a unit that fits.
//!
//! Rounding never turns something into nothing or nearly everything into everything: a share of one in a million shows
//! as `<0.01 %`, not as `0 %`. What does not exist shows as [`NOT_AVAILABLE`].

/// Shown where a figure does not exist, for example a quantile of too few samples.
pub(crate) const NOT_AVAILABLE: &str = "n/a";

/// Stands before a figure that is only known to be at least as large, for example a quantile among unanswered requests.
const AT_LEAST: &str = "≥ ";

/// Stands before a figure that is at most as large, because our own lag makes up a good part of it.
const AT_MOST: &str = "≤ ";

/// What is known of a figure, as the mark before it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BoundMark {
    /// It is as measured.
    None,
    /// The true figure is at least as large.
    AtLeast,
    /// The true figure is at most as large.
    AtMost,
}

impl BoundMark {
    /// Gives the mark of a figure that may be a bound; one among unanswered requests is no upper bound of anything.
    pub(crate) fn of(is_lower_bound: bool, is_upper_bound: bool) -> Self {
        match (is_lower_bound, is_upper_bound) {
            (true, _) => Self::AtLeast,
            (false, true) => Self::AtMost,
            (false, false) => Self::None,
        }
    }

    /// Gives the mark of the figure of a key, out of the keys of all lower and of all upper bounds.
    pub(crate) fn listed(key: &str, lower: &[impl AsRef<str>], upper: &[impl AsRef<str>]) -> Self {
        Self::of(
            lower.iter().any(|bound| bound.as_ref() == key),
            upper.iter().any(|bound| bound.as_ref() == key),
        )
    }

    /// Gives the mark with the blank behind it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::None => "",
            Self::AtLeast => AT_LEAST,
            Self::AtMost => AT_MOST,
        }
    }

    /// Writes a duration given in milliseconds behind the mark.
    pub(crate) fn duration(self, ms: f64) -> String {
        format!("{}{}", self.text(), duration(ms))
    }
}

/// Writes a value with `write`, or says that there is none.
pub(crate) fn or_na<T>(value: Option<T>, write: impl Fn(T) -> String) -> String {
    value.map_or_else(|| NOT_AVAILABLE.to_owned(), write)
}

/// Writes a count with thousands separators.
pub(crate) fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// Writes how many there are of something, its name in the singular or the plural: `1 request`, `2 requests`, `2 switches`.
pub fn counted(count: u64, name: &str) -> String {
    let hisses = ["s", "x", "ch", "sh"].iter().any(|end| name.ends_with(end));
    let plural = match (count, hisses) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{} {name}{plural}", self::count(count))
}

/// Writes a whole number kept as a float, with thousands separators.
pub(crate) fn whole(value: f64) -> String {
    grouped(&format!("{value:.0}"))
}

/// Writes a duration given in milliseconds, in the unit that suits it.
pub(crate) fn duration(ms: f64) -> String {
    let us = ms * 1e3;
    let seconds = ms / 1e3;
    if us == 0.0 {
        "0 µs".to_owned()
    } else if us.abs() < 0.9995 {
        format!("{:.0} ns", us * 1e3)
    } else if us.abs() < 999.5 {
        format!("{} µs", significant(us))
    } else if ms.abs() < 999.5 {
        format!("{} ms", significant(ms))
    } else if seconds.abs() < 59.95 {
        format!("{} s", significant(seconds))
    } else {
        span(seconds)
    }
}

/// Writes a duration that someone chose, without decimals that say nothing.
pub(crate) fn round_duration(ms: f64) -> String {
    without_zeros(&duration(ms))
}

/// Writes a share that someone chose, likewise.
pub(crate) fn round_share(value: f64) -> String {
    without_zeros(&share(value))
}

fn without_zeros(amount: &str) -> String {
    match amount.split_once(' ') {
        Some((number, unit)) => format!("{} {unit}", trimmed(number)),
        None => amount.to_owned(),
    }
}

/// Writes a length of time given in seconds as a reader of a clock would say it.
pub(crate) fn span(seconds: f64) -> String {
    if seconds < 59.95 {
        return format!("{} s", trimmed(&significant(seconds)));
    }
    let whole = seconds.round();
    let (hours, minutes, rest) = (
        (whole / 3600.0).floor(),
        (whole % 3600.0 / 60.0).floor(),
        whole % 60.0,
    );
    let mut parts = Vec::new();
    for (amount, unit) in [(hours, "h"), (minutes, "min"), (rest, "s")] {
        if amount > 0.0 {
            parts.push(format!("{amount:.0} {unit}"));
        }
    }
    parts.join(" ")
}

/// Writes when something happened of which only a beginning and an end are known, in seconds: `between 3 s and 4 s`.
pub(crate) fn between(from_s: f64, to_s: f64) -> String {
    // From a minute on only whole seconds are shown: rounded so that what happened stays between them.
    let (from_s, to_s) = if to_s < 59.95 {
        (from_s, to_s)
    } else {
        (from_s.floor(), to_s.ceil())
    };
    format!("between {} and {}", span(from_s), span(to_s))
}

/// Joins names as in a sentence: `a`, `a and b`, `a, b and c`.
pub(crate) fn joined(names: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Writes a rate per second.
pub(crate) fn rate(per_second: f64) -> String {
    if per_second >= 99.95 {
        format!("{}/s", whole(per_second))
    } else {
        format!("{}/s", trimmed(&significant(per_second)))
    }
}

/// Writes a plain factor.
pub(crate) fn factor(value: f64) -> String {
    if value >= 99.95 {
        whole(value)
    } else {
        trimmed(&significant(value)).to_owned()
    }
}

/// Writes a share (0..=1) in percent.
pub(crate) fn share(value: f64) -> String {
    let percent = value * 100.0;
    if percent <= 0.0 {
        "0 %".to_owned()
    } else if percent < 0.01 {
        "<0.01 %".to_owned()
    } else if percent < 10.0 || (99.0..99.99).contains(&percent) {
        format!("{percent:.2} %")
    } else if percent < 99.0 {
        format!("{percent:.1} %")
    } else if percent < 100.0 {
        ">99.99 %".to_owned()
    } else {
        format!("{percent:.0} %")
    }
}

/// Writes an amount of US cents in dollars.
pub(crate) fn usd(cents: u64) -> String {
    format!("${}.{:02}", count(cents / 100), cents % 100)
}

/// Writes three significant digits of a number from 0 to 1000, trailing zeros kept so that columns line up.
fn significant(value: f64) -> String {
    match value.abs() {
        small if small < 9.995 => format!("{value:.2}"),
        middle if middle < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// Drops zeros behind the decimal point, and the point itself when nothing follows it.
pub(crate) fn trimmed(number: &str) -> &str {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}

/// Puts a comma between every three digits, counted from the right.
fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_take_the_unit_that_suits_them() {
        for (ms, text) in [
            (0.0, "0 µs"),
            (0.000_25, "250 ns"),
            (0.001, "1.00 µs"),
            (0.812, "812 µs"),
            (0.999_4, "999 µs"),
            (0.999_6, "1.00 ms"),
            (1.234, "1.23 ms"),
            (12.34, "12.3 ms"),
            (999.6, "1.00 s"),
            (2_000.0, "2.00 s"),
            (125_000.0, "2 min 5 s"),
            (3_720_000.0, "1 h 2 min"),
        ] {
            assert_eq!(duration(ms), text, "{ms} ms");
        }
    }

    #[test]
    fn amounts_that_someone_chose_have_no_idle_zeros() {
        for (ms, text) in [
            (30.0, "30 ms"),
            (1_500.0, "1.5 s"),
            (125_000.0, "2 min 5 s"),
        ] {
            assert_eq!(round_duration(ms), text, "{ms} ms");
        }
        assert_eq!(round_share(0.01), "1 %");
        assert_eq!(round_share(0.005), "0.5 %");
    }

    #[test]
    fn shares_never_round_to_nothing_or_everything() {
        for (value, text) in [
            (0.0, "0 %"),
            (0.000_001, "<0.01 %"),
            (0.000_2, "0.02 %"),
            (0.123_4, "12.3 %"),
            (0.998_7, "99.87 %"),
            (0.999_999, ">99.99 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(share(value), text, "{value}");
        }
    }

    #[test]
    fn counts_rates_and_money_are_grouped_by_thousands() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(12_345_678), "12,345,678");
        assert_eq!(counted(0, "request"), "0 requests");
        assert_eq!(counted(1, "request"), "1 request");
        assert_eq!(counted(1_000, "request"), "1,000 requests");
        assert_eq!(counted(2, "switch"), "2 switches");
        assert_eq!(rate(9_998.4), "9,998/s");
        assert_eq!(rate(12.5), "12.5/s");
        assert_eq!(rate(0.0), "0/s");
        assert_eq!(usd(123_456_705), "$1,234,567.05");
        assert_eq!(usd(9), "$0.09");
    }

    #[test]
    fn spans_read_like_a_clock() {
        assert_eq!(span(30.0), "30 s");
        assert_eq!(span(12.34), "12.3 s");
        assert_eq!(span(60.0), "1 min");
        assert_eq!(span(7_265.0), "2 h 1 min 5 s");
        assert_eq!(between(3.0, 4.0), "between 3 s and 4 s");
        assert_eq!(between(0.0, 1.25), "between 0 s and 1.25 s");
        assert_eq!(
            between(61.9, 62.1),
            "between 1 min 1 s and 1 min 3 s",
            "what happened at 1 min 1.95 s is within"
        );
    }

    #[test]
    fn names_are_joined_as_in_a_sentence() {
        for (names, text) in [
            (&[][..], ""),
            (&["a"], "a"),
            (&["a", "b"], "a and b"),
            (&["a", "b", "c"], "a, b and c"),
        ] {
            assert_eq!(joined(names), text);
        }
    }

    #[test]
    fn what_is_missing_is_said_to_be_missing() {
        assert_eq!(or_na(None, duration), NOT_AVAILABLE);
        assert_eq!(or_na(Some(1.0), duration), "1.00 ms");
    }
}
