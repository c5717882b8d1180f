//! What a machine can do as a generator, found out against a target that does nothing: the result, its page and its table.
//!
//! Owns the form of `calibration.json` as well, which later versions must be able to tell from their own by its
//! [`SCHEMA`]. Knows nothing of how the steps were measured.

pub mod page;
pub mod terminal;

use serde::{Deserialize, Serialize};

use crate::format;

/// Name and version of the format; a change that breaks readers changes it.
pub const SCHEMA: &str = "tapdeck-calibration-v1";

/// What was found out about a machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Which machine, and which tapdeck on it.
    pub machine: Machine,
    /// When, RFC 3339 UTC.
    pub taken_at: String,
    /// How it was measured.
    pub setup: Setup,
    /// How quiet the machine was before; `None` of a calibration that did not listen.
    #[serde(default)]
    pub disturbance: Option<Disturbance>,
    /// The highest valid rate for each number of lanes, ascending.
    pub capacities: Vec<Capacity>,
    /// Every rate that was tried, in the order of trying.
    pub steps: Vec<Step>,
}

/// What a calibration is good for: as soon as one of these differs, another one is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// CPU model.
    pub cpu: String,
    /// Cores the process may use.
    pub cores: usize,
    /// Kernel release.
    pub kernel: String,
    /// Version of tapdeck.
    pub tapdeck_version: String,
}

/// How a calibration was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// Arrival process by name.
    pub arrivals: String,
    /// Connections over all lanes.
    pub connections: u32,
    /// Length of each step's measure phase, seconds.
    pub step_s: f64,
    /// The highest rate is known to this share of itself.
    pub precision: f64,
    /// What generator and target shared, or did not; a plain sentence.
    pub shared: String,
}

/// What threads missed that did nothing but look at the clock, on the core where it was most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disturbance {
    /// Share of the time in which they could not look; gaps below 20 us do not count.
    pub missed_share: f64,
    /// Longest of these gaps, milliseconds.
    pub longest_ms: f64,
}

impl Disturbance {
    /// From this share on, the 99th percentile of any send lag is somebody else's doing for a good part.
    const TOLERATED: f64 = 0.005;

    /// Says that the machine was not quiet, if it was not.
    pub fn remark(&self) -> Option<String> {
        (self.missed_share > Self::TOLERATED).then(|| {
            format!(
                "The machine was not quiet: before anything ran, something else took {} of a core, up to {} at a stretch: \
                 another program, or the host of a virtual machine. The rates are lower bounds; calibrate again when it is quiet.",
                format::share(self.missed_share),
                format::duration(self.longest_ms),
            )
        })
    }
}

/// The highest valid rate of a number of lanes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Sending threads.
    pub lanes: u32,
    /// Pacing mode by name.
    pub pacing: String,
    /// Highest rate at which a run was valid and complete, per second; `None` if not even the lowest one was.
    pub highest_per_s: Option<f64>,
    /// Who kept the next higher rate from being valid.
    pub limit: Limit,
}

/// Who keeps a rate from being valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The generator: the highest rate is its own.
    Generator,
    /// The target: the generator can do that rate at least.
    Target,
}

/// One rate for a few seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Sending threads.
    pub lanes: u32,
    /// Pacing mode by name.
    pub pacing: String,
    /// Offered rate, per second.
    pub rate_per_s: f64,
    /// Completed per second.
    pub achieved_per_s: f64,
    /// Who kept the run from being valid and complete; `None` if it was both.
    pub limit: Option<Limit>,
    /// How; empty if it was.
    pub reason: String,
    /// Median of the send lag, milliseconds; `None` of too few requests.
    pub send_lag_p50_ms: Option<f64>,
    /// Its 90th percentile.
    pub send_lag_p90_ms: Option<f64>,
    /// Its 99th percentile.
    pub send_lag_p99_ms: Option<f64>,
    /// Its largest value.
    pub send_lag_max_ms: Option<f64>,
    /// CPU time of all lanes over requests sent, microseconds; includes waiting where the pacing spins.
    pub cpu_us_per_request: Option<f64>,
    /// The same without idle polling, mean over the lanes' shares of their cores.
    pub busy_share: f64,
    /// Share of its cores that the target used.
    pub target_busy_share: f64,
}

impl Calibration {
    /// Says that the machine was not quiet, if it was not.
    pub fn remark(&self) -> Option<String> {
        self.disturbance.as_ref()?.remark()
    }

