//! The users of the closed model as a lane has them.

use crate::replay::walk::{Stop, Walk};
use crate::schedule::Users;

/// The users of the closed model, and where they take their requests from.
#[derive(Debug)]
pub(super) struct Crowd {
    pub(super) users: Users,
    pub(super) walk: Walk,
    /// What the next user to come will do.
    pub(super) next: Option<Stop>,
}

impl Crowd {
    /// Gives the record that the next user to come begins with; nothing if the tape has none for this lane, and the block
    /// that has not been checked yet as an error.
    pub(super) fn offer(&mut self) -> Result<Option<Stop>, usize> {
        if self.next.is_none() {
            self.next = self.walk.next_own()?;
        }
        Ok(self.next)
    }
}
