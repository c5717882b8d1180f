//! Event time: instants inside the synthetic world, and how they are written.
//!
//! Owns the proleptic Gregorian calendar in UTC. Knows no clock.
//! Source: RFC 3339; day numbers by Hinnant, "chrono-compatible low-level date algorithms".

use std::fmt;
use std::str::FromStr;

use crate::numeric::low_half;

pub(crate) const MS_PER_SECOND: i64 = 1_000;
pub(crate) const MS_PER_MINUTE: i64 = 60 * MS_PER_SECOND;
pub(crate) const MS_PER_HOUR: i64 = 60 * MS_PER_MINUTE;
pub(crate) const MS_PER_DAY: i64 = 24 * MS_PER_HOUR;

/// Bytes of every instant as written: `2025-01-06T09:15:27.042Z`.
pub(crate) const RFC3339_BYTES: usize = 24;

/// First day that would need a fifth digit for its year, 10000-01-01.
const FIRST_DAY_TOO_LATE: i64 = 2_932_897;

/// An instant of event time.
///
/// Units: milliseconds since 1970-01-01T00:00Z. Shape: years 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventTime(i64);

impl EventTime {
    /// 2025-01-06T00:00Z, a Monday.
    pub const DEFAULT_START: Self = Self(1_736_121_600_000);

    /// 2025-03-07T18:00Z, a Friday: evening in Europe, noon in America, as busy as a week gets.
    pub const DEFAULT_SLICE: Self = Self(1_741_370_400_000);

    /// Takes milliseconds since 1970-01-01T00:00Z, if they lie in the years 1970 to 9999.
    pub const fn from_unix_ms(unix_ms: i64) -> Option<Self> {
        if unix_ms < 0 || unix_ms >= FIRST_DAY_TOO_LATE * MS_PER_DAY {
            return None;
        }
        Some(Self(unix_ms))
    }

    /// Gives the milliseconds since 1970-01-01T00:00Z.
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// Gives the instant that lies `ms` later, at most the end of the year 9999.
    pub(crate) const fn plus_ms(self, ms: u64) -> Self {
        let last = FIRST_DAY_TOO_LATE * MS_PER_DAY - 1;
        let sum = self.0.saturating_add_unsigned(ms);
        Self(if sum > last { last } else { sum })
    }

    /// Gives the day of the week, 0 for Monday.
    pub(crate) const fn weekday_idx(self) -> usize {
        // 1970-01-01 was a Thursday.
        low_half((self.0 / MS_PER_DAY + 3).unsigned_abs() % 7) as usize
    }

    /// Writes the instant as RFC 3339 in UTC with milliseconds.
    pub(crate) fn to_rfc3339(self) -> [u8; RFC3339_BYTES] {
        let (year, month, day) = civil(self.0 / MS_PER_DAY);
        // Within a day 32 bits suffice, and divide faster.
        let ms = low_half((self.0 % MS_PER_DAY).unsigned_abs());
        let (seconds, ms) = (ms / 1_000, ms % 1_000);
        let (minutes, second) = (seconds / 60, seconds % 60);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        put_pair(&mut text, 0, year / 100);
        put_pair(&mut text, 2, year % 100);
        put_pair(&mut text, 5, month);
        put_pair(&mut text, 8, day);
        put_pair(&mut text, 11, minutes / 60);
        put_pair(&mut text, 14, minutes % 60);
        put_pair(&mut text, 17, second);
        put_pair(&mut text, 20, ms / 10);
        text[22] = digit(ms % 10);
        text
    }
}

/// Writes a number below 100 with two digits.
fn put_pair(text: &mut [u8; RFC3339_BYTES], place: usize, number: u32) {
    text[place] = digit(number / 10);
    text[place + 1] = digit(number % 10);
}

/// Gives the digit of a number below 10.
fn digit(number: u32) -> u8 {
    let [lowest, ..] = number.to_le_bytes();
    b'0' + lowest
}

/// Gives year, month and day of a day number since 1970-01-01, which is not negative and before the year 10000.
const fn civil(day_number: i64) -> (u32, u32, u32) {
    let shifted = low_half(day_number.unsigned_abs()) + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let january_or_february = (month <= 2) as u32;
    (year_of_era + era * 400 + january_or_february, month, day)
}

