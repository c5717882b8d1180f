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

/// A lane with lags: when each request was sent, and what the undisturbed run says of it.
struct Lane<'a> {
    requests: &'a [Request],
    intended_ns: Vec<u64>,
    undisturbed: UndisturbedRun,
    /// Its response times, in the order in which requests were dealt out.
    times: Vec<u64>,
    idle: usize,
    waiting: VecDeque<usize>,
    /// When an answer is read, and whose.
    reads: BinaryHeap<Reverse<(u64, usize)>>,
    sent_ns: Vec<u64>,
    dealt: Vec<Dealt>,
}

impl Lane<'_> {
    fn deal(&mut self, idx: usize, now_ns: u64) {
        let times = &mut self.times;
        self.dealt[idx] = self
            .undisturbed
            .deal(self.intended_ns[idx], |it| times.extend(it.response_ns));
        self.sent_ns[idx] = now_ns + self.requests[idx].lags[1];
        let arrived_ns = self.sent_ns[idx] + self.requests[idx].service;
        let read_ns = arrived_ns + self.requests[idx].lags[2];
        self.reads.push(Reverse((read_ns, idx)));
    }

    fn due(&mut self, idx: usize, now_ns: u64) {
        if self.idle == 0 {
            self.waiting.push_back(idx);
        } else {
            self.idle -= 1;
            self.deal(idx, now_ns);
        }
    }

    fn read(&mut self, idx: usize, now_ns: u64) {
        let end = End {
            sent: self.sent_ns[idx],
            service: self.requests[idx].service,
            measured: true,
            completed: true,
            ..End::default()
        };
        let times = &mut self.times;
        self.undisturbed
            .ended(self.dealt[idx], end, |it| times.extend(it.response_ns));
        match self.waiting.pop_front() {
            Some(next) => self.deal(next, now_ns),
            None => self.idle += 1,
        }
    }
}

/// Gives, for each request, its response time and that in the undisturbed run.
fn simulate(requests: &[Request], connections: usize) -> Vec<(u64, u64)> {
    let mut lane = Lane {
        requests,
        intended_ns: intended(requests),
        undisturbed: opened(&vec![0; connections]),
        times: Vec::new(),
        idle: connections,
        waiting: VecDeque::new(),
        reads: BinaryHeap::new(),
        sent_ns: vec![0; requests.len()],
        dealt: vec![Dealt::default(); requests.len()],
    };
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
    let real = (0..requests.len())
        .map(|idx| lane.sent_ns[idx] + requests[idx].service - lane.intended_ns[idx]);
    real.zip(lane.times).collect()
}

/// An undisturbed run with connections that were opened then.
fn opened(at_ns: &[u64]) -> UndisturbedRun {
    let mut run = UndisturbedRun::new(at_ns.len());
    for &at_ns in at_ns {
        run.opened(at_ns, nobody);
    }
    run
}

fn nobody(it: Accounted) {
    panic!("{it:?}");
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
    /// Whatever our lag, the undisturbed run is the queue's, and no request would have been answered later in it.
    #[test]
    fn the_undisturbed_run_is_that_of_a_queue_and_never_slower(requests in requests(500), connections in 1..6_usize) {
        let expected = queue(&requests, connections);
        let simulated = simulate(&requests, connections);
        prop_assert_eq!(simulated.len(), requests.len());
        for (idx, (real_ns, undisturbed_ns)) in simulated.into_iter().enumerate() {
            prop_assert_eq!(undisturbed_ns, expected[idx], "request {}", idx);
            prop_assert!(undisturbed_ns <= real_ns, "request {idx}: {undisturbed_ns} > {real_ns}");
        }
    }

    /// Without lag, both runs are one.
    #[test]
    fn without_lag_nothing_is_disturbed(requests in requests(0), connections in 1..6_usize) {
        for (real_ns, undisturbed_ns) in simulate(&requests, connections) {
            prop_assert_eq!(real_ns, undisturbed_ns);
        }
    }
}

