//! What a target counts by itself, read before and after the load: did it wave requests through, or lose them?

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request};
use serde_json::Value;

use super::catalog::HALVED;
use crate::harness::target::errand;
use crate::patience::{Patience, Stop};
use crate::replay::json_pick::json_text;
use crate::replay::transport::Target;

/// Where the rule engine tells its counters, and those that matter to a run.
const PATH: &str = "/v1/manage/metrics";
const POINTER: &str = "/engineCounters";
const NAMES: [&str; 3] = [
    "fail_open_total",
    "degraded_response_total",
    "auth_async_enqueue_dropped_total",
];

/// How long the target may take to tell.
const PATIENCE: Duration = Duration::from_secs(10);

/// Counters by name.
pub type Counters = BTreeMap<&'static str, u64>;

/// Reads the counters of a target, which may want `headers`; nothing where it has none or does not tell.
pub fn read(service: &str, target: &Target, headers: HeaderMap, stop: &Stop) -> Option<Counters> {
    if service != HALVED {
        return None;
    }
    let path = format!("{}{PATH}", target.base_path);
    let mut request = Request::get(path).body(Bytes::new()).ok()?;
    request.headers_mut().extend(headers);
    let answer = errand::ask(target, &request, &Patience::begin(PATIENCE, stop))
        .ok()?
        .ok()?;
    let document: Value = serde_json::from_slice(json_text(&answer.body)).ok()?;
    let told = document.pointer(POINTER)?;
    let counters = NAMES.map(|name| Some((name, told[name].as_u64()?)));
    Some(counters.into_iter().flatten().collect())
        .filter(|counters: &Counters| !counters.is_empty())
}

/// Gives by how much each counter has grown.
pub fn growth(before: &Counters, after: &Counters) -> Counters {
    let grown = |(name, count): (&&'static str, &u64)| {
        let before = before.get(name)?;
        // A target that was started anew counts from zero.
        Some((*name, count.checked_sub(*before).unwrap_or(*count)))
    };
    after.iter().filter_map(grown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_what_came_on_top() {
        let counters = |counts: [u64; 2]| Counters::from([("a", counts[0]), ("b", counts[1])]);
        assert_eq!(
            growth(&counters([3, 9]), &counters([5, 2])),
            counters([2, 2])
        );
    }
}
