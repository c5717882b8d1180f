//! The `tapdeck` command.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;
use tapdeck::cli::Cli;
use tapdeck::cli::output::note;
use tapdeck::{Exit, error, mask};

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
            // Where nobody can read the message, the exit code still says it.
            let chain = mask::mask_pans(&error::chain(&failure));
            note(format_args!("tapdeck: error: {chain}"));
            failure.exit().into()
        }
    }
}
