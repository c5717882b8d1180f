//! Scenarios: who sends, how much and for how long, and what is promised then, each under a name.
//!
//! A definition states what its own scenarios are, and what its service needs of those that every service has. What is left
//! out is for whoever plays the scenario to choose. Knows nothing of how load is made.

use std::time::Duration;

use crate::definition::ServiceDefinition;
use crate::mix::Mix;
use crate::slo::Slo;
use crate::think::Think;

/// A named load; what is `None` is left open.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scenario {
    /// Lowercase letters, digits and dashes.
    pub name: String,
    /// The load, if the scenario has one of its own.
    pub load: ScenarioLoad,
    /// Weights in the place of those of endpoints and sessions.
    pub mix: Mix,
    /// Promises beside the service's own, or in their place.
    pub slos: Vec<Slo>,
}

/// Who sends, and for how long.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum ScenarioLoad {
    /// Nothing is said about it.
    #[default]
    Any,
    /// The open model.
    Rate {
        /// Requests per second, above 0.
        rate: f64,
        /// Length of the measure phase.
        duration: Option<Duration>,
    },
    /// The closed model.
    Users {
        /// How many at most, above 0.
        users: u32,
        /// How many come per second, above 0.
        spawn_rate: Option<f64>,
        /// From the first one's coming to the end.
        run_time: Option<Duration>,
        /// Last part of that, over which they go again.
        ramp_down: Option<Duration>,
        /// Pause between two sessions or requests of a user.
        think: Option<Think>,
    },
}

impl ServiceDefinition {
    /// Gives the definition as a tape carries it: as read, but without scenarios.
    pub fn source_on_tape(&self) -> String {
        without_scenarios(&self.source)
    }
}

/// Reads a length of time: whole or broken numbers with units, such as `5m`, `90s` or `1h20m`.
pub(crate) fn length(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..unit_at].parse().ok()?;
        let unit = &rest[unit_at..];
        let next = unit
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(unit.len());
        seconds += number
            * match &unit[..next] {
                "h" => 3_600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                _ => return None,
            };
        rest = &unit[next..];
    }
    let length = Duration::try_from_secs_f64(seconds).ok()?;
    (!length.is_zero() && length <= LONGEST).then_some(length)
}

/// Leaves the tables of scenarios out of a definition: what is promised, and for how long, is no part of the traffic, so a
/// tape must not become another one when that changes.
pub(crate) fn without_scenarios(source: &str) -> String {
    let mut inside = false;
    let kept = source.split_inclusive('\n').filter(|line| {
        if line.starts_with('[') {
            inside = line.starts_with("[[scenarios]]") || line.starts_with("[scenarios.");
        }
        !inside
    });
    let kept: String = kept.collect();
    if kept.len() == source.len() {
        return kept;
    }
    format!("{}\n", kept.trim_end())
}

/// Longest scenario.
const LONGEST: Duration = Duration::from_hours(366 * 24);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_without_its_scenarios_is_the_same_service() {
        for name in ["rule-engine", "approvals"] {
            let service = crate::registry::find(name).unwrap();
            assert!(!service.scenarios.is_empty());
            let source = service.source_on_tape();
            let on_tape = ServiceDefinition::parse(&source, "on the tape").unwrap();
            assert_eq!(on_tape.source_on_tape(), source);
            let stripped = ServiceDefinition {
                scenarios: Vec::new(),
                source,
                ..service
            };
            assert_eq!(on_tape, stripped);
        }
    }

    #[test]
    fn lengths_are_numbers_with_units() {
        let seconds = |text| length(text).map(|length| length.as_secs_f64());
        for (text, expected) in [
            ("5m", Some(300.0)),
            ("1h20m", Some(4_800.0)),
            ("1.5s", Some(1.5)),
            ("250ms", Some(0.25)),
            ("0s", None),
            ("", None),
            ("5", None),
            ("m", None),
            ("5 m", None),
            ("1..2s", None),
            ("9000h", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
