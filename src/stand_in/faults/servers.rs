//! A fixed pool of servers with one queue before them: what makes a target have a capacity.
//!
//! Kept in virtual time: each request, in the order of arrival, is given to the server that comes free first, for as long
//! as the delay law says, so the answer's instant is known at once and nothing has to wait in a real queue. With `c` servers
//! and a mean delay of `d` the pool can answer `c / d` requests per second, and no more. A request whose client has gone
//! away keeps its server, as in life.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

/// The servers, each by the instant from which it is free.
#[derive(Debug)]
pub(in crate::stand_in) struct Servers(Mutex<BinaryHeap<Reverse<u64>>>);

impl Servers {
    pub(in crate::stand_in) fn new(count: NonZeroUsize) -> Self {
        Self(Mutex::new(vec![Reverse(0); count.get()].into()))
    }

    /// Takes a request that takes a server for `service_ns` into the queue; gives the instant at which it is done.
    pub(in crate::stand_in) fn serve(&self, arrived_ns: u64, service_ns: u64) -> u64 {
        // A thread that panicked in here left a heap that is still a heap.
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut done_ns = arrived_ns.saturating_add(service_ns);
        if let Some(mut first) = free.peek_mut() {
            done_ns = first.0.max(arrived_ns).saturating_add(service_ns);
            first.0 = done_ns;
        }
        done_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(servers: usize, requests: &[(u64, u64)]) -> Vec<u64> {
        let servers = Servers::new(NonZeroUsize::new(servers).unwrap());
        let serve = |&(arrived_ns, service_ns)| servers.serve(arrived_ns, service_ns);
        requests.iter().map(serve).collect()
    }

    #[test]
    fn requests_wait_for_the_server_that_is_free_first() {
        let burst = [(0, 10), (0, 30), (0, 10), (0, 10), (35, 10), (35, 10)];
        assert_eq!(done(2, &burst), [10, 30, 20, 30, 45, 45]);
        assert_eq!(done(1, &burst), [10, 40, 50, 60, 70, 80]);
        assert_eq!(done(9, &burst), [10, 30, 10, 10, 45, 45]);
    }

    #[test]
    fn a_pool_answers_as_many_as_its_servers_can() {
        let flood: Vec<(u64, u64)> = (0..10_000).map(|idx| (idx, 400)).collect();
        // Ten requests per microsecond are offered, 4 / 400 ns can be answered.
        assert_eq!(done(4, &flood).last(), Some(&(2_500 * 400 + 3)));
    }
}
