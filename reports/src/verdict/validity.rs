//! The rules that make a run invalid: each looks for one way in which we, not the target, shaped the figures.
//!
//! What the target does wrong (slow, refusing, silent) never makes a run invalid as long as our lanes had headroom.

use crate::format;
use crate::measurements::{LaneFacts, Ledger, Measurements};
use crate::summary::quantiles::QuantileRow;
use crate::summary::{ms, ratio};

/// Share of a judged quantile that our own lag may make up.
pub const DISTORTION_SHARE_MAX: f64 = 0.10;

/// Distortion that is always forgiven, nanoseconds.
pub const DISTORTION_FORGIVEN_NS: u64 = 100_000;

/// Share of planned requests that may go unsent while lanes are out of CPU.
pub const SHORTFALL_SHARE_MAX: f64 = 0.001;

/// Share of a core from which a lane that does not spin counts as out of CPU.
pub const CPU_SHARE_LIMIT: f64 = 0.97;

/// Share of the wall time a lane may wait for a core.
pub const RUN_DELAY_SHARE_MAX: f64 = 0.20;

/// Send-lag p99 below which waiting for a core did no harm, nanoseconds.
pub const SEND_LAG_P99_FORGIVEN_NS: u64 = 1_000_000;

/// One rule: gives a reason for each way in which it is broken.
type Rule = fn(&Measurements, &[QuantileRow]) -> Vec<String>;

/// Every rule, the most fundamental first.
const RULES: [Rule; 5] = [nothing_sent, unbalanced, out_of_cpu, shortfall, distorted];

/// Collects everything that makes the run invalid.
pub(crate) fn faults(measurements: &Measurements, quantiles: &[QuantileRow]) -> Vec<String> {
    RULES
        .iter()
        .flat_map(|rule| rule(measurements, quantiles))
        .collect()
}

fn nothing_sent(measurements: &Measurements, _: &[QuantileRow]) -> Vec<String> {
    let ledger = &measurements.ledger;
    let what = if ledger.planned == 0 {
        "No request was planned in the measure phase, so there is nothing to judge: raise the rate or measure longer."
            .to_owned()
    } else if ledger.sent == 0 {
        format!(
            "None of {} planned requests was sent, so nothing was measured: check that the target accepts connections.",
            format::count(ledger.planned)
        )
    } else {
        return Vec::new();
    };
    vec![what]
}

fn unbalanced(measurements: &Measurements, _: &[QuantileRow]) -> Vec<String> {
    let endpoints = &measurements.endpoints;
    let mut imbalances = imbalances("the run", &measurements.ledger);
    for endpoint in endpoints {
        imbalances.extend(self::imbalances(&endpoint.name, &endpoint.ledger));
    }
    let over_endpoints: u64 = endpoints
        .iter()
        .map(|endpoint| endpoint.ledger.planned)
        .sum();
    if !endpoints.is_empty() && over_endpoints != measurements.ledger.planned {
        imbalances.push(format!(
            "the run planned {}, but its endpoints planned {}",
            format::count(measurements.ledger.planned),
            format::count(over_endpoints)
        ));
    }
    let complain = |imbalance| {
        format!(
            "The ledger does not balance: {imbalance}. Requests were lost or counted twice; this is a bug in tapdeck, \
             please report it with summary.json."
        )
    };
    imbalances.into_iter().map(complain).collect()
}

/// Checks the three equations of a ledger.
fn imbalances(whose: &str, ledger: &Ledger) -> Vec<String> {
    let outcomes = ledger.completed + ledger.failed + ledger.timed_out + ledger.cut;
    [
        (
            "planned",
            ledger.planned,
            "sent + dropped + unsent",
            ledger.sent + ledger.dropped + ledger.unsent,
        ),
        (
            "sent",
            ledger.sent,
            "completed + failed + timed out + cut",
            outcomes,
        ),
        (
            "completed",
            ledger.completed,
            "good + rejected",
            ledger.good + ledger.rejected,
        ),
    ]
    .into_iter()
    .filter(|(_, whole, _, parts)| whole != parts)
    .map(|(name, whole, sum, parts)| {
        format!(
            "for {whose}, {name} is {}, but {sum} is {}",
            format::count(whole),
            format::count(parts)
        )
    })
    .collect()
}

