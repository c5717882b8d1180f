//! The undisturbed run beside a plain simulation of a lane with lags, and beside the recursion of a queue without any.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use proptest::prelude::*;

use super::*;

/// One request of the model; nanoseconds.
#[derive(Debug, Clone, Copy)]
struct Request {
    gap: u64,
    service: u64,
    /// From the moment it could be dealt out, and the write call after that; from the answer's arrival until it is read.
    lags: [u64; 3],
}

fn requests(most_lag_ns: u64) -> impl Strategy<Value = Vec<Request>> {
    let lag = 0..=most_lag_ns;
    let request = (0..100_u64, 0..400_u64, [lag.clone(), lag.clone(), lag])
        .prop_map(|(gap, service, lags)| Request { gap, service, lags });
    prop::collection::vec(request, 1..120)
}

/// Gives the intended times.
fn intended(requests: &[Request]) -> Vec<u64> {
    let times = requests.iter().scan(0, |at_ns, request| {
        *at_ns += request.gap;
        Some(*at_ns)
    });
    times.collect()
}

/// A lane with lags: when each request was sent, and when it would have been.
struct Lane<'a> {
    requests: &'a [Request],
    intended_ns: Vec<u64>,
    undisturbed: UndisturbedRun,
    /// When each free connection came free, sorted.
    idle: VecDeque<u64>,
    waiting: VecDeque<usize>,
    /// When an answer is read, and whose.
    reads: BinaryHeap<Reverse<(u64, usize)>>,
    sent_ns: Vec<u64>,
    undisturbed_sent_ns: Vec<u64>,
}

impl Lane<'_> {
    fn deal(&mut self, idx: usize, free_ns: u64, now_ns: u64) {
        let ready_ns = self.intended_ns[idx].max(free_ns);
        let sent_ns = now_ns + self.requests[idx].lags[1];
        self.undisturbed_sent_ns[idx] =
            self.undisturbed
                .send(self.intended_ns[idx], ready_ns, now_ns);
        self.sent_ns[idx] = sent_ns;
        let read_ns = self.arrived_ns(idx) + self.requests[idx].lags[2];
        self.reads.push(Reverse((read_ns, idx)));
    }

    fn arrived_ns(&self, idx: usize) -> u64 {
        self.sent_ns[idx] + self.requests[idx].service
    }

    fn due(&mut self, idx: usize, now_ns: u64) {
        match self.idle.pop_front() {
            Some(free_ns) => self.deal(idx, free_ns, now_ns),
            None => self.waiting.push_back(idx),
        }
    }

    fn read(&mut self, idx: usize, now_ns: u64) {
        let service_ns = self.requests[idx].service;
        self.undisturbed
            .freed(self.undisturbed_sent_ns[idx] + service_ns);
        let arrived_ns = self.arrived_ns(idx);
        if let Some(next) = self.waiting.pop_front() {
            self.deal(next, arrived_ns, now_ns);
        } else {
            let place = self.idle.partition_point(|&free_ns| free_ns <= arrived_ns);
            self.idle.insert(place, arrived_ns);
        }
    }
}

/// Gives, for each request, its response time and that in the undisturbed run.
fn simulate(requests: &[Request], connections: usize) -> Vec<(u64, u64)> {
    let mut lane = Lane {
        requests,
        intended_ns: intended(requests),
        undisturbed: UndisturbedRun::new(connections),
        idle: vec![0; connections].into(),
        waiting: VecDeque::new(),
        reads: BinaryHeap::new(),
        sent_ns: vec![0; requests.len()],
        undisturbed_sent_ns: vec![0; requests.len()],
    };
    (0..connections).for_each(|_| lane.undisturbed.freed(0));
    let mut seen_ns = 0;
    for (idx, request) in requests.iter().enumerate() {
        seen_ns = seen_ns.max(lane.intended_ns[idx] + request.lags[0]);
        while let Some(&Reverse((read_ns, done))) = lane.reads.peek()
            && read_ns <= seen_ns
        {
            lane.reads.pop();
            lane.read(done, read_ns);
        }
        lane.due(idx, seen_ns);
    }
    while let Some(Reverse((read_ns, done))) = lane.reads.pop() {
        lane.read(done, read_ns);
    }
    let response_ns = |sent_ns: u64, idx: usize| sent_ns + requests[idx].service;
    (0..requests.len())
        .map(|idx| {
            let intended_ns = lane.intended_ns[idx];
            let real_ns = response_ns(lane.sent_ns[idx], idx) - intended_ns;
            let undisturbed_ns = response_ns(lane.undisturbed_sent_ns[idx], idx) - intended_ns;
            (real_ns, undisturbed_ns)
        })
        .collect()
}

