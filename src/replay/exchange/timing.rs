//! When what happened in an exchange, out of the calls that carried it.

use super::Exchange;
use crate::clock::{Clock, MonotonicClock};
use crate::replay::failure::FailureKind;
use crate::replay::lane::{ALARM_RESOLUTION_NS, Lane};
use crate::replay::outcome::{Ending, Instants, Outcome};
use crate::replay::transport::arrival_clock::Witness;
use crate::replay::undisturbed::{Connection, End};

impl Exchange<'_> {
    /// Puts the instants together. A request that broke before its first write counts as sent when we tried.
    pub(super) fn instants(&self, begun_ns: u64, ending: Ending) -> (Instants, Witness) {
        let desk = &self.lane.desks[self.desk_idx];
        let clock = &self.lane.arrival_clock;
        let first = self.stamps.first_read();
        let sent_ns = match self.stamps.sent_ns() {
            0 => begun_ns,
            at_ns => at_ns,
        };
        let first_byte_ns = clock.arrived(first.stamp_ns, sent_ns, first.at_ns).at_ns;
        let (read_ns, last) = if matches!(ending, Ending::Completed { .. }) {
            let last = self.stamps.last_read();
            let read_ns = last.at_ns.max(sent_ns);
            (read_ns, clock.arrived(last.stamp_ns, sent_ns, read_ns))
        } else {
            let now_ns = MonotonicClock.now_ns();
            (now_ns, clock.arrived(0, sent_ns, now_ns))
        };
        let permitted = self.stamps.permitted();
        let permitted_ns = clock.arrived(permitted.stamp_ns, 0, permitted.at_ns).at_ns;
        let free_ns = desk.free_at_ns.get().max(permitted_ns);
        let instants = Instants {
            intended_ns: self.arrival.intended_ns,
            ready_ns: self.arrival.intended_ns.max(free_ns),
            permitted_ns,
            sent_ns,
            first_byte_ns,
            ended_ns: last.at_ns,
            read_ns,
        };
        (instants, last.witness)
    }

    /// Tells what the undisturbed run must know of the end.
    pub(super) fn undisturbed_end(
        &self,
        outcome: &Outcome,
        endpoint: usize,
        is_reusable: bool,
    ) -> End {
        End {
            sent: outcome.instants.sent_ns,
            lag: outcome.instants.send_lag_ns(),
            waited: outcome.instants.connection_wait_ns() > 0,
            service: outcome.instants.service_ns(),
            opening: 0,
            // A peer that permits no more streams keeps an undisturbed generator waiting as well.
            permitted: outcome.instants.permitted_ns,
            connection: if is_reusable {
                Connection::Kept
            } else {
                self.broken_leaves
            },
            measured: self.arrival.measured,
            completed: matches!(outcome.ending, Ending::Completed { .. }),
            endpoint,
        }
    }
}

/// Turns an answer that arrived too late into a timeout: a generator that was awake would have given up before it came,
/// and closed the connection.
pub(super) fn in_time(
    lane: &Lane,
    instants: &Instants,
    ending: Ending,
    is_reusable: bool,
) -> (Ending, bool) {
    let latest_ns = lane.settings.timeout_ns + 2 * ALARM_RESOLUTION_NS;
    match ending {
        Ending::Completed { .. } if instants.service_ns() > latest_ns => {
            (Ending::Failed(FailureKind::Timeout), false)
        }
        _ => (ending, is_reusable),
    }
}
