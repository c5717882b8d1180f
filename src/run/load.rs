//! The load that a scenario comes to for one service, with the origin of every figure: flags before the environment, before
//! the service, before the defaults.

use std::time::Duration;

use tapdeck_services::{Scenario, ScenarioLoad, Think};

use super::environment::Environment;
use super::scenario::{BASELINE, Found, General, Scale, Shape};
use super::setting::Setting;
use super::wish::Wish;
use crate::error::Error;

/// What is assumed of a service that says nothing: the earlier harness's own defaults.
const USERS: u32 = 100;
const SPAWN_RATE: f64 = 10.0;
const LENGTH: Duration = Duration::from_mins(5);

/// Warm-up of the open model unless asked otherwise; users warm up as they come.
const WARM_UP: Duration = Duration::from_secs(3);

/// The load of one service.
#[derive(Debug, Clone, PartialEq)]
pub enum Load {
    /// Requests leave at a rate, whatever the target does.
    Open {
        /// Requests per second.
        rate: Setting<f64>,
        /// How it goes.
        shape: Shape,
        /// Length of the measure phase.
        duration: Setting<Duration>,
        /// Part before it.
        warm_up: Setting<Duration>,
    },
    /// Users wait for answers.
    Closed {
        /// How many at most.
        users: Setting<u32>,
        /// How many come per second.
        spawn_rate: Setting<f64>,
        /// From the first one's coming to the end.
        run_time: Setting<Duration>,
        /// Last part of that, over which they go.
        ramp_down: Setting<Duration>,
        /// Pause between an answer and what they do next.
        think: Setting<Think>,
        /// Part of the run time that is not counted.
        warm_up: Setting<Duration>,
    },
}

impl Load {
    /// Gives the time from the first request to the end of the measure phase.
    pub fn length(&self) -> Duration {
        match self {
            Self::Open {
                duration, warm_up, ..
            } => duration.value.saturating_add(warm_up.value),
            Self::Closed { run_time, .. } => run_time.value,
        }
    }

    /// Gives the length that was asked for: of the measure phase in the open model, which a warm-up comes before, else of all of it.
    pub fn asked_length(&self) -> Duration {
        match self {
            Self::Open { duration, .. } => duration.value,
            Self::Closed { run_time, .. } => run_time.value,
        }
    }

    /// Gives the mean rate of the open model, requests per second; 0 where the target decides it.
    pub fn mean_rate(&self) -> f64 {
        match self {
            Self::Open { rate, shape, .. } => match shape {
                Shape::Flat | Shape::Nothing => rate.value,
                // Four fifths as it is, one fifth so many times as high.
                Shape::Spike(factor) => rate.value * (0.8 + 0.2 * factor),
            },
            Self::Closed { .. } => 0.0,
        }
    }

    /// Gives how much of the generator it takes, in relation to other loads.
    pub fn weight(&self) -> f64 {
        match self {
            Self::Open { .. } => self.mean_rate(),
            Self::Closed { users, .. } => f64::from(users.value),
        }
    }

    /// Gives a part of it, 0 to 1; `rule` says which.
    #[must_use]
    pub fn part(self, part: f64, rule: &str) -> Self {
        let scaled = |setting: Setting<f64>| setting.derive(rule, |value| value * part);
        match self {
            Self::Open {
                rate,
                shape,
                duration,
                warm_up,
            } => Self::Open {
                rate: scaled(rate),
                shape,
                duration,
                warm_up,
            },
            Self::Closed {
                users,
                spawn_rate,
                run_time,
                ramp_down,
                think,
                warm_up,
            } => Self::Closed {
                users: users.derive(rule, |users| whole(f64::from(users) * part)),
                spawn_rate: scaled(spawn_rate),
                run_time,
                ramp_down,
                think,
                warm_up,
            },
        }
    }
}

/// Variables that state a service's rate and users.
fn variables(service: &str) -> (Option<&'static str>, Option<&'static str>) {
    match service {
        "rule-engine" => (Some("RULE_ENGINE_RPS"), Some("RULE_ENGINE_USERS")),
        "transaction-management" => (Some("TRANS_MGMT_RPS"), None),
        _ => (None, None),
    }
}

