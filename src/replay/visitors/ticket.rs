//! The ticket by which an arrival finds back to its visitor.

/// A visitor's place; most arrivals are nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u32);

impl Ticket {
    /// Of arrivals that nobody waits for.
    pub const NONE: Self = Self(u32::MAX);

    /// Tells whether nobody waits for the arrival.
    #[inline]
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    pub(super) fn at(idx: usize) -> Self {
        // Four thousand million visitors do not fit into the memory of any machine.
        Self(u32::try_from(idx).unwrap_or(u32::MAX - 1))
    }

    pub(super) fn idx(self) -> usize {
        self.0 as usize
    }
}
