//! All rules, found by id and listed newest first, page by page in both directions.

use std::collections::HashMap;
use std::ops::Range;

use serde::Serialize;

use super::rule::{Rule, RuleTold, Version};
use crate::stand_in::uuid::Uuid;

/// All rules, in the order of creation.
#[derive(Default)]
pub(super) struct Shelf {
    rules: Vec<Rule>,
    places: HashMap<Uuid, usize>,
    /// Places of rules by their versions.
    versions: HashMap<Uuid, usize>,
}

/// Which side of a cursor a page lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Older,
    Newer,
}

/// A page of rules.
pub(super) struct Page<'s> {
    rules: &'s [Rule],
    place: Range<usize>,
    count: usize,
}

/// The envelope that pages come in.
#[derive(Serialize)]
pub(super) struct PageTold<'s> {
    items: Vec<RuleTold<'s>>,
    next_cursor: Option<String>,
    prev_cursor: Option<String>,
    has_next: bool,
    has_prev: bool,
    limit: i64,
}

impl Shelf {
    pub(super) fn add(&mut self, mut rule: Rule) {
        rule.place = self.rules.len();
        self.places.insert(rule.id, rule.place);
        for version in &rule.versions {
            self.versions.insert(version.id, rule.place);
        }
        self.rules.push(rule);
    }

    pub(super) fn rule(&self, id: Uuid) -> Option<&Rule> {
        self.rules.get(*self.places.get(&id)?)
    }

    pub(super) fn rule_mut(&mut self, place: usize) -> &mut Rule {
        &mut self.rules[place]
    }

    /// Notes that a version belongs to the rule of a place.
    pub(super) fn note_version(&mut self, id: Uuid, place: usize) {
        self.versions.insert(id, place);
    }

    pub(super) fn version(&self, id: Uuid) -> Option<(&Rule, &Version)> {
        let rule = self.rules.get(*self.versions.get(&id)?)?;
        let version = rule.versions.iter().find(|version| version.id == id)?;
        Some((rule, version))
    }

    /// Gives the page on one side of a cursor, or the newest rules.
    pub(super) fn page(&self, cursor: Option<usize>, side: Side, size: usize) -> Page<'_> {
        let place = place_of_page(self.rules.len(), cursor, side, size);
        Page {
            rules: &self.rules[place.clone()],
            place,
            count: self.rules.len(),
        }
    }
}

impl<'s> Page<'s> {
    pub(super) fn told(&self, limit: i64) -> PageTold<'s> {
        let (has_next, has_prev) = (self.place.start > 0, self.place.end < self.count);
        // The cursors are the last and the first rule of the page: its oldest and its newest.
        let cursor = |place: usize| place.to_string();
        PageTold {
            items: self
                .rules
                .iter()
                .rev()
                .map(|rule| rule.told(rule.id))
                .collect(),
            next_cursor: has_next.then(|| cursor(self.place.start)),
            prev_cursor: (has_prev && !self.place.is_empty()).then(|| cursor(self.place.end - 1)),
            has_next,
            has_prev,
            limit,
        }
    }
}

/// Gives the places of a page's rules among so many.
fn place_of_page(count: usize, cursor: Option<usize>, side: Side, size: usize) -> Range<usize> {
    match (cursor, side) {
        (None, _) => count.saturating_sub(size)..count,
        (Some(cursor), Side::Older) => {
            let end = cursor.min(count);
            end.saturating_sub(size)..end
        }
        (Some(cursor), Side::Newer) => {
            let start = cursor.saturating_add(1).min(count);
            start..(start + size).min(count)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_both_ways() {
        for (cursor, side, expected) in [
            (None, Side::Older, 6..10),
            (Some(6), Side::Older, 2..6),
            (Some(2), Side::Older, 0..2),
            (Some(0), Side::Older, 0..0),
            (Some(1), Side::Newer, 2..6),
            (Some(5), Side::Newer, 6..10),
            (Some(9), Side::Newer, 10..10),
            (Some(99), Side::Newer, 10..10),
            (Some(usize::MAX), Side::Older, 6..10),
        ] {
            let found = place_of_page(10, cursor, side, 4);
            assert_eq!(found, expected, "{cursor:?} {side:?}");
        }
    }
}
