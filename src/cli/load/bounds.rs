//! What cannot be scheduled, however it is typed: refused before anything is begun.

use std::sync::Arc;
use std::time::Duration;

use tapdeck_corpora::{Manifest, Tape};

use super::{Plan, usage};
use crate::cli::schedule::times::Times;
use crate::error::Error;
use crate::replay::walk::pass_ns;
use crate::schedule::profile::HIGHEST_RATE;
use crate::units::{nanoseconds, show_count};

/// Longest event time that is played, seconds: nanoseconds of more do not fit into 63 bits.
const LONGEST_EVENT_TIME_S: f64 = 9.2e9;

/// Expected arrivals from which on it is out of the question that chance leaves none: it would be one run in 10^21.
const CERTAIN: f64 = 50.0;

/// Arrivals that are looked at to find one in the measure phase.
const MOST_LOOKED_AT: usize = 10_000_000;

/// Refuses a tempo at which more would leave than can be scheduled, or of which the event time cannot be counted.
pub(super) fn check_tempo(tape: &Manifest, speed: f64, length: Duration) -> Result<(), Error> {
    let pass_s = pass_ns(tape) as f64 / 1e9;
    let rate = tape.records as f64 * speed / pass_s;
    if rate > HIGHEST_RATE {
        let detail = format!(
            "is {speed}, at which {rate:.0} requests of the tape leave in a second; at most {HIGHEST_RATE} can be scheduled, \
             which is --speed {:.0}",
            (HIGHEST_RATE / rate * speed).floor()
        );
        return Err(usage("--speed", &detail));
    }
    if length.as_secs_f64() * speed > LONGEST_EVENT_TIME_S {
        let detail = format!(
            "is {speed}, so that {length:?} play more event time than the 292 years that can be counted; choose a lower one \
             or a shorter --duration"
        );
        return Err(usage("--speed", &detail));
    }
    check_passes(tape, rate * length.as_secs_f64())
}

/// Refuses more passes over a tape than are told apart, each of which has ids of its own.
pub(super) fn check_passes(tape: &Manifest, arrivals: f64) -> Result<(), Error> {
    let passes = arrivals / tape.records.max(1) as f64;
    if passes < f64::from(u32::MAX) {
        return Ok(());
    }
    let detail = format!(
        "plans {arrivals:.0} requests, so the tape's {} would start over more often than {} times; shorten it, or generate a \
         longer tape",
        show_count(tape.records),
        show_count(u32::MAX.into())
    );
    Err(usage("--duration", &detail))
}

/// Refuses a plan without any arrival in the measure phase; where event times are followed, it takes the tape to tell.
///
/// Errors: `Usage`, and those of a damaged tape.
pub(in crate::cli) fn check_arrivals(plan: &Plan, tape: Option<&Arc<Tape>>) -> Result<(), Error> {
    if expected(plan, tape) >= CERTAIN {
        return Ok(());
    }
    let measure_from_ns = nanoseconds(plan.warm_up);
    for at_ns in Times::of(&plan.schedule, tape.cloned()).take(MOST_LOOKED_AT) {
        if at_ns? >= measure_from_ns {
            return Ok(());
        }
    }
    let detail = format!(
        "plan no request in the measure phase of {:?} ({}); lengthen it, or raise the rate",
        plan.measure, plan.profile_text
    );
    Err(usage("the arrivals", &detail))
}

/// Gives how many arrivals the whole schedule has in the mean.
pub(in crate::cli) fn expected_in_all(plan: &Plan, tape: Option<&Arc<Tape>>) -> f64 {
    let parameters = &plan.schedule.parameters;
    match tape.map(|tape| tape.manifest()) {
        Some(manifest) if !plan.schedule.process.follows_profile() => {
            let played = parameters.horizon_ns as f64 * parameters.speed;
            manifest.records as f64 * played / pass_ns(manifest).max(1) as f64
        }
        _ => parameters.profile.arrivals(),
    }
}

/// Gives how many arrivals the measure phase has in the mean; none for event times, which keep to no rate.
fn expected(plan: &Plan, tape: Option<&Arc<Tape>>) -> f64 {
    if !plan.schedule.process.follows_profile() {
        return 0.0;
    }
    let first = plan.schedule.parameters.profile.pieces().first();
    let first = first.map_or(0.0, |piece| piece.from);
    expected_in_all(plan, tape) - first * plan.warm_up.as_secs_f64()
}
