//! What a run hands over to be summarized: plain numbers and histograms, already merged over lanes.
//!
//! Only requests whose *intended* send time lies in the measure phase are in here, whenever their answers came; warm-up
//! never is. This file knows neither sockets nor tapes nor how the numbers were taken.

pub mod distribution;
mod gate;
pub mod sample;
mod session;

pub use self::gate::{Bound, Gate, GateSubject, Unmeasured};
pub use self::session::{CaptureMeasurements, SessionMeasurements, SessionTally};

use self::distribution::Distribution;
use self::sample::Sample;
use crate::histogram::Histogram;

/// Everything measured in one run.
#[derive(Debug, Clone, Default)]
pub struct Measurements {
    /// What was run, with what, on which machine.
    pub identity: Identity,
    /// How the target was reached.
    pub transport: Transport,
    /// How the run ended.
    pub ending: Ending,
    /// Length of the measure phase as it happened, nanoseconds (shorter than planned after an interrupt).
    pub measured_ns: u64,
    /// The planned requests and what became of each.
    pub ledger: Ledger,
    /// One entry per endpoint of the service, in the definition's order.
    pub endpoints: Vec<EndpointMeasurements>,
    /// One entry per kind of session of the service, in the definition's order; empty without sessions.
    pub sessions: Vec<SessionMeasurements>,
    /// Ready minus intended, nanoseconds: waiting for a free connection, the target's doing.
    pub connection_wait: Histogram,
    /// Sent minus ready, nanoseconds: ours alone.
    pub send_lag: Histogram,
    /// Read minus arrived, nanoseconds, completed requests only: ours alone.
    pub read_lag: Histogram,
    /// What witnessed the arrival of the answers.
    pub stamps: StampTally,
    /// Limits of this process or this machine that were hit; empty if none was.
    pub own_limits: Vec<LimitHit>,
    /// One entry per second of the measure phase, in order, without gaps.
    pub seconds: Vec<SecondMeasurements>,
    /// Failures by kind; kinds with a zero count are left out.
    pub failures: Vec<FailureCount>,
    /// Ground truth against the target's decisions, one row per label that occurred; row order is the tape's label order.
    pub confusion: Vec<ConfusionRow>,
    /// Requests sent while another one of the same card was in flight.
    pub overlapping: u64,
    /// The sending threads.
    pub lanes: Vec<LaneFacts>,
    /// What the kernel counted about them, about once per second of the measure phase, in order; empty where it does not say.
    pub samples: Vec<Sample>,
    /// Promises to judge the run by.
    pub gates: Vec<Gate>,
    /// Remarks a reader should see (a loud setting, a missing facility); plain sentences.
    pub notes: Vec<String>,
}

impl Measurements {
    /// Counts the planned requests that we withheld, over all endpoints.
    pub fn withheld(&self) -> u64 {
        self.endpoints
            .iter()
            .map(|endpoint| endpoint.withheld)
            .sum()
    }

    /// Counts the requests that only our own lag deferred, over all endpoints.
    pub fn held_up(&self) -> u64 {
        self.endpoints.iter().map(|endpoint| endpoint.held_up).sum()
    }
}

/// What witnessed the arrival of the completed answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StampTally {
    /// Answers timed by the kernel's arrival stamp.
    pub kernel: u64,
    /// Answers timed by the return of our own read call.
    pub read: u64,
    /// Steps of the wall clock that lanes noticed; the kernel's stamps are in wall-clock time.
    pub clock_steps: u64,
}

/// A limit of this process or this machine that was hit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LimitHit {
    /// The limit with the name of its error, for example `open files (EMFILE)`.
    pub limit: String,
    /// How often it was hit.
    pub count: u64,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// The whole schedule was played.
    #[default]
    Completed,
    /// The user stopped it; the results are partial.
    Interrupted,
    /// The run stopped by itself (a damaged block, a dead target); the results are partial.
    Aborted,
}

/// What was run.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// Version of tapdeck.
    pub version: String,
    /// Service name.
    pub service: String,
    /// Target as given, credentials masked.
    pub target: String,
    /// File name of the tape.
    pub tape: String,
    /// Hex digest of the tape.
    pub tape_digest: String,
    /// Records on the tape.
    pub tape_records: u64,
    /// Seed the tape was generated with, if it was generated.
    pub tape_seed: Option<u64>,
    /// Arrival process by name.
    pub arrivals: String,
    /// Rate profile as typed.
    pub profile: String,
    /// Seed of the arrival process.
    pub schedule_seed: u64,
    /// Mean planned rate over the measure phase, requests per second.
    pub planned_rate: f64,
    /// Planned length of the warm-up phase, nanoseconds.
    pub warm_up_ns: u64,
    /// Planned length of the measure phase, nanoseconds.
    pub measure_ns: u64,
    /// Request timeout, nanoseconds.
    pub timeout_ns: u64,
    /// Connections over all lanes.
    pub connections: u32,
    /// In-flight cap over all lanes.
    pub in_flight_cap: u32,
    /// Pacing mode by name.
    pub pacing: String,
    /// Event time played per second of wall time; 1 is life's own tempo.
    pub time_compression: f64,
    /// Start of the measure phase, RFC 3339 UTC.
    pub started_at: String,
    /// Facts about the machine as name and value (kernel, CPU model, cores, memory).
    pub machine: Vec<(String, String)>,
}

