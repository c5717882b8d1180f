//! The scenarios that every service has, as data, and what a name means for one service.

use std::time::Duration;

use tapdeck_services::{Scenario, ServiceDefinition, nearest};

use super::setting::Setting;
use crate::error::Error;

/// The scenario that others are made from.
pub const BASELINE: &str = "baseline";

/// A scenario that every service has.
#[derive(Debug)]
pub struct General {
    /// Its name.
    pub name: &'static str,
    /// Users, made from those of the baseline.
    pub(super) users: Scale,
    /// Users that come per second, likewise.
    pub(super) spawn_rate: Scale,
    /// Requests per second, likewise.
    pub(super) rate: Scale,
    /// Its length; that of the baseline if it says nothing.
    pub(super) length: Option<Duration>,
    /// How the rate goes.
    pub(super) shape: Shape,
    /// For whom it is.
    pub help: &'static str,
}

/// How a figure is made from the baseline's.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scale {
    /// So many times.
    Times(f64),
    /// Such a part, unless a flag says how much.
    Share(f64),
    /// Whatever the baseline's is, unless a flag says how much.
    Fixed(f64),
}

/// How a rate goes over time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// It stays.
    Flat,
    /// It jumps to so many times itself for the middle fifth.
    Spike(f64),
    /// Nothing is sent.
    Nothing,
}

/// Every scenario that every service has.
pub const GENERAL: [General; 6] = [
    General {
        name: "smoke",
        users: Scale::Fixed(50.0),
        spawn_rate: Scale::Fixed(10.0),
        rate: Scale::Share(0.05),
        length: Some(Duration::from_mins(2)),
        shape: Shape::Flat,
        help: "50 users, or a twentieth of the rate, for 2 minutes",
    },
    General {
        name: BASELINE,
        users: Scale::Times(1.0),
        spawn_rate: Scale::Times(1.0),
        rate: Scale::Times(1.0),
        length: None,
        shape: Shape::Flat,
        help: "the users or the rate asked for, 5 minutes unless told otherwise",
    },
    General {
        name: "stress",
        users: Scale::Times(3.0),
        spawn_rate: Scale::Times(3.0),
        rate: Scale::Times(3.0),
        length: Some(Duration::from_mins(30)),
        shape: Shape::Flat,
        help: "three times as many, for 30 minutes",
    },
    General {
        name: "soak",
        users: Scale::Times(1.0),
        spawn_rate: Scale::Times(0.5),
        rate: Scale::Times(1.0),
        length: Some(Duration::from_hours(1)),
        shape: Shape::Flat,
        help: "as many, for an hour; users come half as fast",
    },
    General {
        name: "spike",
        users: Scale::Times(5.0),
        spawn_rate: Scale::Times(10.0),
        rate: Scale::Times(1.0),
        length: Some(Duration::from_mins(5)),
        shape: Shape::Spike(5.0),
        help: "five times as many users, who come ten times as fast, or five times the rate for the middle fifth; 5 minutes",
    },
    General {
        name: "seed-only",
        users: Scale::Fixed(1.0),
        spawn_rate: Scale::Fixed(1.0),
        rate: Scale::Times(1.0),
        length: None,
        shape: Shape::Nothing,
        help: "seeds, sends nothing, and leaves what it seeded",
    },
];

/// A scenario as it was found for one service: the general one, what the service says of it, or one of its own.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The one every service has, if it is one.
    pub(super) general: Option<&'static General>,
    /// What the service's definition says of it.
    pub own: Option<&'a Scenario>,
    /// What it says of its baseline.
    pub(super) baseline: Option<&'a Scenario>,
    pub(super) service: &'a ServiceDefinition,
}

/// Finds what a scenario means for a service.
///
/// Errors: `Usage` if it means nothing, naming what does.
pub fn find<'a>(name: &str, service: &'a ServiceDefinition) -> Result<Found<'a>, Error> {
    let scenario = |wanted: &str| service.scenarios.iter().find(|own| own.name == wanted);
    let general = GENERAL.iter().find(|general| general.name == name);
    let own = scenario(name);
    if general.is_none() && own.is_none() {
        let names = GENERAL.iter().map(|general| general.name);
        let own = service.scenarios.iter().map(|own| own.name.as_str());
        let known: Vec<&str> = names.chain(own).collect();
        let hint = match nearest(name, known.iter().copied()) {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => format!("known: {}", known.join(", ")),
        };
        let detail = format!("{} has no scenario {name:?}; {hint}", service.name);
        let flag = "--scenario";
        return Err(Error::Usage { flag, detail });
    }
    Ok(Found {
        general,
        own,
        baseline: scenario(BASELINE),
        service,
    })
}

impl Found<'_> {
    /// Gives how the rate goes.
    pub fn shape(&self) -> Shape {
        self.general.map_or(Shape::Flat, |general| general.shape)
    }
}

impl Scale {
    /// Tells whether a flag goes before it.
    pub(super) fn is_share(self) -> bool {
        matches!(self, Self::Share(_))
    }

    /// Makes a figure of the baseline's.
    pub(super) fn apply(self, base: Setting<f64>, scenario: &str) -> Setting<f64> {
        match self {
            Self::Times(1.0) => base,
            Self::Times(factor) | Self::Share(factor) => base
                .derive(&format!("times {factor} for {scenario}"), |value| {
                    value * factor
                }),
            Self::Fixed(value) => Setting::definition(value, &format!("scenario {scenario}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_has_the_general_scenarios_and_its_own() {
        for service in ["rule-engine", "approvals"] {
            let service = tapdeck_services::registry::find(service).unwrap();
            let own = service.scenarios.iter().map(|own| own.name.as_str());
            for name in GENERAL.iter().map(|general| general.name).chain(own) {
                assert!(find(name, &service).is_ok(), "{} {name}", service.name);
            }
            let error = find("smok", &service).unwrap_err().to_string();
            assert!(error.contains("did you mean smoke?"), "{error}");
            let error = find("midnight", &service).unwrap_err().to_string();
            assert!(error.contains("known: smoke, baseline, stress"), "{error}");
        }
    }
}
