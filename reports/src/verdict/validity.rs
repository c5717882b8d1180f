//! The rules that tell whether we, not the target, shaped the figures, and what kept us from being on time.
//!
//! A rule is a file of its own: a name, and a function from the evidence to findings in plain words. A fault of the load makes the
//! run invalid; a fault of the mix or of the times does unless the verdict was decided without them; a cause says what limited the
//! generator; a remark is neither. What the target does wrong (slow, refusing, silent) never makes a run invalid.

mod capture_never_found;
mod clock_step;
mod core_taken;
mod distorted;
mod evidence;
mod full_core;
mod never_sent;
mod nothing_sent;
mod own_limit;
mod page_faults;
mod shortfall;
mod slow_wake_up;
mod standstill;
mod stolen;
mod suspended;
mod unbalanced;

use serde::Serialize;

pub use self::core_taken::RUN_DELAY_SHARE_MAX;
pub(crate) use self::distorted::is_upper_bound;
pub use self::distorted::{DISTORTION_FORGIVEN_NS, DISTORTION_SHARE_MAX};
pub(crate) use self::evidence::Evidence;
pub use self::evidence::SEND_LAG_P99_FORGIVEN_NS;
pub use self::full_core::CPU_SHARE_LIMIT;
pub use self::shortfall::SHORTFALL_SHARE_MAX;
pub use self::standstill::{STALL_MAX_NS, STALLED_SHARE_MAX};
pub use self::stolen::STOLEN_SHARE_MAX;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// It makes the run invalid, unless the verdict was decided without what it spoils.
    Fault,
    /// It limited the generator; whether that did harm is told by the faults and the gates.
    Cause,
    /// A reader should know it.
    Remark,
}

/// What a fault spoils.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Spoils {
    /// The load itself was not the planned one: nothing is decided.
    Load,
    /// A part of the load was never offered: nothing passes, but what failed has failed.
    Mix,
    /// The response times: what does not rest on them is decided.
    Times,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Name of the rule.
    pub rule: &'static str,
    /// How much it weighs.
    pub weight: Weight,
    /// What a fault spoils; `None` of what is no fault.
    pub spoils: Option<Spoils>,
    /// What happened and what to do about it; plain sentences.
    pub text: String,
}

/// One rule.
struct Rule {
    name: &'static str,
    /// What its faults spoil.
    spoils: Spoils,
    /// Gives a text for each way in which the rule applies.
    find: fn(&Evidence<'_>) -> Vec<(Weight, String)>,
}

/// Every rule, the most fundamental first; what names an effect stands before what names its cause.
const RULES: [Rule; 15] = [
    nothing_sent::RULE,
    unbalanced::RULE,
    own_limit::RULE,
    suspended::RULE,
    standstill::RULE,
    shortfall::RULE,
    never_sent::RULE,
    distorted::RULE,
    core_taken::RULE,
    stolen::RULE,
    full_core::RULE,
    page_faults::RULE,
    slow_wake_up::RULE,
    clock_step::RULE,
    capture_never_found::RULE,
];

/// Applies every rule.
pub(crate) fn findings(evidence: &Evidence<'_>) -> Vec<Finding> {
    let found = RULES.iter().flat_map(|rule| {
        let texts = (rule.find)(evidence).into_iter();
        texts.map(|(weight, text)| Finding {
            rule: rule.name,
            weight,
            spoils: (weight == Weight::Fault).then_some(rule.spoils),
            text,
        })
    });
    found.collect()
}

/// Tells whether a lane had too little CPU for the run as a whole.
pub(crate) fn is_starved(evidence: &Evidence<'_>, lane_idx: usize) -> bool {
    full_core::is_full(evidence, lane_idx) || core_taken::is_taken(evidence, lane_idx)
}

/// Tells whether a finding is about a capture that never matched.
pub(crate) fn is_capture(finding: &Finding) -> bool {
    finding.rule == capture_never_found::RULE.name
}

/// Joins what is said of lanes, the first three in full.
fn listed(lanes: &[String]) -> String {
    let shown = lanes[..lanes.len().min(3)].join(", ");
    match lanes.len().saturating_sub(3) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
