//! The embedded targets of a run, and the embedded object store that its rule engines read from.

use std::sync::Arc;

use tapdeck_stores::{Embedded, Store, StoreConfig};

use super::catalog::HALVED;
use super::environment::Environment;
use super::member::Member;
use super::outline::Outline;
use super::rulesets;
use super::tokens::Keys;
use crate::error::Error;
use crate::scratch::Scratch;
use crate::stand_in::{RateLimits, Role, StandIn, StandInConfig, StoredRulesets};

/// Embedded targets that serve until they are stopped or dropped.
#[derive(Default)]
pub struct StandIns {
    servers: Vec<StandIn>,
    store: Option<(Embedded, Scratch)>,
}

impl StandIns {
    /// Starts a stand-in for each service, and a store where rulesets are to be seeded.
    ///
    /// Errors: `Usage` for a service that has none, `StandIn`, `Store`, `Io`.
    pub fn start(outline: &Outline, environment: &Environment, keys: &Keys) -> Result<Self, Error> {
        let store = if rulesets::are_needed(outline) {
            let folder = Scratch::make()?;
            Some((Embedded::start(folder.path())?, folder))
        } else {
            None
        };
        let mut stand_ins = Self {
            servers: Vec::new(),
            store,
        };
        for member in &outline.members {
            let config = StandInConfig {
                tokens: keys.rules(&member.service),
                ..stand_ins.config(member, environment)?
            };
            stand_ins.servers.push(StandIn::start(config)?);
        }
        Ok(stand_ins)
    }

    /// Tells where they listen, in the order of the members.
    pub fn urls(&self) -> Vec<String> {
        self.servers.iter().map(StandIn::url).collect()
    }

    /// Tells whether nothing was started.
    pub fn is_empty(&self) -> bool {
        self.servers.is_empty()
    }

    /// Gives the store, if there is one.
    pub fn store(&self) -> Option<&StoreConfig> {
        self.store.as_ref().map(|(store, _)| store.config())
    }

    /// Stops all of them.
    ///
    /// Errors: `StandIn` if one did not end by itself.
    pub fn stop(self) -> Result<(), Error> {
        for server in self.servers {
            server.stop()?;
        }
        Ok(())
    }

    fn config(&self, member: &Member, environment: &Environment) -> Result<StandInConfig, Error> {
        let of_role = |role| StandInConfig {
            role,
            // Everybody signs in anonymously: a thousand users would be what the limits are there to keep out.
            hourly_limit: None,
            rate_limits: RateLimits::Off,
            ..StandInConfig::default()
        };
        match (member.service.name.as_str(), self.store()) {
            (HALVED, None) => Ok(StandInConfig::demo()?),
            // Empty until it is told to load what was seeded, as the engine is.
            (HALVED, Some(store)) => Ok(StandInConfig {
                storage: Some(Arc::new(StoredRulesets {
                    store: Store::connect(store)?,
                    environment: rulesets::environment(environment),
                })),
                ..StandInConfig::default()
            }),
            ("approvals", _) => Ok(of_role(Role::Approvals)),
            ("transaction-management", _) => Ok(of_role(Role::TransactionManagement)),
            ("rule-management", _) => Ok(of_role(Role::RuleManagement)),
            (other, _) => Err(Error::Usage {
                flag: "--stand-ins",
                detail: format!("there is no stand-in for {other}; name its address with --target"),
            }),
        }
    }
}
