//! What a stand-in is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use super::error::Error;
use super::faults::Faults;
use super::gate::TokenRules;
use super::rules::Ruleset;
use super::storage::RulesetSource;
use super::tls::Tls;
use super::{approvals, routes, rule_book, transactions};

/// What a stand-in is started with.
///
/// The default listens on a free port of the loopback interface, with one thread, without rulesets and without faults.
#[derive(Clone, Debug)]
pub struct StandInConfig {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// A socket in the file system to listen on as well; never with TLS. Removed in the end.
    pub socket: Option<PathBuf>,
    /// Whether and how to speak TLS on `address`.
    pub tls: Option<Tls>,
    /// How many threads serve. With one, a connection never leaves the thread that accepted it.
    pub threads: usize,
    /// What a thread does while there is nothing to do.
    pub waiting: Waiting,
    /// What to play.
    pub role: Role,
    /// The ruleset that the authorization path has from the start; without one that path fails open until one is loaded.
    pub ruleset_auth: Option<Arc<Ruleset>>,
    /// The ruleset that the monitoring path has from the start; without one that path is degraded until one is loaded.
    pub ruleset_monitoring: Option<Arc<Ruleset>>,
    /// Where rulesets are read that the engine is told to load; without it, those two are all that can be loaded.
    pub storage: Option<Arc<dyn RulesetSource>>,
    /// What to do wrong on purpose.
    pub faults: Faults,
    /// Settles which requests meet which fault, and the ids of decisions.
    pub seed: u64,
    /// Whether the rule engine remembers transaction ids; the services that keep what they are sent always do.
    pub id_watch: IdWatch,
    /// Whether the null target remembers when requests came.
    pub arrival_watch: ArrivalWatch,
    /// Requests an hour that the approvals back end lets pass of anonymous callers together, and of each user who is not
    /// exempt; no limit for `None`.
    pub hourly_limit: Option<u32>,
    /// Which tokens it asks for; none for `None`. Only the rule engine and the two management services ask for any.
    pub tokens: Option<Arc<TokenRules>>,
    /// Whether rule management limits requests by caller and path.
    pub rate_limits: RateLimits,
}

/// What a stand-in plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// The rule engine: evaluates, and misbehaves as told.
    #[default]
    RuleEngine,
    /// The approvals back end: sessions, deployments, board decisions, connectors, and an audit of who touched what.
    Approvals,
    /// Transaction management: decision events on record, and queries over them.
    TransactionManagement,
    /// Rule management: rules and their versions, under rate limits.
    RuleManagement,
    /// A target that reads any request and answers a constant, to find out how fast a client can be.
    Null,
}

/// Whether rule management limits requests by caller and path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RateLimits {
    /// As the service does for every caller that is not on its own machine.
    #[default]
    On,
    /// As it does for those that are, if it was started for development.
    Off,
}

impl Role {
    /// Gives the names of the routes that the audit counts by.
    pub(super) const fn routes(self) -> &'static [&'static str] {
        match self {
            Self::RuleEngine => &routes::NAMES,
            Self::Approvals => &approvals::NAMES,
            Self::TransactionManagement => &transactions::NAMES,
            Self::RuleManagement => &rule_book::NAMES,
            Self::Null => &["any"],
        }
    }
}

/// What a thread does while there is nothing to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Waiting {
    /// It sleeps, as any server does; the next request wakes it up, which takes microseconds, and tens of them on a
    /// virtual core that idles.
    #[default]
    Asleep,
    /// It asks the kernel again and again, and takes a whole core: a request is read the moment it arrives, so what a client
    /// does is seen without the target's own delay.
    Awake,
}

/// Whether a stand-in remembers transaction ids, to tell distinct from repeated ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdWatch {
    /// No ids are remembered.
    #[default]
    Off,
    /// Every id is remembered: about 16 bytes each, and a table that stops its thread for a moment whenever it grows.
    On,
}

/// Whether the null target remembers when each request came, to see a client's timing from the other side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArrivalWatch {
    /// No instants are remembered.
    #[default]
    Off,
    /// Every instant is remembered: 8 bytes each, in memory until asked for.
    On,
}

impl Default for StandInConfig {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            socket: None,
            tls: None,
            threads: 1,
            waiting: Waiting::Asleep,
            role: Role::RuleEngine,
            ruleset_auth: None,
            ruleset_monitoring: None,
            storage: None,
            faults: Faults::default(),
            seed: 0,
            id_watch: IdWatch::Off,
            arrival_watch: ArrivalWatch::Off,
            hourly_limit: Some(Self::HOURLY_LIMIT),
            tokens: None,
            rate_limits: RateLimits::On,
        }
    }
}

impl StandInConfig {
    /// Requests an hour that the approvals back end lets pass unless told otherwise.
    pub const HOURLY_LIMIT: u32 = 1_000;

    /// Gives the default with both demo rulesets loaded.
    ///
    /// Errors: none in a build that passes its tests.
    pub fn demo() -> Result<Self, Error> {
        Ok(Self {
            ruleset_auth: Some(Arc::new(Ruleset::demo_auth()?)),
            ruleset_monitoring: Some(Arc::new(Ruleset::demo_monitoring()?)),
            ..Self::default()
        })
    }
}
