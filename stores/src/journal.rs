//! What a run has written over, and where the copies are: the one thing a teardown needs to know.
//!
//! A journal is written once all its copies lie in the store and before the first shared key is written. So where there is
//! none, nothing shared was touched; where there is one, its copies are complete.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::key;
use crate::layout;
use crate::run_id::RunId;
use crate::store::{Store, Written};

/// The version of this shape of journals.
const FORMAT: u32 = 1;

/// What a run has written over.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    format: u32,
    run_id: String,
    /// When the run began to seed.
    pub(crate) at: Timestamp,
    pub(crate) entries: Vec<Entry>,
}

/// One shared key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    #[serde(deserialize_with = "key::deserialize")]
    pub(crate) key: String,
    /// Checksum of what the run writes there.
    pub(crate) sha256: String,
    /// What was there before, if anything was.
    pub(crate) before: Option<Before>,
}

/// What was under a key before a run wrote to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Before {
    /// The key of its copy.
    #[serde(deserialize_with = "key::deserialize")]
    pub(crate) copy: String,
    pub(crate) sha256: String,
    /// The run that had written it, if one had.
    pub(crate) run_id: Option<String>,
}

impl Journal {
    pub(crate) fn new(run_id: &RunId, at: Timestamp, entries: Vec<Entry>) -> Self {
        Self {
            format: FORMAT,
            run_id: run_id.to_string(),
            at,
            entries,
        }
    }

    /// Reads a run's journal; `None` if it has none.
    ///
    /// Errors: `Journal`, and those of reading.
    pub(crate) fn read(store: &Store, run_id: &RunId) -> Result<Option<Self>, Error> {
        let place = layout::journal(run_id);
        let Some(bytes) = store.read(&place)? else {
            return Ok(None);
        };
        Self::parse(&bytes, run_id).map(Some)
    }

    /// Reads the text of a run's journal.
    ///
    /// Errors: `Journal`, with the line where one is wrong.
    pub fn parse(bytes: &[u8], run_id: &RunId) -> Result<Self, Error> {
        let fail = |detail: String| Error::Journal {
            key: layout::journal(run_id),
            detail,
        };
        let journal: Self =
            serde_json::from_slice(bytes).map_err(|error| fail(error.to_string()))?;
        if journal.format != FORMAT {
            let detail = format!("found format {}, expected {FORMAT}", journal.format);
            return Err(fail(detail));
        }
        if journal.run_id != run_id.as_str() {
            return Err(fail(format!("it is of run {:?}", journal.run_id)));
        }
        Ok(journal)
    }

    /// Gives the shared keys that the run has written over.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.key.as_str())
    }

    /// Writes the journal of a run that has none. One that is there and is this very one was written by an attempt whose answer
    /// got lost.
    ///
    /// Errors: `Taken` if it has one, and those of writing.
    pub(crate) fn create(&self, store: &Store, run_id: &RunId) -> Result<(), Error> {
        let (key, json) = (layout::journal(run_id), self.to_json()?);
        match store.create(&key, json.clone(), &Vec::new())? {
            Written::Yes => Ok(()),
            Written::No if store.read(&key)?.is_some_and(|found| found == json) => Ok(()),
            Written::No => Err(Error::Taken {
                run_id: run_id.to_string(),
            }),
        }
    }

    /// Writes the journal over the one there is.
    pub(crate) fn replace(&self, store: &Store, run_id: &RunId) -> Result<(), Error> {
        store.write(&layout::journal(run_id), self.to_json()?, &Vec::new())
    }

    fn to_json(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec_pretty(self)
            .map_err(|error| Error::Bug(format!("a journal is no JSON: {error}")))
    }
}
