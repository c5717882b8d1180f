//! What became of one planned request, with its instants.

use super::arrivals::Arrival;
use super::failure::FailureKind;
use super::judge::Judgment;
use super::transport::arrival_clock::Witness;

/// The instants of one request that was sent; nanoseconds on the monotonic clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Instants {
    /// Planned.
    pub intended_ns: u64,
    /// The later of intended and a connection coming free.
    pub ready_ns: u64,
    /// The write call.
    pub sent_ns: u64,
    /// When the first byte of the answer arrived; 0 if none did.
    pub first_byte_ns: u64,
    /// When the last byte of the answer arrived, or the instant we gave up.
    pub ended_ns: u64,
    /// When the call returned that read the last byte, or the instant we gave up.
    pub read_ns: u64,
    /// Until when the peer did not permit it to leave; 0 if it always did.
    pub permitted_ns: u64,
}

impl Instants {
    /// Arrived minus intended: what a customer felt.
    pub fn response_ns(&self) -> u64 {
        self.ended_ns.saturating_sub(self.intended_ns)
    }

    /// Arrived minus sent: what the target took.
    pub fn service_ns(&self) -> u64 {
        self.ended_ns.saturating_sub(self.sent_ns)
    }

    /// First byte arrived minus sent.
    pub fn first_byte_wait_ns(&self) -> u64 {
        self.first_byte_ns.saturating_sub(self.sent_ns)
    }

    /// Ready minus intended: waiting for a free connection, the target's doing.
    pub fn connection_wait_ns(&self) -> u64 {
        self.ready_ns.saturating_sub(self.intended_ns)
    }

    /// Sent minus ready: ours alone.
    pub fn send_lag_ns(&self) -> u64 {
        self.sent_ns.saturating_sub(self.ready_ns)
    }

    /// Read minus arrived: ours alone.
    pub fn read_lag_ns(&self) -> u64 {
        self.read_ns.saturating_sub(self.ended_ns)
    }
}

/// The end of one exchange that was begun.
#[derive(Debug, Clone, Copy)]
pub enum Ending {
    /// A whole answer was read and judged.
    Completed {
        /// Its status code.
        status: u16,
        /// Length of its body.
        body_bytes: u64,
        /// What the checks say.
        judgment: Judgment,
    },
    /// The transport broke, or the timeout passed.
    Failed(FailureKind),
    /// The run was cut short.
    Cut,
}

/// One exchange from plan to end.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// What was planned.
    pub arrival: Arrival,
    /// When what happened.
    pub instants: Instants,
    /// How it ended.
    pub ending: Ending,
    /// Whether another request of the same card was in flight when this one left.
    pub overlapped: bool,
    /// Who says when the answer arrived.
    pub witness: Witness,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_response_time_add_up() {
        let instants = Instants {
            intended_ns: 100,
            ready_ns: 130,
            sent_ns: 145,
            first_byte_ns: 200,
            ended_ns: 260,
            read_ns: 267,
            permitted_ns: 0,
        };
        assert_eq!(instants.connection_wait_ns(), 30);
        assert_eq!(instants.send_lag_ns(), 15);
        assert_eq!(instants.service_ns(), 115);
        assert_eq!(instants.first_byte_wait_ns(), 55);
        let parts = instants.connection_wait_ns() + instants.send_lag_ns() + instants.service_ns();
        assert_eq!(instants.response_ns(), parts);
        assert_eq!(instants.read_lag_ns(), 7);
    }
}
