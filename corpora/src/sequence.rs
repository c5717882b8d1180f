//! The order of sessions on a tape: whole runs of records, one session after another.
//!
//! Invariants this file keeps: the records of a session follow each other without a gap, its steps count up from 0, all of
//! them have one affinity, and the numbers of sessions rise along the tape. Writers check it record by record and block by
//! block, readers within every block they open.

use crate::record::{ArchivedStoredRecord, NewRecord, StoredRecord};

/// What of a record matters for its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Number of the session, 0 for none.
    pub(crate) session: u64,
    pub(crate) step: u16,
    pub(crate) affinity: u64,
}

impl Place {
    pub(crate) fn of_new(record: &NewRecord<'_>) -> Self {
        Self {
            session: record.session,
            step: record.step,
            affinity: record.affinity,
        }
    }

    pub(crate) fn of_stored(record: &StoredRecord) -> Self {
        Self {
            session: record.session,
            step: record.step,
            affinity: record.affinity,
        }
    }

    pub(crate) fn of_archived(record: &ArchivedStoredRecord) -> Self {
        Self {
            session: record.session.to_native(),
            step: record.step.to_native(),
            affinity: record.affinity.to_native(),
        }
    }
}

/// Where a tape, or one block of it, stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sequence {
    /// Highest session so far, 0 for none.
    latest: u64,
    /// The record before, if there is one.
    before: Option<Place>,
}

/// The sessions of a block, for setting it behind another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    first: Place,
    /// Lowest session in it, 0 for none.
    lowest: u64,
    end: Sequence,
}

impl Sequence {
    /// Begins in the middle of a tape, where any record may come.
    pub(crate) fn from(first: Place) -> Self {
        Self {
            latest: first.session,
            before: Some(first),
        }
    }

    /// Goes on with a record.
    ///
    /// Errors: says what is wrong with it.
    pub(crate) fn admit(&mut self, place: Place) -> Result<(), &'static str> {
        let goes_on = |before: Place| {
            before.session == place.session && before.step.checked_add(1) == Some(place.step)
        };
        match (place.session, place.step) {
            (0, 0) => {}
            (0, _) => return Err("is a step of no session"),
            (session, 0) if session > self.latest => {}
            (_, 0) => return Err("begins a session whose number does not follow those before"),
            _ => match self.before.filter(|&before| goes_on(before)) {
                None => return Err("is not the step after that of its predecessor"),
                Some(before) if before.affinity != place.affinity => {
                    return Err("has another affinity than the session it belongs to");
                }
                Some(_) => {}
            },
        }
        self.latest = self.latest.max(place.session);
        self.before = Some(place);
        Ok(())
    }

    /// Goes on with a whole block, the order within which was checked.
    ///
    /// Errors: says what is wrong with its first record.
    pub(crate) fn append(&mut self, stretch: &Stretch) -> Result<(), &'static str> {
        let mut next = *self;
        next.admit(stretch.first)?;
        let is_later = stretch.lowest > self.latest;
        if stretch.lowest != 0 && !is_later && stretch.lowest != stretch.first.session {
            return Err("is followed by a session whose number does not follow those before");
        }
        *self = Self {
            latest: self.latest.max(stretch.end.latest),
            ..stretch.end
        };
        Ok(())
    }
}

impl Stretch {
    /// Sums up the records of a block in order; none if there are none.
    pub(crate) fn of(mut places: impl Iterator<Item = Place> + Clone) -> Option<Self> {
        let numbers = places.clone().map(|place| place.session);
        let lowest = numbers.clone().find(|&session| session != 0).unwrap_or(0);
        let latest = numbers.max().unwrap_or(0);
        let first = places.next()?;
        let before = places.last().or(Some(first));
        Some(Self {
            first,
            lowest,
            end: Sequence { latest, before },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn place(session: u64, step: u16, affinity: u64) -> Place {
        Place {
            session,
            step,
            affinity,
        }
    }

    fn admit_all(places: &[Place]) -> Result<(), &'static str> {
        let mut sequence = Sequence::default();
        places.iter().try_for_each(|&place| sequence.admit(place))
    }

    #[test]
    fn sessions_stand_whole_and_in_order() {
        let good = [
            place(0, 0, 1),
            place(1, 0, 7),
            place(1, 1, 7),
            place(4, 0, 7),
            place(0, 0, 2),
            place(5, 0, 3),
        ];
        assert_eq!(admit_all(&good), Ok(()));
        let rows: [(&[Place], &str); 6] = [
            (&[place(0, 1, 1)], "is a step of no session"),
            (&[place(1, 1, 1)], "is not the step after"),
            (
                &[place(1, 0, 1), place(0, 0, 1), place(1, 1, 1)],
                "is not the step after",
            ),
            (&[place(1, 0, 1), place(1, 2, 1)], "is not the step after"),
            (&[place(1, 0, 1), place(1, 1, 2)], "has another affinity"),
            (
                &[place(2, 0, 1), place(2, 0, 1)],
                "begins a session whose number",
            ),
        ];
        for (places, expected) in rows {
            let found = admit_all(places).unwrap_err();
            assert!(found.starts_with(expected), "{places:?}: {found}");
        }
    }

    /// Sessions and single records in any order, with one of the records perhaps changed.
    fn records() -> impl Strategy<Value = Vec<Place>> {
        let lengths = prop::collection::vec(0u16..4, 1..12);
        (
            lengths,
            any::<prop::sample::Index>(),
            0u64..6,
            0u16..3,
            any::<bool>(),
        )
            .prop_map(|(lengths, at, session, step, is_changed)| {
                let mut places = Vec::new();
                for (length, number) in lengths.into_iter().zip(1..) {
                    match length {
                        0 => places.push(place(0, 0, number)),
                        steps => places.extend((0..steps).map(|step| place(number, step, number))),
                    }
                }
                if is_changed {
                    let at = at.index(places.len());
                    places[at] = place(session, step, places[at].affinity);
                }
                places
            })
    }

    proptest! {
        /// Wherever the blocks are cut, they are accepted if and only if their records are.
        #[test]
        fn blocks_are_accepted_as_their_records_are(places in records(), size in 1usize..5) {
            let mut by_block = Sequence::default();
            let mut found = Ok(());
            for chunk in places.chunks(size) {
                let mut within = Sequence::from(chunk[0]);
                let checked = chunk[1..].iter().try_for_each(|&place| within.admit(place));
                let stretch = Stretch::of(chunk.iter().copied()).unwrap();
                found = found.and(checked).and_then(|()| by_block.append(&stretch));
            }
            prop_assert_eq!(found.is_ok(), admit_all(&places).is_ok());
        }
    }
}
