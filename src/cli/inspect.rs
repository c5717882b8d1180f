//! `tapdeck inspect`: what a tape says about itself, and a look at some of its records.

use std::path::PathBuf;

use tapdeck_corpora::Tape;

use super::output::{Ink, print, print_json};
use crate::error::Error;
use crate::exit::Exit;

mod event_time;
mod facts;
mod pretty;
mod sample;
mod sessions;
mod text;

use self::facts::Facts;
use self::sessions::Sessions;

/// Show what is on a tape
///
/// Reads the tape's own account of itself, so it answers at once however long the tape is; with --sample it also checks
/// and reads the blocks that hold the samples. `verify` checks the rest.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Tape to inspect
    #[arg(value_name = "TAPE")]
    tape: PathBuf,

    /// Also show this many records, spread evenly over the tape
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        hide_default_value = true
    )]
    sample: u64,

    /// Print one JSON object instead
    #[arg(long)]
    json: bool,
}

/// Shows the tape.
///
/// Errors: `Tape` if it cannot be opened, or if a block with a sample is damaged.
pub fn run(args: &Args) -> Result<Exit, Error> {
    let tape = Tape::open(&args.tape)?;
    let sessions = Sessions::of(&tape);
    let samples = sample::spread(&tape, &sessions, args.sample)?;
    let facts = Facts::of(&tape, &sessions, samples);
    if args.json {
        print_json(&facts)?;
    } else {
        print(|out| text::write(out, &facts, Ink::of_stdout()))?;
    }
    Ok(Exit::Pass)
}
