//! Where a rule engine reads rulesets that it is told to load: the seam, and the object store behind it.

use std::fmt;

use tapdeck_stores::Store;
use tapdeck_stores::layout::Shelf;

use crate::error::chain;

/// Where a rule engine reads rulesets that it is told to load.
pub trait RulesetSource: fmt::Debug + Send + Sync {
    /// Reads the artifact of a ruleset, a JSON text; takes as long as that takes.
    ///
    /// Errors: why there is none, for a person to read.
    fn read(&self, key: &str, version: u64) -> Result<String, String>;

    /// Tells whether it can be read from at all.
    fn is_accessible(&self) -> bool;
}

/// The rulesets of one environment in an object store: `rulesets/{environment}/{key}/v{version}/ruleset.json`.
#[derive(Debug)]
pub struct StoredRulesets {
    /// The store.
    pub store: Store,
    /// The engine's environment, such as `local`.
    pub environment: String,
}

impl RulesetSource for StoredRulesets {
    fn read(&self, key: &str, version: u64) -> Result<String, String> {
        let shelf = Shelf {
            environment: &self.environment,
            country: None,
            ruleset_key: key,
        };
        let artifact = shelf.artifact(version);
        let found = self.store.read(&artifact).map_err(|error| chain(&error))?;
        let bytes = found.ok_or_else(|| format!("there is no {artifact}"))?;
        String::from_utf8(bytes).map_err(|error| format!("{artifact}: {error}"))
    }

    fn is_accessible(&self) -> bool {
        self.store.check().is_ok()
    }
}
