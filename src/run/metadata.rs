//! `run-metadata-{run_id}.json`: how a run was made. The keys of the earlier harness come first, by its names; ours follow.

use std::collections::BTreeMap;

use serde::Serialize;
use tapdeck_reports::Verdict;

use super::catalog::{HALVED, MONITORING};
use super::counters::Counters;
use super::environment::Environment;
use super::load::Load;
use super::outline::Outline;
use super::phases::PhaseRecord;

/// Name and version of the format; a change that breaks readers changes it.
pub const SCHEMA: &str = "tapdeck-run-metadata-v1";

/// How a run was made.
#[derive(Debug, Clone, Serialize)]
pub struct Metadata {
    /// Id of the run.
    pub run_id: String,
    /// Start of the run, preflight and all, RFC 3339 UTC.
    pub start_time: String,
    /// End of the run, teardown included.
    pub end_time: String,
    /// Bucket of the object store that was seeded; nothing if none was.
    pub bucket: Option<String>,
    /// What was put there.
    pub seeded_artifacts: Vec<SeededArtifact>,
    /// Whether seeding was wanted.
    pub seed_enabled: bool,
    /// Whether teardown was wanted.
    pub teardown_enabled: bool,
    /// The service as asked for.
    pub service: String,
    /// The scenario.
    pub scenario: String,
    /// Users over all services; nothing in the open model.
    pub users: Option<u32>,
    /// Users that came per second, over all services.
    pub spawn_rate: Option<f64>,
    /// Longest of the services' lengths as asked for, seconds with their unit: `300s`.
    pub run_time: String,
    /// How requests were authenticated.
    pub auth_strategy: String,
    /// Addresses by short name, credentials masked.
    pub service_urls: BTreeMap<&'static str, String>,
    /// What the environment says of the containers.
    pub container_limits: BTreeMap<&'static str, String>,
    /// What the environment says of the target's Redis client.
    pub redis_client_settings: BTreeMap<&'static str, String>,
    /// The parts of the rule engine's requests, 0 to 1.
    pub traffic_mix: BTreeMap<&'static str, f64>,
    /// Where the report is; empty without one.
    pub artifacts: Artifacts,
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// Version of tapdeck.
    pub tapdeck_version: &'static str,
    /// What became of the run; nothing if nothing was measured.
    pub verdict: Option<Verdict>,
    /// The exit code.
    pub exit_code: u8,
    /// Whether the user stopped it.
    pub interrupted: bool,
    /// Why it ended early, if it did.
    pub error: Option<String>,
    /// Why teardown did not come to its end, if it did not.
    pub teardown_error: Option<String>,
    /// Each phase with its times; the report's own is not over when this is written.
    pub phases: Vec<PhaseRecord>,
    /// Each service with what was sent to it.
    pub services: Vec<ServiceRecord>,
    /// Every value that held, with its origin.
    pub settings: Vec<SettingRecord>,
}

/// Something that was put into the object store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeededArtifact {
    /// Its key.
    pub key: String,
    /// Checksum of its bytes.
    pub checksum: String,
    /// Whether something else stood there before.
    pub replaced: bool,
}

/// Where the report of a run is.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Artifacts {
    /// The page for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// What stands before `stats.csv`, `stats_history.csv`, `failures.csv` and `exceptions.csv`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csv_prefix: Option<String>,
    /// The exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
}

/// A service of a run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ServiceRecord {
    /// Its name in the run.
    pub service: String,
    /// Where it was, credentials masked.
    pub target: Option<String>,
    /// Hex digest of the tape.
    pub tape_digest: Option<String>,
    /// What became of it.
    pub verdict: Option<Verdict>,
    /// What the target counted by itself.
    pub counters: Option<CounterRecord>,
}

/// Counters of a target around the load.
#[derive(Debug, Clone, Serialize)]
pub struct CounterRecord {
    /// Before it.
    pub before: Counters,
    /// After it.
    pub after: Counters,
    /// What came on top.
    pub growth: Counters,
}

/// A value that held.
#[derive(Debug, Clone, Serialize)]
pub struct SettingRecord {
    /// `run`, or a service.
    pub of: String,
    /// What it is.
    pub name: &'static str,
    /// What held.
    pub value: String,
    /// Who said so.
    pub origin: String,
}

