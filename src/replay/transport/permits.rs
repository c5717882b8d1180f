//! How many streams an HTTP/2 peer permits at a time, and which are open.
//!
//! Counts as the protocol does (RFC 9113, section 5.1.2): a stream counts from its HEADERS until both sides have ended it
//! or one has reset it. hyper holds back requests past the limit; that wait is the peer's doing, and this is where it is
//! known when it ended.

use std::collections::VecDeque;

/// A stream that counts against the limit.
#[derive(Debug, Clone, Copy)]
struct OpenStream {
    id: u32,
    ended_by_us: bool,
    ended_by_peer: bool,
}

/// The side of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Us,
    Peer,
}

/// The open streams of a connection, and how many there may be.
#[derive(Debug)]
pub(super) struct Permits {
    limit: usize,
    /// By rising id.
    open: VecDeque<OpenStream>,
}

impl Permits {
    /// Permits any number until the peer says otherwise; has room for so many without allocating.
    pub(super) fn new(streams: usize) -> Self {
        Self {
            limit: usize::MAX,
            open: VecDeque::with_capacity(streams),
        }
    }

    /// Gives the number of streams that the peer permits at a time.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Notes what the peer permits from now on.
    pub(super) fn set_limit(&mut self, limit: u32) {
        self.limit = limit as usize;
    }

    /// Gives how many more streams may be opened now.
    pub(super) fn free(&self) -> usize {
        self.limit.saturating_sub(self.open.len())
    }

    /// Notes that a stream was opened: its HEADERS were written.
    pub(super) fn opened(&mut self, id: u32) {
        self.open.push_back(OpenStream {
            id,
            ended_by_us: false,
            ended_by_peer: false,
        });
    }

    /// Notes that a side has sent its last frame of a stream; tells whether that closed it.
    pub(super) fn ended(&mut self, id: u32, by: Side) -> bool {
        let Some(idx) = self.position(id) else {
            return false;
        };
        let stream = &mut self.open[idx];
        match by {
            Side::Us => stream.ended_by_us = true,
            Side::Peer => stream.ended_by_peer = true,
        }
        let is_closed = stream.ended_by_us && stream.ended_by_peer;
        if is_closed {
            self.open.remove(idx);
        }
        is_closed
    }

    /// Notes that a side has reset a stream; tells whether it was open.
    pub(super) fn reset(&mut self, id: u32) -> bool {
        let idx = self.position(id);
        idx.and_then(|idx| self.open.remove(idx)).is_some()
    }

    fn position(&self, id: u32) -> Option<usize> {
        self.open.binary_search_by_key(&id, |stream| stream.id).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_counts_until_both_sides_have_ended_it_or_one_has_reset_it() {
        let mut permits = Permits::new(4);
        assert_eq!(permits.free(), usize::MAX);
        permits.set_limit(3);
        for id in [1, 3, 5] {
            permits.opened(id);
        }
        assert_eq!(permits.free(), 0);
        assert!(!permits.ended(1, Side::Peer), "the request is still sent");
        assert_eq!(permits.free(), 0);
        assert!(permits.ended(1, Side::Us));
        assert!(!permits.ended(1, Side::Us), "it is closed already");
        assert!(permits.reset(5));
        assert!(!permits.reset(5));
        assert_eq!(permits.free(), 2);
        permits.set_limit(0);
        assert_eq!((permits.free(), permits.limit()), (0, 0));
        assert!(!permits.ended(3, Side::Us));
        assert!(permits.ended(3, Side::Peer));
        permits.set_limit(2);
        assert_eq!(permits.free(), 2);
    }
}
