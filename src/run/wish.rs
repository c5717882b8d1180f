//! What was asked for: the flags of a whole run, without what they mean.

use std::path::PathBuf;
use std::time::Duration;

use tapdeck_services::{Mix, Think};

use crate::auth::AuthMode;

/// What was asked for; what is `None` or empty is left to the environment, the service and the defaults.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// A service, several joined by commas, or `all`.
    pub service: String,
    /// Scenario by name; `baseline` if left out.
    pub scenario: Option<String>,
    /// Id of the run.
    pub run_id: Option<String>,
    /// Where tokens come from.
    pub auth_mode: Option<AuthMode>,
    /// The file with the key that signs local tokens.
    pub auth_key: Option<PathBuf>,
    /// Users of the closed model.
    pub users: Option<u32>,
    /// How many of them come per second.
    pub spawn_rate: Option<f64>,
    /// Last part of the run over which they go.
    pub ramp_down: Option<Duration>,
    /// Their pause between an answer and what they do next.
    pub think: Option<Think>,
    /// Requests per second of the open model.
    pub rate: Option<f64>,
    /// Length of the run, with the flag that said so.
    pub length: Option<(Duration, &'static str)>,
    /// Part of the run that is played but not counted.
    pub warm_up: Option<Duration>,
    /// Weights of endpoints and sessions.
    pub mix: Option<Mix>,
    /// Where to send: `URL` or `SERVICE=URL`.
    pub targets: Vec<String>,
    /// Promises: `LIST` or `SERVICE:LIST`.
    pub slos: Vec<String>,
    /// A tape to play instead of one from the cache.
    pub tape: Option<PathBuf>,
    /// Seed of traffic and arrivals.
    pub seed: u64,
    /// Whether to put data there before the run.
    pub seeding: Switch,
    /// Whether to remove it afterwards.
    pub teardown: Switch,
    /// Whether the embedded stand-ins are the targets.
    pub stand_ins: Switch,
    /// Folder for results.
    pub out: PathBuf,
    /// Folder for tapes.
    pub cache: PathBuf,
}

/// Whether something is to be done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    #[default]
    Off,
}

impl Switch {
    /// Tells whether it is on.
    pub fn is_on(self) -> bool {
        self == Self::On
    }
}

impl From<bool> for Switch {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}