impl Found<'_> {
    /// Gives the load that all this comes to: flags before the environment, before the service, before the defaults.
    ///
    /// Errors: `Usage` for a variable that is no number above zero.
    pub fn load(&self, wish: &Wish, environment: &Environment) -> Result<Load, Error> {
        let asks_for_users = wish.users.is_some()
            || wish.spawn_rate.is_some()
            || wish.ramp_down.is_some()
            || wish.think.is_some();
        let (rate_variable, users_variable) = variables(&self.service.name);
        let rate = number(rate_variable, environment)?;
        let users = number(users_variable, environment)?;
        if wish.rate.is_some() {
            return Ok(self.open(wish, None));
        }
        if asks_for_users {
            return Ok(self.closed(wish, users));
        }
        if rate.is_some() {
            return Ok(self.open(wish, rate));
        }
        if users.is_some() {
            return Ok(self.closed(wish, users));
        }
        let stated = self.own.filter(|own| own.load != ScenarioLoad::Any);
        match stated.or(self.baseline).map(|scenario| scenario.load) {
            Some(ScenarioLoad::Rate { .. }) => Ok(self.open(wish, None)),
            _ => Ok(self.closed(wish, None)),
        }
    }

    fn open(&self, wish: &Wish, variable: Option<Setting<f64>>) -> Load {
        let of = |scenario: Option<&Scenario>| match scenario?.load {
            ScenarioLoad::Rate { rate, duration } => Some((rate, duration)),
            _ => None,
        };
        let (own, baseline) = (of(self.own), of(self.baseline));
        let asked = wish.rate.map(|rate| Setting::flag(rate, "--rate"));
        let asked = asked.or(variable);
        let is_asked = asked.is_some();
        let base = asked
            .or_else(|| self.stated(baseline.map(|(rate, _)| rate), BASELINE))
            .unwrap_or_else(|| Setting::default(f64::from(USERS)));
        let rate = match (own, self.general) {
            (Some((rate, _)), _) if !is_asked => self.own_setting(rate),
            // Whoever says how little means it.
            (None, Some(general)) if wish.rate.is_some() && general.rate.is_share() => base,
            (None, Some(general)) => general.rate.apply(base, general.name),
            _ => base,
        };
        let warm_up = wish.warm_up.map(|time| Setting::flag(time, "--warm-up"));
        Load::Open {
            rate,
            shape: self.shape(),
            duration: self.length(
                wish,
                own.and_then(|(_, duration)| duration),
                baseline.and_then(|(_, duration)| duration),
            ),
            warm_up: warm_up.unwrap_or_else(|| Setting::default(WARM_UP)),
        }
    }

    fn closed(&self, wish: &Wish, variable: Option<Setting<f64>>) -> Load {
        let (own, baseline) = (Crowd::of(self.own), Crowd::of(self.baseline));
        let general = self.general.filter(|_| own.users.is_none());
        let scaled = |asked: Option<Setting<f64>>,
                      own: Option<f64>,
                      baseline: Option<f64>,
                      default: f64,
                      scale: fn(&General) -> Scale| {
            if let (None, Some(own)) = (&asked, own) {
                return self.own_setting(own);
            }
            let is_asked = asked.is_some();
            let base = asked
                .or_else(|| self.stated(baseline, BASELINE))
                .unwrap_or_else(|| Setting::default(default));
            match general.map(|general| (general.name, scale(general))) {
                // What is fixed gives way to what is asked for.
                None | Some((_, Scale::Fixed(_))) if is_asked => base,
                None => base,
                Some((name, scale)) => scale.apply(base, name),
            }
        };
        let users = wish
            .users
            .map(|users| Setting::flag(f64::from(users), "--users"));
        let spawn_rate = wish
            .spawn_rate
            .map(|rate| Setting::flag(rate, "--spawn-rate"));
        let ramp_down = wish
            .ramp_down
            .map(|time| Setting::flag(time, "--ramp-down"));
        let think = wish.think.map(|think| Setting::flag(think, "--think"));
        let warm_up = wish.warm_up.map(|time| Setting::flag(time, "--warm-up"));
        let users = scaled(
            users.or(variable),
            own.users,
            baseline.users,
            f64::from(USERS),
            |general| general.users,
        );
        Load::Closed {
            users: Setting {
                value: whole(users.value),
                origin: users.origin,
            },
            spawn_rate: scaled(
                spawn_rate,
                own.spawn_rate,
                baseline.spawn_rate,
                SPAWN_RATE,
                |general| general.spawn_rate,
            ),
            run_time: self.length(wish, own.run_time, baseline.run_time),
            ramp_down: ramp_down
                .or_else(|| Some(self.own_setting(own.ramp_down?)))
                .unwrap_or_else(|| Setting::default(Duration::ZERO)),
            think: think
                .or_else(|| Some(self.own_setting(own.think?)))
                // Whoever has users of its own has their pauses, too.
                .or_else(|| self.stated(baseline.think.filter(|_| own.users.is_none()), BASELINE))
                .unwrap_or_else(|| Setting::default(Think::NONE)),
            warm_up: warm_up.unwrap_or_else(|| Setting::default(Duration::ZERO)),
        }
    }

    /// Gives the length of the run: as asked for, as the service says, as the scenario has it, as the baseline has it.
    fn length(
        &self,
        wish: &Wish,
        own: Option<Duration>,
        baseline: Option<Duration>,
    ) -> Setting<Duration> {
        let asked = wish.length.map(|(time, flag)| Setting::flag(time, flag));
        let general = || {
            let general = self.general?;
            let place = format!("scenario {}", general.name);
            Some(Setting::definition(general.length?, &place))
        };
        asked
            .or_else(|| Some(self.own_setting(own?)))
            .or_else(general)
            .or_else(|| self.stated(baseline, BASELINE))
            .unwrap_or_else(|| Setting::default(LENGTH))
    }

    fn own_setting<T>(&self, value: T) -> Setting<T> {
        let name = self.own.map_or("", |own| own.name.as_str());
        Setting::definition(value, &self.place(name))
    }

    fn stated<T>(&self, value: Option<T>, scenario: &str) -> Option<Setting<T>> {
        value.map(|value| Setting::definition(value, &self.place(scenario)))
    }

    fn place(&self, scenario: &str) -> String {
        format!("{}.toml, {scenario}", self.service.name)
    }
}

