//! The command line: one file per subcommand with its flags, its help and the way from them to the library.
//!
//! Owns what is typed and what is printed. A subcommand has `Args` and `run`; it parses, calls, prints, and leaves the
//! work to the rest of the crate. Results go to standard output, progress and remarks to standard error.

pub mod auth;
pub mod calibrate;
pub mod capacity;
pub mod cleanup;
pub mod demo;
pub mod fidelity;
pub mod fixtures;
pub mod generate;
pub mod inspect;
pub mod interrupt;
mod layout;
pub mod load;
mod lost_pages;
pub mod output;
pub mod progress;
pub mod replay;
pub mod report;
pub mod run;
pub mod schedule;
pub mod services;
pub mod stand_in;
mod threads;
pub mod transport;
pub mod users;
pub mod verify;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::exit::{self, Exit};
use crate::harness::{descriptors, memory};

/// Record-and-replay traffic generator for card-fraud decisioning
///
/// Tapdeck makes synthetic card traffic once, with labeled fraud in it, stores it as a tape, and fires the tape at an
/// HTTP target on a precise schedule. What it measures is the target: it says by how much it missed its own schedule,
/// and when a run should not be believed.
#[derive(Debug, Parser)]
#[command(
    name = "tapdeck",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = BEGIN_WITH,
    after_long_help = long_epilogue()
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The subcommands, in the order help shows them.
#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Generate(generate::Args),
    Fixtures(fixtures::Args),
    Inspect(inspect::Args),
    Verify(verify::Args),
    Fidelity(fidelity::Args),
    Schedule(schedule::Args),
    Replay(Box<replay::Args>),
    Run(Box<run::Args>),
    Report(report::Args),
    Calibrate(calibrate::Args),
    Capacity(Box<capacity::Args>),
    StandIn(stand_in::Args),
    Cleanup(cleanup::Args),
    Services(services::Args),
}

impl Command {
    /// Tells whether it opens connections, or serves them.
    fn uses_sockets(&self) -> bool {
        match self {
            Self::Demo(_)
            | Self::Replay(_)
            | Self::Run(_)
            | Self::Calibrate(_)
            | Self::Capacity(_)
            | Self::StandIn(_)
            | Self::Cleanup(_) => true,
            Self::Generate(_)
            | Self::Fixtures(_)
            | Self::Inspect(_)
            | Self::Verify(_)
            | Self::Fidelity(_)
            | Self::Schedule(_)
            | Self::Report(_)
            | Self::Services(_) => false,
        }
    }
}

/// The shortest way from nothing to a measured target.
const BEGIN_WITH: &str = "\
Begin with:
  tapdeck demo
  tapdeck generate --service rule-engine --seed 42 --count 1000000 -o cards.tape
  tapdeck replay cards.tape --target http://localhost:8081 --rate 0..5k/30s,5k/2m

Every command explains itself: tapdeck COMMAND --help";

impl Cli {
    /// Carries out what was typed.
    pub fn run(&self) -> Result<Exit, Error> {
        memory::check()?;
        lost_pages::explain();
        if self.command.uses_sockets()
            && let Err(error) = descriptors::raise()
        {
            // It may suffice as it is: who asks for too many connections is refused with the number needed.
            output::note(format_args!("note: {error}"));
        }
        match &self.command {
            Command::Demo(args) => demo::run(args),
            Command::Generate(args) => generate::run(args),
            Command::Fixtures(args) => fixtures::run(args),
            Command::Inspect(args) => inspect::run(args),
            Command::Verify(args) => verify::run(args),
            Command::Fidelity(args) => fidelity::run(args),
            Command::Schedule(args) => schedule::run(args),
            Command::Replay(args) => replay::run(args),
            Command::Run(args) => run::run(args),
            Command::Report(args) => report::run(args),
            Command::Calibrate(args) => calibrate::run(args),
            Command::Capacity(args) => capacity::run(args),
            Command::StandIn(args) => stand_in::run(args),
            Command::Cleanup(args) => cleanup::run(args),
            Command::Services(args) => services::run(args),
        }
    }
}

fn long_epilogue() -> String {
    format!("{BEGIN_WITH}\n\n{}", exit::help(&[]))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_flag_has_help() {
        fn check(command: &clap::Command) {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name} has no help");
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{name} {argument} has no help"
                );
                assert!(!argument.is_hide_set(), "{name} {argument} is hidden");
            }
            command.get_subcommands().for_each(check);
        }
        let mut command = Cli::command();
        command.build();
        check(&command);
    }
}