/// How the target was reached, and what its connections took.
#[derive(Debug, Clone, Default)]
pub struct Transport {
    /// `HTTP/1.1` or `HTTP/2`.
    pub protocol: String,
    /// What was agreed on in the TLS handshake; `None` without TLS.
    pub tls: Option<TlsSession>,
    /// Where was connected to, in turn.
    pub addresses: Vec<String>,
    /// The target's other addresses: nothing listened there before the run.
    pub left_out: Vec<String>,
    /// Exchanges at a time on one connection.
    pub streams: u64,
    /// Whether a connection served more than one exchange.
    pub keep_alive: bool,
    /// How old a connection got at most, nanoseconds; `None` for no limit.
    pub lifetime_ns: Option<u64>,
    /// Connections opened per second at most; `None` for no limit.
    pub connect_rate: Option<f64>,
    /// Connections opened, those before the run included.
    pub opened: u64,
    /// Attempts to open one that failed.
    pub failed: u64,
    /// Connections that closed or broke without our doing.
    pub lost: u64,
    /// Connections closed by us because of their age.
    pub aged: u64,
    /// From the connect call until a connection stood, nanoseconds.
    pub connect: Histogram,
    /// From then until its TLS handshake was over, nanoseconds.
    pub handshake: Histogram,
}

/// What was agreed on in a TLS handshake.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsSession {
    /// Such as `TLS 1.3`.
    pub version: String,
    /// Cipher suite by its registered name.
    pub cipher: String,
    /// Whether the target's certificate was checked.
    pub verified: bool,
}

/// What became of every planned request: `planned = sent + dropped + unsent`,
/// `sent = completed + failed + timed_out + cut`, `completed = good + rejected`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Arrivals of the schedule that lie in the measure phase.
    pub planned: u64,
    /// Their first byte was handed to the kernel.
    pub sent: u64,
    /// Refused by us: the in-flight cap was reached or no connection could be opened.
    pub dropped: u64,
    /// Still waiting for a connection when the run stopped.
    pub unsent: u64,
    /// A whole answer was read.
    pub completed: u64,
    /// Completed, and status and every check passed.
    pub good: u64,
    /// Completed, but the status or a check failed.
    pub rejected: u64,
    /// Broken by a transport error after it was sent (reset, protocol error).
    pub failed: u64,
    /// No whole answer within the timeout.
    pub timed_out: u64,
    /// In flight when the run was cut short.
    pub cut: u64,
    /// Sent later than intended because every connection was busy (part of `sent`).
    pub deferred: u64,
}

/// One endpoint's share of the run.
#[derive(Debug, Clone, Default)]
pub struct EndpointMeasurements {
    /// Name as in the service definition, for example `auth`.
    pub name: String,
    /// HTTP method; empty if the requests have none.
    pub method: String,
    /// Path without its query, placeholders in braces, for example `/api/v1/transactions/{id}`.
    pub path: String,
    /// This endpoint's part of the ledger.
    pub ledger: Ledger,
    /// Kind of session that it is a step of, by name; `None` of a request on its own.
    pub session: Option<String>,
    /// Records of this endpoint on the tape.
    pub on_tape: u64,
    /// Arrived minus intended, nanoseconds; completed requests only.
    pub response: Histogram,
    /// Given up minus intended, nanoseconds: how long each planned request without an answer (failed, timed out, dropped,
    /// unsent, cut) had waited when it was given up.
    pub unanswered: Histogram,
    /// Undisturbed response times of completed requests, nanoseconds: what a generator without any lag would have measured
    /// with the same service times.
    pub undisturbed: Histogram,
    /// Planned requests that never left, although the undisturbed run would have sent them by then; part of `dropped` and
    /// `unsent`.
    pub withheld: u64,
    /// Deferred requests that the undisturbed run sent as intended: only our own lag kept every connection busy.
    pub held_up: u64,
    /// Arrived minus sent, nanoseconds; completed requests only.
    pub service: Histogram,
    /// First byte arrived minus sent, nanoseconds; completed requests only.
    pub first_byte: Histogram,
    /// Status codes of completed requests with their counts, ascending.
    pub statuses: Vec<(u16, u64)>,
    /// Status codes of a good answer.
    pub expected_statuses: Vec<u16>,
    /// Checks in the definition's order with the number of completed requests that failed each (`status` first).
    pub checks: Vec<(String, u64)>,
    /// Times it was left out as the step of a session that lacked a captured value; such requests were never planned.
    pub skipped: u64,
    /// Bytes of the bodies of completed requests.
    pub answer_bytes: u64,
    /// What failed here and when; kinds with a zero count are left out.
    pub failures: Vec<EndpointFailure>,
}

