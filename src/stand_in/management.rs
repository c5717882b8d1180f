//! The paths beside evaluation: health, the registry, loading rulesets, metrics. No fault ever touches them.

use http::{HeaderMap, StatusCode};
use hyper::body::Incoming;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::body::{BodyError, read_json};
use super::connection::{Broken, Connection};
use super::reply::{Refusal, Reply};
use super::routes::Endpoint;

/// Answers a request to any endpoint but the two that evaluate.
///
/// Errors: `Broken` if the client goes away inside its body.
pub(super) async fn answer(
    connection: &Connection,
    endpoint: Endpoint<'_>,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Reply, Broken> {
    let answered = match endpoint {
        Endpoint::Load | Endpoint::BulkLoad | Endpoint::HotSwap => {
            match read_json(headers, body).await {
                Ok(body) => change(connection, endpoint, &body),
                Err(BodyError::Refused(refusal)) => Err(refusal),
                Err(BodyError::Cut) => return Err(Broken),
            }
        }
        _ => Ok(look(connection, endpoint)),
    };
    Ok(answered.unwrap_or_else(|refusal| connection.refuse(refusal)))
}

fn look(connection: &Connection, endpoint: Endpoint<'_>) -> Reply {
    let engine = connection.engine();
    let writer = connection.writer();
    Reply::ok(match endpoint {
        Endpoint::RegistryStatus => writer.json(&RegistryStatus {
            total_rulesets: engine.registry.ruleset_count(),
            countries: engine.registry.country_count(),
            storage_accessible: true,
        }),
        Endpoint::RegistryCountry(country) => writer.json(&CountryRulesets {
            country,
            ruleset_keys: engine.registry.keys_of(country),
        }),
        Endpoint::Audit => writer.json(&engine.audit()),
        Endpoint::Metrics => writer.json(&metrics(connection)),
        Endpoint::EngineHealth => writer.json(&EngineHealth {
            status: "UP",
            storage_accessible: true,
        }),
        _ => writer.json(&Health {
            status: "UP",
            checks: [],
        }),
    })
}

fn change(connection: &Connection, endpoint: Endpoint<'_>, body: &[u8]) -> Result<Reply, Refusal> {
    match endpoint {
        Endpoint::BulkLoad => bulk_load(connection, &read(body)?),
        Endpoint::HotSwap => hot_swap(connection, &read(body)?),
        _ => load(connection, &read(body)?),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|reason| Refusal::Invalid(reason.to_string()))
}

fn load(connection: &Connection, wanted: &Wanted) -> Result<Reply, Refusal> {
    let (key, version) = wanted.check()?;
    let registry = &connection.engine().registry;
    let Some(country) = registry.load(key, version, wanted.country.as_deref()) else {
        return Err(Refusal::LoadFailed(format!(
            "Failed to load ruleset {key} version {version}"
        )));
    };
    Ok(Reply::ok(connection.writer().json(&Loaded {
        success: true,
        message: "Ruleset loaded",
        ruleset_key: key,
        version,
        country: &country,
    })))
}

fn bulk_load(connection: &Connection, wanted: &WantedList) -> Result<Reply, Refusal> {
    if wanted.rulesets.is_empty() {
        return Err(Refusal::Invalid("rulesets must not be empty".to_owned()));
    }
    let registry = &connection.engine().registry;
    let is_loaded = |wanted: &&Wanted| {
        let checked = wanted.check().ok();
        checked
            .and_then(|(key, version)| registry.load(key, version, wanted.country.as_deref()))
            .is_some()
    };
    let loaded = wanted.rulesets.iter().filter(is_loaded).count();
    Ok(Reply::ok(connection.writer().json(&BulkLoaded {
        loaded,
        total: wanted.rulesets.len(),
    })))
}

fn hot_swap(connection: &Connection, wanted: &Wanted) -> Result<Reply, Refusal> {
    let (key, version) = wanted.check()?;
    let registry = &connection.engine().registry;
    let old_version = registry
        .version_of(key)
        .and_then(|old| i64::try_from(old).ok())
        .unwrap_or(-1);
    let success = registry
        .load(key, version, wanted.country.as_deref())
        .is_some();
    let body = connection.writer().json(&Swapped {
        success,
        status: if success { "SUCCESS" } else { "LOAD_FAILED" },
        message: if success {
            "Ruleset swapped"
        } else {
            "Ruleset not found in storage"
        },
        old_version,
        new_version: version,
    });
    let status = if success {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    Ok(Reply {
        status,
        body,
        headers: Vec::new(),
    })
}

fn metrics(connection: &Connection) -> Metrics {
    let engine = connection.engine();
    let seen = engine.seen();
    Metrics {
        ruleset_cache_size: engine.registry.ruleset_count(),
        storage_accessible: true,
        jvm_uptime: engine.uptime_ms(),
        field_count: 26,
        startup_healthy: true,
        engine_counters: EngineCounters {
            fail_open: seen.fail_open,
            degraded: seen.degraded + seen.shed,
            enqueue_dropped: 0,
        },
    }
}

/// A ruleset asked for by key and version.
#[derive(Deserialize)]
struct Wanted {
    key: Option<String>,
    version: Option<u64>,
    country: Option<String>,
}

impl Wanted {
    fn check(&self) -> Result<(&str, u64), Refusal> {
        let key = self.key.as_deref().filter(|key| !key.is_empty());
        let version = self.version.filter(|&version| version > 0);
        key.zip(version)
            .ok_or_else(|| Refusal::Invalid("key and a version above 0 are required".to_owned()))
    }
}

#[derive(Deserialize)]
struct WantedList {
    #[serde(default)]
    rulesets: Vec<Wanted>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EngineHealth {
    status: &'static str,
    storage_accessible: bool,
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    checks: [&'static str; 0],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegistryStatus {
    total_rulesets: usize,
    countries: usize,
    storage_accessible: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CountryRulesets<'a> {
    country: &'a str,
    ruleset_keys: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Loaded<'a> {
    success: bool,
    message: &'static str,
    ruleset_key: &'a str,
    version: u64,
    country: &'a str,
}

#[derive(Serialize)]
struct BulkLoaded {
    loaded: usize,
    total: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Swapped {
    success: bool,
    status: &'static str,
    message: &'static str,
    old_version: i64,
    new_version: u64,
}

/// The metrics that mean something here; those of a JVM's memory and of message queues do not.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    ruleset_cache_size: usize,
    storage_accessible: bool,
    jvm_uptime: u64,
    field_count: u64,
    startup_healthy: bool,
    engine_counters: EngineCounters,
}

#[derive(Serialize)]
struct EngineCounters {
    #[serde(rename = "fail_open_total")]
    fail_open: u64,
    #[serde(rename = "degraded_response_total")]
    degraded: u64,
    /// Always zero: there is no queue here that could overflow.
    #[serde(rename = "auth_async_enqueue_dropped_total")]
    enqueue_dropped: u64,
}
