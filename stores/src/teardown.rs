//! Takes a run back: shared keys become what they were, what was the run's own goes, the journal last.

use crate::error::Error;
use crate::journal::Journal;
use crate::layout;
use crate::run_id::RunId;
use crate::settle::{Fate, Mode, settle};
use crate::store::Store;

/// What taking a run back came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornDown {
    /// The run.
    pub run_id: RunId,
    /// Its shared keys, in the order in which they were settled.
    pub shared: Vec<Settled>,
    /// How many objects of its own were deleted: copies, the journal, whatever else lay in its folder.
    pub own_objects: usize,
}

/// A shared key, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The key.
    pub key: String,
    /// What became of it.
    pub fate: Fate,
}

/// Takes a run back. Where there is nothing left of it, nothing happens.
///
/// Errors: `Journal`, `CopyMissing`, and those of the store; doing it again goes on where it stopped.
pub fn teardown(store: &Store, run_id: &RunId) -> Result<TornDown, Error> {
    take_back(store, run_id, Mode::Real)
}

/// Tells what [`teardown`] would do, and changes nothing.
///
/// Errors: as of [`teardown`].
pub fn rehearse_teardown(store: &Store, run_id: &RunId) -> Result<TornDown, Error> {
    take_back(store, run_id, Mode::Rehearsal)
}

fn take_back(store: &Store, run_id: &RunId, mode: Mode) -> Result<TornDown, Error> {
    let journal = Journal::read(store, run_id)?;
    let entries = journal.map_or_else(Vec::new, |journal| journal.entries);
    let mut shared = Vec::new();
    // Manifests before the artifacts that they name.
    for entry in entries.iter().rev() {
        shared.push(Settled {
            key: entry.key.clone(),
            fate: settle(store, run_id, entry, mode)?,
        });
    }
    let journal_key = layout::journal(run_id);
    let listed = store.list(&layout::of_run(run_id))?;
    let own_objects = listed.len();
    if mode == Mode::Real && own_objects > 0 {
        let others = listed.into_iter().map(|listed| listed.key);
        let others: Vec<String> = others.filter(|key| *key != journal_key).collect();
        store.delete_all(&others)?;
        store.delete_all(&[journal_key])?;
    }
    Ok(TornDown {
        run_id: run_id.clone(),
        shared,
        own_objects,
    })
}
