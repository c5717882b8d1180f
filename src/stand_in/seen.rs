//! What a stand-in has seen and done, counted without slowing it down.
//!
//! Every thread counts into a tally of its own that no other thread writes; a reader adds the tallies up.

use std::sync::atomic::{AtomicU64, Ordering};

/// Declares the counters, each once: its name, and what it counts.
macro_rules! counters {
    ($($(#[$doc:meta])+ $event:ident => $field:ident,)+) => {
        /// What a stand-in has seen and done so far.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Seen {
            $($(#[$doc])+ pub $field: u64,)+
            /// Ids seen for the first time on their path; zero unless ids are watched.
            pub distinct_ids: u64,
            /// Requests whose id their path had seen before; zero unless ids are watched.
            pub repeated_ids: u64,
        }

        /// Something worth counting.
        #[derive(Clone, Copy, Debug)]
        pub(super) enum Event {
            $($event,)+
        }

        const EVENT_COUNT: usize = [$(Event::$event,)+].len();

        impl Seen {
            /// Adds up the tallies of all threads.
            pub(super) fn sum(tallies: &[Tally]) -> Self {
                let total = |event| tallies.iter().map(|tally| tally.get(event)).sum();
                Self {
                    $($field: total(Event::$event),)+
                    ..Self::default()
                }
            }
        }
    };
}

counters! {
    /// Connections accepted.
    Connection => connections,
    /// Requests to the authorization path, whatever became of them.
    Auth => auth_requests,
    /// Requests to the monitoring path, whatever became of them.
    Monitoring => monitoring_requests,
    /// Requests to any other path, known or not.
    Other => other_requests,
    /// Requests refused with a status of 400 or above.
    Refused => refused,
    /// Evaluations that ended in `APPROVE`, in either mode.
    Approved => approved,
    /// Evaluations that ended in `DECLINE`.
    Declined => declined,
    /// Evaluations that ended in `REVIEW`.
    Reviewed => reviewed,
    /// Authorizations answered in the mode `FAIL_OPEN`, for want of a ruleset or as a fault.
    FailOpen => fail_open,
    /// Monitoring events answered in the mode `DEGRADED`, load shedding left out.
    Degraded => degraded,
    /// Good tokens seen for the first time.
    Token => tokens,
    /// Tokens given to clients.
    TokenGiven => tokens_given,
    /// Requests turned away for want of a good token, part of `refused`.
    TurnedAway => turned_away,
    /// Faults: requests shed.
    Shed => shed,
    /// Faults: failures played, part of `fail_open` and `degraded`.
    FailurePlayed => failures_played,
    /// Faults: answers under another transaction's id.
    WrongId => wrong_ids,
    /// Faults: connections reset.
    Reset => resets,
    /// Faults: connections ended by garbage.
    Garbage => garbage,
    /// Faults: requests left without an answer.
    Hang => hangs,
    /// Faults: answers the stall window held.
    Stalled => stalled,
}

/// The counters of one thread, on cache lines of their own.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Tally([AtomicU64; EVENT_COUNT]);

impl Tally {
    /// Counts an event; only the thread that owns the tally may do so.
    pub(super) fn count(&self, event: Event) {
        // With one writer, a load and a store count as well as a locked add, at a tenth of its price.
        let counter = &self.0[event as usize];
        counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    fn get(&self, event: Event) -> u64 {
        self.0[event as usize].load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Seen, Tally};

    #[test]
    fn tallies_add_up_event_by_event() {
        let tallies = [Tally::default(), Tally::default()];
        tallies[0].count(Event::Auth);
        tallies[1].count(Event::Auth);
        tallies[1].count(Event::Hang);
        let seen = Seen::sum(&tallies);
        assert_eq!(
            seen,
            Seen {
                auth_requests: 2,
                hangs: 1,
                ..Seen::default()
            }
        );
    }
}
