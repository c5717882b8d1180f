//! A queue with a fixed number of connections before a target that may stall: enough to fill every part of a report.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tapdeck_reports::Histogram;
use tapdeck_reports::measurements::distribution::Distribution;
use tapdeck_reports::measurements::{
    ConfusionRow, EndpointFailure, EndpointMeasurements, FailureCount, Ledger, Measurements,
};

use crate::setup::{CONNECTIONS, LABELS, MS, RATE, SECOND, TIMEOUT_NS, US, Weather, blank};

/// Length of the body of every answer.
const ANSWER_BYTES: u64 = 187;

/// Numbers that look random: Steele's `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit
    }

    /// A skewed duration around `typical_ns`: the product of three even factors from 1/2 to 3/2, and a rare long one.
    fn duration(&mut self, typical_ns: u64) -> u64 {
        let spread = (0..3).fold(typical_ns, |product, _| {
            product * (500 + self.below(1_000)) / 1_000
        });
        match self.below(1_000) {
            0 => spread * 12,
            1..10 => spread * 4,
            _ => spread,
        }
    }
}

/// One request on its way.
struct Request {
    intended_ns: u64,
    endpoint: usize,
    label: usize,
    cents: u64,
}

/// How it ended.
enum Outcome {
    Good { decision: u64 },
    Shed,
    Reset,
    TimedOut,
    Dropped,
}

impl Outcome {
    /// The kind of failure it is, if it is one.
    fn failure(&self) -> Option<&'static str> {
        match self {
            Self::Good { .. } => None,
            Self::Shed => Some("check:engine_mode"),
            Self::Reset => Some("reset"),
            Self::TimedOut => Some("timeout"),
            Self::Dropped => Some("in-flight-cap"),
        }
    }
}

impl Outcome {
    /// Tells whether there was an answer.
    fn is_answered(&self) -> bool {
        matches!(self, Self::Good { .. } | Self::Shed)
    }
}

/// When what happened to a request.
#[expect(
    clippy::struct_field_names,
    reason = "the unit stands last, as everywhere"
)]
struct Instants {
    ready_ns: u64,
    sent_ns: u64,
    /// It was answered, or given up.
    completed_ns: u64,
    /// When the answer would have come, had we had no lag.
    undisturbed_ns: u64,
    read_lag_ns: u64,
}

/// Durations of the requests of one second.
#[expect(
    clippy::struct_field_names,
    reason = "the unit stands last, as everywhere"
)]
#[derive(Default)]
struct SecondDurations {
    response_ns: Vec<u64>,
    unanswered_ns: Vec<u64>,
    send_lag_ns: Vec<u64>,
    read_lag_ns: Vec<u64>,
}

/// Plays the whole run.
pub(crate) fn run(weather: Weather) -> Measurements {
    let mut dice = Dice(42);
    let mut measurements = blank(weather);
    let mut durations: Vec<SecondDurations> = Vec::new();
    durations.resize_with(measurements.seconds.len(), SecondDurations::default);
    let mut free_at: BinaryHeap<Reverse<u64>> = (0..CONNECTIONS).map(|_| Reverse(0)).collect();
    let mut undisturbed_free_at = free_at.clone();
    for arrival in 0..RATE * 60 {
        let slot_ns = SECOND / RATE;
        let request = draw_request(&mut dice, arrival * slot_ns);
        let free_ns = free_at.pop().map_or(0, |Reverse(at)| at);
        let ready_ns = request.intended_ns.max(free_ns);
        let lag_ns = match weather {
            Weather::Starved => dice.duration(900 * US),
            _ => dice.duration(14 * US),
        };
        let sent_ns = ready_ns + lag_ns;
        let (outcome, completed_ns) = answer(&mut dice, weather, &request, ready_ns, sent_ns);
        let read_lag_ns = dice.duration(3 * US);
        let undisturbed_free_ns = undisturbed_free_at.pop().map_or(0, |Reverse(at)| at);
        let undisturbed_sent_ns = request.intended_ns.max(undisturbed_free_ns);
        let undisturbed_ns = undisturbed_sent_ns + completed_ns.saturating_sub(sent_ns);
        let (free_ns, undisturbed_free_ns) = match outcome {
            Outcome::Dropped => (free_ns, undisturbed_free_ns),
            _ => (completed_ns + read_lag_ns, undisturbed_ns),
        };
        free_at.push(Reverse(free_ns));
        undisturbed_free_at.push(Reverse(undisturbed_free_ns));
        let instants = Instants {
            ready_ns,
            sent_ns,
            completed_ns,
            undisturbed_ns,
            read_lag_ns,
        };
        note(
            &mut measurements,
            &mut durations,
            &request,
            &instants,
            &outcome,
        );
    }
    finish(&mut measurements, &mut durations);
    measurements
}

