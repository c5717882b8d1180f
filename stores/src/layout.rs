//! Where things lie in the bucket.
//!
//! The rule engine reads a country's manifest first, then the one without a country; `load`, `bulk-load` and `hotswap` read
//! the artifact without a country and nothing else. What is a run's own lies under `loadtest/{run_id}/`.

use std::fmt;

use crate::run_id::RunId;

/// Under which everything lies that runs keep for themselves.
pub(crate) const RUNS: &str = "loadtest/";

/// A ruleset's folder: of one country, or of none.
#[derive(Debug, Clone, Copy)]
pub struct Shelf<'a> {
    /// The engine's environment, such as `local`.
    pub environment: &'a str,
    /// The country, if the folder is one country's.
    pub country: Option<&'a str>,
    /// The key of the ruleset, such as `CARD_AUTH`.
    pub ruleset_key: &'a str,
}

impl Shelf<'_> {
    /// Gives the key of the manifest.
    pub fn manifest(&self) -> String {
        format!("{self}/manifest.json")
    }

    /// Gives the key of the artifact of one version.
    pub fn artifact(&self, version: u64) -> String {
        format!("{self}/v{version}/ruleset.json")
    }
}

impl fmt::Display for Shelf<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "rulesets/{}/", self.environment)?;
        if let Some(country) = self.country {
            write!(formatter, "{country}/")?;
        }
        formatter.write_str(self.ruleset_key)
    }
}

/// Gives what the keys of a run's own objects begin with; ends in a slash, so that `lt-1` is not taken for `lt-10`.
pub fn of_run(run_id: &RunId) -> String {
    format!("{RUNS}{run_id}/")
}

/// Gives the key of a run's journal.
pub fn journal(run_id: &RunId) -> String {
    format!("{}journal.json", of_run(run_id))
}

/// Gives the key of a copy of what a run overwrote. Numbered: a key within a key could become too long for a store.
pub(crate) fn copy(run_id: &RunId, idx: usize) -> String {
    format!("{}before/{idx}", of_run(run_id))
}

/// Gives the run that a key belongs to, if it is one of a run's own.
pub(crate) fn run_of(key: &str) -> Option<&str> {
    let (run_id, _) = key.strip_prefix(RUNS)?.split_once('/')?;
    Some(run_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_the_engine_reads() {
        let shelf = Shelf {
            environment: "local",
            country: None,
            ruleset_key: "CARD_AUTH",
        };
        assert_eq!(shelf.manifest(), "rulesets/local/CARD_AUTH/manifest.json");
        assert_eq!(
            shelf.artifact(3),
            "rulesets/local/CARD_AUTH/v3/ruleset.json"
        );
        let of_country = Shelf {
            country: Some("US"),
            ..shelf
        };
        assert_eq!(
            of_country.artifact(1),
            "rulesets/local/US/CARD_AUTH/v1/ruleset.json"
        );
        assert_eq!(
            of_country.manifest(),
            "rulesets/local/US/CARD_AUTH/manifest.json"
        );
    }

    #[test]
    fn a_key_tells_the_run_it_belongs_to() {
        for (key, run_id) in [
            ("loadtest/lt-1/journal.json", Some("lt-1")),
            ("loadtest/lt-1/before/0", Some("lt-1")),
            ("loadtest/stray", None),
            ("rulesets/local/x", None),
        ] {
            assert_eq!(run_of(key), run_id, "{key}");
        }
    }
}
