//! One lane's measurements. Everything is allocated and touched before the run; recording only counts.

mod captures;
mod occurrences;
mod sessions;
mod stalls;

pub use captures::{CapturePlace, CaptureRecord, captures_of};
pub use occurrences::Occurrences;
pub use sessions::{SessionEnd, SessionRecord};
pub use stalls::Stalls;

use tapdeck_corpora::{ExpectedDecision, Record};
use tapdeck_reports::histogram::Histogram;
use tapdeck_reports::measurements::{DecisionTally, Ledger};

use super::arrivals::Arrival;
use super::failure::{FAILURE_KINDS, FailureKind};
use super::interval::{Interval, IntervalWriter};
use super::judge::{Decision, Judgment, MOST_CHECKS};
use super::outcome::{Ending, Instants, Outcome};
use super::transport::arrival_clock::Witness;
use super::undisturbed::Accounted;

/// Examples kept per kind of failure and lane.
const SAMPLES: usize = 3;

/// Status codes are three digits.
const STATUS_CODES: usize = 1000;

/// What a lane measured at one endpoint.
#[derive(Debug)]
pub struct EndpointRecord {
    /// What became of the planned requests.
    pub ledger: Ledger,
    /// Response times of completed requests.
    pub response: Histogram,
    /// How long requests without an answer had waited when they were given up.
    pub unanswered: Histogram,
    /// Response times that a generator without lag would have measured, of completed requests.
    pub undisturbed: Histogram,
    /// Requests that never left although the undisturbed run would have sent them.
    pub withheld: u64,
    /// Requests that waited for a connection, but not in the undisturbed run.
    pub held_up: u64,
    /// Service times of completed requests.
    pub service: Histogram,
    /// Time to first byte of completed requests.
    pub first_byte: Histogram,
    /// Completed requests by status code.
    pub statuses: Box<[u64]>,
    /// Bytes of the bodies of completed requests.
    pub answer_bytes: u64,
    /// Failures by kind, in the order of [`FAILURE_KINDS`].
    pub failures: [Occurrences; FAILURE_KINDS.len()],
    /// Failed checks: 0 is the status, `i + 1` the definition's check `i`.
    pub failed_checks: [Occurrences; MOST_CHECKS + 1],
    /// An example of a failed answer per check.
    pub check_samples: Vec<Option<String>>,
    /// Whether its answers state a decision.
    pub decides: bool,
    /// Times it was left out as a step that lacked a captured value.
    pub skipped: u64,
}

/// Decisions for the requests of one label.
#[derive(Debug, Clone, Copy, Default)]
pub struct LabelRecord {
    /// Approved in a good answer.
    pub approved: DecisionTally,
    /// Declined in a good answer.
    pub declined: DecisionTally,
    /// Sent to review in a good answer.
    pub reviewed: DecisionTally,
    /// Not judged by the target.
    pub unjudged: DecisionTally,
    /// Decision a perfect target would take; typologies have one for all their requests.
    pub expected: ExpectedDecision,
}

/// All of a lane's measurements.
#[derive(Debug)]
pub struct Recorder {
    /// By endpoint.
    pub endpoints: Vec<EndpointRecord>,
    /// By label.
    pub labels: Vec<LabelRecord>,
    /// By kind of session.
    pub sessions: Vec<SessionRecord>,
    /// Ready minus intended.
    pub connection_wait: Histogram,
    /// Answers whose arrival the kernel stamped, and those that were timed by our read call.
    pub witnesses: [u64; 2],
    /// Time in which work was due and the lane did not look at it.
    pub stalls: Stalls,
    /// Examples by kind of failure, in the order of [`FAILURE_KINDS`].
    pub failure_samples: [Vec<String>; FAILURE_KINDS.len()],
    /// Requests sent while another of the same card was in flight.
    pub overlapping: u64,
    /// Planned requests by second of the measure phase.
    pub offered: Vec<u64>,
    intervals: IntervalWriter,
    measure_from_ns: u64,
}

/// What a recorder is made for.
#[derive(Debug, Clone)]
pub struct RecorderPlan {
    /// For each endpoint of the service, whether its answers state a decision.
    pub decides: Vec<bool>,
    /// Labels on the tape.
    pub labels: usize,
    /// For each kind of session of the service, the values that its steps capture.
    pub sessions: Vec<usize>,
    /// Seconds of the measure phase, rounded up.
    pub seconds: usize,
    /// Beginning of the measure phase on the monotonic clock.
    pub measure_from_ns: u64,
}

