//! The flags of the closed model: users who wait for each answer before they send again. They mean what they mean to
//! Locust's users.

use std::time::Duration;

use tapdeck_reports::counted;
use tapdeck_services::Think;

use super::load::LoadArgs;
use crate::error::Error;
use crate::schedule::{Load, Users};
use crate::units::{nanoseconds, parse_duration};

/// Most users that make sense on one machine.
const MOST_USERS: u32 = 50_000;

/// Users who wait for answers, as typed.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Users (closed model, instead of a schedule)")]
pub struct UserArgs {
    /// Users, each of whom waits for an answer before it sends again; the rate is then the target's doing
    #[arg(long, value_name = "NUMBER", requires = "run_time", conflicts_with_all = ["rate", "duration", "arrivals", "speed"])]
    pub users: Option<u32>,

    /// Users that come per second until all are there [default: 1]
    #[arg(
        long,
        value_name = "PER SECOND",
        requires = "users",
        allow_hyphen_values = true
    )]
    pub spawn_rate: Option<f64>,

    /// How long to run, from the first user's coming, such as 5m
    #[arg(long, value_name = "TIME", requires = "users", value_parser = parse_duration, allow_hyphen_values = true)]
    pub run_time: Option<Duration>,

    /// Last part of the run time, over which the users go again [default: 0s, all at the end]
    #[arg(long, value_name = "TIME", requires = "users", value_parser = parse_duration, allow_hyphen_values = true)]
    pub ramp_down: Option<Duration>,

    /// Pause of a user between answer and next request: 1s, uniform:500ms..2s or exponential:1s [default: none]
    ///
    /// Between the steps of a session its own pauses count; this one is between sessions.
    #[arg(long, value_name = "TIME", requires = "users", value_parser = parse_think)]
    pub think: Option<Think>,
}

/// Users as meant.
#[derive(Debug, Clone)]
pub struct UserPlan {
    /// They and their times.
    pub load: Load,
    /// In the user's words.
    pub text: String,
    /// Length of the warm-up phase, from the beginning.
    pub warm_up: Duration,
    /// Length of the measure phase, from there.
    pub measure: Duration,
}

impl UserArgs {
    /// Turns the flags into users; `None` if none are asked for. The warm-up is part of the run time.
    ///
    /// Errors: `Usage` naming the flag that is out of range or contradicts another one.
    pub fn plan(&self, load: &LoadArgs) -> Result<Option<UserPlan>, Error> {
        let (Some(count), Some(run_time)) = (self.users, self.run_time) else {
            return Ok(None);
        };
        if count == 0 || count > MOST_USERS {
            let detail = format!("must lie in 1 to {MOST_USERS}, not {count}");
            return Err(usage("--users", detail));
        }
        let spawn_rate = self.spawn_rate.unwrap_or(1.0);
        if !(spawn_rate.is_finite() && spawn_rate > 0.0) {
            let detail = format!("is {spawn_rate}, expected users per second, above zero");
            return Err(usage("--spawn-rate", detail));
        }
        let last_s = f64::from(count - 1) / spawn_rate;
        let ramp_down = self.ramp_down.unwrap_or_default();
        let warm_up = load.warm_up.unwrap_or_default();
        if last_s + ramp_down.as_secs_f64() > run_time.as_secs_f64() {
            let going = match self.ramp_down {
                Some(ramp_down) => format!(" and they begin to go {ramp_down:?} before the end"),
                None => String::new(),
            };
            let detail = format!(
                "is {run_time:?}, but the last of {count} users comes after {last_s} s at {spawn_rate}/s{going}; lengthen it, \
                 raise --spawn-rate or shorten --ramp-down"
            );
            return Err(usage("--run-time", detail));
        }
        let Some(measure) = run_time.checked_sub(warm_up).filter(|left| !left.is_zero()) else {
            let detail = format!("takes up all of --run-time {run_time:?}; shorten it");
            return Err(usage("--warm-up", detail));
        };
        let think = self.think.unwrap_or(Think::NONE);
        Ok(Some(UserPlan {
            text: self.words(count, spawn_rate, run_time, think),
            load: Load::Closed(Users {
                count,
                spawn_rate,
                run_ns: nanoseconds(run_time),
                ramp_down_ns: nanoseconds(ramp_down),
                think,
                seed: load.seed,
            }),
            warm_up,
            measure,
        }))
    }

    fn words(&self, count: u32, spawn_rate: f64, run_time: Duration, think: Think) -> String {
        let think = match think {
            Think::NONE => String::new(),
            think => format!(", think {think}"),
        };
        let ramp_down = match self.ramp_down {
            None => String::new(),
            Some(ramp_down) => format!(", ramp-down {ramp_down:?}"),
        };
        let users = counted(count.into(), "user");
        format!("{users}, {spawn_rate}/s, {run_time:?}{think}{ramp_down}")
    }
}

fn parse_think(text: &str) -> Result<Think, String> {
    Think::parse(text).map_err(|error| crate::error::chain(&error))
}

fn usage(flag: &'static str, detail: String) -> Error {
    Error::Usage { flag, detail }
}