/// Gives the response times of a queue of so many servers, first come first served, without any lag.
fn queue(requests: &[Request], servers: usize) -> Vec<u64> {
    let mut free_ns: BinaryHeap<_> = vec![Reverse(0); servers].into();
    let intended_ns = intended(requests);
    let served = requests.iter().zip(intended_ns);
    served
        .map(|(request, intended_ns)| {
            let Reverse(server_ns) = free_ns.pop().unwrap();
            let done_ns = intended_ns.max(server_ns) + request.service;
            free_ns.push(Reverse(done_ns));
            done_ns - intended_ns
        })
        .collect()
}

proptest! {
    /// No request would have been answered later without our lag.
    #[test]
    fn the_undisturbed_run_is_never_slower(requests in requests(500), connections in 1..6_usize) {
        for (idx, (real_ns, undisturbed_ns)) in simulate(&requests, connections).into_iter().enumerate() {
            prop_assert!(undisturbed_ns <= real_ns, "request {idx}: {undisturbed_ns} > {real_ns}");
        }
    }

    /// Without lag, both runs are one, and that of the queue.
    #[test]
    fn without_lag_nothing_is_disturbed(requests in requests(0), connections in 1..6_usize) {
        let expected = queue(&requests, connections);
        for ((real_ns, undisturbed_ns), expected_ns) in simulate(&requests, connections).into_iter().zip(expected) {
            prop_assert_eq!((real_ns, undisturbed_ns), (expected_ns, expected_ns));
        }
    }

    /// Over one connection, the undisturbed run is the queue's whatever our lag.
    #[test]
    fn one_connection_is_one_server(requests in requests(500)) {
        let undisturbed = simulate(&requests, 1).into_iter().map(|(_, undisturbed_ns)| undisturbed_ns);
        prop_assert_eq!(undisturbed.collect::<Vec<_>>(), queue(&requests, 1));
    }

    /// Where connections are plenty, every request would have left when it was due.
    #[test]
    fn plenty_of_connections_leave_only_service_times(requests in requests(500)) {
        let undisturbed = simulate(&requests, requests.len()).into_iter().map(|(_, undisturbed_ns)| undisturbed_ns);
        let services = requests.iter().map(|request| request.service);
        prop_assert!(undisturbed.eq(services));
    }
}

#[test]
fn a_stop_of_a_second_is_charged_to_nobody_else() {
    // Every 100 ns a request of 150 ns over two connections; nothing is dealt out or read from 1,000 to 5,000.
    let mut requests = vec![
        Request {
            gap: 100,
            service: 150,
            lags: [0; 3],
        };
        100
    ];
    requests[9].lags[0] = 4_000;
    let results = simulate(&requests, 2);
    assert!(
        results
            .iter()
            .all(|&(_, undisturbed_ns)| undisturbed_ns == 150)
    );
    assert_eq!(results[8], (150, 150));
    assert_eq!(results[9].0, 4_150);
    // The backlog of forty requests is worked off at one per 75 ns.
    assert!(results[40].0 > 2_000, "{:?}", results[40]);
}

#[test]
fn a_closed_connection_is_missing_from_its_rank() {
    for (rank, left) in [(0, [20, 30]), (1, [10, 30]), (2, [10, 20])] {
        let mut run = UndisturbedRun::new(3);
        for free_ns in [30, 10, 20] {
            run.freed(free_ns);
        }
        run.closed(rank);
        assert_eq!([run.send(0, 99, 99), run.send(0, 99, 99)], left);
    }
    let mut run = UndisturbedRun::new(1);
    run.closed(0);
    assert_eq!(run.send(5, 7, 9), 7, "as in the real run");
}

#[test]
fn only_what_waits_behind_our_own_lag_is_withheld() {
    const MS: u64 = 1_000_000;
    let mut run = UndisturbedRun::new(1);
    run.freed(0);
    // Dealt out on time, then the target holds the only connection.
    run.send(10 * MS, 10 * MS, 10 * MS);
    assert!(!run.would_have_left(20 * MS, 0, 900 * MS));
    run.freed(20 * MS);
    // Dealt out half a second late.
    run.send(20 * MS, 20 * MS, 520 * MS);
    assert!(run.would_have_left(30 * MS, 0, 600 * MS));
    assert!(!run.would_have_left(595 * MS, 0, 600 * MS), "only just due");
    assert!(
        !run.would_have_left(30 * MS, 0, 60_000 * MS),
        "less than a hundredth of the run"
    );
}
