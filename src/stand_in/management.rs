//! The paths beside evaluation: health, the registry, loading rulesets, metrics. No fault ever touches them.

use http::{HeaderMap, StatusCode};
use hyper::body::Incoming;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::body::{BodyError, read_json};
use super::connection::{Broken, Connection};
use super::registry::{EVERYWHERE, Emptiness, Request};
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
                Ok(body) => change(connection, endpoint, &body).await,
                Err(BodyError::Refused(refusal)) => Err(refusal),
                Err(BodyError::Cut) => return Err(Broken),
            }
        }
        _ => Ok(look(connection, endpoint).await),
    };
    Ok(answered.unwrap_or_else(|refusal| connection.refuse(refusal)))
}

async fn look(connection: &Connection, endpoint: Endpoint<'_>) -> Reply {
    let registry = &connection.engine().registry;
    let writer = connection.writer();
    Reply::ok(match endpoint {
        Endpoint::RegistryStatus => writer.json(&RegistryStatus {
            total_rulesets: registry.registered().ruleset_count(),
            countries: registry.registered().country_count(),
            storage_accessible: registry.is_storage_accessible().await,
        }),
        Endpoint::RegistryCountry(country) => writer.json(&CountryRulesets {
            country,
            ruleset_keys: registry.registered().keys_of(country),
        }),
        Endpoint::Audit => writer.json(&connection.engine().audit()),
        Endpoint::Metrics => writer.json(&metrics(connection).await),
        Endpoint::EngineHealth => writer.json(&EngineHealth {
            status: "UP",
            storage_accessible: registry.is_storage_accessible().await,
        }),
        _ => writer.json(&Health {
            status: "UP",
            checks: [],
        }),
    })
}

async fn change(
    connection: &Connection,
    endpoint: Endpoint<'_>,
    body: &[u8],
) -> Result<Reply, Refusal> {
    match endpoint {
        Endpoint::BulkLoad => bulk_load(connection, &read(body)?).await,
        Endpoint::HotSwap => hot_swap(connection, &read(body)?).await,
        _ => load(connection, &read(body)?).await,
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|reason| Refusal::Invalid(reason.to_string()))
}

async fn load(connection: &Connection, wanted: &Wanted) -> Result<Reply, Refusal> {
    let wanted = wanted.check()?;
    let registry = &connection.engine().registry;
    let loaded = registry.load(wanted, Emptiness::Allowed).await;
    let country = loaded.map_err(|reason| Refusal::LoadFailed(reason.to_string()))?;
    Ok(Reply::ok(connection.writer().json(&Loaded {
        success: true,
        message: "Ruleset loaded",
        ruleset_key: wanted.key,
        version: wanted.version,
        country,
    })))
}

async fn bulk_load(connection: &Connection, wanted: &WantedList) -> Result<Reply, Refusal> {
    if wanted.rulesets.is_empty() {
        return Err(Refusal::Invalid("rulesets must not be empty".to_owned()));
    }
    let registry = &connection.engine().registry;
    let mut loaded = 0;
    for ruleset in wanted
        .rulesets
        .iter()
        .filter_map(|ruleset| ruleset.check().ok())
    {
        // The answer has no place for reasons.
        loaded += usize::from(registry.load(ruleset, Emptiness::Allowed).await.is_ok());
    }
    Ok(Reply::ok(connection.writer().json(&BulkLoaded {
        loaded,
        total: wanted.rulesets.len(),
    })))
}

async fn hot_swap(connection: &Connection, wanted: &Wanted) -> Result<Reply, Refusal> {
    let wanted = wanted.check()?;
    let registry = &connection.engine().registry;
    let old_version = registry.registered().version_of(wanted);
    let swapped = registry.load(wanted, Emptiness::Refused).await;
    let (status, word, message) = match &swapped {
        Ok(_) => (StatusCode::OK, "SUCCESS", "Ruleset swapped".to_owned()),
        Err(reason) => (StatusCode::BAD_REQUEST, reason.word(), reason.to_string()),
    };
    let body = connection.writer().json(&Swapped {
        success: swapped.is_ok(),
        status: word,
        message,
        old_version: old_version
            .and_then(|old| i64::try_from(old).ok())
            .unwrap_or(-1),
        new_version: wanted.version,
    });
    Ok(Reply {
        status,
        body,
        headers: Vec::new(),
    })
}

async fn metrics(connection: &Connection) -> Metrics {
    let engine = connection.engine();
    let seen = engine.seen();
    Metrics {
        ruleset_cache_size: engine.registry.registered().ruleset_count(),
        storage_accessible: engine.registry.is_storage_accessible().await,
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
    fn check(&self) -> Result<Request<'_>, Refusal> {
        let key = self.key.as_deref().filter(|key| !key.is_empty());
        let version = self.version.filter(|&version| version > 0);
        let (Some(key), Some(version)) = (key, version) else {
            let message = "key and a version above 0 are required";
            return Err(Refusal::Invalid(message.to_owned()));
        };
        Ok(Request {
            key,
            version,
            country: self.country.as_deref().unwrap_or(EVERYWHERE),
        })
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
    ruleset_keys: Vec<&'a str>,
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
    message: String,
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