/// What a scenario says of users.
#[derive(Debug, Clone, Copy, Default)]
struct Crowd {
    users: Option<f64>,
    spawn_rate: Option<f64>,
    run_time: Option<Duration>,
    ramp_down: Option<Duration>,
    think: Option<Think>,
}

impl Crowd {
    fn of(scenario: Option<&Scenario>) -> Self {
        match scenario.map(|scenario| scenario.load) {
            Some(ScenarioLoad::Users {
                users,
                spawn_rate,
                run_time,
                ramp_down,
                think,
            }) => Self {
                users: Some(f64::from(users)),
                spawn_rate,
                run_time,
                ramp_down,
                think,
            },
            _ => Self::default(),
        }
    }
}

/// Reads a variable as a number above zero.
pub(super) fn number(
    variable: Option<&str>,
    environment: &Environment,
) -> Result<Option<Setting<f64>>, Error> {
    let Some((name, text)) = variable.and_then(|name| environment.first([name])) else {
        return Ok(None);
    };
    let number = text.parse().ok();
    let number = number.filter(|&number: &f64| number.is_finite() && number > 0.0);
    number
        .map(|number| Some(Setting::variable(number, name)))
        .ok_or_else(|| {
            let detail = format!("${name} is {text:?}, expected a number above zero");
            usage("environment", detail)
        })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of users is positive, and checked against its limit later"
)]
fn whole(users: f64) -> u32 {
    users.round().clamp(1.0, f64::from(u32::MAX)) as u32
}

fn usage(flag: &'static str, detail: String) -> Error {
    Error::Usage { flag, detail }
}
