//! `tapdeck services`: the services there are, and what a definition says.

use tapdeck_reports::counted;
use tapdeck_services::registry::{self, BUILTIN};
use tapdeck_services::{DRAWS, FIRE_FIELDS, TOKEN_FIELD, WORLD_FIELDS};

use super::output::{Output, print};
use crate::error::Error;
use crate::exit::Exit;

mod definition;

/// List the services tapdeck knows, show one, or check a definition of your own
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

/// What to do about services.
#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the built-in services; the default
    List,
    /// Show a service: its endpoints, their placeholders, and what makes an answer good
    Show {
        /// Name of a built-in service, or path of a .toml file
        #[arg(value_name = "SERVICE")]
        service: String,
    },
    /// Check a definition; ends with exit code 2 if something is wrong with it
    Check {
        /// Path of a .toml file, or name of a built-in service
        #[arg(value_name = "FILE")]
        file: String,
    },
    /// List the placeholders a definition can use
    Placeholders,
}

/// Shows services.
///
/// Errors: `Service` for a definition that cannot be used, with the place of the fault.
pub fn run(args: &Args) -> Result<Exit, Error> {
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::List => list()?,
        Action::Show { service } => {
            let service = registry::find(service)?;
            print(|out| definition::write(out, &service))?;
        }
        Action::Check { file } => {
            let service = registry::find(file)?;
            print(|out| {
                let steps: usize = service.sessions.iter().map(|it| it.steps.len()).sum();
                let (own, sessions) = (service.endpoints.len() - steps, service.sessions.len());
                let endpoints = counted(own as u64, "endpoint");
                let of_sessions = format!(
                    "{} of {}",
                    counted(sessions as u64, "session"),
                    counted(steps as u64, "step")
                );
                let content = match (own, sessions) {
                    (_, 0) => endpoints,
                    (0, _) => of_sessions,
                    _ => format!("{endpoints} and {of_sessions}"),
                };
                writeln!(
                    out,
                    "{file} is good: service {} with {content}",
                    service.name
                )
            })?;
        }
        Action::Placeholders => print(placeholders)?,
    }
    Ok(Exit::Pass)
}

fn list() -> Result<(), Error> {
    let services = BUILTIN
        .iter()
        .map(|builtin| registry::find(builtin.name))
        .collect::<Result<Vec<_>, _>>()?;
    print(|out| {
        for service in services {
            writeln!(out, "{:<24}{}", service.name, service.title)?;
        }
        Ok(())
    })
}

fn placeholders(out: &mut Output) -> Result<(), Error> {
    let world = WORLD_FIELDS.iter().map(|info| (info.name, info.help));
    let drawn = DRAWS.iter().map(|info| (info.usage, info.help));
    let fire = FIRE_FIELDS.iter().map(|info| (info.name, info.help));
    writeln!(out, "written into the tape")?;
    for (name, help) in world.chain(drawn) {
        placeholder(out, name, help)?;
    }
    writeln!(out, "\nstamped as the request is sent")?;
    for (name, help) in fire {
        placeholder(out, name, help)?;
    }
    writeln!(out, "\nput into header values as the request is sent")?;
    placeholder(out, TOKEN_FIELD.name, TOKEN_FIELD.help)?;
    writeln!(
        out,
        "\ntaken from the answer to an earlier step of the session"
    )?;
    let help = "whatever that step captures under the name";
    placeholder(out, "captured.NAME", help)
}

fn placeholder(out: &mut Output, name: &str, help: &str) -> Result<(), Error> {
    let reference = format!("${{{name}}}");
    writeln!(out, "  {reference:<27}{help}")
}
