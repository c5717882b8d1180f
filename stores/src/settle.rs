//! What becomes of one shared key when its run is taken back: decided from what is there now, then done.
//!
//! A run restores over what it wrote itself and over nothing else. Where a later run has written since, that run has put
//! aside an object of this one; it is given what this run put aside in its place, so that in the end, whichever of them is
//! taken back last, what was there before all of them comes back.

use crate::error::Error;
use crate::journal::{Entry, Journal};
use crate::layout;
use crate::run_id::RunId;
use crate::store::{Object, Store, Written};

/// How often a key is looked at again that others write to at the same moment.
const ATTEMPTS: usize = 3;

/// What has become of a shared key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// There was nothing before the run, and there is nothing again.
    Removed,
    /// What was there before the run is there again.
    Restored,
    /// It was as found already.
    AsFound,
    /// Somebody else has written it since, so it was left alone.
    Left {
        /// The run that wrote it, if it was one.
        writer: Option<String>,
        /// The run that will put back what this one overwrote, if one can.
        heir: Option<String>,
    },
}

/// Whether to do it or only to say what would be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Real,
    Rehearsal,
}

/// What there is to do for a key.
#[derive(Debug, PartialEq, Eq)]
enum Task<'a> {
    Nothing,
    Remove { etag: Option<String> },
    Restore { etag: Option<String>, copy: &'a str },
    Leave { writer: Option<String> },
}

/// Puts one key right.
///
/// Errors: `CopyMissing`, and those of the store.
pub(crate) fn settle(
    store: &Store,
    run_id: &RunId,
    entry: &Entry,
    mode: Mode,
) -> Result<Fate, Error> {
    for _ in 0..ATTEMPTS {
        let now = store.look(&entry.key)?;
        let (done, fate) = match task(run_id, entry, now.as_ref()) {
            Task::Nothing => return Ok(Fate::AsFound),
            Task::Leave { writer } => {
                let heir = hand_over(store, run_id, entry, mode)?;
                return Ok(Fate::Left { writer, heir });
            }
            Task::Remove { .. } if mode == Mode::Rehearsal => return Ok(Fate::Removed),
            Task::Remove { etag } => (store.delete(&entry.key, etag)?, Fate::Removed),
            Task::Restore { etag, copy } => {
                if store.head(copy)?.is_none() {
                    return Err(Error::CopyMissing {
                        key: entry.key.clone(),
                        run_id: run_id.to_string(),
                        copy: copy.to_owned(),
                    });
                }
                if mode == Mode::Rehearsal {
                    return Ok(Fate::Restored);
                }
                (store.copy_over(copy, &entry.key, etag)?, Fate::Restored)
            }
        };
        if done == Written::Yes {
            return Ok(fate);
        }
    }
    Err(Error::Unverified {
        key: entry.key.clone(),
        detail: "it changes faster than it can be restored".to_owned(),
    })
}

/// Decides what there is to do for a key, from what was there before, what the run wrote, and what is there now.
fn task<'a>(run_id: &RunId, entry: &'a Entry, now: Option<&Object>) -> Task<'a> {
    let back = |etag: Option<String>| match &entry.before {
        Some(before) => Task::Restore {
            etag,
            copy: &before.copy,
        },
        None => Task::Remove { etag },
    };
    let Some(now) = now else {
        // The run had not come to it, or it is gone already.
        return match &entry.before {
            Some(_) => back(None),
            None => Task::Nothing,
        };
    };
    if now.run_id.as_deref() == Some(run_id.as_str()) {
        return back(now.etag.clone());
    }
    let before = entry.before.as_ref();
    let is_tagged_as_before = now.run_id == before.and_then(|before| before.run_id.clone());
    if is_tagged_as_before && before.is_some_and(|before| before.sha256 == now.sha256) {
        return Task::Nothing;
    }
    // A store that is a folder and was killed while it took our object: the bytes are ours, the tags not yet.
    if is_tagged_as_before && now.sha256 == entry.sha256 {
        return back(now.etag.clone());
    }
    Task::Leave {
        writer: now.run_id.clone(),
    }
}

