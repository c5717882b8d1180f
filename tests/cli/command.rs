//! Runs the binary and tells what came of it.

use std::ffi::OsStr;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Gives the binary, ready for arguments; what is known of the machine it runs on changes nothing.
pub(crate) fn tapdeck() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("tapdeck"));
    command.env("TAPDECK_CACHE", "/nonexistent");
    command
}

/// Runs the binary to its end.
pub(crate) fn run<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Outcome {
    let output = tapdeck().args(args).output().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Does to a process what Ctrl-C does.
pub(crate) fn interrupt(process: &std::process::Child) {
    send(process, Signal::INT);
}

/// Sends a signal to a process.
pub(crate) fn send(process: &std::process::Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(process.id()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

impl Outcome {
    /// Asserts success; gives what was printed. For commands that tell their progress on a slow machine.
    #[track_caller]
    pub(crate) fn passed(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// Asserts success and silence on standard error; gives what was printed.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{self:?}");
        self.stdout
    }
}
