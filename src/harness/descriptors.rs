//! Open files: how many this process may hold, how many a run needs, and whether that suffices.
//!
//! A connection is an open file. A shell often allows 1,024 of them although the machine would bear a million, so the
//! soft limit is raised to the hard one at the start, and a run that needs more than the hard one is refused before
//! anything is sent: in the run it would look as if the target refused connections.

use std::fs;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tapdeck_reports::counted;

use super::play::RunPlan;
use crate::error::Error;

/// Open files of a lane besides its connections: its epoll instance (twice, and a file to wake it), its timer, and the
/// three files by which the kernel tells how the thread fares.
const PER_LANE: u64 = 8;

/// Open files of a thread of a stand-in besides its connections: as of a lane, without the kernel's files.
const PER_STAND_IN_THREAD: u64 = 5;

/// Open files for what is opened for a short time beside the load: tokens, counters, health paths, names, reports.
const RESERVE: u64 = 40;

/// What to do where the hard limit is in the way.
pub const HARD_LIMIT_REMEDY: &str = "an administrator must raise the hard limit (LimitNOFILE= of a systemd service, hard nofile in \
     /etc/security/limits.conf, --ulimit nofile= of a container)";

/// Whether the targets serve in this very process, so that each connection takes two of its files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Targets {
    /// In processes of their own.
    #[default]
    Elsewhere,
    /// In this one.
    Embedded,
}

/// What is to be opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Demand {
    /// Connections at a time.
    pub connections: u64,
    /// Sending threads.
    pub lanes: u64,
    /// Threads of stand-ins that have yet to be started.
    pub stand_in_threads: u64,
    /// Where the targets serve.
    pub targets: Targets,
}

impl Demand {
    /// Gives what some runs open that are played at a time. With or without keep-alive, `--connections` are open at once.
    pub fn of<'p>(plans: impl IntoIterator<Item = &'p RunPlan>, targets: Targets) -> Self {
        let none = Self {
            targets,
            ..Self::default()
        };
        plans.into_iter().fold(none, |sum, plan| Self {
            connections: sum.connections + u64::from(plan.connections.max(plan.lanes.get())),
            lanes: sum.lanes + u64::from(plan.lanes.get()),
            ..sum
        })
    }

    /// Gives the number of open files that suffices, those counted that are open already.
    pub fn files(self, open: u64) -> u64 {
        let sides = match self.targets {
            Targets::Elsewhere => 1,
            Targets::Embedded => 2,
        };
        self.connections * sides
            + self.lanes * PER_LANE
            + self.stand_in_threads * PER_STAND_IN_THREAD
            + open
            + RESERVE
    }

    /// Refuses what this process may not open; `flag` is the one by which less can be asked for.
    ///
    /// Errors: `Usage`.
    pub fn check(self, flag: &'static str) -> Result<(), Error> {
        self.check_within(getrlimit(Resource::Nofile), open_files(), flag)
    }

    fn check_within(self, limit: Rlimit, open: u64, flag: &'static str) -> Result<(), Error> {
        let needed = self.files(open);
        // No limit is enough for everything.
        let Some(allowed) = limit.current.filter(|&allowed| allowed < needed) else {
            return Ok(());
        };
        let hard = limit
            .maximum
            .map_or(allowed, |maximum| maximum.max(allowed));
        let doubled = match self.targets {
            Targets::Elsewhere => "",
            Targets::Embedded => ", each with two ends in this process",
        };
        // The soft limit was raised at the start; where that was refused, a shell may still do it.
        let remedy = if hard < needed {
            format!("{HARD_LIMIT_REMEDY}, or ask for less")
        } else {
            format!("start it after `ulimit -n {needed}`, or ask for less")
        };
        let detail = format!(
            "{}{doubled}, {} and what else is open need {needed} open files, but this process may open {allowed} (RLIMIT_NOFILE, hard \
             limit {hard}): {remedy}",
            counted(self.connections, "connection"),
            counted(self.lanes, "sending thread"),
        );
        Err(Error::Usage { flag, detail })
    }
}

/// Raises the soft limit of open files to the hard one.
///
/// Errors: `OwnLimit` if the system does not allow even that.
pub fn raise() -> Result<(), Error> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return Ok(());
    }
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, raised).map_err(|error| {
        let shown =
            |limit: Option<u64>| limit.map_or("any number".to_owned(), |limit| limit.to_string());
        Error::OwnLimit(format!(
            "the soft limit of open files stays at {} although the hard one is {}: {}",
            shown(limit.current),
            shown(limit.maximum),
            std::io::Error::from(error)
        ))
    })
}

/// Counts the open files of this process; 0 where the system does not tell.
fn open_files() -> u64 {
    fs::read_dir("/proc/self/fd").map_or(0, |files| files.count() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(connections: u64, targets: Targets) -> Demand {
        Demand {
            connections,
            lanes: 2,
            stand_in_threads: 0,
            targets,
        }
    }

    #[test]
    fn a_connection_takes_a_file_and_one_more_if_its_target_is_here() {
        let elsewhere = demand(100, Targets::Elsewhere).files(10);
        assert_eq!(elsewhere, 100 + 2 * PER_LANE + 10 + RESERVE);
        assert_eq!(demand(100, Targets::Embedded).files(10), elsewhere + 100);
        let served = Demand {
            stand_in_threads: 3,
            ..Demand::default()
        };
        assert_eq!(served.files(0), 3 * PER_STAND_IN_THREAD + RESERVE);
    }

    #[test]
    fn what_cannot_be_opened_is_refused_with_the_number_needed() {
        let limit = |files| Rlimit {
            current: files,
            maximum: files,
        };
        let demand = demand(1_000, Targets::Elsewhere);
        let needed = demand.files(7);
        let check = |files| demand.check_within(limit(files), 7, "--connections");
        for enough in [Some(needed), Some(u64::MAX), None] {
            check(enough).unwrap();
        }
        let error = check(Some(needed - 1)).unwrap_err();
        assert_eq!(error.exit(), crate::Exit::Usage);
        let text = error.to_string();
        for part in [
            "--connections: 1,000 connections, 2 sending threads and",
            "RLIMIT_NOFILE",
            &format!("need {needed} open files"),
            &format!("may open {}", needed - 1),
            "an administrator must raise the hard limit",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("ulimit -n "), "{text}");
        let soft = Rlimit {
            current: Some(needed - 1),
            maximum: Some(needed),
        };
        let error = demand.check_within(soft, 7, "--connections").unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("`ulimit -n {needed}`")), "{text}");
        assert!(!text.contains("administrator"), "{text}");
    }

    #[test]
    fn this_process_has_files_open() {
        assert!(open_files() > 2);
    }
}
