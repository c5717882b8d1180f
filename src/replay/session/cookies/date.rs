//! The dates of cookies, which come in more shapes than any other date.
//!
//! Source: RFC 6265, section 5.1.1.

use jiff::civil::{Date, DateTime, Time};

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Reads a date: the first of its words that can be the time, the day, the month and the year, wherever they stand.
///
/// Units: seconds since the Unix epoch.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for word in text.split(is_delimiter).filter(|word| !word.is_empty()) {
        if time.is_none() && set(&mut time, time_of_day(word)) {
            continue;
        }
        if day.is_none() && set(&mut day, number(word, 1..=2)) {
            continue;
        }
        if month.is_none() && set(&mut month, month_named(word)) {
            continue;
        }
        if year.is_none() {
            set(&mut year, number(word, 2..=4));
        }
    }
    let [hour, minute, second] = time?;
    let year = match year? {
        short @ 70..=99 => short + 1_900,
        short @ 0..=69 => short + 2_000,
        year => year,
    };
    if year < 1_601 {
        return None;
    }
    let part = |value: i16| i8::try_from(value).ok();
    let time = Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()?;
    let date = Date::new(year, month?, part(day?)?).ok()?;
    // Not by way of a timestamp: these end a day before the year 9999 does, which cookies for ever are set to.
    let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    Some(date.to_datetime(time).duration_since(epoch).as_secs())
}

fn is_delimiter(c: char) -> bool {
    matches!(c, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~')
}

/// Fills a place if there is something for it; tells whether there was.
fn set<T>(place: &mut Option<T>, found: Option<T>) -> bool {
    let is_found = found.is_some();
    *place = found;
    is_found
}

/// Reads a number of so many digits, whatever follows that is no digit.
fn number(word: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i16> {
    let end = word.find(|c: char| !c.is_ascii_digit());
    let number = &word[..end.unwrap_or(word.len())];
    digits
        .contains(&number.len())
        .then(|| number.parse().ok())
        .flatten()
}

fn time_of_day(word: &str) -> Option<[i16; 3]> {
    let mut fields = word.splitn(3, ':');
    let whole = |field: &str| {
        let is_short = (1..=2).contains(&field.len());
        let is_number = field.bytes().all(|byte| byte.is_ascii_digit());
        (is_short && is_number)
            .then(|| field.parse().ok())
            .flatten()
    };
    let (hour, minute) = (whole(fields.next()?)?, whole(fields.next()?)?);
    Some([hour, minute, number(fields.next()?, 1..=2)?])
}

fn month_named(word: &str) -> Option<i8> {
    let name = word.get(..3)?.to_ascii_lowercase();
    (1..)
        .zip(MONTHS)
        .find_map(|(number, month)| (month == name).then_some(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_are_read_in_every_shape() {
        const NOON: Option<i64> = Some(1_622_980_800);
        for (text, expected) in [
            ("Sun, 06 Jun 2021 12:00:00 GMT", NOON),
            ("Sunday, 06-Jun-21 12:00:00 GMT", NOON),
            ("Sun Jun  6 12:00:00 2021", NOON),
            ("Sun, 06-Jun-2021 12:00:00 UTC", NOON),
            ("6 june 2021 12:0:0", NOON),
            ("12:00:00 2021 Jun 6", NOON),
            ("12:00:00 6 Jun 2021", NOON),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Thu, 01-Jan-70 00:00:01 GMT", Some(1)),
            ("Mon, 01-Jan-1601 00:00:00 GMT", Some(-11_644_473_600)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(253_402_300_799)),
            ("Mon, 01-Jan-1600 00:00:00 GMT", None),
            ("Sun, 06 Jun 2021 24:00:00 GMT", None),
            ("Sun, 31 Feb 2021 12:00:00 GMT", None),
            ("Sun, 00 Jun 2021 12:00:00 GMT", None),
            ("Sun, 06 Jun 2021", None),
            ("1622980800", None),
            ("0", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    proptest! {
        /// Any text is a date or none, never a panic.
        #[test]
        fn any_text_is_read_or_not(text in ".{0,60}") {
            let _ = parse(&text);
        }
    }
}
