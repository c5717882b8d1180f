//! What a search is about, taken from a plan of one of its runs.

use std::time::Duration;

use tapdeck_reports::capacity::{CapacityIdentity, CapacitySlo};
use tapdeck_reports::measurements::{Gate, GateSubject};
use tapdeck_reports::summary::identity::{MachineFact, TapeSummary};

use crate::harness::machine;
use crate::harness::play::RunPlan;
use crate::schedule::Load;

/// Gives what a search is about.
pub fn identity(plan: &RunPlan, settle: Duration, measure: Duration) -> CapacityIdentity {
    let manifest = plan.tape.manifest();
    let file = plan.tape.path().file_name();
    let fact = |(name, value)| MachineFact { name, value };
    CapacityIdentity {
        tapdeck_version: env!("CARGO_PKG_VERSION").to_owned(),
        service: manifest.service_name.clone(),
        target: plan.target_text.clone(),
        tape: TapeSummary {
            file: file
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            digest: plan.tape.digest().to_string(),
            records: manifest.records,
            seed: manifest.origin.seed,
        },
        slos: plan.gates.iter().map(slo).collect(),
        arrivals: arrivals(&plan.load),
        seed: plan.load.seed(),
        settle_s: settle.as_secs_f64(),
        measure_s: measure.as_secs_f64(),
        connections: plan.connections,
        timeout_ms: plan.settings.timeout_ns as f64 / 1e6,
        machine: machine::facts().into_iter().map(fact).collect(),
    }
}

fn slo(gate: &Gate) -> CapacitySlo {
    CapacitySlo {
        text: gate.text.clone(),
        response_limit_ms: match gate.subject {
            GateSubject::ResponseQuantile(_) => Some(gate.limit / 1e6),
            _ => None,
        },
    }
}

fn arrivals(load: &Load) -> String {
    let name = load.name();
    match load.schedule() {
        Some(schedule) if schedule.process.has_bursts() => {
            format!("{name}, {}", schedule.parameters.bursts)
        }
        _ => name.to_owned(),
    }
}
