//! All rules or all rulesets, in the order of creation, found by their ids and by those of their versions.

use std::collections::HashMap;

use super::entry::Entry;
use super::version::{Signature, Version};
use crate::stand_in::uuid::Uuid;

/// All entries of a kind. Nothing ever leaves it.
pub(super) struct Shelf<T, C> {
    entries: Vec<Entry<T, C>>,
    places: HashMap<Uuid, usize>,
    /// Places of entries, and of versions among theirs.
    versions: HashMap<Uuid, (usize, usize)>,
}

impl<T, C> Default for Shelf<T, C> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            places: HashMap::new(),
            versions: HashMap::new(),
        }
    }
}

impl<T, C> Shelf<T, C> {
    pub(super) fn add(&mut self, entry: Entry<T, C>) {
        let place = self.entries.len();
        self.places.insert(entry.id, place);
        for (number, version) in entry.versions.iter().enumerate() {
            self.versions.insert(version.id, (place, number));
        }
        self.entries.push(entry);
    }

    /// Adds a version to the entry at a place.
    pub(super) fn revise(
        &mut self,
        place: usize,
        content: C,
        id: Uuid,
        created: Signature,
    ) -> (&Entry<T, C>, &Version<C>) {
        let entry = &mut self.entries[place];
        let number = entry.versions.len();
        entry.add(content, id, created);
        self.versions.insert(id, (place, number));
        (entry, &entry.versions[number])
    }

    pub(super) fn entries(&self) -> &[Entry<T, C>] {
        &self.entries
    }

    pub(super) fn place(&self, id: Uuid) -> Option<usize> {
        self.places.get(&id).copied()
    }

    pub(super) fn entry_mut(&mut self, place: usize) -> &mut Entry<T, C> {
        &mut self.entries[place]
    }

    pub(super) fn version(&self, id: Uuid) -> Option<(&Entry<T, C>, &Version<C>)> {
        let &(place, number) = self.versions.get(&id)?;
        let entry = &self.entries[place];
        Some((entry, &entry.versions[number]))
    }

    /// Finds the entry of a version, and the version's place in it.
    pub(super) fn version_mut(&mut self, id: Uuid) -> Option<(&mut Entry<T, C>, usize)> {
        let &(place, number) = self.versions.get(&id)?;
        Some((&mut self.entries[place], number))
    }
}
