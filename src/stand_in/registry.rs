//! Which rulesets are stored and which are registered for which country: what the management paths talk about.
//!
//! The rulesets given at the start are both the whole storage and registered for every country (`global`). Registering one
//! for a country changes what the registry lists, not what is evaluated: there is one ruleset per key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::rules::Ruleset;

const EVERYWHERE: &str = "global";

/// Rulesets in storage, and the countries they are registered for.
pub(super) struct Registry {
    stored: Vec<Arc<Ruleset>>,
    registered: Mutex<BTreeMap<String, BTreeSet<String>>>,
}

impl Registry {
    pub(super) fn new(rulesets: [&Option<Arc<Ruleset>>; 2]) -> Self {
        let stored: Vec<Arc<Ruleset>> = rulesets.into_iter().flatten().cloned().collect();
        let registry = Self {
            stored,
            registered: Mutex::default(),
        };
        for ruleset in &registry.stored {
            registry.register(ruleset.key(), EVERYWHERE);
        }
        registry
    }

    /// Registers a stored ruleset for a country (every country if none is named) and tells which it became.
    ///
    /// `None` means that storage has no such version. A ruleset without a version passes for any.
    pub(super) fn load(&self, key: &str, version: u64, country: Option<&str>) -> Option<String> {
        let is_wanted = |ruleset: &&Arc<Ruleset>| {
            ruleset.key() == key && ruleset.version.is_none_or(|stored| stored == version)
        };
        self.stored.iter().find(is_wanted)?;
        let country = country.unwrap_or(EVERYWHERE);
        self.register(key, country);
        Some(country.to_owned())
    }

    /// Gives the version that a key has in storage, if it is registered at all.
    pub(super) fn version_of(&self, key: &str) -> Option<u64> {
        self.stored
            .iter()
            .find(|ruleset| ruleset.key() == key)?
            .version
    }

    /// Gives the keys registered for exactly this country.
    pub(super) fn keys_of(&self, country: &str) -> Vec<String> {
        self.lock()
            .get(country)
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }

    pub(super) fn country_count(&self) -> usize {
        self.lock().len()
    }

    pub(super) fn ruleset_count(&self) -> usize {
        self.lock().values().map(BTreeSet::len).sum()
    }

    fn register(&self, key: &str, country: &str) {
        self.lock()
            .entry(country.to_owned())
            .or_default()
            .insert(key.to_owned());
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, BTreeSet<String>>> {
        self.registered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
