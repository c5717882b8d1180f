//! Writes the report of a simulated run, to look at the page without running anything.
//!
//! Usage: `cargo run -p tapdeck-reports --example sample_report -- FOLDER [calm|stall|starved]`

mod setup;
mod simulation;

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::{env, fs, io};

use tapdeck_reports::render::terminal::{self, Width};
use tapdeck_reports::{Part, RENDERERS, RunIdentity, RunSummary, Summary};

use crate::setup::Weather;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("name a folder to write to")?);
    let weather = match arguments.next().as_deref() {
        Some("calm") => Weather::Calm,
        None | Some("stall") => Weather::Stall,
        Some("starved") => Weather::Starved,
        Some(other) => return Err(format!("{other}: expected calm, stall or starved").into()),
    };

    let measurements = simulation::run(weather);
    let summary = Summary::from_measurements(&measurements);
    fs::create_dir_all(&folder)?;
    for renderer in RENDERERS {
        let bytes = renderer.render(&summary, &measurements)?;
        fs::write(folder.join(renderer.file_name()), bytes)?;
    }
    let run = RunIdentity {
        run_id: "sample".to_owned(),
        service: "rule-engine".to_owned(),
        services_tested: vec!["rule-engine".to_owned()],
        scenario: "baseline".to_owned(),
        auth_mode: "none".to_owned(),
    };
    let part = Part {
        name: "rule-engine",
        summary: &summary,
        measurements: &measurements,
    };
    let short = RunSummary::over(&run, &[part]);
    fs::write(
        folder.join(run.file_name("run-summary", "json")),
        short.to_json()?,
    )?;
    fs::write(
        folder.join(run.file_name("run-summary", "csv")),
        short.to_csv(),
    )?;
    let table = terminal::render(&summary, Width::default());
    io::stdout().write_all(table.as_bytes())?;
    Ok(())
}
