//! Which rulesets are registered for which country, and where further ones are read when the engine is told to load them.
//!
//! What is registered is what is evaluated. Requests look it up without a lock: a registration makes a new table and swaps
//! it in. A country is registered as it is written and looked up in capitals, as the engine does, so one registered as `us`
//! serves nobody. What serves every country is registered under `global`.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use tokio::task::spawn_blocking;

use super::rules::Ruleset;
use super::storage::RulesetSource;

/// The country of a ruleset that serves all of them.
pub(super) const EVERYWHERE: &str = "global";

/// Rulesets that are registered, and those that could be.
pub(super) struct Registry {
    storage: Storage,
    registered: ArcSwap<Registered>,
}

/// Where rulesets are that may be loaded.
enum Storage {
    /// In memory, since the start.
    Given(Vec<Arc<Ruleset>>),
    /// Elsewhere, to be read each time.
    Source(Arc<dyn RulesetSource>),
}

/// A ruleset that is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    pub(super) key: &'a str,
    pub(super) version: u64,
    /// The country to register it for.
    pub(super) country: &'a str,
}

/// Why a ruleset is not loaded.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotLoaded {
    /// Storage has none.
    #[error("Failed to load ruleset {key} version {version}")]
    Missing { key: String, version: u64 },
    /// Storage has none that could be used.
    #[error("Failed to load ruleset {key} version {version}: {reason}")]
    Unusable {
        key: String,
        version: u64,
        reason: String,
    },
    /// It has no rules, where it must have some.
    #[error("Ruleset has no rules")]
    Empty,
}

impl NotLoaded {
    /// Gives the engine's word for it.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Missing { .. } | Self::Unusable { .. } => "LOAD_FAILED",
            Self::Empty => "VALIDATION_FAILED",
        }
    }
}

/// Whether a ruleset without rules may be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Emptiness {
    Allowed,
    Refused,
}

impl Registry {
    /// Registers the rulesets given at the start for every country; they are all there is if there is no source.
    pub(super) fn new(
        given: [Option<Arc<Ruleset>>; 2],
        source: Option<Arc<dyn RulesetSource>>,
    ) -> Self {
        let given: Vec<Arc<Ruleset>> = given.into_iter().flatten().collect();
        let mut registered = Registered::default();
        for ruleset in &given {
            registered.register(Arc::clone(ruleset), EVERYWHERE);
        }
        Self {
            storage: source.map_or(Storage::Given(given), Storage::Source),
            registered: ArcSwap::from_pointee(registered),
        }
    }

    /// Gives what is registered at this moment.
    pub(super) fn registered(&self) -> Guard<Arc<Registered>> {
        self.registered.load()
    }

    /// Reads a ruleset from storage and registers it; tells for which country.
    pub(super) async fn load<'a>(
        &self,
        wanted: Request<'a>,
        emptiness: Emptiness,
    ) -> Result<&'a str, NotLoaded> {
        let ruleset = self.fetch(wanted).await?;
        if emptiness == Emptiness::Refused && ruleset.rule_count() == 0 {
            return Err(NotLoaded::Empty);
        }
        self.registered.rcu(|registered| {
            let mut registered = Registered::clone(registered);
            registered.register(Arc::clone(&ruleset), wanted.country);
            registered
        });
        Ok(wanted.country)
    }

    async fn fetch(&self, wanted: Request<'_>) -> Result<Arc<Ruleset>, NotLoaded> {
        let source = match &self.storage {
            Storage::Given(given) => {
                let mut fitting = given.iter().filter(|ruleset| wanted.is_met_by(ruleset));
                return fitting.next().cloned().ok_or_else(|| wanted.missing());
            }
            Storage::Source(source) => Arc::clone(source),
        };
        let unusable = |reason: String| wanted.unusable(reason);
        let (key, version) = (wanted.key.to_owned(), wanted.version);
        // Storage may take its time; this thread has requests to evaluate meanwhile.
        let read = spawn_blocking(move || source.read(&key, version)).await;
        let text = read.map_err(|error| unusable(error.to_string()))?;
        let ruleset = Ruleset::parse(&text.map_err(unusable)?, "in storage");
        let ruleset = ruleset.map_err(|error| unusable(crate::error::chain(&error)))?;
        if !wanted.is_met_by(&ruleset) {
            let (key, version) = (ruleset.key(), ruleset.version.unwrap_or_default());
            let reason = format!("what lies there is {key} version {version}");
            return Err(unusable(reason));
        }
        Ok(Arc::new(ruleset))
    }

    /// Tells whether storage can be read.
    pub(super) async fn is_storage_accessible(&self) -> bool {
        match &self.storage {
            Storage::Given(_) => true,
            Storage::Source(source) => {
                let source = Arc::clone(source);
                let asked = spawn_blocking(move || source.is_accessible()).await;
                asked.unwrap_or(false)
            }
        }
    }
}

