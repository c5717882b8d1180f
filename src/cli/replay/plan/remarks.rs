//! What a reader of the report should know about the load.

use crate::harness::measure::{planned_rate, time_compression};
use crate::harness::play::RunPlan;
use crate::schedule::Load;
use crate::units::show_factor;

/// Event time may run so many times as fast as life before a service that counts over time is misled.
const UNSUSPICIOUS_COMPRESSION: f64 = 2.0;

/// Warns of a schedule so much faster than life that a service which counts requests over time takes everybody for a
/// fraudster.
pub(super) fn haste(plan: &RunPlan) -> Option<String> {
    let keys: Vec<&str> = plan
        .service
        .velocity_keys
        .iter()
        .map(|key| key.as_str())
        .collect();
    // Users go as fast as the target lets them, so nothing is known in advance.
    let rate = planned_rate(plan)?;
    let compression = time_compression(plan, rate);
    if keys.is_empty() || compression <= UNSUSPICIOUS_COMPRESSION {
        return None;
    }
    let name = &plan.service.name;
    let rate = rate.ceil();
    Some(format!(
        "{name} counts requests by {} in windows of its own clock, and event time runs {} times as fast: each looks that \
         much busier than in life, so many refusals will be the schedule's doing. For decisions as in life, generate a \
         slice (tapdeck generate --service {name} --natural-rate {rate} --span 10m -o slice.tape) and replay it with \
         --arrivals recorded",
        keys.join(" and "),
        show_factor(compression),
    ))
}

/// Says what the closed model hides.
pub(super) fn patience(load: &Load) -> Option<String> {
    matches!(load, Load::Closed(_)).then(|| {
        "users wait for answers, so a slower target is asked less often: these figures say what so many users feel, not what \
         happens at a given rate; use --rate for that"
            .to_owned()
    })
}