#[test]
fn a_stop_of_a_second_is_charged_to_nobody_else() {
    // Every 100 ns a request of 150 ns over two connections; nothing is dealt out or read from 900 to 5,000.
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

/// Deals out requests that are due at once, of which the first does not end, and lets the others end.
fn behind_one_that_hangs(run: &mut UndisturbedRun, others: u64) -> (Dealt, Vec<u64>) {
    let mut times = Vec::new();
    let first = run.deal(0, nobody);
    for idx in 0..others {
        let dealt = run.deal(idx * 10, |it| times.extend(it.response_ns));
        run.ended(dealt, end(5), |it| times.extend(it.response_ns));
    }
    (first, times)
}

fn end(service: u64) -> End {
    End {
        service,
        measured: true,
        completed: true,
        ..End::default()
    }
}

#[test]
fn one_that_never_seems_to_end_is_set_aside_and_comes_back_with_its_server() {
    let mut run = opened(&[0, 0]);
    let (first, times) = behind_one_that_hangs(&mut run, 3);
    assert_eq!(times, [] as [u64; 0], "all wait for the first");
    let mut run = opened(&[0, 0]);
    let (first_of_many, times) = behind_one_that_hangs(&mut run, 10_000);
    assert_eq!(first_of_many, first);
    assert!(times.len() > 5_000, "{}", times.len());
    assert!(times.iter().all(|&ns| ns == 5));
    let mut times = Vec::new();
    run.ended(first, end(70_000), |it| times.extend(it.response_ns));
    assert_eq!(times, [70_000]);
    // Its server is free from then on, the other one from the end of the last one's 5 ns.
    let dealt = [run.deal(60_000, nobody), run.deal(60_001, nobody)];
    let mut times = Vec::new();
    run.ended(dealt[0], end(100_000), |it| times.extend(it.response_ns));
    run.ended(dealt[1], end(1), |it| times.extend(it.response_ns));
    assert_eq!(times, [110_000, 39_995]);
}

#[test]
fn connections_come_and_go() {
    let mut times = Vec::new();
    let mut run = opened(&[10, 20]);
    run.closed(nobody);
    // On the one that is left; it breaks.
    let dealt = run.deal(0, nobody);
    let broken = End {
        connection: Connection::Lost,
        ..end(30)
    };
    run.ended(dealt, broken, |it| times.extend(it.response_ns));
    assert_eq!(times, [50]);
    run.opened(90, nobody);
    run.opened(91, nobody);
    let (unwritten, next) = (run.deal(40, nobody), run.deal(41, nobody));
    run.ended(next, end(1), nobody);
    // Nothing of the first one was written: its connection has closed.
    run.taken_back(unwritten, |it| times.extend(it.response_ns));
    assert_eq!(times, [50, 51]);
    run.opened(95, nobody);
    let dealt = run.deal(50, nobody);
    run.ended(dealt, end(2), |it| times.extend(it.response_ns));
    assert_eq!(times, [50, 51, 44], "free at 92 and 95");
}

#[test]
fn the_time_of_openings_and_of_permits_is_the_targets() {
    let mut times = Vec::new();
    let mut run = opened(&[0]);
    let dealt = run.deal(100, nobody);
    let opening = End {
        opening: 40,
        ..end(10)
    };
    run.ended(dealt, opening, |it| times.extend(it.response_ns));
    let dealt = run.deal(100, nobody);
    let permitted = End {
        permitted: 500,
        ..end(10)
    };
    run.ended(dealt, permitted, |it| times.extend(it.response_ns));
    assert_eq!(times, [50, 410]);
}

#[test]
fn whoever_keeps_the_connections_busy_is_the_bottleneck() {
    let mut run = opened(&[0]);
    let mut play = |times: u64, lag, service| {
        for _ in 0..times {
            let dealt = run.deal(0, nobody);
            let end = End {
                lag,
                service,
                waited: true,
                ..End::default()
            };
            run.ended(dealt, end, nobody);
        }
        run.is_the_bottleneck_ours()
    };
    assert!(!play(0, 0, 0));
    assert!(play(10, 600_000, 15_000), "a lane that is out of CPU");
    assert!(
        !play(1_000, 20_000, 2_000_000),
        "a target that takes its time"
    );
    assert!(play(1_000, 600_000, 15_000), "what was is forgotten");
}

#[test]
fn only_what_waits_behind_our_own_lag_is_withheld() {
    const MS: u64 = 1_000_000;
    let mut run = opened(&[0]);
    let sent = |sent_ns| End {
        sent: sent_ns,
        service: MS,
        ..End::default()
    };
    // Sent on time; then the target holds the only connection.
    let dealt = run.deal(10 * MS, nobody);
    assert!(!run.would_have_left(20 * MS, 0, 900 * MS));
    run.ended(dealt, sent(10 * MS), nobody);
    assert!(!run.would_have_left(20 * MS, 0, 900 * MS));
    // Sent half a second late.
    let dealt = run.deal(20 * MS, nobody);
    run.ended(dealt, sent(520 * MS), nobody);
    assert!(run.would_have_left(30 * MS, 0, 600 * MS));
    assert!(!run.would_have_left(595 * MS, 0, 600 * MS), "only just due");
    assert!(
        !run.would_have_left(30 * MS, 0, 60_000 * MS),
        "less than a hundredth of the run"
    );
}

#[test]
fn only_what_waited_behind_our_own_lag_was_held_up_by_us() {
    let mut run = opened(&[0]);
    let mut play = |intended_ns, sent_ns, service_ns| {
        let dealt = run.deal(intended_ns, nobody);
        let mut accounted = None;
        let it = End {
            sent: sent_ns,
            waited: sent_ns > intended_ns,
            measured: true,
            endpoint: 3,
            ..end(service_ns)
        };
        run.ended(dealt, it, |it| accounted = Some(it));
        accounted.unwrap()
    };
    let is_held_up = |it: Accounted| (it.endpoint, it.held_up);
    // The first keeps the connection until 110; our lag adds 500 to the second, which the third would not have waited for.
    assert_eq!(is_held_up(play(10, 10, 100)), (3, false));
    assert_eq!(is_held_up(play(50, 610, 20)), (3, false), "busy until 110");
    assert_eq!(is_held_up(play(200, 630, 20)), (3, true), "free since 130");
}