fn draw_request(dice: &mut Dice, slot_ns: u64) -> Request {
    let mut lot = dice.below(10_000);
    let mut label = 0;
    while lot >= LABELS[label].2 {
        lot -= LABELS[label].2;
        label += 1;
    }
    let spread = dice.duration(4_200);
    Request {
        intended_ns: slot_ns + dice.below(SECOND / RATE),
        endpoint: usize::from(dice.below(5) == 0),
        label,
        cents: if label == 1 {
            100 + spread / 40
        } else {
            spread * (1 + label as u64)
        },
    }
}

fn answer(
    dice: &mut Dice,
    weather: Weather,
    request: &Request,
    ready_ns: u64,
    sent_ns: u64,
) -> (Outcome, u64) {
    let waited_ns = ready_ns - request.intended_ns;
    if waited_ns > 2_050 * MS {
        return (Outcome::Dropped, request.intended_ns + TIMEOUT_NS);
    }
    let stall = 24 * SECOND..26_200 * MS;
    let mut completed_ns = sent_ns
        + dice.duration(if request.endpoint == 0 {
            1_300 * US
        } else {
            2_100 * US
        });
    if weather == Weather::Stall && stall.contains(&sent_ns) {
        completed_ns = stall.end + dice.duration(3 * MS);
    }
    let outcome = if completed_ns - sent_ns > TIMEOUT_NS {
        completed_ns = sent_ns + TIMEOUT_NS;
        Outcome::TimedOut
    } else if waited_ns > 300 * MS && dice.below(4) == 0 {
        completed_ns = sent_ns + dice.duration(300 * US);
        Outcome::Shed
    } else if dice.below(40_000) == 0 {
        Outcome::Reset
    } else {
        Outcome::Good {
            decision: dice.below(100),
        }
    };
    (outcome, completed_ns)
}

fn note(
    measurements: &mut Measurements,
    durations: &mut [SecondDurations],
    request: &Request,
    instants: &Instants,
    outcome: &Outcome,
) {
    let &Instants {
        ready_ns,
        sent_ns,
        completed_ns,
        ..
    } = instants;
    let response_ns = completed_ns - request.intended_ns;
    let last = durations.len() - 1;
    let second = |at_ns: u64| usize::try_from(at_ns / SECOND).map_or(last, |at| at.min(last));
    let (intended, sent, completed) = (
        second(request.intended_ns),
        second(sent_ns),
        second(completed_ns),
    );
    let endpoint = &mut measurements.endpoints[request.endpoint];
    count(&mut measurements.ledger, outcome);
    count(&mut endpoint.ledger, outcome);
    measurements.seconds[intended].offered += 1;
    if outcome.is_answered() {
        endpoint.response.record(response_ns);
        durations[completed].response_ns.push(response_ns);
        let undisturbed_ns = instants.undisturbed_ns - request.intended_ns;
        endpoint.undisturbed.record(undisturbed_ns);
        measurements.read_lag.record(instants.read_lag_ns);
        durations[completed].read_lag_ns.push(instants.read_lag_ns);
        measurements.stamps.kernel += 1;
    } else {
        endpoint.unanswered.record(response_ns);
        durations[completed].unanswered_ns.push(response_ns);
    }
    if !matches!(outcome, Outcome::Dropped) {
        let waited_ns = ready_ns - request.intended_ns;
        if waited_ns > 0 {
            measurements.ledger.deferred += 1;
            endpoint.ledger.deferred += 1;
        }
        measurements.connection_wait.record(waited_ns);
        measurements.send_lag.record(sent_ns - ready_ns);
        durations[sent].send_lag_ns.push(sent_ns - ready_ns);
        measurements.seconds[sent].sent += 1;
        measurements.lanes[request.endpoint].sent += 1;
    }
    let at_end = &mut measurements.seconds[completed];
    if outcome.is_answered() {
        endpoint.service.record(completed_ns - sent_ns);
        endpoint
            .first_byte
            .record((completed_ns - sent_ns) * 9 / 10);
        endpoint.statuses[0].1 += 1;
        endpoint.answer_bytes += ANSWER_BYTES;
        at_end.answer_bytes += ANSWER_BYTES;
        at_end.achieved += 1;
    }
    match outcome {
        Outcome::Good { .. } => at_end.good += 1,
        _ => at_end.failed += 1,
    }
    if let Outcome::Shed = outcome {
        endpoint.checks[2].1 += 1;
    }
    if let Some(kind) = outcome.failure() {
        fail(endpoint, kind, completed_ns);
    }
    judge(&mut measurements.confusion[request.label], request, outcome);
}