impl Request<'_> {
    /// Tells whether this is it; a ruleset without a version is any version.
    fn is_met_by(self, ruleset: &Ruleset) -> bool {
        let is_version = ruleset
            .version
            .is_none_or(|version| version == self.version);
        ruleset.key() == self.key && is_version
    }

    fn missing(self) -> NotLoaded {
        NotLoaded::Missing {
            key: self.key.to_owned(),
            version: self.version,
        }
    }

    fn unusable(self, reason: String) -> NotLoaded {
        NotLoaded::Unusable {
            key: self.key.to_owned(),
            version: self.version,
            reason,
        }
    }
}

/// What is registered, by country.
#[derive(Clone, Default)]
pub(super) struct Registered(BTreeMap<String, Vec<Arc<Ruleset>>>);

impl Registered {
    /// Gives the ruleset that evaluates a request from this country; allocates nothing.
    pub(super) fn find(&self, key: &str, country_code: Option<&str>) -> Option<&Ruleset> {
        let of_key = |ruleset: &&Ruleset| ruleset.key() == key;
        let of_country = country_code.and_then(|code| {
            let mut countries = self.0.keys();
            let country = countries.find(|country| is_in_capitals(country, code))?;
            self.of(country).find(of_key)
        });
        of_country.or_else(|| self.of(EVERYWHERE).find(of_key))
    }

    /// Gives the keys registered for exactly this country, in order.
    pub(super) fn keys_of(&self, country: &str) -> Vec<&str> {
        let mut keys: Vec<&str> = self.of(country).map(Ruleset::key).collect();
        keys.sort_unstable();
        keys
    }

    /// Gives the version that is registered where this one is asked for.
    pub(super) fn version_of(&self, wanted: Request<'_>) -> Option<u64> {
        let mut rulesets = self.of(wanted.country);
        rulesets
            .find(|ruleset| ruleset.key() == wanted.key)?
            .version
    }

    pub(super) fn country_count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn ruleset_count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    fn of(&self, country: &str) -> impl Iterator<Item = &Ruleset> {
        self.0.get(country).into_iter().flatten().map(Arc::as_ref)
    }

    fn register(&mut self, ruleset: Arc<Ruleset>, country: &str) {
        let rulesets = self.0.entry(country.to_owned()).or_default();
        rulesets.retain(|other| other.key() != ruleset.key());
        rulesets.push(ruleset);
    }
}

/// Tells whether `country` is `code` in capitals.
fn is_in_capitals(country: &str, code: &str) -> bool {
    let capitals = code.bytes().map(|byte| byte.to_ascii_uppercase());
    country.bytes().eq(capitals)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruleset(key: &str, version: u64) -> Arc<Ruleset> {
        let text = format!(r#"{{"ruleset_key":"{key}","ruleset_version":{version},"rules":[]}}"#);
        Arc::new(Ruleset::parse(&text, "test").unwrap())
    }

    #[test]
    fn a_country_of_its_own_comes_before_all_countries() {
        let mut registered = Registered::default();
        registered.register(ruleset("K", 1), EVERYWHERE);
        registered.register(ruleset("K", 2), "US");
        registered.register(ruleset("K", 3), "in");
        registered.register(ruleset("OTHER", 4), "SG");
        for (code, version) in [
            (None, 1),
            (Some("US"), 2),
            (Some("us"), 2),
            (Some("GB"), 1),
            // Registered as it is written, looked up in capitals.
            (Some("in"), 1),
            (Some("IN"), 1),
            (Some("SG"), 1),
        ] {
            let found = registered.find("K", code).unwrap();
            assert_eq!(found.version, Some(version), "{code:?}");
        }
        assert!(registered.find("OTHER", Some("US")).is_none());
    }

    #[test]
    fn registering_a_key_again_replaces_it() {
        let mut registered = Registered::default();
        registered.register(ruleset("K", 1), "US");
        registered.register(ruleset("J", 1), "US");
        registered.register(ruleset("K", 2), "US");
        assert_eq!(registered.keys_of("US"), ["J", "K"]);
        assert_eq!(
            (registered.country_count(), registered.ruleset_count()),
            (1, 2)
        );
        assert_eq!(registered.find("K", Some("US")).unwrap().version, Some(2));
    }
}