/// Gives the day number since 1970-01-01.
const fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let shifted_year = year - (month <= 2) as i64;
    let era = shifted_year / 400;
    let year_of_era = shifted_year % 400;
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl fmt::Display for EventTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_rfc3339()
            .iter()
            .try_for_each(|&byte| fmt::Write::write_char(formatter, char::from(byte)))
    }
}

/// Why a text is no instant of event time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no instant: expected a date such as 2025-01-06, or 2025-01-06T09:15:00Z, from 1970 on"
)]
pub struct ParseEventTimeError {
    text: String,
}

impl FromStr for EventTime {
    type Err = ParseEventTimeError;

    /// Reads a date, or a date and a time of day in UTC with seconds and milliseconds as far as wanted.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| ParseEventTimeError {
            text: text.to_owned(),
        })
    }
}

fn parse(text: &str) -> Option<EventTime> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time.strip_suffix('Z')?)),
        None => (text, None),
    };
    let mut parts = date.splitn(3, '-');
    let year = digits(parts.next()?, 4)?;
    let month = digits(parts.next()?, 2)?;
    let day = digits(parts.next()?, 2)?;
    let number = day_number(year, month, day);
    let civil_date = |(year, month, day): (u32, u32, u32)| (year.into(), month.into(), day.into());
    if number < 0 || civil_date(civil(number)) != (year, month, day) {
        return None;
    }
    let ms = time.map_or(Some(0), time_of_day)?;
    EventTime::from_unix_ms(number * MS_PER_DAY + ms)
}

fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let (second, ms) = match parts.next().map(|rest| rest.split_once('.').ok_or(rest)) {
        None => (0, 0),
        Some(Err(second)) => (digits(second, 2)?, 0),
        Some(Ok((second, ms))) => (digits(second, 2)?, digits(ms, 3)?),
    };
    let within = hour < 24 && minute < 60 && second < 60;
    within.then_some(hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_SECOND + ms)
}

fn digits(text: &str, width: usize) -> Option<i64> {
    let all_digits = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_and_written() {
        let rows = [
            ("1970-01-01", 0, "1970-01-01T00:00:00.000Z"),
            ("2025-01-06", 1_736_121_600_000, "2025-01-06T00:00:00.000Z"),
            (
                "2024-02-29T23:59Z",
                1_709_251_140_000,
                "2024-02-29T23:59:00.000Z",
            ),
            (
                "2000-12-31T01:02:03Z",
                978_224_523_000,
                "2000-12-31T01:02:03.000Z",
            ),
            (
                "9999-12-31T23:59:59.999Z",
                253_402_300_799_999,
                "9999-12-31T23:59:59.999Z",
            ),
        ];
        for (text, unix_ms, written) in rows {
            let instant: EventTime = text.parse().unwrap();
            assert_eq!(instant.unix_ms(), unix_ms, "{text}");
            assert_eq!(instant.to_string(), written);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let texts = [
            "",
            "2025",
            "2025-1-6",
            "2025-02-29",
            "2025-13-01",
            "2025-00-10",
            "1969-12-31",
            "2025-01-06T24:00Z",
            "2025-01-06T10:00",
            "2025-01-06T10:00:00+01:00",
            "2025-01-06 10:00",
            "+025-01-06",
            "10000-01-01",
        ];
        for text in texts {
            let error = text.parse::<EventTime>().unwrap_err();
            assert!(error.to_string().contains("2025-01-06"), "{text}");
        }
    }

    #[test]
    fn weekdays_start_on_monday() {
        for (date, expected) in [("2025-01-06", 0), ("2025-01-12", 6), ("1970-01-01", 3)] {
            let instant: EventTime = date.parse().unwrap();
            assert_eq!(instant.weekday_idx(), expected, "{date}");
        }
    }

    #[test]
    fn days_and_dates_convert_both_ways() {
        for number in (0..FIRST_DAY_TOO_LATE).step_by(37) {
            let (year, month, day) = civil(number);
            let back = day_number(year.into(), month.into(), day.into());
            assert_eq!(back, number);
        }
    }
}
