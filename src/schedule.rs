//! When requests are to leave: an arrival process over a rate profile, pure and seeded.
//!
//! Arrival `i` of a schedule has an intended time that depends on the schedule alone: not on lanes, machine, or how the
//! target answers. Every lane walks the whole schedule and keeps its share, so the union is the same for any number.

pub mod bursty;
pub mod constant;
pub mod poisson;
pub mod profile;
pub mod recorded;
pub mod users;

pub use bursty::Bursts;
pub use profile::RateProfile;
pub use users::Users;

/// Parameters every arrival process draws from what it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Rate over time, warm-up included; empty for a process that brings its own times.
    pub profile: RateProfile,
    /// Seed of random processes.
    pub seed: u64,
    /// How the rate jumps about its profile, for processes that let it.
    pub bursts: Bursts,
    /// Event time played per unit of wall time.
    pub speed: f64,
    /// No arrival is intended at or after this offset, nanoseconds.
    pub horizon_ns: u64,
}

/// A rule that gives the intended send times.
pub trait ArrivalProcess: Sync + std::fmt::Debug {
    /// Name, as typed after `--arrivals`.
    fn name(&self) -> &'static str;
    /// One sentence for help and docs.
    fn help(&self) -> &'static str;
    /// Whether the process follows a rate profile; otherwise it follows the tape's event times.
    fn follows_profile(&self) -> bool {
        true
    }
    /// Whether the rate jumps about its profile.
    fn has_bursts(&self) -> bool {
        false
    }
    /// Gives the highest rate that lasts long enough to be prepared for; zero if it does not follow a profile.
    fn peak(&self, parameters: &Parameters) -> f64 {
        parameters.profile.peak()
    }
    /// Starts at the first arrival.
    fn cursor(&self, parameters: &Parameters) -> Box<dyn Cursor>;
}

/// A walk over the intended times of one schedule.
pub trait Cursor: Send {
    /// Gives the next intended time, `None` after the last one.
    ///
    /// Units: nanoseconds after the run epoch. Shape: never decreases. `event_ns` is the event time of the record that
    /// will be sent, counted on over repetitions of the tape.
    fn next_ns(&mut self, event_ns: u64) -> Option<u64>;
}

/// All arrival processes, in the order help shows them.
pub static ARRIVALS: &[&dyn ArrivalProcess] = &[
    &poisson::Poisson,
    &constant::Constant,
    &bursty::Bursty,
    &recorded::Recorded,
];

/// Finds an arrival process by name.
pub fn arrivals_named(name: &str) -> Option<&'static dyn ArrivalProcess> {
    ARRIVALS
        .iter()
        .copied()
        .find(|process| process.name() == name)
}

/// An arrival process with its parameters.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The process.
    pub process: &'static dyn ArrivalProcess,
    /// Its parameters.
    pub parameters: Parameters,
}

impl Schedule {
    /// Starts at the first arrival.
    pub fn cursor(&self) -> Box<dyn Cursor> {
        self.process.cursor(&self.parameters)
    }

    /// Gives the highest rate that lasts long enough to be prepared for; zero if it follows a tape's event times.
    pub fn peak(&self) -> f64 {
        self.process.peak(&self.parameters)
    }
}

/// Who decides when a request leaves.
#[derive(Debug, Clone)]
pub enum Load {
    /// The schedule alone (the open model).
    Open(Schedule),
    /// Users, each of whom waits for an answer first (the closed model).
    Closed(Users),
}

impl Load {
    /// Gives the name of the arrival process, `users` in the closed model.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open(schedule) => schedule.process.name(),
            Self::Closed(_) => "users",
        }
    }

    /// Gives the seed of what is random about it.
    pub fn seed(&self) -> u64 {
        match self {
            Self::Open(schedule) => schedule.parameters.seed,
            Self::Closed(users) => users.seed,
        }
    }

    /// Gives the schedule of the open model.
    pub fn schedule(&self) -> Option<&Schedule> {
        match self {
            Self::Open(schedule) => Some(schedule),
            Self::Closed(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
