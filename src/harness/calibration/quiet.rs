//! How quiet a machine is: what threads miss that do nothing but look at the clock, one on each core.
//!
//! What they miss, lanes would: other programs, and the host below a virtual machine, which the kernel may know nothing of.
//! Source: the idea of jHiccup, Gil Tene.

use std::io;
use std::thread;

use tapdeck_reports::calibration::Disturbance;

use super::cores::{Cores, Pinned};
use crate::clock::{Clock, MonotonicClock, NS_PER_S};

/// How long it is listened.
const LISTEN_NS: u64 = NS_PER_S;

/// Shorter gaps between two looks are the kernel's own: an interrupt, a timer's tick.
const GAP_NS: u64 = 20_000;

/// What one thread missed, nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Missed {
    sum_ns: u64,
    longest_ns: u64,
}

impl Missed {
    /// Takes the time between two looks.
    fn note(&mut self, gap_ns: u64) {
        if gap_ns > GAP_NS {
            self.sum_ns += gap_ns;
            self.longest_ns = self.longest_ns.max(gap_ns);
        }
    }
}

/// Listens for a second on every core this process may use; gives what the core missed that missed most.
///
/// Errors: if a thread cannot be started.
pub(super) fn listen() -> io::Result<Disturbance> {
    let cores = Cores::available();
    let threads: Vec<_> = cores
        .iter()
        .map(|&core| {
            let name = format!("listener-{core}");
            thread::Builder::new()
                .name(name)
                .spawn(move || listen_on(core))
        })
        .collect::<io::Result<_>>()?;
    let missed = threads.into_iter().filter_map(|thread| thread.join().ok());
    let worst = missed
        .max_by_key(|missed| missed.sum_ns)
        .unwrap_or_default();
    Ok(Disturbance {
        missed_share: worst.sum_ns as f64 / LISTEN_NS as f64,
        longest_ms: worst.longest_ns as f64 / 1e6,
    })
}

fn listen_on(core: usize) -> Missed {
    let _pinned = Pinned::to(&[core]);
    let mut missed = Missed::default();
    let mut last_ns = MonotonicClock.now_ns();
    let end_ns = last_ns + LISTEN_NS;
    while last_ns < end_ns {
        let now_ns = MonotonicClock.now_ns();
        missed.note(now_ns - last_ns);
        last_ns = now_ns;
    }
    missed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_gaps_that_are_not_the_kernels_own_count() {
        let mut missed = Missed::default();
        for gap_ns in [40, GAP_NS, 3_000_000, 1_000_000] {
            missed.note(gap_ns);
        }
        let expected = Missed {
            sum_ns: 4_000_000,
            longest_ns: 3_000_000,
        };
        assert_eq!(missed, expected);
    }

    #[test]
    fn a_machine_is_listened_to_on_every_core() {
        let heard = listen().unwrap();
        assert!((0.0..=2.0).contains(&heard.missed_share), "{heard:?}");
        assert!(
            heard.longest_ms <= heard.missed_share * 1e3 + 1e-9,
            "{heard:?}"
        );
    }
}
