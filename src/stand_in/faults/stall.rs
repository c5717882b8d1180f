//! A window in which no answer leaves, as when an engine collects garbage or loses its database for a moment.

use std::str::FromStr;
use std::time::Duration;

use super::{parse_duration, setting};
use crate::stand_in::Error;
use crate::units::nanoseconds;

/// A stall, placed relative to the first evaluation request the stand-in sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall {
    /// From the first request until the stall begins.
    pub after: Duration,
    /// How long it lasts.
    pub length: Duration,
}

impl Stall {
    /// Gives the instant at which an answer due at `due_ns` may leave: its own, or the end of the stall.
    ///
    /// Units: nanoseconds of one clock. Shape: the window includes its first instant and excludes its last.
    pub(in crate::stand_in) fn release_ns(self, first_request_ns: u64, due_ns: u64) -> u64 {
        let begin_ns = first_request_ns.saturating_add(nanoseconds(self.after));
        let end_ns = begin_ns.saturating_add(nanoseconds(self.length));
        if (begin_ns..end_ns).contains(&due_ns) {
            end_ns
        } else {
            due_ns
        }
    }
}

impl FromStr for Stall {
    type Err = Error;

    /// Reads `5s+2s`: five seconds after the first request, for two seconds.
    fn from_str(text: &str) -> Result<Self, Error> {
        text.split_once('+')
            .and_then(|(after, length)| {
                Some(Self {
                    after: parse_duration(after)?,
                    length: parse_duration(length)?,
                })
            })
            .ok_or_else(|| setting("a stall window", text, "begin and length, such as `5s+2s`"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Stall;

    #[test]
    fn only_answers_due_inside_the_window_are_held() {
        let stall = Stall {
            after: Duration::from_nanos(50),
            length: Duration::from_nanos(20),
        };
        for (due_ns, release_ns) in [
            (1000, 1000),
            (1049, 1049),
            (1050, 1070),
            (1069, 1070),
            (1070, 1070),
            (1500, 1500),
        ] {
            assert_eq!(
                stall.release_ns(1000, due_ns),
                release_ns,
                "due at {due_ns}"
            );
        }
    }

    #[test]
    fn windows_are_read_from_text() {
        let expected = Stall {
            after: Duration::from_secs(5),
            length: Duration::from_millis(250),
        };
        assert_eq!("5s+250ms".parse::<Stall>().unwrap(), expected);
        assert_eq!(" 5s + 250ms ".parse::<Stall>().unwrap(), expected);
        for text in ["", "5s", "5s+", "+2s", "5s-2s", "5+2", "5s+-2s"] {
            let error = text.parse::<Stall>().unwrap_err().to_string();
            assert_eq!(
                error,
                format!(
                    "`{text}` is not a stall window: expected begin and length, such as `5s+2s`"
                )
            );
        }
    }
}
