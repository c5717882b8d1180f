//! The flags that say when requests leave, and their way to a schedule; shared by every command that has one.
//!
//! Either a rate over time (`--rate 10k --duration 30s`, `--rate 0..10k/30s,10k/2m`) or the tape's own event times
//! (`--arrivals recorded --speed 10`). What contradicts itself is refused, never resolved silently.

#[cfg(test)]
mod tests;

use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use tapdeck_corpora::Tape;

use crate::error::Error;
use crate::replay::walk::pass_ns;
use crate::schedule::profile::parse_rate;
use crate::schedule::{
    ARRIVALS, ArrivalProcess, Parameters, RateProfile, Schedule, arrivals_named,
};
use crate::units::{nanoseconds, parse_duration};

/// When requests leave, as typed.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Schedule")]
pub struct LoadArgs {
    /// Requests per second: one rate, or pieces over time
    ///
    /// One rate is held for --duration: 10000, or 10k. A profile is made of pieces joined by commas, each a rate or a
    /// ramp and its time: 0..10k/30s,10k/2m,10k..0/30s.
    #[arg(long, value_name = "RATE", allow_hyphen_values = true)]
    pub rate: Option<String>,

    /// How long to measure, such as 30s, 5m or 1h20m; a profile brings its own length
    #[arg(long, value_name = "TIME", value_parser = parse_duration, allow_hyphen_values = true)]
    pub duration: Option<Duration>,

    /// Rule that gives the intended send times
    #[arg(long, value_name = "PROCESS", value_parser = arrival_process(), default_value = "poisson")]
    pub arrivals: &'static dyn ArrivalProcess,

    /// Seed of random arrivals; the same seed gives the same times
    #[arg(long, value_name = "NUMBER", default_value_t = 42)]
    pub seed: u64,

    /// Tempo of recorded arrivals: event time played per unit of wall time [default: 1]
    #[arg(long, value_name = "FACTOR", allow_hyphen_values = true)]
    pub speed: Option<f64>,

    /// Time before the measure phase that is played but not counted, at the starting rate [default: 3s when replaying, else 0s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration, allow_hyphen_values = true)]
    pub warm_up: Option<Duration>,
}

/// When requests leave, as meant.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The intended send times, warm-up included.
    pub schedule: Schedule,
    /// Rate over time, or tempo, in the user's words; without the warm-up.
    pub profile_text: String,
    /// Length of the warm-up phase, from the beginning.
    pub warm_up: Duration,
    /// Length of the measure phase, from there.
    pub measure: Duration,
}

impl LoadArgs {
    /// Turns the flags into a schedule; `tape` is there for processes that follow event times, `default_warm_up` for
    /// where none was asked for.
    ///
    /// Errors: `Usage` naming the flag that is missing, out of range or contradicts another one.
    pub fn schedule(&self, tape: Option<&Tape>, default_warm_up: Duration) -> Result<Plan, Error> {
        let warm_up = self.warm_up.unwrap_or(default_warm_up);
        if self.duration.is_some_and(|duration| duration.is_zero()) {
            return Err(usage("--duration", "is zero, so nothing would be measured"));
        }
        if self.arrivals.follows_profile() {
            self.at_a_rate(warm_up)
        } else {
            self.as_recorded(tape, warm_up)
        }
    }

    fn at_a_rate(&self, warm_up: Duration) -> Result<Plan, Error> {
        if self.speed.is_some() {
            let detail = format!(
                "is the tempo of recorded arrivals, and {} arrivals follow --rate; drop one of them or add --arrivals recorded",
                self.arrivals.name()
            );
            return Err(usage("--speed", &detail));
        }
        let Some(rate) = self.rate.as_deref().map(str::trim) else {
            return Err(usage(
                "--rate",
                "is missing: say how many requests per second, as in --rate 10k",
            ));
        };
        let (profile, profile_text) = if rate.contains(['/', ',']) || rate.contains("..") {
            (self.profile(rate)?, rate.to_owned())
        } else {
            self.hold(rate)?
        };
        let measure = seconds(profile.seconds())
            .ok_or_else(|| usage("--rate", "is longer than can be counted"))?;
        let profile = profile.after_warm_up(warm_up.as_secs_f64());
        Ok(self.plan(profile, 1.0, profile_text, warm_up, measure))
    }