impl Recorder {
    /// Allocates and touches everything.
    pub fn new(plan: RecorderPlan, intervals: IntervalWriter) -> Self {
        Self {
            endpoints: plan.decides.into_iter().map(EndpointRecord::new).collect(),
            labels: vec![LabelRecord::default(); plan.labels],
            sessions: plan.sessions.into_iter().map(SessionRecord::new).collect(),
            connection_wait: touched(),
            witnesses: [0; 2],
            stalls: Stalls::default(),
            failure_samples: std::array::from_fn(|_| Vec::with_capacity(SAMPLES)),
            overlapping: 0,
            offered: vec![0; plan.seconds],
            intervals,
            measure_from_ns: plan.measure_from_ns,
        }
    }

    /// Notes that an arrival became due.
    #[inline]
    pub fn planned(&mut self, arrival: &Arrival, endpoint: usize) {
        if arrival.measured {
            self.endpoints[endpoint].ledger.planned += 1;
            let second = (arrival.intended_ns - self.measure_from_ns) / crate::clock::NS_PER_S;
            if let Some(offered) = usize::try_from(second)
                .ok()
                .and_then(|second| self.offered.get_mut(second))
            {
                *offered += 1;
            }
        }
    }

    /// Records an arrival that was never sent: dropped for a reason, or left over at the end.
    pub fn never_sent(
        &mut self,
        arrival: &Arrival,
        record: &Record<'_>,
        now_ns: u64,
        why: Option<FailureKind>,
    ) {
        if !arrival.measured {
            return;
        }
        let waited_ns = now_ns.saturating_sub(arrival.intended_ns);
        let endpoint = &mut self.endpoints[record.endpoint()];
        match why {
            Some(kind) => {
                endpoint.ledger.dropped += 1;
                endpoint.failures[kind as usize].note(now_ns);
                self.intervals.current.failed += 1;
            }
            None => endpoint.ledger.unsent += 1,
        }
        endpoint.unanswered.record(waited_ns);
        if endpoint.decides {
            tally(&mut self.labels[record.label()].unjudged, record.value());
        }
    }

    /// Records an exchange that was begun.
    pub fn exchanged(&mut self, outcome: &Outcome, record: &Record<'_>) {
        if !outcome.arrival.measured {
            return;
        }
        let Outcome {
            instants, ending, ..
        } = outcome;
        self.overlapping += u64::from(outcome.overlapped);
        let (wait_ns, lag_ns) = (instants.connection_wait_ns(), instants.send_lag_ns());
        self.connection_wait.record(wait_ns);
        let interval = &mut self.intervals.current;
        interval.sent += 1;
        interval.send_lag.record(lag_ns);
        let endpoint = &mut self.endpoints[record.endpoint()];
        endpoint.ledger.sent += 1;
        endpoint.ledger.deferred += u64::from(wait_ns > 0);
        let response_ns = instants.response_ns();
        let decision = match *ending {
            Ending::Completed {
                status,
                body_bytes,
                judgment,
            } => {
                interval.answer_bytes += body_bytes;
                endpoint.answer_bytes += body_bytes;
                interval.achieved += 1;
                interval.good += u64::from(judgment.is_good());
                interval.failed += u64::from(!judgment.is_good());
                interval.response.record(response_ns);
                if outcome.witness == Witness::Kernel {
                    interval.read_lag.record(instants.read_lag_ns());
                }
                self.witnesses[outcome.witness as usize] += 1;
                endpoint.completed(instants, status, judgment);
                judgment.decision.filter(|_| judgment.is_good())
            }
            Ending::Failed(kind) => {
                interval.failed += 1;
                endpoint.unanswered.record(response_ns);
                endpoint.failures[kind as usize].note(instants.ended_ns);
                if kind == FailureKind::Timeout {
                    endpoint.ledger.timed_out += 1;
                } else {
                    endpoint.ledger.failed += 1;
                }
                None
            }
            Ending::Cut => {
                endpoint.unanswered.record(response_ns);
                endpoint.ledger.cut += 1;
                None
            }
        };
        if endpoint.decides {
            self.labels[record.label()].decided(decision, record);
        }
    }

