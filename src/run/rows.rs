//! Every value of a run with its origin, as `--dry-run` shows them.

use tapdeck_reports::counted;

use super::load::Load;
use super::member::{Member, TapeWish};
use super::outline::Outline;
use super::scenario::Shape;
use super::setting::Setting;
use super::tapes;
use super::wish::Switch;
use crate::error::Error;

/// One value, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `run`, or a service.
    pub of: String,
    /// What it is.
    pub name: &'static str,
    /// What holds.
    pub value: String,
    /// Who said so.
    pub origin: String,
}

impl Outline {
    /// Gives every value with its origin, those of the run first.
    ///
    /// Errors: `Generate` for a tape that cannot be made.
    pub fn rows(&self) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        let mut row = |of: &str, name, value: String, origin: String| {
            rows.push(Row {
                of: of.to_owned(),
                name,
                value,
                origin,
            });
        };
        let on_or_off = |switch: Switch| if switch.is_on() { "on" } else { "off" }.to_owned();
        row(
            "run",
            "run id",
            self.run_id.value.clone(),
            self.run_id.origin.to_string(),
        );
        row(
            "run",
            "scenario",
            self.scenario.value.clone(),
            self.scenario.origin.to_string(),
        );
        row(
            "run",
            "auth mode",
            self.auth_mode.value.name().to_owned(),
            self.auth_mode.origin.to_string(),
        );
        if let Some(file) = &self.auth_key {
            row(
                "run",
                "auth key",
                file.display().to_string(),
                "--auth-key".into(),
            );
        }
        for (name, switch) in [("seeding", &self.seeding), ("teardown", &self.teardown)] {
            row(
                "run",
                name,
                on_or_off(switch.value),
                switch.origin.to_string(),
            );
        }
        for member in &self.members {
            for (name, value, origin) in member_rows(member, self)? {
                row(&member.name, name, value, origin);
            }
        }
        Ok(rows)
    }
}

/// Gives the values of one member.
fn member_rows(
    member: &Member,
    outline: &Outline,
) -> Result<Vec<(&'static str, String, String)>, Error> {
    fn show<T>(
        name: &'static str,
        setting: &Setting<T>,
        text: impl Fn(&T) -> String,
    ) -> (&'static str, String, String) {
        (name, text(&setting.value), setting.origin.to_string())
    }
    let mut rows = vec![match &member.target {
        Some(target) => show("target", target, Clone::clone),
        None => ("target", "a stand-in".into(), "--stand-ins".into()),
    }];
    match &member.load {
        Load::Open {
            rate,
            shape,
            duration,
            warm_up,
        } => {
            rows.push(show("rate", rate, |rate| format!("{rate}/s")));
            if let Shape::Spike(factor) = shape {
                let text = format!("{factor} times the rate for the middle fifth");
                rows.push(("shape", text, "scenario spike".into()));
            }
            rows.push(show("duration", duration, |time| format!("{time:?}")));
            rows.push(show("warm-up", warm_up, |time| format!("{time:?}")));
        }
        Load::Closed {
            users,
            spawn_rate,
            run_time,
            ramp_down,
            think,
            warm_up,
        } => {
            rows.push(show("users", users, u32::to_string));
            rows.push(show("spawn rate", spawn_rate, |rate| format!("{rate}/s")));
            rows.push(show("run time", run_time, |time| format!("{time:?}")));
            rows.push(show("ramp-down", ramp_down, |time| format!("{time:?}")));
            rows.push(show("think", think, ToString::to_string));
            rows.push(show("warm-up", warm_up, |time| format!("{time:?}")));
        }
    }
    rows.push(show("mix", &member.mix, |mix| {
        if mix.is_empty() {
            "the service's own".to_owned()
        } else {
            mix.to_string()
        }
    }));
    for promise in &member.promises {
        rows.push(show("promise", promise, |slo| slo.text.clone()));
    }
    rows.push(match &member.tape {
        TapeWish::File(path) => ("tape", path.display().to_string(), "--tape".into()),
        TapeWish::Made(options) => {
            let path = tapes::path(&outline.cache, &member.service, options)?;
            let what = match &options.slice {
                Some(slice) => format!(
                    "a slice of {} s at {}/s",
                    slice.span_ms as f64 / 1e3,
                    slice.natural_rate
                ),
                None => format!("{} of whole lives", counted(options.count, "request")),
            };
            ("tape", path.display().to_string(), what)
        }
    });
    Ok(rows)
}
