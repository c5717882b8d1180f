//! What a reader of the report should know about the load.

use crate::harness::measure::{planned_rate, time_compression};
use crate::harness::play::RunPlan;
use crate::schedule::Load;
use crate::units::show_factor;

/// Event time may run so many times as fast as life before a service that counts over time is misled.
const UNSUSPICIOUS_COMPRESSION: f64 = 2.0;

/// Warns of a schedule so much faster than life that a service which counts requests over time takes everybody for a
/// fraudster. A line, because it stands below every verdict.
pub(super) fn haste(plan: &RunPlan) -> Option<String> {
    let keys: Vec<&str> = plan
        .service
        .velocity_keys
        .iter()
        .map(|key| key.as_str())
        .collect();
    hasty_rate(plan).map(|rate| {
        format!(
            "event time runs {}x: rules that count by {} refuse more (docs/slices.md)",
            show_factor(time_compression(plan, rate)),
            keys.join(" and "),
        )
    })
}

/// Says how to get decisions as in life at the rate of a schedule that is faster than that.
pub(in crate::cli::replay) fn slower(plan: &RunPlan) -> Option<String> {
    let name = &plan.service.name;
    hasty_rate(plan).map(|rate| {
        format!(
            "for decisions as in life, generate a slice (tapdeck generate --service {name} --natural-rate {} --span 10m -o slice.tape) \
             and replay it with --arrivals recorded",
            rate.ceil(),
        )
    })
}

/// Gives the rate of a schedule that is much faster than life, if the service counts requests over time.
fn hasty_rate(plan: &RunPlan) -> Option<f64> {
    // Users go as fast as the target lets them, so nothing is known in advance.
    let rate = planned_rate(plan)?;
    let is_hasty = time_compression(plan, rate) > UNSUSPICIOUS_COMPRESSION;
    (is_hasty && !plan.service.velocity_keys.is_empty()).then_some(rate)
}

/// Says what the closed model hides.
pub(super) fn patience(load: &Load) -> Option<String> {
    matches!(load, Load::Closed(_)).then(|| {
        "users wait for answers, so a slower target is asked less often: these figures say what so many users feel, not what \
         happens at a given rate; use --rate for that"
            .to_owned()
    })
}
