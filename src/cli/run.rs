//! `tapdeck run`: a whole run, from the guard to the report.

pub mod args;
pub mod desk;

use std::path::PathBuf;

use tapdeck_reports::render::terminal;

pub use self::args::Args;
pub use self::desk::Desk;
use super::interrupt;
use super::output::{complain, end, note, print, print_json};
use crate::error::{Error, chain};
use crate::exit::Exit;
use crate::harness::calibration::store;
use crate::run::ladder::{Outcome, carry_out};
use crate::run::{Environment, Outline};

/// Carries out a run.
///
/// Errors: what cannot be meant, before anything is begun; what ended the run early, once its files are written.
pub fn run(args: &Args) -> Result<Exit, Error> {
    let environment = Environment::of_process();
    let outline = Outline::new(&args.wish(cache(args)?), &environment)?;
    let stop = interrupt::flag()?;
    let mut desk = Desk::new(args, &outline, std::sync::Arc::clone(&stop))?;
    if args.dry_run {
        show(&outline)?;
        return Ok(Exit::Pass);
    }
    note(format_args!(
        "run {}: {} of {}",
        outline.run_id.value, outline.scenario.value, outline.service
    ));
    for remark in &outline.remarks {
        note(format_args!("note: {remark}"));
    }
    let outcome = carry_out(&outline, &environment, &mut desk, &stop)?;
    tell(args, outcome)
}

/// Says what a run came to.
fn tell(args: &Args, outcome: Outcome) -> Result<Exit, Error> {
    let several = outcome.results.len() > 1;
    let tables = outcome.results.iter().map(|(name, summary)| {
        let table = terminal::render(summary, terminal::Width::default());
        if several {
            format!("{name}\n{table}")
        } else {
            table
        }
    });
    let tables: Vec<String> = tables.collect();
    let printed = match (&outcome.short, args.result.json) {
        (Some(short), true) => {
            let printed = print_json(short);
            for table in &tables {
                note(format_args!("{}", table.trim_end()));
            }
            printed
        }
        _ => print(|out| write!(out, "{}", tables.join("\n"))),
    };
    if let Some(page) = &outcome.page {
        note(format_args!("report: {}", page.display()));
    }
    if let Some(error) = &outcome.teardown_error {
        note(format_args!("teardown failed: {}", chain(error)));
    }
    match (outcome.exit, outcome.error.or(outcome.teardown_error)) {
        (Exit::Interrupted, error) => {
            if let Some(error) = error {
                note(format_args!("interrupted, after: {}", chain(&error)));
            }
            end(printed, Exit::Interrupted)
        }
        (_, Some(error)) => {
            if let Err(unprinted) = &printed {
                complain(unprinted);
            }
            Err(error)
        }
        (exit, None) => end(printed, exit),
    }
}

/// Prints every value with its origin.
fn show(outline: &Outline) -> Result<(), Error> {
    let rows = outline.rows()?;
    let wide = |width: fn(&crate::run::rows::Row) -> usize| rows.iter().map(width).max();
    let (of, value) = (
        wide(|row| row.of.len()).unwrap_or(0),
        wide(|row| row.value.len().min(60)).unwrap_or(0),
    );
    print(|out| {
        for row in &rows {
            writeln!(
                out,
                "{:of$}  {:10}  {:value$}  {}",
                row.of, row.name, row.value, row.origin
            )?;
        }
        for remark in &outline.remarks {
            writeln!(out, "note: {remark}")?;
        }
        Ok(())
    })
}

/// Gives the folder for tapes.
fn cache(args: &Args) -> Result<PathBuf, Error> {
    store::folder(args.engine.cache.as_deref()).ok_or_else(|| Error::Usage {
        flag: "--cache",
        detail: "there is no folder for tapes: name one, or set TAPDECK_CACHE or HOME".to_owned(),
    })
}
