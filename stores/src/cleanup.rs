//! Finds what runs have left behind.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::error::Error;
use crate::journal::Journal;
use crate::layout;
use crate::run_id::RunId;
use crate::store::Store;

/// Which runs to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// One.
    Run(RunId),
    /// All that began longer ago than this.
    OlderThan(Duration),
}

/// A run that something is left of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftBehind {
    /// The run.
    pub run_id: RunId,
    /// When it began, as far as known: its journal's instant, or that of the newest object in its folder.
    pub began: Timestamp,
    /// Objects in its folder.
    pub objects: usize,
}

/// Finds the runs that something is left of, the youngest first: then each finds what it wrote, and hardly one has to hand
/// over to another.
///
/// Errors: those of the store.
pub fn left_behind(store: &Store, which: &Which, now: Timestamp) -> Result<Vec<LeftBehind>, Error> {
    let prefix = match which {
        Which::Run(run_id) => layout::of_run(run_id),
        Which::OlderThan(_) => layout::RUNS.to_owned(),
    };
    let mut folders: BTreeMap<RunId, (Timestamp, usize)> = BTreeMap::new();
    for listed in store.list(&prefix)? {
        // What is no run's id is no folder of a run.
        let run_id = layout::run_of(&listed.key).and_then(|text| text.parse::<RunId>().ok());
        if let Some(run_id) = run_id {
            let (newest, objects) = folders.entry(run_id).or_insert((listed.modified, 0));
            *newest = listed.modified.max(*newest);
            *objects += 1;
        }
    }
    let mut found = Vec::new();
    for (run_id, (newest, objects)) in folders {
        let began = match Journal::read(store, &run_id) {
            Ok(Some(journal)) => journal.at,
            // Who takes the run back is told about its journal then.
            Ok(None) | Err(Error::Journal { .. }) => newest,
            Err(error) => return Err(error),
        };
        let age = Duration::try_from(now.duration_since(began)).unwrap_or_default();
        if !matches!(which, Which::OlderThan(limit) if age <= *limit) {
            found.push(LeftBehind {
                run_id,
                began,
                objects,
            });
        }
    }
    found.sort_by_key(|left| std::cmp::Reverse(left.began));
    Ok(found)
}