fn out_of_cpu(measurements: &Measurements, _: &[QuantileRow]) -> Vec<String> {
    let starved: Vec<String> = starved(measurements)
        .map(|(idx, shortage)| format!("lane {idx} {shortage}"))
        .collect();
    if starved.is_empty() {
        return Vec::new();
    }
    let shown = starved[..starved.len().min(3)].join(", ");
    let more = match starved.len().saturating_sub(3) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    vec![format!(
        "The generator ran out of CPU: {shown}{more}. Lower the rate, add lanes on free cores, or move the target to \
         another machine."
    )]
}

fn shortfall(measurements: &Measurements, _: &[QuantileRow]) -> Vec<String> {
    let ledger = &measurements.ledger;
    let unsent = ledger.dropped + ledger.unsent;
    let share = ratio(unsent, ledger.planned).unwrap_or(0.0);
    if share <= SHORTFALL_SHARE_MAX || starved(measurements).next().is_none() {
        return Vec::new();
    }
    vec![format!(
        "{} of {} planned requests ({}) never left while the generator was out of CPU, so the target was offered less \
         than planned. Free CPU for the lanes first; only then do drops speak of the target.",
        format::count(unsent),
        format::count(ledger.planned),
        format::share(share),
    )]
}

fn distorted(_: &Measurements, quantiles: &[QuantileRow]) -> Vec<String> {
    let distorted = |row: &&QuantileRow| row.judged && row.excessive;
    let describe = |row: &QuantileRow| {
        format!(
            "{} of {} ({} of {})",
            format::or_na(row.distortion_share, format::share),
            row.name,
            format::or_na(row.distortion_ms, format::duration),
            format::or_na(row.response_ms, format::duration),
        )
    };
    let found: Vec<String> = quantiles.iter().filter(distorted).map(describe).collect();
    if found.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "Our own send lag makes up too much of the response time: {}; at most {} is accepted. Lower the rate, add \
         lanes, or choose a more precise pacing.",
        found.join(", "),
        format::round_share(DISTORTION_SHARE_MAX),
    )]
}

/// Tells whether our lag makes up more of a response-time quantile than a judged quantile may bear.
pub(crate) fn is_excessive(response_ns: u64, without_lag_ns: u64) -> bool {
    let distortion_ns = response_ns.saturating_sub(without_lag_ns);
    distortion_ns > DISTORTION_FORGIVEN_NS
        && distortion_ns as f64 > response_ns as f64 * DISTORTION_SHARE_MAX
}

/// Gives the lanes that ran out of CPU, each with how.
fn starved(measurements: &Measurements) -> impl Iterator<Item = (usize, String)> {
    let lanes = measurements.lanes.iter().enumerate();
    lanes.filter_map(|(idx, lane)| Some((idx, shortage(lane, measurements)?)))
}

/// Says how a lane ran out of CPU, if it did.
pub(crate) fn shortage(lane: &LaneFacts, measurements: &Measurements) -> Option<String> {
    if !lane.spins && lane.cpu_share >= CPU_SHARE_LIMIT {
        return Some(format!(
            "was busy {} of the time",
            format::share(lane.cpu_share)
        ));
    }
    let waited = run_delay_share(lane, measurements.measured_ns)?;
    let lag_ns = measurements.send_lag.quantile(0.99);
    (waited > RUN_DELAY_SHARE_MAX && lag_ns > SEND_LAG_P99_FORGIVEN_NS).then(|| {
        format!(
            "waited for a core {} of the time while the send lag p99 was {}",
            format::share(waited),
            format::duration(ms(lag_ns))
        )
    })
}

/// Gives the share of the measure phase that a lane spent ready to run without a core.
pub(crate) fn run_delay_share(lane: &LaneFacts, measured_ns: u64) -> Option<f64> {
    ratio(lane.run_delay_ns?, measured_ns)
}

#[cfg(test)]
mod tests;
