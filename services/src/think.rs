//! Think time: how long a user pauses before the next request.
//!
//! Owns the grammar and the law by its parameters; whoever runs sessions draws from it.
//!
//! ```text
//! think = duration | "uniform:" duration ".." duration | "exponential:" duration
//! ```

use std::fmt;
use std::time::Duration;

use crate::error::{Error, Fault, Located, nearest};
use crate::quantity::Word;

/// Longest pause that may be asked for.
const LONGEST: Duration = Duration::from_hours(24);

/// How long a user pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Think {
    /// Always as long.
    Constant(Duration),
    /// Anything between two durations, each as likely.
    Uniform {
        /// The shortest.
        from: Duration,
        /// The longest; not shorter than the shortest.
        to: Duration,
    },
    /// Exponentially distributed: many short pauses, few long ones.
    Exponential {
        /// The mean.
        mean: Duration,
    },
}

impl Think {
    /// No pause at all.
    pub const NONE: Self = Self::Constant(Duration::ZERO);

    /// Parses `1s`, `uniform:500ms..2s` or `exponential:1.5s`.
    ///
    /// Errors: an unknown law, something that is no duration, one of more than 24 hours, and a range that runs backwards.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::locate(text).map_err(|located| Error::in_expression(text, located))
    }

    /// Gives the mean of the pauses.
    pub fn mean(self) -> Duration {
        match self {
            Self::Constant(mean) | Self::Exponential { mean } => mean,
            Self::Uniform { from, to } => (from + to) / 2,
        }
    }

    pub(crate) fn locate(text: &str) -> Result<Self, Located> {
        let Some((law, rest)) = text.split_once(':') else {
            return Ok(Self::Constant(duration(Word::trim(text, 0))?));
        };
        let rest_at = law.len() + 1;
        match law.trim() {
            "exponential" => Ok(Self::Exponential {
                mean: duration(Word::trim(rest, rest_at))?,
            }),
            "uniform" => uniform(rest, rest_at),
            unknown => {
                let known = ["uniform", "exponential"];
                let fault = Fault::UnknownWord {
                    what: "law of think times",
                    found: unknown.to_owned(),
                    nearest: nearest(unknown, known),
                    known: known.to_vec(),
                };
                Err(fault.at(Word::trim(law, 0).offset))
            }
        }
    }
}

fn uniform(range: &str, range_at: usize) -> Result<Think, Located> {
    let Some((from, to)) = range.split_once("..") else {
        let (expected, example) = ("two durations with \"..\" between", "1s..3s");
        let at = Word::trim(range, range_at).offset;
        return Err(Fault::ThinkSyntax { expected, example }.at(at));
    };
    let to_word = Word::trim(to, range_at + from.len() + "..".len());
    let (from, to) = (duration(Word::trim(from, range_at))?, duration(to_word)?);
    if to < from {
        let range = "no shorter than where the range begins";
        return Err(Fault::ThinkRange { range }.at(to_word.offset));
    }
    Ok(Think::Uniform { from, to })
}

fn duration(word: Word<'_>) -> Result<Duration, Located> {
    let ns = word.duration_ns().map_err(|unread| {
        let (expected, example) = (unread.expected, unread.example);
        Fault::ThinkSyntax { expected, example }.at(unread.offset)
    })?;
    let duration = Duration::try_from_secs_f64(ns / 1e9).ok();
    duration
        .filter(|duration| *duration <= LONGEST)
        .ok_or_else(|| {
            let range = "at most 24 hours";
            Fault::ThinkRange { range }.at(word.offset)
        })
}

impl fmt::Display for Think {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(pause) => write!(f, "{}", Spelled(*pause)),
            Self::Uniform { from, to } => write!(f, "uniform:{}..{}", Spelled(*from), Spelled(*to)),
            Self::Exponential { mean } => write!(f, "exponential:{}", Spelled(*mean)),
        }
    }
}

/// A duration as the grammar writes it.
struct Spelled(Duration);

impl fmt::Display for Spelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ns = self.0.as_nanos();
        let (unit, unit_ns) = match ns {
            _ if ns.is_multiple_of(1_000_000_000) => ("s", 1_000_000_000),
            _ if ns.is_multiple_of(1_000_000) => ("ms", 1_000_000),
            _ => ("us", 1_000),
        };
        match (ns / unit_ns, ns % unit_ns) {
            (whole, 0) => write!(f, "{whole}{unit}"),
            (whole, rest) => write!(f, "{whole}.{rest:03}{unit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_law_is_read() {
        let ms = Duration::from_millis;
        let rows = [
            ("1s", Think::Constant(ms(1_000))),
            (" 2.5 ms ", Think::Constant(Duration::from_micros(2_500))),
            ("0s", Think::NONE),
            (
                "uniform:500ms..2s",
                Think::Uniform {
                    from: ms(500),
                    to: ms(2_000),
                },
            ),
            (
                "uniform: 1s .. 1s",
                Think::Uniform {
                    from: ms(1_000),
                    to: ms(1_000),
                },
            ),
            ("exponential:1.5s", Think::Exponential { mean: ms(1_500) }),
            ("86400s", Think::Constant(LONGEST)),
        ];
        for (text, think) in rows {
            assert_eq!(Think::parse(text).unwrap(), think, "{text}");
        }
    }

    #[test]
    fn faults_are_located_and_worded() {
        let rows = [
            (
                "",
                1,
                "expected a duration in us, ms or s, such as \"30ms\"",
            ),
            (
                "1",
                2,
                "expected a duration in us, ms or s, such as \"30ms\"",
            ),
            (
                "1.2.3s",
                1,
                "expected a number of digits with at most one point, such as \"1.5ms\"",
            ),
            (
                "unifrom:1s..2s",
                1,
                "unknown law of think times \"unifrom\"; did you mean \"uniform\"?",
            ),
            (
                "poisson:1s",
                1,
                "unknown law of think times \"poisson\"; known: uniform, exponential",
            ),
            (
                "uniform:1s",
                9,
                "expected two durations with \"..\" between, such as \"1s..3s\"",
            ),
            (
                "uniform:3s..1s",
                13,
                "a think time must be no shorter than where the range begins",
            ),
            ("86401s", 1, "a think time must be at most 24 hours"),
        ];
        for (text, expected, message) in rows {
            let Err(Error::Expression { column, fault, .. }) = Think::parse(text) else {
                panic!("{text} must not parse");
            };
            assert_eq!((column, fault.to_string()), (expected, message.to_owned()));
        }
    }

    #[test]
    fn the_mean_is_in_the_middle() {
        for (text, mean_ms) in [
            ("1s", 1_000),
            ("uniform:1s..3s", 2_000),
            ("exponential:2s", 2_000),
        ] {
            assert_eq!(
                Think::parse(text).unwrap().mean(),
                Duration::from_millis(mean_ms)
            );
        }
    }

    proptest! {
        #[test]
        fn display_gives_back_what_is_read_the_same(law in 0..3, a in 0u64..86_400_000_000, b in 0u64..86_400_000_000) {
            let (a, b) = (Duration::from_micros(a), Duration::from_micros(b));
            let think = match law {
                0 => Think::Constant(a),
                1 => Think::Uniform { from: a.min(b), to: a.max(b) },
                _ => Think::Exponential { mean: a },
            };
            prop_assert_eq!(Think::parse(&think.to_string()).unwrap(), think);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let _ = Think::parse(&text);
        }
    }
}