fn fail(endpoint: &mut EndpointMeasurements, kind: &str, at_ns: u64) {
    let failures = &mut endpoint.failures;
    let idx = failures
        .iter()
        .position(|failure| failure.kind == kind)
        .unwrap_or_else(|| {
            failures.push(EndpointFailure {
                kind: kind.to_owned(),
                first_ns: at_ns,
                ..EndpointFailure::default()
            });
            failures.len() - 1
        });
    failures[idx].count += 1;
    failures[idx].first_ns = failures[idx].first_ns.min(at_ns);
    failures[idx].last_ns = failures[idx].last_ns.max(at_ns);
}

fn count(ledger: &mut Ledger, outcome: &Outcome) {
    ledger.planned += 1;
    if let Outcome::Dropped = outcome {
        ledger.dropped += 1;
        return;
    }
    ledger.sent += 1;
    match outcome {
        Outcome::Good { .. } => {
            ledger.completed += 1;
            ledger.good += 1;
        }
        Outcome::Shed => {
            ledger.completed += 1;
            ledger.rejected += 1;
        }
        Outcome::Reset => ledger.failed += 1,
        Outcome::TimedOut | Outcome::Dropped => ledger.timed_out += 1,
    }
}

fn judge(row: &mut ConfusionRow, request: &Request, outcome: &Outcome) {
    let [declined, reviewed] = LABELS[request.label].3;
    let tally = match outcome {
        Outcome::Good { decision } if *decision < declined => &mut row.declined,
        Outcome::Good { decision } if *decision < reviewed => &mut row.reviewed,
        Outcome::Good { .. } => &mut row.approved,
        _ => &mut row.unjudged,
    };
    tally.count += 1;
    tally.value_cents += request.cents;
}

fn finish(measurements: &mut Measurements, durations: &mut [SecondDurations]) {
    let mut in_flight = 0;
    let (mut so_far, mut unanswered) = (Histogram::new(), Histogram::new());
    for (second, durations) in measurements.seconds.iter_mut().zip(durations) {
        in_flight += second.offered;
        in_flight -= (second.good + second.failed).min(in_flight);
        second.in_flight = in_flight;
        let lag = |lags: &mut Vec<u64>| {
            (!lags.is_empty()).then(|| [(1, 2), (99, 100), (1, 1)].map(|at| quantile(lags, at)))
        };
        second.send_lag_ns = lag(&mut durations.send_lag_ns);
        second.read_lag_ns = lag(&mut durations.read_lag_ns);
        let responses = &mut durations.response_ns;
        for response_ns in responses.iter() {
            so_far.record(*response_ns);
        }
        for waited_ns in &durations.unanswered_ns {
            unanswered.record(*waited_ns);
        }
        second.so_far = Distribution::over(&so_far, &unanswered);
        let quantiles = [(1, 2), (19, 20), (99, 100), (1, 1)];
        second.response_ns =
            (!responses.is_empty()).then(|| quantiles.map(|at| quantile(responses, at)));
    }
    let ledger = measurements.ledger;
    let failure = |kind: &str, count, samples: &[&str]| FailureCount {
        kind: kind.to_owned(),
        count,
        samples: samples.iter().map(|&sample| sample.to_owned()).collect(),
    };
    measurements.failures = vec![
        failure(
            "timeout",
            ledger.timed_out,
            &["POST /v1/evaluate/auth: no answer within 2 s"],
        ),
        failure("in-flight-cap", ledger.dropped, &[]),
        failure(
            "reset",
            ledger.failed,
            &["POST /v1/evaluate/auth: connection reset by peer (os error 104)"],
        ),
        failure(
            "check:engine_mode",
            ledger.rejected,
            &[
                "POST /v1/evaluate/auth: /engine_mode is \"DEGRADED\", expected \"NORMAL\"; body {\"decision\":\"APPROVE\",\"engine_mode\":\"DEGRADED\",\"engine_error_code\":\"LOAD_SHEDDING\"}",
            ],
        ),
    ];
    measurements.failures.retain(|failure| failure.count > 0);
}

fn quantile(values: &mut [u64], (part, whole): (usize, usize)) -> u64 {
    values.sort_unstable();
    values[(values.len() * part).div_ceil(whole).saturating_sub(1)]
}
