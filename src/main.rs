//! The `tapdeck` command.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;
use tapdeck::cli::Cli;
use tapdeck::{Exit, error};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // A panic has told its story by the time it arrives here; what is left to do is to keep the promised exit code.
    let Ok(outcome) = catch_unwind(AssertUnwindSafe(|| cli.run())) else {
        return Exit::Bug.into();
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            let chain = error::explained(&failure);
            // Where nobody can read the message, the exit code still says it.
            let _unread = writeln!(std::io::stderr(), "tapdeck: error: {chain}");
            failure.exit().into()
        }
    }
}
