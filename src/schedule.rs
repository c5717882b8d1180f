//! When requests are to leave: an arrival process over a rate profile, pure and seeded.
//!
//! Arrival `i` of a schedule has an intended time that depends on the schedule alone: not on lanes, machine, or how the
//! target answers. Every lane walks the whole schedule and keeps its share, so the union is the same for any number.

pub mod constant;
pub mod poisson;
pub mod profile;
pub mod recorded;
pub mod users;

pub use profile::RateProfile;
pub use users::Users;

/// Parameters every arrival process draws from what it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Rate over time, warm-up included; empty for a process that brings its own times.
    pub profile: RateProfile,
    /// Seed of random processes.
    pub seed: u64,
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
pub static ARRIVALS: &[&dyn ArrivalProcess] =
    &[&poisson::Poisson, &constant::Constant, &recorded::Recorded];

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
mod tests {
    use super::*;

    fn parameters() -> Parameters {
        Parameters {
            profile: RateProfile::parse("0..500/2s,500/3s,500..100/1s").unwrap(),
            seed: 11,
            speed: 2.0,
            horizon_ns: 6_000_000_000,
        }
    }

    fn times(process: &dyn ArrivalProcess) -> Vec<u64> {
        let mut cursor = process.cursor(&parameters());
        // A recorded tape with an event every 7 ms of event time.
        (0..)
            .map_while(|idx| cursor.next_ns(idx * 7_000_000))
            .collect()
    }

    #[test]
    fn every_process_has_a_name_a_help_text_and_keeps_the_laws() {
        for process in ARRIVALS {
            let times = times(*process);
            assert!(times.is_sorted(), "{} goes back", process.name());
            assert!(
                times.last() < Some(&6_000_000_000),
                "{} overruns",
                process.name()
            );
            assert!(times.len() > 1_000, "{} has few arrivals", process.name());
            assert_eq!(
                times,
                self::times(*process),
                "{} is not pure",
                process.name()
            );
            assert!(process.help().len() > 20);
            let found = arrivals_named(process.name()).unwrap();
            assert_eq!(found.name(), process.name());
        }
        assert!(arrivals_named("sometimes").is_none());
    }
}