    /// Reads a rate over time; a length given beside it must be its own.
    fn profile(&self, rate: &str) -> Result<RateProfile, Error> {
        let profile =
            RateProfile::parse(rate).map_err(|error| usage("--rate", &error.to_string()))?;
        match self.duration {
            Some(duration) if (duration.as_secs_f64() - profile.seconds()).abs() > 1e-6 => {
                let detail = format!(
                    "says {duration:?}, but the pieces of --rate {rate} last {} s together; drop --duration",
                    profile.seconds()
                );
                Err(usage("--duration", &detail))
            }
            _ => Ok(profile),
        }
    }

    /// Reads one rate, to be held for the length given beside it.
    fn hold(&self, rate: &str) -> Result<(RateProfile, String), Error> {
        let per_second = parse_rate(rate).map_err(|error| usage("--rate", &error))?;
        if per_second == 0.0 {
            return Err(usage("--rate", "is zero, so nothing would be sent"));
        }
        let Some(duration) = self.duration else {
            let detail =
                format!("says how fast but not how long: add --duration 30s, or write {rate}/30s");
            return Err(usage("--rate", &detail));
        };
        let profile = RateProfile::hold(per_second, duration.as_secs_f64());
        Ok((profile, format!("{rate}/{duration:?}")))
    }

    fn as_recorded(&self, tape: Option<&Tape>, warm_up: Duration) -> Result<Plan, Error> {
        if self.rate.is_some() {
            return Err(usage(
                "--rate",
                "contradicts --arrivals recorded, which follows the tape's event times at --speed; drop one of them",
            ));
        }
        let Some(tape) = tape else {
            return Err(usage(
                "--arrivals",
                "recorded follows a tape's event times: name the tape with --tape",
            ));
        };
        if tape.manifest().event_span_ns() == 0 {
            return Err(usage(
                "--arrivals",
                "recorded needs event times, and those of this tape are all the same",
            ));
        }
        let speed = self.speed.unwrap_or(1.0);
        if !(speed.is_finite() && speed > 0.0) {
            return Err(usage(
                "--speed",
                &format!("is {speed}, expected a number above zero"),
            ));
        }
        let measure = match self.duration {
            Some(duration) => duration,
            None => self
                .one_pass(tape, speed)?
                .checked_sub(warm_up)
                .filter(|measure| !measure.is_zero())
                .ok_or_else(|| {
                    usage(
                        "--warm-up",
                        "takes up the whole tape at this --speed; shorten it or give a --duration",
                    )
                })?,
        };
        let text = format!("event times at {speed}x");
        Ok(self.plan(RateProfile::default(), speed, text, warm_up, measure))
    }

    /// Gives the time in which every record of the tape leaves once: until the next pass would begin, a mean gap after
    /// the last event, by the schedule's own arithmetic.
    fn one_pass(&self, tape: &Tape, speed: f64) -> Result<Duration, Error> {
        let endless = Parameters {
            profile: RateProfile::default(),
            seed: self.seed,
            speed,
            horizon_ns: u64::MAX,
        };
        let end_ns = self
            .arrivals
            .cursor(&endless)
            .next_ns(pass_ns(tape.manifest()));
        end_ns
            .filter(|&end_ns| end_ns > 0)
            .map(Duration::from_nanos)
            .ok_or_else(|| {
                usage(
                    "--speed",
                    "makes the tape last for less or longer than can be counted",
                )
            })
    }

    fn plan(
        &self,
        profile: RateProfile,
        speed: f64,
        profile_text: String,
        warm_up: Duration,
        measure: Duration,
    ) -> Plan {
        let parameters = Parameters {
            profile,
            seed: self.seed,
            speed,
            horizon_ns: nanoseconds(warm_up.saturating_add(measure)),
        };
        Plan {
            schedule: Schedule {
                process: self.arrivals,
                parameters,
            },
            profile_text,
            warm_up,
            measure,
        }
    }
}

fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

fn usage(flag: &'static str, detail: &str) -> Error {
    Error::Usage {
        flag,
        detail: detail.to_owned(),
    }
}

/// Reads the name of an arrival process; help and error messages list them all.
fn arrival_process() -> impl TypedValueParser<Value = &'static dyn ArrivalProcess> {
    let names = ARRIVALS
        .iter()
        .map(|process| PossibleValue::new(process.name()).help(process.help()));
    PossibleValuesParser::new(names)
        .try_map(|name| arrivals_named(&name).ok_or("no such arrival process"))
}
