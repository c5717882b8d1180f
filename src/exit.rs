//! The exit codes: a public promise that scripts rely on.

use std::process::ExitCode;

use tapdeck_reports::Verdict;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; for a run: every gate held.
    Pass = 0,
    /// The run is valid and a gate did not hold, or a metric of an export lies outside its interval.
    SloMissed = 1,
    /// A flag, a file or the configuration is wrong, or a result cannot be written.
    Usage = 2,
    /// The target, or something it needs, is unreachable or refuses us.
    TargetUnreachable = 3,
    /// The tape or export is damaged, foreign, or from a newer tapdeck.
    TapeUnreadable = 4,
    /// The generator spoiled the run; its figures say nothing about the target.
    RunInvalid = 5,
    /// A bug of ours.
    Bug = 70,
    /// Stopped by the user; what was measured so far has been written.
    Interrupted = 130,
}

/// Every exit code with its meaning, for help and docs.
pub const EXITS: [(Exit, &str); 8] = [
    (Exit::Pass, "pass: done, and every gate held"),
    (
        Exit::SloMissed,
        "SLO missed: a valid run broke a gate, or an export left an interval",
    ),
    (
        Exit::Usage,
        "usage or configuration, or output that cannot be written",
    ),
    (
        Exit::TargetUnreachable,
        "target or dependency unreachable or refusing us",
    ),
    (Exit::TapeUnreadable, "tape or export unreadable"),
    (
        Exit::RunInvalid,
        "run invalid: we were the bottleneck, do not use the figures",
    ),
    (Exit::Bug, "bug in tapdeck"),
    (Exit::Interrupted, "interrupted; results so far are written"),
];

/// Lists every exit code for the help of a command; `own` says what some mean there.
pub fn help(own: &[(Exit, &str)]) -> String {
    let lines = EXITS.map(|(exit, meaning)| {
        let own = own.iter().find(|(of, _)| *of == exit);
        let meaning = own.map_or(meaning, |(_, meaning)| meaning);
        format!("\n  {:>3}  {meaning}", exit as u8)
    });
    format!("Exit codes:{}", lines.concat())
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::SloMissed => Self::SloMissed,
            Verdict::Invalid => Self::RunInvalid,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_promised_ones() {
        let codes: Vec<u8> = EXITS.iter().map(|(exit, _)| *exit as u8).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 70, 130]);
    }
}
