//! Event times as people read them.

use jiff::{SignedDuration, Timestamp};

/// Gives the instant `offset_ns` after an RFC 3339 epoch, RFC 3339 again.
///
/// An epoch that is no time, or an instant beyond the calendar, is shown as the sum it is.
pub(super) fn show(epoch: &str, offset_ns: u64) -> String {
    let offset = i64::try_from(offset_ns).map(SignedDuration::from_nanos);
    let instant = epoch
        .parse::<Timestamp>()
        .ok()
        .zip(offset.ok())
        .and_then(|(epoch, offset)| epoch.checked_add(offset).ok());
    match instant {
        Some(instant) => instant.to_string(),
        None => format!("{epoch} + {offset_ns} ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_added_to_the_epoch() {
        for (epoch, offset_ns, expected) in [
            ("2025-01-06T00:00:00Z", 0, "2025-01-06T00:00:00Z"),
            (
                "2025-01-06T00:00:00Z",
                86_400_000_000_001,
                "2025-01-07T00:00:00.000000001Z",
            ),
            ("2025-01-06T02:00:00+02:00", 0, "2025-01-06T00:00:00Z"),
            ("yesterday", 5, "yesterday + 5 ns"),
            (
                "2025-01-06T00:00:00Z",
                u64::MAX,
                "2025-01-06T00:00:00Z + 18446744073709551615 ns",
            ),
        ] {
            assert_eq!(show(epoch, offset_ns), expected);
        }
    }
}