    /// Gives the steps of one lane in one pacing mode by ascending rate; of a rate tried again, the last.
    pub(crate) fn ladder<'a>(&'a self, pacing: &'a str) -> Vec<&'a Step> {
        let of_mode = |step: &&Step| step.lanes == 1 && step.pacing == pacing;
        let mut steps: Vec<&Step> = self.steps.iter().filter(of_mode).collect();
        steps.sort_by(|one, two| one.rate_per_s.total_cmp(&two.rate_per_s));
        steps.dedup_by(|later, earlier| {
            let again = later.rate_per_s.total_cmp(&earlier.rate_per_s).is_eq();
            if again {
                *earlier = *later;
            }
            again
        });
        steps
    }

    /// Gives the pacing modes that were tried with one lane, each once, in the order of trying.
    pub(crate) fn pacings(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for step in self.steps.iter().filter(|step| step.lanes == 1) {
            if !names.contains(&step.pacing.as_str()) {
                names.push(&step.pacing);
            }
        }
        names
    }
}

impl Step {
    /// Tells whether the run was valid and complete.
    pub fn holds(&self) -> bool {
        self.limit.is_none()
    }
}

impl Capacity {
    /// Says what the lanes can do.
    pub fn text(&self) -> String {
        let rate = self.highest_per_s.map(format::rate);
        match (rate, self.limit) {
            (None, _) => "no rate was valid".to_owned(),
            (Some(rate), Limit::Generator) => rate,
            (Some(rate), Limit::Target) => format!("at least {rate}"),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// One lane that reached 40,000/s and was tried in two modes.
    pub(crate) fn calibration() -> Calibration {
        let step = |pacing: &str, rate_per_s: f64, holds: bool| Step {
            lanes: 1,
            pacing: pacing.to_owned(),
            rate_per_s,
            achieved_per_s: rate_per_s,
            limit: (!holds).then_some(Limit::Generator),
            reason: if holds {
                ""
            } else {
                "The generator ran out of CPU."
            }
            .to_owned(),
            send_lag_p50_ms: Some(0.004),
            send_lag_p90_ms: Some(0.01),
            send_lag_p99_ms: Some(rate_per_s / 1e6),
            send_lag_max_ms: Some(1.5),
            cpu_us_per_request: Some(12.5),
            busy_share: rate_per_s / 1e5,
            target_busy_share: 0.4,
        };
        Calibration {
            schema: SCHEMA.to_owned(),
            machine: Machine {
                cpu: "Example <9000>".to_owned(),
                cores: 2,
                kernel: "6.1".to_owned(),
                tapdeck_version: "0.1.0".to_owned(),
            },
            taken_at: "2026-01-02T03:04:05Z".to_owned(),
            setup: Setup {
                arrivals: "poisson".to_owned(),
                connections: 64,
                step_s: 2.0,
                precision: 0.05,
                shared: "Nothing but caches.".to_owned(),
            },
            disturbance: None,
            capacities: vec![Capacity {
                lanes: 1,
                pacing: "hybrid".to_owned(),
                highest_per_s: Some(40_000.0),
                limit: Limit::Generator,
            }],
            steps: vec![
                step("hybrid", 20_000.0, true),
                step("hybrid", 80_000.0, false),
                step("hybrid", 40_000.0, false),
                step("hybrid", 40_000.0, true),
                step("timer", 10_000.0, true),
            ],
        }
    }

    #[test]
    fn a_machine_that_was_not_quiet_is_said_to_be_so() {
        let heard = |missed_share| Calibration {
            disturbance: Some(Disturbance {
                missed_share,
                longest_ms: 9.4,
            }),
            ..calibration()
        };
        assert_eq!(heard(0.004).remark(), None);
        let remark = heard(0.024).remark().unwrap();
        let expected = "something else took 2.40 % of a core, up to 9.40 ms at a stretch";
        assert!(remark.contains(expected), "{remark}");
        assert!(terminal::render(&heard(0.024)).contains("calibrate again when"));
        let page = String::from_utf8(page::render(&heard(0.024)).unwrap()).unwrap();
        assert!(page.contains(expected));
    }

    #[test]
    fn a_ladder_is_sorted_and_knows_each_rate_once() {
        let calibration = calibration();
        assert_eq!(calibration.pacings(), ["hybrid", "timer"]);
        let ladder: Vec<(f64, bool)> = calibration
            .ladder("hybrid")
            .iter()
            .map(|step| (step.rate_per_s, step.holds()))
            .collect();
        assert_eq!(
            ladder,
            [(20_000.0, true), (40_000.0, true), (80_000.0, false)]
        );
    }

    #[test]
    fn what_the_target_ended_is_a_lower_bound() {
        let mut capacity = calibration().capacities.remove(0);
        assert_eq!(capacity.text(), "40,000/s");
        capacity.limit = Limit::Target;
        assert_eq!(capacity.text(), "at least 40,000/s");
        capacity.highest_per_s = None;
        assert_eq!(capacity.text(), "no rate was valid");
    }
}
