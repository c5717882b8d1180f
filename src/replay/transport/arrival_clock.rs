//! Converts the kernel's arrival stamps from the wall clock to the monotonic one, on which a run keeps time.
//!
//! Both clocks run at the same rate, which time synchronization adjusts for both alike; they part only when the wall
//! clock is stepped. Their difference is therefore taken several times per second and each change of it counted as a
//! step. A stamp that does not fall between the write call and the read call of its exchange is not believed.

use std::cell::Cell;

use crate::clock::{Clock, MonotonicClock, wall_now_ns};

/// How far a stamp may lie outside of its exchange and still be believed, nanoseconds: the clocks are read one after the
/// other.
const SLACK_NS: i64 = 20_000;

/// A change of the difference between the clocks that counts as a step, nanoseconds.
const STEP_NS: u64 = 5_000;

/// Attempts to read both clocks without being interrupted in between.
const ATTEMPTS: usize = 3;

/// When an answer arrived, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrived {
    /// Nanoseconds on the monotonic clock.
    pub at_ns: u64,
    /// Whose account it is.
    pub witness: Witness,
}

/// Who says when an answer arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Witness {
    /// The kernel's stamp on the bytes.
    Kernel,
    /// The return of our read call: there was no stamp, or none that can be believed.
    Read,
}

/// Two readings of the clocks at about the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pair {
    /// Wall time minus monotonic time, nanoseconds.
    offset_ns: i64,
    /// Time between the readings: how far off the difference may be.
    apart_ns: u64,
}

impl Pair {
    fn read() -> Self {
        let attempt = || {
            let before_ns = MonotonicClock.now_ns();
            let wall_ns = wall_now_ns();
            let apart_ns = MonotonicClock.now_ns() - before_ns;
            Self {
                offset_ns: wall_ns.wrapping_sub(before_ns + apart_ns / 2).cast_signed(),
                apart_ns,
            }
        };
        let attempts = (1..ATTEMPTS).map(|_| attempt());
        let nearer = |best: Self, next: Self| {
            if next.apart_ns < best.apart_ns {
                next
            } else {
                best
            }
        };
        attempts.fold(attempt(), nearer)
    }
}

/// A lane's knowledge of how the two clocks differ.
#[derive(Debug)]
pub struct ArrivalClock {
    offset_ns: Cell<i64>,
    /// Before the last step; stamps from before it may still be unread.
    earlier_offset_ns: Cell<i64>,
    steps: Cell<u64>,
}

impl Default for ArrivalClock {
    fn default() -> Self {
        let offset_ns = Pair::read().offset_ns;
        Self {
            offset_ns: Cell::new(offset_ns),
            earlier_offset_ns: Cell::new(offset_ns),
            steps: Cell::new(0),
        }
    }
}

impl ArrivalClock {
    /// Compares the clocks anew; to be called several times per second.
    pub fn compare(&self) {
        self.note(Pair::read());
    }

    /// Gives how often the wall clock was stepped so far.
    pub fn steps(&self) -> u64 {
        self.steps.get()
    }

    fn note(&self, pair: Pair) {
        let change_ns = pair.offset_ns.abs_diff(self.offset_ns.get());
        if change_ns > pair.apart_ns + STEP_NS {
            self.steps.set(self.steps.get() + 1);
            self.earlier_offset_ns.set(self.offset_ns.get());
            self.offset_ns.set(pair.offset_ns);
        }
    }

    /// Gives when the bytes of a read call arrived; a stamp of 0 is none.
    ///
    /// Units: the stamp in nanoseconds since the Unix epoch, the write and read calls in nanoseconds on the monotonic
    /// clock. Shape: within `sent_ns..=read_ns`.
    #[inline]
    pub fn arrived(&self, stamp_ns: u64, sent_ns: u64, read_ns: u64) -> Arrived {
        let converted = |offset_ns| convert(stamp_ns, offset_ns, sent_ns, read_ns);
        let at_ns = if stamp_ns == 0 {
            None
        } else {
            converted(self.offset_ns.get()).or_else(|| {
                self.compare();
                converted(self.offset_ns.get()).or_else(|| converted(self.earlier_offset_ns.get()))
            })
        };
        match at_ns {
            Some(at_ns) => Arrived {
                at_ns,
                witness: Witness::Kernel,
            },
            None => Arrived {
                at_ns: read_ns,
                witness: Witness::Read,
            },
        }
    }
}