    /// Notes that a request that never left was withheld by us.
    pub fn withheld(&mut self, arrival: &Arrival, endpoint: usize) {
        self.endpoints[endpoint].withheld += u64::from(arrival.measured);
    }

    /// Records what became of a request in the undisturbed run.
    #[inline]
    pub fn accounted(&mut self, it: Accounted) {
        let endpoint = &mut self.endpoints[it.endpoint];
        if let Some(response_ns) = it.response_ns {
            endpoint.undisturbed.record(response_ns);
        }
        endpoint.held_up += u64::from(it.held_up);
    }

    /// Notes that for so long in the measure phase work was due and the lane did not look at it.
    #[inline]
    pub fn stalled(&mut self, stalled_ns: u64) {
        let longest_ns = &mut self.intervals.current.longest_stall_ns;
        *longest_ns = stalled_ns.max(*longest_ns);
        self.stalls.note(stalled_ns);
    }

    /// Notes that a step was left out because it lacked a captured value.
    pub fn step_skipped(&mut self, endpoint: usize) {
        self.endpoints[endpoint].skipped += 1;
    }

    /// Keeps an example of a failure unless there are enough of its kind. `describe` runs only if it is kept.
    pub fn sample(&mut self, kind: FailureKind, describe: impl FnOnce() -> String) {
        let samples = &mut self.failure_samples[kind as usize];
        if samples.len() < SAMPLES {
            samples.push(describe());
        }
    }

    /// Keeps an example of an answer for each failed check that has none yet.
    pub fn sample_checks(
        &mut self,
        endpoint: usize,
        judgment: Judgment,
        describe: impl Fn() -> String,
    ) {
        for (idx, sample) in self.endpoints[endpoint]
            .check_samples
            .iter_mut()
            .enumerate()
        {
            if judgment.failed_checks >> idx & 1 == 1 && sample.is_none() {
                *sample = Some(describe());
            }
        }
    }

    /// Lends the interval in progress: at the end of a run, what no watcher has taken.
    pub fn interval(&self) -> &Interval {
        &self.intervals.current
    }

    /// Begins another second for the watcher.
    pub fn begin_interval(&mut self, second: Option<u64>, in_flight: u64) {
        self.intervals.begin(second, in_flight);
    }
}

impl EndpointRecord {
    fn new(decides: bool) -> Self {
        Self {
            decides,
            skipped: 0,
            ledger: Ledger::default(),
            response: touched(),
            unanswered: touched(),
            undisturbed: touched(),
            withheld: 0,
            held_up: 0,
            service: touched(),
            first_byte: touched(),
            statuses: vec![0; STATUS_CODES].into(),
            answer_bytes: 0,
            failures: [Occurrences::default(); FAILURE_KINDS.len()],
            failed_checks: [Occurrences::default(); MOST_CHECKS + 1],
            check_samples: vec![None; MOST_CHECKS + 1],
        }
    }

    fn completed(&mut self, instants: &Instants, status: u16, judgment: Judgment) {
        self.ledger.completed += 1;
        self.response.record(instants.response_ns());
        self.service.record(instants.service_ns());
        self.first_byte.record(instants.first_byte_wait_ns());
        if let Some(count) = self.statuses.get_mut(usize::from(status)) {
            *count += 1;
        }
        if judgment.is_good() {
            self.ledger.good += 1;
            return;
        }
        self.ledger.rejected += 1;
        for (idx, failed) in self.failed_checks.iter_mut().enumerate() {
            if judgment.failed_checks >> idx & 1 == 1 {
                failed.note(instants.ended_ns);
            }
        }
    }
}

impl LabelRecord {
    /// Counts the decision of a good answer, or `None`: an answer that failed a check was no judgment of the request.
    fn decided(&mut self, decision: Option<Decision>, record: &Record<'_>) {
        self.expected = record.expected_decision();
        let column = match decision {
            Some(Decision::Approve) => &mut self.approved,
            Some(Decision::Decline) => &mut self.declined,
            Some(Decision::Review) => &mut self.reviewed,
            None => &mut self.unjudged,
        };
        tally(column, record.value());
    }
}

fn tally(column: &mut DecisionTally, value: u64) {
    column.count += 1;
    column.value_cents += value;
}

/// A histogram whose pages have all been written once.
fn touched() -> Histogram {
    let mut histogram = Histogram::new();
    histogram.clear();
    histogram
}
