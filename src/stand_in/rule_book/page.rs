//! Lists told page by page, the newest first, in both directions, and the envelope that pages come in.

use http::StatusCode;
use serde::Serialize;

use super::error;
use crate::stand_in::fastapi::{self, Query};
use crate::stand_in::reply::Reply;
use crate::stand_in::visit::Visit;

/// Which side of a cursor a page lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Older,
    Newer,
}

/// Which page is asked for.
pub(super) struct Ask {
    /// Place of an item; without one, the newest are asked for.
    cursor: Option<usize>,
    side: Side,
    limit: usize,
}

/// A page in its envelope.
#[derive(Debug, Serialize)]
pub(super) struct Page<U> {
    items: Vec<U>,
    next_cursor: Option<String>,
    prev_cursor: Option<String>,
    has_next: bool,
    has_prev: bool,
    limit: usize,
}

impl Ask {
    /// Reads the parameters.
    ///
    /// Errors: 422 for them and for what was read before and did not fit, 400 for a cursor that is none.
    pub(super) fn read(visit: &Visit<'_>, query: &mut Query<'_>) -> Result<Self, Reply> {
        let limit = query.whole("limit", (1, 100), 50);
        let side = query.read("direction", |value| fastapi::word(value, &["next", "prev"]));
        if !query.details.is_empty() {
            return Err(fastapi::unprocessable(visit, &query.details));
        }
        let cursor = query.get("cursor").map(str::parse).transpose();
        Ok(Self {
            cursor: cursor.map_err(|_| error(visit, StatusCode::BAD_REQUEST, "Invalid cursor"))?,
            side: match side {
                Some("prev") => Side::Newer,
                _ => Side::Older,
            },
            limit: usize::try_from(limit).unwrap_or(1),
        })
    }
}

impl<U> Page<U> {
    /// Cuts a page out of all items, which are in the order of creation, leaving out those that nobody wants.
    pub(super) fn cut<'s, T>(
        all: &'s [T],
        ask: &Ask,
        wants: impl Fn(&T) -> bool,
        tell: impl Fn(&'s T) -> U,
    ) -> Self {
        let wanted = |place: &usize| wants(&all[*place]);
        let count = all.len();
        let (split, side) = match (ask.cursor, ask.side) {
            (None, _) => (count, Side::Older),
            (Some(cursor), Side::Older) => (cursor.min(count), Side::Older),
            (Some(cursor), Side::Newer) => (cursor.saturating_add(1).min(count), Side::Newer),
        };
        // One more than the page holds tells whether there are more.
        let most = ask.limit + 1;
        let mut places: Vec<usize> = match side {
            Side::Older => (0..split).rev().filter(wanted).take(most).collect(),
            Side::Newer => (split..count).filter(wanted).take(most).collect(),
        };
        let has_more = places.len() > ask.limit;
        places.truncate(ask.limit);
        let (has_next, has_prev) = match side {
            Side::Older => (has_more, (split..count).any(|place| wanted(&place))),
            Side::Newer => {
                places.reverse();
                ((0..split).rev().any(|place| wanted(&place)), has_more)
            }
        };
        // The cursors are the last and the first item of the page: its oldest and its newest.
        let oldest = places.last().copied().unwrap_or(split);
        let newest = places.first().copied();
        Self {
            next_cursor: has_next.then(|| oldest.to_string()),
            prev_cursor: newest.filter(|_| has_prev).map(|newest| newest.to_string()),
            has_next,
            has_prev,
            limit: ask.limit,
            items: places.iter().map(|&place| tell(&all[place])).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(cursor: Option<usize>, side: Side, wants: impl Fn(&u32) -> bool) -> Page<u32> {
        let all: Vec<u32> = (0..10).collect();
        let ask = Ask {
            cursor,
            side,
            limit: 4,
        };
        Page::cut(&all, &ask, wants, |item| *item)
    }

    #[test]
    fn pages_follow_each_other_both_ways() {
        for (cursor, side, expected, next, prev) in [
            (None, Side::Older, &[9, 8, 7, 6][..], Some("6"), None),
            (Some(6), Side::Older, &[5, 4, 3, 2], Some("2"), Some("5")),
            (Some(2), Side::Older, &[1, 0], None, Some("1")),
            (Some(0), Side::Older, &[], None, None),
            (Some(1), Side::Newer, &[5, 4, 3, 2], Some("2"), Some("5")),
            (Some(5), Side::Newer, &[9, 8, 7, 6], Some("6"), None),
            (Some(9), Side::Newer, &[], Some("10"), None),
            (Some(99), Side::Newer, &[], Some("10"), None),
            (
                Some(usize::MAX),
                Side::Older,
                &[9, 8, 7, 6],
                Some("6"),
                None,
            ),
        ] {
            let page = cut(cursor, side, |_| true);
            assert_eq!(page.items, expected, "{cursor:?} {side:?}");
            let cursors = (page.next_cursor.as_deref(), page.prev_cursor.as_deref());
            assert_eq!(cursors, (next, prev), "{cursor:?} {side:?}");
        }
    }

    #[test]
    fn what_nobody_wants_neither_fills_pages_nor_makes_more_of_them() {
        let even = |item: &u32| item.is_multiple_of(2);
        let page = cut(None, Side::Older, even);
        assert_eq!((page.items, page.has_next), (vec![8, 6, 4, 2], true));
        let page = cut(Some(2), Side::Older, even);
        assert_eq!((page.items, page.has_next), (vec![0], false));
        let page = cut(Some(8), Side::Older, |item| *item < 8);
        assert_eq!((page.items, page.has_prev), (vec![7, 6, 5, 4], false));
        let page = cut(Some(4), Side::Newer, even);
        assert_eq!((page.items, page.has_prev), (vec![8, 6], false));
    }
}
