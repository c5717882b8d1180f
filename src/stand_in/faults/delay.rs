//! The law of how long answers are kept back.

use std::str::FromStr;
use std::time::Duration;

use rand_distr::{Distribution, LogNormal};
use rand_pcg::Pcg64;

use super::{parse_duration, setting};
use crate::stand_in::Error;
use crate::units::nanoseconds;

/// How long an answer takes, from the arrival of the request's head until the answer is written.
///
/// The engine's own work is part of that time, not added to it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum DelayLaw {
    /// Answers leave at once.
    #[default]
    None,
    /// Every answer takes the same time.
    Fixed(Duration),
    /// The logarithm of the time is normal.
    LogNormal {
        /// Half of the answers take less.
        median: Duration,
        /// The standard deviation of the logarithm; 0.5 puts the 99th percentile at about 3.2 medians.
        sigma: f64,
    },
}

impl FromStr for DelayLaw {
    type Err = Error;

    /// Reads `none`, `fixed:5ms` or `lognormal:5ms,0.5`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let law = match text.split_once(':') {
            None if text == "none" => Some(Self::None),
            Some(("fixed", delay)) => parse_duration(delay).map(Self::Fixed),
            Some(("lognormal", law)) => parse_log_normal(law),
            _ => None,
        };
        law.ok_or_else(|| {
            setting(
                "a delay law",
                text,
                "`none`, `fixed:5ms` or `lognormal:5ms,0.5`",
            )
        })
    }
}

fn parse_log_normal(text: &str) -> Option<DelayLaw> {
    let (median, sigma) = text.split_once(',')?;
    let median = parse_duration(median).filter(|median| !median.is_zero())?;
    let sigma = sigma
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|sigma| (0.0..=10.0).contains(sigma))?;
    Some(DelayLaw::LogNormal { median, sigma })
}

/// A delay law made ready to be drawn from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Delays {
    Fixed(u64),
    LogNormal(LogNormal<f64>),
}

impl Delays {
    /// Prepares a law; one that no distribution exists for delays nothing.
    pub(super) fn new(law: DelayLaw) -> Self {
        match law {
            DelayLaw::None => Self::Fixed(0),
            DelayLaw::Fixed(delay) => Self::Fixed(nanoseconds(delay)),
            DelayLaw::LogNormal { median, sigma } => {
                LogNormal::new(libm::log(median.as_secs_f64()), sigma)
                    .map_or(Self::Fixed(0), Self::LogNormal)
            }
        }
    }

    /// Draws one delay, in nanoseconds.
    pub(super) fn draw(&self, randomness: &mut Pcg64) -> u64 {
        match self {
            Self::Fixed(delay_ns) => *delay_ns,
            Self::LogNormal(law) => {
                let seconds = law.sample(randomness);
                Duration::try_from_secs_f64(seconds).map_or(u64::MAX, nanoseconds)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rand_pcg::Pcg64;
    use rand_pcg::rand_core::SeedableRng;

    use super::{DelayLaw, Delays};

    #[test]
    fn laws_are_read_from_text() {
        let five = Duration::from_millis(5);
        for (text, law) in [
            ("none", DelayLaw::None),
            ("fixed:5ms", DelayLaw::Fixed(five)),
            ("fixed:0s", DelayLaw::Fixed(Duration::ZERO)),
            ("fixed:250us", DelayLaw::Fixed(Duration::from_micros(250))),
            (
                "lognormal:5ms,0.5",
                DelayLaw::LogNormal {
                    median: five,
                    sigma: 0.5,
                },
            ),
            (
                "lognormal: 5ms, 0",
                DelayLaw::LogNormal {
                    median: five,
                    sigma: 0.0,
                },
            ),
        ] {
            assert_eq!(text.parse::<DelayLaw>().unwrap(), law, "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_known_forms() {
        for text in [
            "",
            "5ms",
            "fixed",
            "fixed:",
            "fixed:5",
            "fixed:-5ms",
            "lognormal:5ms",
            "lognormal:0s,1",
            "lognormal:5ms,-1",
            "lognormal:5ms,NaN",
            "lognormal:5ms,inf",
            "uniform:5ms",
        ] {
            let error = text.parse::<DelayLaw>().unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "`{text}` is not a delay law: expected `none`, `fixed:5ms` or `lognormal:5ms,0.5`"
                )
            );
        }
    }

    #[test]
    fn a_log_normal_law_has_its_median_and_spread() {
        let law = DelayLaw::LogNormal {
            median: Duration::from_millis(5),
            sigma: 0.5,
        };
        let delays = Delays::new(law);
        let mut randomness = Pcg64::seed_from_u64(7);
        let mut drawn: Vec<u64> = (0..40_001).map(|_| delays.draw(&mut randomness)).collect();
        drawn.sort_unstable();
        let quantile = |q: usize| drawn[q * 40_000 / 1000] as f64 / 5e6;
        // Medians times exp(0.5 z), z = -1, 0, 1 and 2.326.
        for (q, expected) in [(159, 0.607), (500, 1.0), (841, 1.649), (990, 3.2)] {
            assert!(
                (quantile(q) / expected - 1.0).abs() < 0.03,
                "quantile {q}: {}",
                quantile(q)
            );
        }
    }
}
