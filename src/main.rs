//! The `tapdeck` command.

use std::io::{ErrorKind, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;
use tapdeck::cli::Cli;
use tapdeck::cli::output::note;
use tapdeck::{Exit, error, mask};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return told(&answer),
    };
    // A panic has told its story by the time it arrives here; what is left to do is to keep the promised exit code.
    let Ok(outcome) = catch_unwind(AssertUnwindSafe(|| cli.run())) else {
        return Exit::Bug.into();
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            // Where nobody can read the message, the exit code still says it.
            let chain = mask::mask_pans(&error::explained(&failure));
            note(format_args!("tapdeck: error: {chain}"));
            failure.exit().into()
        }
    }
}

/// Prints what clap answers in place of a command: help, or what is wrong with the flags.
fn told(answer: &clap::Error) -> ExitCode {
    let exit = if answer.use_stderr() {
        Exit::Usage
    } else {
        Exit::Pass
    };
    match answer.print() {
        Err(error) if exit == Exit::Pass && error.kind() != ErrorKind::BrokenPipe => {
            // Where nobody can read the message, the exit code still says it.
            let _unread = writeln!(
                std::io::stderr(),
                "tapdeck: error: cannot write standard output: {error}"
            );
            Exit::Usage.into()
        }
        _ => exit.into(),
    }
}
