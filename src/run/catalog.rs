//! Which services a run is about: names, short names, `all`, and what the environment leaves out.

use tapdeck_services::{Mix, ServiceDefinition, registry};

use super::environment::Environment;
use crate::error::Error;

/// Stands for every service of the platform.
const ALL: &str = "all";

/// The services of the platform, with the variable that may leave each out of `all`.
const PLATFORM: [(&str, &str); 3] = [
    ("rule-engine", "TEST_RULE_ENGINE"),
    ("transaction-management", "TEST_TRANSACTION_MGMT"),
    ("rule-management", "TEST_RULE_MGMT"),
];

/// One half of the rule engine, where two processes serve its paths.
#[derive(Debug)]
pub struct Half {
    /// The name it is asked for by.
    pub name: &'static str,
    /// The endpoint it serves.
    pub endpoint: &'static str,
    /// Variable with its address.
    pub variable: &'static str,
    /// Its address otherwise.
    pub base_url: &'static str,
}

/// The service that may have two halves, the half that serves the endpoints not named in the other.
pub const HALVED: &str = "rule-engine";

/// The other half.
pub const MONITORING: Half = Half {
    name: "rule-engine-monitoring",
    endpoint: "monitoring",
    variable: "RULE_ENGINE_MONITORING_URL",
    base_url: "http://localhost:8082",
};

/// A service that takes part in a run.
#[derive(Debug)]
pub struct Part {
    /// Its name in reports.
    pub name: String,
    /// What it speaks.
    pub service: ServiceDefinition,
    /// The half of it that is meant, if not the whole.
    pub half: Option<&'static Half>,
}

impl Part {
    /// Gives the weights that come with the name, if any do.
    pub fn mix(&self) -> Option<Mix> {
        let half = self.half?;
        Mix::parse(&format!("{}=1", half.endpoint)).ok()
    }
}

/// Finds the services that are asked for.
///
/// Errors: `Service` for an unknown one, `Usage` for one that stands twice or if the environment leaves none.
pub fn parts(asked: &str, environment: &Environment) -> Result<Vec<Part>, Error> {
    let usage = |detail: String| Error::Usage {
        flag: "--service",
        detail,
    };
    if asked == ALL {
        let is_wanted = |variable: &str| {
            let value = environment.get(variable).unwrap_or("true");
            !["false", "0", "no"].contains(&value.to_ascii_lowercase().as_str())
        };
        let wanted = PLATFORM.iter().filter(|(_, variable)| is_wanted(variable));
        let parts = wanted.map(|(name, _)| part(name));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        if parts.is_empty() {
            let detail =
                "is all, but TEST_RULE_ENGINE, TEST_TRANSACTION_MGMT and TEST_RULE_MGMT leave none";
            return Err(usage(detail.to_owned()));
        }
        return Ok(parts);
    }
    let mut parts: Vec<Part> = Vec::new();
    for name in asked.split(',').map(str::trim) {
        let part = part(name)?;
        if parts.iter().any(|other| other.name == part.name) {
            return Err(usage(format!("names {} twice", part.name)));
        }
        parts.push(part);
    }
    Ok(parts)
}

fn part(asked: &str) -> Result<Part, Error> {
    let half = (asked == MONITORING.name).then_some(&MONITORING);
    let service = registry::find(half.map_or(asked, |_| HALVED))?;
    Ok(Part {
        name: half.map_or_else(|| service.name.clone(), |half| half.name.to_owned()),
        service,
        half,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(asked: &str) -> Result<Vec<String>, String> {
        let parts = parts(asked, &Environment::default()).map_err(|error| error.to_string())?;
        Ok(parts.into_iter().map(|part| part.name).collect())
    }

    #[test]
    fn services_are_found_by_their_names() {
        assert_eq!(names("rule-engine").unwrap(), ["rule-engine"]);
        assert_eq!(
            names("rule-engine, approvals").unwrap(),
            ["rule-engine", "approvals"]
        );
        assert_eq!(
            names("rule-mgmt,trans-mgmt").unwrap(),
            ["rule-management", "transaction-management"]
        );
        assert_eq!(names("all").unwrap(), PLATFORM.map(|(service, _)| service));
        assert_eq!(
            names("rule-engine-monitoring").unwrap(),
            ["rule-engine-monitoring"]
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let twice = names("rule-engine,rule-engine").unwrap_err();
        assert_eq!(twice, "--service: names rule-engine twice");
        let unknown = names("rule-engin").unwrap_err();
        assert!(
            unknown.contains("did you mean \"rule-engine\"?"),
            "{unknown}"
        );
    }

    #[test]
    fn the_environment_leaves_services_out_of_all() {
        let none = PLATFORM.map(|(_, variable)| (variable, "false"));
        let error = parts("all", &Environment::of(none)).unwrap_err();
        assert!(error.to_string().contains("leave none"), "{error}");
        let only = Environment::of(PLATFORM[1..].iter().map(|&(_, variable)| (variable, "0")));
        let names: Vec<_> = parts("all", &only).unwrap();
        assert_eq!(names.len(), 1);
        assert_eq!(names[0].name, "rule-engine");
    }
}