/// Gives users, their spawn rate and the length of a run over all services.
pub fn load(outline: &Outline) -> (Option<u32>, Option<f64>, String) {
    let closed = outline
        .members
        .iter()
        .filter_map(|member| match &member.load {
            Load::Closed {
                users, spawn_rate, ..
            } => Some((users.value, spawn_rate.value)),
            Load::Open { .. } => None,
        });
    let (users, rates): (Vec<u32>, Vec<f64>) = closed.unzip();
    let lengths = outline.members.iter();
    let longest = lengths.map(|member| member.load.asked_length()).max();
    (
        (!users.is_empty()).then(|| users.iter().sum()),
        (!rates.is_empty()).then(|| rates.iter().sum()),
        format!("{}s", longest.unwrap_or_default().as_secs_f64()),
    )
}

/// Gives addresses by the short names of the earlier harness; `targets` are those of the members, in order.
pub fn service_urls(outline: &Outline, targets: &[String]) -> BTreeMap<&'static str, String> {
    let mut urls = BTreeMap::new();
    for (member, url) in outline.members.iter().zip(targets) {
        let names: &[&'static str] = match member.name.as_str() {
            HALVED => &["rule-engine", "rule-engine-auth"],
            name if name == MONITORING.name => &["rule-engine-monitoring"],
            "rule-management" => &["rule-mgmt"],
            "transaction-management" => &["trans-mgmt"],
            "approvals" => &["approvals"],
            _ => &[],
        };
        urls.extend(names.iter().map(|&name| (name, url.clone())));
    }
    // Where one process serves both of the rule engine's paths, it is known under all three names.
    if let Some(url) = urls.get("rule-engine").cloned() {
        urls.entry(MONITORING.name).or_insert(url);
    }
    urls
}

/// Copies what the environment says of containers, and of the target's Redis client.
pub fn surroundings(
    environment: &Environment,
) -> (
    BTreeMap<&'static str, String>,
    BTreeMap<&'static str, String>,
) {
    let copy = |names: &[(&'static str, &[&'static str])]| {
        let found = names.iter().filter_map(|&(key, variables)| {
            let (_, value) = environment.first(variables.iter().copied())?;
            Some((key, value.to_owned()))
        });
        found.collect()
    };
    let containers = copy(&[
        (
            "rule_engine_cpu",
            &["RULE_ENGINE_CPU_LIMIT", "DOCKER_CPU_LIMIT"],
        ),
        (
            "rule_engine_memory",
            &[
                "RULE_ENGINE_MEMORY_LIMIT",
                "RULE_ENGINE_MEM_LIMIT",
                "DOCKER_MEMORY_LIMIT",
            ],
        ),
    ]);
    let redis = copy(&[
        ("max_pool_size", &["REDIS_MAX_POOL_SIZE"]),
        ("max_waiting_handlers", &["REDIS_MAX_WAITING_HANDLERS"]),
        ("timeout", &["REDIS_TIMEOUT"]),
        ("protocol", &["REDIS_PROTOCOL"]),
    ]);
    (containers, redis)
}

/// Gives the parts of the rule engine's two paths, if it takes part.
pub fn traffic_mix(outline: &Outline) -> BTreeMap<&'static str, f64> {
    let mut weights = [0.0, 0.0];
    for member in &outline.members {
        if member.service.name != HALVED {
            continue;
        }
        let share = match &member.load {
            Load::Open { .. } => member.load.mean_rate(),
            Load::Closed { users, .. } => f64::from(users.value),
        };
        let endpoints = &member.service.endpoints;
        let sum: f64 = endpoints.iter().map(|it| f64::from(it.weight)).sum();
        for endpoint in endpoints {
            let side = usize::from(endpoint.name == MONITORING.endpoint);
            weights[side] += share * f64::from(endpoint.weight) / sum;
        }
    }
    let sum: f64 = weights.iter().sum();
    if sum == 0.0 {
        return BTreeMap::new();
    }
    BTreeMap::from([
        ("rule_engine_auth_weight", weights[0] / sum),
        ("rule_engine_monitoring_weight", weights[1] / sum),
    ])
}
