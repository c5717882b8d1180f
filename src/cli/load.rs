//! The flags that say when requests leave, and their way to a schedule; shared by every command that has one.
//!
//! Either a rate over time (`--rate 10k --duration 30s`, `--rate 0..10k/30s,10k/2m`, `--profile-csv load.csv`) or the
//! tape's own event times (`--arrivals recorded --speed 10`). What contradicts itself is refused, never resolved silently.

pub(super) mod bounds;
mod bursts;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use tapdeck_corpora::Tape;

pub use self::bursts::BurstArgs;
use crate::error::Error;
use crate::replay::walk::pass_ns;
use crate::schedule::profile::parse_rate;
use crate::schedule::{
    ARRIVALS, ArrivalProcess, Bursts, Parameters, RateProfile, Schedule, arrivals_named,
};
use crate::units::{nanoseconds, parse_duration};

/// When requests leave, as typed.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Schedule")]
pub struct LoadArgs {
    /// Requests per second: one rate, or pieces over time
    ///
    /// One rate is held for --duration: 10000, or 10k. A profile is made of pieces joined by commas: 10k/2m holds a rate,
    /// 0..10k/30s is a ramp, stairs:1k..5k/5x1m climbs in five steps of a minute, sine:500..1500/10m swings to the other
    /// rate and back, and 3x(1k/50s,9k/10s) plays what is in the parentheses three times.
    #[arg(long, value_name = "RATE", allow_hyphen_values = true)]
    pub rate: Option<String>,

    /// Requests per second over time, from a table with the columns seconds,rate; linear between its rows
    #[arg(long, value_name = "FILE", conflicts_with = "rate")]
    pub profile_csv: Option<PathBuf>,

    /// How long to measure, such as 30s, 5m or 1h20m; a profile brings its own length
    #[arg(long, value_name = "TIME", value_parser = parse_duration, allow_hyphen_values = true)]
    pub duration: Option<Duration>,

    /// Rule that gives the intended send times
    #[arg(long, value_name = "PROCESS", value_parser = arrival_process(), default_value = "poisson")]
    pub arrivals: &'static dyn ArrivalProcess,

    /// How the rate of bursty arrivals jumps
    #[command(flatten)]
    pub bursts: BurstArgs,

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
            self.at_a_rate(tape, warm_up)
        } else {
            self.as_recorded(tape, warm_up)
        }
    }

    fn at_a_rate(&self, tape: Option<&Tape>, warm_up: Duration) -> Result<Plan, Error> {
        if self.speed.is_some() {
            let detail = format!(
                "is the tempo of recorded arrivals, and {} arrivals follow a rate; drop it or add --arrivals recorded",
                self.arrivals.name()
            );
            return Err(usage("--speed", &detail));
        }
        let bursts = self.bursts.of(self.arrivals)?;
        let (flag, profile, mut text) = self.rate_over_time()?;
        let measure = seconds(profile.seconds())
            .ok_or_else(|| usage(flag, "is longer than can be counted"))?;
        if let Some(bursts) = bursts {
            text = format!("{text}, bursts of {bursts}");
        }
        let parameters = Parameters {
            profile: profile.after_warm_up(warm_up.as_secs_f64()),
            bursts: bursts.unwrap_or_default(),
            ..self.unbounded()
        };
        if let Some(tape) = tape {
            bounds::check_passes(tape.manifest(), parameters.profile.arrivals())?;
        }
        Ok(self.plan(parameters, text, warm_up, measure))
    }

    /// Reads the rate over time from wherever it is said; gives the flag, the profile, and the profile in words.
    fn rate_over_time(&self) -> Result<(&'static str, RateProfile, String), Error> {
        if let Some(path) = &self.profile_csv {
            let profile = self.lasting("--profile-csv", read_csv(path)?)?;
            let name = path.file_name().unwrap_or(path.as_os_str());
            return Ok((
                "--profile-csv",
                profile,
                name.to_string_lossy().into_owned(),
            ));
        }
        let Some(rate) = self.rate.as_deref().map(str::trim) else {
            return Err(usage(
                "--rate",
                "is missing: say how many requests per second, as in --rate 10k",
            ));
        };
        if rate.contains(['/', ',', '(', ':']) || rate.contains("..") {
            let profile =
                RateProfile::parse(rate).map_err(|error| usage("--rate", &error.to_string()))?;
            Ok(("--rate", self.lasting("--rate", profile)?, rate.to_owned()))
        } else {
            let (profile, text) = self.hold(rate)?;
            Ok(("--rate", profile, text))
        }
    }

    /// Checks the length of a profile, which a length given beside it must be, too.
    fn lasting(&self, flag: &str, profile: RateProfile) -> Result<RateProfile, Error> {
        match self.duration {
            Some(duration) if (duration.as_secs_f64() - profile.seconds()).abs() > 1e-6 => {
                let detail = format!(
                    "says {duration:?}, but what {flag} says lasts {} s; drop --duration",
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
        for (flag, given) in [
            ("--rate", self.rate.is_some()),
            ("--profile-csv", self.profile_csv.is_some()),
        ] {
            if given {
                let detail = "contradicts --arrivals recorded, which follows the tape's event times at --speed; drop one of them";
                return Err(usage(flag, detail));
            }
        }
        self.bursts.of(self.arrivals)?;
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
        bounds::check_tempo(tape.manifest(), speed, warm_up.saturating_add(measure))?;
        let text = format!("event times at {speed}x");
        let parameters = Parameters {
            speed,
            ..self.unbounded()
        };
        Ok(self.plan(parameters, text, warm_up, measure))
    }

    /// Gives the time in which every record of the tape leaves once: until the next pass would begin, a mean gap after
    /// the last event, by the schedule's own arithmetic.
    fn one_pass(&self, tape: &Tape, speed: f64) -> Result<Duration, Error> {
        let endless = Parameters {
            speed,
            ..self.unbounded()
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

    /// Gives parameters of a schedule without a rate, a tempo or an end.
    fn unbounded(&self) -> Parameters {
        Parameters {
            profile: RateProfile::default(),
            seed: self.seed,
            bursts: Bursts::default(),
            speed: 1.0,
            horizon_ns: u64::MAX,
        }
    }

    fn plan(
        &self,
        parameters: Parameters,
        profile_text: String,
        warm_up: Duration,
        measure: Duration,
    ) -> Plan {
        let parameters = Parameters {
            horizon_ns: nanoseconds(warm_up.saturating_add(measure)),
            ..parameters
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

/// Reads a table of rates over time.
fn read_csv(path: &Path) -> Result<RateProfile, Error> {
    let table = tapdeck_files::read_text(path).map_err(|source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    RateProfile::from_csv(&table)
        .map_err(|error| usage("--profile-csv", &format!("{}: {error}", path.display())))
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
pub(super) fn arrival_process() -> impl TypedValueParser<Value = &'static dyn ArrivalProcess> {
    let names = ARRIVALS
        .iter()
        .map(|process| PossibleValue::new(process.name()).help(process.help()));
    PossibleValuesParser::new(names)
        .try_map(|name| arrivals_named(&name).ok_or("no such arrival process"))
}