/// One kind of failure at one endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointFailure {
    /// As in [`FailureCount::kind`].
    pub kind: String,
    /// Requests it hit.
    pub count: u64,
    /// When it was noticed first, nanoseconds since the start of the measure phase.
    pub first_ns: u64,
    /// When it was noticed last, likewise.
    pub last_ns: u64,
}

/// One second of the measure phase.
#[derive(Debug, Clone, Default)]
pub struct SecondMeasurements {
    /// Arrivals planned in this second.
    pub offered: u64,
    /// Requests sent in this second.
    pub sent: u64,
    /// Answers completed in this second.
    pub achieved: u64,
    /// Completed in this second with every check passed.
    pub good: u64,
    /// Rejected, failed, timed out or dropped in this second.
    pub failed: u64,
    /// Requests in flight at the end of this second.
    pub in_flight: u64,
    /// Response-time quantiles of the answers of this second, nanoseconds: p50, p95, p99, maximum; requests without an answer are
    /// not in there. `None` without answers.
    pub response_ns: Option<[u64; 4]>,
    /// Send-lag quantiles of this second, nanoseconds: p50, p99, maximum. `None` when nothing was sent.
    pub send_lag_ns: Option<[u64; 3]>,
    /// Read-lag quantiles of the answers of this second, likewise. `None` when the kernel stamped none of them.
    pub read_lag_ns: Option<[u64; 3]>,
    /// The longest stretch of this second in which a lane did not look at the kernel while work was due, over all lanes,
    /// nanoseconds.
    pub longest_stall_ns: u64,
    /// Bytes of the bodies of the answers of this second.
    pub answer_bytes: u64,
    /// Users of the closed model at its end; 0 in the open model, which has none.
    pub users: u64,
    /// Response times of everything that ended since the start of the measure phase, requests without an answer in the upper
    /// ranks. `None` before the first.
    pub so_far: Option<Distribution>,
}

/// One kind of failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureCount {
    /// Stable kind: `connect`, `reset`, `timeout`, `protocol`, `in-flight-cap`, `local` (a limit of ours), `status`, or
    /// `check:NAME`.
    pub kind: String,
    /// Requests it hit. A request that fails several checks counts under each.
    pub count: u64,
    /// A few examples, secrets masked.
    pub samples: Vec<String>,
}

/// Decisions the target took for the requests of one label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfusionRow {
    /// Label as on the tape: `legitimate` or a typology.
    pub label: String,
    /// Whether the label is a fraud typology.
    pub is_fraud: bool,
    /// Decision a perfect engine would have taken, if the tape knows it: `approve`, `decline` or `review`.
    pub expected: Option<String>,
    /// Answers in normal mode (every check passed) that approved.
    pub approved: DecisionTally,
    /// ... that declined.
    pub declined: DecisionTally,
    /// ... that asked for review.
    pub reviewed: DecisionTally,
    /// Waved through without judgment: approved in an answer that failed a check (shed, fail-open), or no answer at all.
    pub unjudged: DecisionTally,
}

/// A number of requests and the money at stake in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecisionTally {
    /// Requests.
    pub count: u64,
    /// Sum of their amounts, US cents.
    pub value_cents: u64,
}

/// One sending thread over the measure phase, by its own account.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LaneFacts {
    /// CPU time over wall time, 0..=1; without the time spent polling for an instant with nothing else to do.
    pub cpu_share: f64,
    /// CPU time used, nanoseconds, all polling included.
    pub cpu_ns: u64,
    /// Requests sent.
    pub sent: u64,
    /// Whether the pacing mode burns CPU while waiting, so that `cpu_share` says nothing about load.
    pub spins: bool,
    /// The longest stretch of the measure phase between two looks at the kernel while work was due, nanoseconds.
    pub longest_stall_ns: u64,
    /// The sum of all such stretches of 10 ms or more, nanoseconds.
    pub stalled_ns: u64,
}