/// Gives what was put aside to the run that has put aside an object of this one, and tells which that is.
fn hand_over(
    store: &Store,
    run_id: &RunId,
    entry: &Entry,
    mode: Mode,
) -> Result<Option<String>, Error> {
    let Some((heir, mut journal, idx)) = find_heir(store, run_id, &entry.key)? else {
        return Ok(None);
    };
    if mode == Mode::Real {
        let inherits = &mut journal.entries[idx].before;
        match (&entry.before, inherits) {
            (Some(ours), Some(theirs)) => {
                // Over their copy of what we wrote: nobody needs that any more.
                store.copy(&ours.copy, &theirs.copy)?;
                theirs.sha256.clone_from(&ours.sha256);
                theirs.run_id.clone_from(&ours.run_id);
            }
            (_, theirs) => *theirs = None,
        }
        journal.replace(store, &heir)?;
    }
    Ok(Some(heir.to_string()))
}

/// Finds the run that has put aside an object of this one.
fn find_heir(
    store: &Store,
    run_id: &RunId,
    key: &str,
) -> Result<Option<(RunId, Journal, usize)>, Error> {
    for listed in store.list(layout::RUNS)? {
        let other = layout::run_of(&listed.key).and_then(|other| other.parse::<RunId>().ok());
        let Some(other) = other.filter(|other| layout::journal(other) == listed.key) else {
            continue;
        };
        let journal = match Journal::read(store, &other) {
            Ok(Some(journal)) => journal,
            // A run that nobody understands can put nothing back.
            Ok(None) | Err(Error::Journal { .. }) => continue,
            Err(error) => return Err(error),
        };
        let is_heir = |entry: &Entry| {
            let put_aside = entry
                .before
                .as_ref()
                .and_then(|before| before.run_id.as_deref());
            entry.key == key && put_aside == Some(run_id.as_str())
        };
        if let Some(idx) = journal.entries.iter().position(is_heir) {
            return Ok(Some((other, journal, idx)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Before;

    fn object(sha256: &str, run_id: Option<&str>) -> Object {
        Object {
            sha256: sha256.to_owned(),
            run_id: run_id.map(str::to_owned),
            etag: None,
        }
    }

    /// What is done where run `a` wrote `ours` over `before`, if anything was there, and finds `now`.
    fn check(
        before: Option<(&str, Option<&str>)>,
        now: Option<(&str, Option<&str>)>,
        expected: &Task<'_>,
    ) {
        let entry = Entry {
            key: "k".to_owned(),
            sha256: "ours".to_owned(),
            before: before.map(|(sha256, run_id)| Before {
                copy: "c".to_owned(),
                sha256: sha256.to_owned(),
                run_id: run_id.map(str::to_owned),
            }),
        };
        let now = now.map(|(sha256, run_id)| object(sha256, run_id));
        let found = task(&"a".parse().unwrap(), &entry, now.as_ref());
        assert_eq!(&found, expected, "{before:?} {now:?}");
    }

    #[test]
    fn only_what_the_run_wrote_is_written_over() {
        let remove = Task::Remove { etag: None };
        let restore = Task::Restore {
            etag: None,
            copy: "c",
        };
        let left_to = |writer: Option<&str>| Task::Leave {
            writer: writer.map(str::to_owned),
        };
        let published = Some(("theirs", None));
        let of_run_b = Some(("b", Some("b")));
        for (before, now, expected) in [
            // Nothing was there.
            (None, Some(("ours", Some("a"))), &remove),
            (None, None, &Task::Nothing),
            (None, Some(("ours", None)), &remove),
            (None, Some(("other", None)), &left_to(None)),
            (None, Some(("ours", Some("b"))), &left_to(Some("b"))),
            // Something was.
            (published, Some(("ours", Some("a"))), &restore),
            (published, Some(("theirs", Some("a"))), &restore),
            (published, Some(("ours", None)), &restore),
            (published, Some(("theirs", None)), &Task::Nothing),
            (published, None, &restore),
            (published, Some(("newer", None)), &left_to(None)),
            (published, Some(("ours", Some("b"))), &left_to(Some("b"))),
            // Another run's was, of the same rulesets.
            (of_run_b, Some(("b", Some("b"))), &Task::Nothing),
            (
                Some(("ours", Some("b"))),
                Some(("ours", Some("b"))),
                &Task::Nothing,
            ),
            (of_run_b, Some(("ours", Some("c"))), &left_to(Some("c"))),
        ] {
            check(before, now, expected);
        }
    }
}