/// Converts a stamp; `None` if it does not belong to the exchange.
#[inline]
fn convert(stamp_ns: u64, offset_ns: i64, sent_ns: u64, read_ns: u64) -> Option<u64> {
    let at_ns = stamp_ns.cast_signed().wrapping_sub(offset_ns);
    let (sent, read) = (sent_ns.cast_signed(), read_ns.cast_signed());
    (sent - SLACK_NS..=read + SLACK_NS)
        .contains(&at_ns)
        .then(|| at_ns.clamp(sent, read.max(sent)).cast_unsigned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::NS_PER_S;

    const OFFSET_NS: i64 = 1_700_000_000_000_000_000;

    fn clock(offset_ns: i64) -> ArrivalClock {
        ArrivalClock {
            offset_ns: Cell::new(offset_ns),
            earlier_offset_ns: Cell::new(offset_ns),
            steps: Cell::new(0),
        }
    }

    fn stamp(at_ns: u64) -> u64 {
        at_ns + OFFSET_NS.cast_unsigned()
    }

    #[test]
    fn a_stamp_is_believed_only_within_its_exchange() {
        let (sent_ns, read_ns) = (5 * NS_PER_S, 6 * NS_PER_S);
        for (stamp_ns, at_ns, witness) in [
            (
                stamp(sent_ns + 2_000_000),
                sent_ns + 2_000_000,
                Witness::Kernel,
            ),
            (stamp(sent_ns - 10_000), sent_ns, Witness::Kernel),
            (stamp(read_ns + 10_000), read_ns, Witness::Kernel),
            (stamp(sent_ns - 30_000), read_ns, Witness::Read),
            (stamp(read_ns + 30_000), read_ns, Witness::Read),
            (0, read_ns, Witness::Read),
        ] {
            let arrived = clock(OFFSET_NS).arrived(stamp_ns, sent_ns, read_ns);
            assert_eq!(arrived, Arrived { at_ns, witness }, "{stamp_ns}");
        }
    }

    #[test]
    fn a_step_of_the_wall_clock_is_noticed_and_both_sides_of_it_are_converted() {
        let clock = clock(OFFSET_NS);
        let pair = |offset_ns| Pair {
            offset_ns,
            apart_ns: 100,
        };
        clock.note(pair(OFFSET_NS + 4_000));
        assert_eq!(clock.steps(), 0, "within what reading the clocks takes");
        let stepped_ns = OFFSET_NS - 3 * NS_PER_S.cast_signed();
        clock.note(pair(stepped_ns));
        assert_eq!(clock.steps(), 1);
        let (sent_ns, at_ns, read_ns) = (NS_PER_S, NS_PER_S + 2_000_000, NS_PER_S + 3_000_000);
        let after = clock.arrived(at_ns.wrapping_add_signed(stepped_ns), sent_ns, read_ns);
        assert_eq!(after.at_ns, at_ns);
    }

    #[test]
    fn stamps_from_either_side_of_a_step_are_converted() {
        let steps_ns = 7 * NS_PER_S.cast_signed();
        let real_ns = ArrivalClock::default().offset_ns.get();
        let now_ns = MonotonicClock.now_ns();
        let arrived = |clock: &ArrivalClock, offset_ns| {
            let stamp_ns = (now_ns + 50).wrapping_add_signed(offset_ns);
            clock.arrived(stamp_ns, now_ns, now_ns + 100)
        };
        // The clock was stepped and nobody has compared since.
        let unaware = clock(real_ns - steps_ns);
        assert_eq!(arrived(&unaware, real_ns).witness, Witness::Kernel);
        assert_eq!(unaware.steps(), 1);
        // The step is known, and the bytes came before it.
        assert_eq!(
            arrived(&unaware, real_ns - steps_ns).witness,
            Witness::Kernel
        );
        assert_eq!(unaware.steps(), 1);
        assert_eq!(arrived(&unaware, real_ns + steps_ns).witness, Witness::Read);
    }

    proptest! {
        /// Whatever the stamp and however the clocks were stepped, an arrival lies between the write and the read call.
        #[test]
        fn an_arrival_lies_within_its_exchange(
            stamp_ns in any::<u64>(), offset_ns in any::<i64>(), sent_ns in 0..1_u64 << 62, took_ns in 0..1_u64 << 40,
        ) {
            let read_ns = sent_ns + took_ns;
            let arrived = clock(offset_ns).arrived(stamp_ns, sent_ns, read_ns);
            prop_assert!((sent_ns..=read_ns).contains(&arrived.at_ns));
        }
    }
}
