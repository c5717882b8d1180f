//! From the `[[scenarios]]` of a file to scenarios.

use std::time::Duration;

use super::build::{slos_of, unique};
use super::document::{Table, Value};
use super::keys::SCENARIO;
use super::{ServiceDefinition, rules};
use crate::error::{Error, Fault};
use crate::mix::Mix;
use crate::scenario::{Scenario, ScenarioLoad, length};
use crate::think::Think;

/// Reads all scenarios of a service of which everything else is read.
pub(super) fn scenarios(
    items: Vec<Value<'_>>,
    service: &ServiceDefinition,
) -> Result<Vec<Scenario>, Error> {
    let mut scenarios: Vec<Scenario> = Vec::new();
    for item in items {
        let mut table = item.table(&SCENARIO)?;
        let name = table.required("name")?.text()?;
        let taken = scenarios.iter().any(|other| other.name == name.as_str());
        unique(&name, "scenario", taken)?;
        scenarios.push(Scenario {
            name: name.obeying(&rules::NAME)?,
            load: load(&mut table)?,
            mix: mix(table.optional("mix"), service)?,
            slos: slos_of(table.items("slos")?)?,
        });
    }
    Ok(scenarios)
}

fn load(table: &mut Table<'_>) -> Result<ScenarioLoad, Error> {
    let (rate, duration) = (table.optional("rate"), table.optional("duration"));
    let users = table.optional("users");
    let (spawn_rate, think) = (table.optional("spawn_rate"), table.optional("think"));
    let (run_time, ramp_down) = (table.optional("run_time"), table.optional("ramp_down"));
    let misplaced = |value: &Option<Value<'_>>, key, need| match value {
        Some(value) => Err(value.error(Fault::Misplaced { key, need })),
        None => Ok(()),
    };
    if rate.is_none() {
        misplaced(&duration, "duration", "rate, which it is the length of")?;
    } else {
        misplaced(&users, "users", "a scenario without a rate")?;
    }
    let Some(users) = users else {
        for (key, value) in [
            ("spawn_rate", &spawn_rate),
            ("run_time", &run_time),
            ("ramp_down", &ramp_down),
            ("think", &think),
        ] {
            misplaced(value, key, "users, whom it is about")?;
        }
        let Some(rate) = rate else {
            return Ok(ScenarioLoad::Any);
        };
        return Ok(ScenarioLoad::Rate {
            rate: rate.above_zero()?,
            duration: duration.map(time).transpose()?,
        });
    };
    let think = think.map(Value::text).transpose()?;
    Ok(ScenarioLoad::Users {
        users: users.whole("a whole number from 1 and below 2^32", |&users| users > 0)?,
        spawn_rate: spawn_rate.map(Value::above_zero).transpose()?,
        run_time: run_time.map(time).transpose()?,
        ramp_down: ramp_down.map(time).transpose()?,
        think: think.map(|think| think.parsed(Think::locate)).transpose()?,
    })
}

fn mix(value: Option<Value<'_>>, service: &ServiceDefinition) -> Result<Mix, Error> {
    let Some(value) = value else {
        return Ok(Mix::default());
    };
    let as_a_whole = value.reporter();
    let mut weights = Vec::new();
    for (name, weight) in value.pairs()? {
        let weight = weight.whole("a whole number below 2^32", |_| true)?;
        let one = Mix::new(vec![(name.as_str().to_owned(), 1)]);
        if let Some(fault) = one.ok().and_then(|one| one.unknown(service)) {
            return Err(name.error(fault));
        }
        weights.push((name.as_str().to_owned(), weight));
    }
    Mix::new(weights).map_err(as_a_whole)
}

fn time(value: Value<'_>) -> Result<Duration, Error> {
    let text = value.text()?.obeying(&rules::LENGTH)?;
    // The rule says that there is one.
    Ok(length(&text).unwrap_or_default())
}
