//! Which path leads where.

use http::request::Parts;
use http::{HeaderMap, Method};
use hyper::body::Incoming;

use super::connection::{Broken, Connection};
use super::evaluate::{Evaluation, evaluate};
use super::management;
use super::reply::{Refusal, Reply};
use super::seen::Event;

/// What a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint<'a> {
    Evaluate(Evaluation),
    EngineHealth,
    Health,
    RegistryStatus,
    RegistryCountry(&'a str),
    Load,
    BulkLoad,
    HotSwap,
    Metrics,
    Audit,
}

/// Names of the routes, as the audit counts them.
pub(super) const NAMES: [&str; 10] = [
    "auth",
    "monitoring",
    "health",
    "registry-status",
    "registry-country",
    "load",
    "bulk-load",
    "hotswap",
    "metrics",
    "audit",
];

impl<'a> Endpoint<'a> {
    /// Finds what a path stands for; the evaluation paths come first because they come often.
    fn at(path: &'a str) -> Option<Self> {
        const REGISTRY: &str = "/v1/evaluate/rulesets/registry/";
        Some(match path {
            "/v1/evaluate/auth" => Self::Evaluate(Evaluation::Auth),
            "/v1/evaluate/monitoring" => Self::Evaluate(Evaluation::Monitoring),
            "/v1/evaluate/health" => Self::EngineHealth,
            "/health" | "/health/live" | "/health/ready" => Self::Health,
            "/v1/evaluate/rulesets/registry/status" => Self::RegistryStatus,
            "/v1/evaluate/rulesets/load" => Self::Load,
            "/v1/evaluate/rulesets/bulk-load" => Self::BulkLoad,
            "/v1/evaluate/rulesets/hotswap" => Self::HotSwap,
            "/v1/manage/metrics" => Self::Metrics,
            "/audit" => Self::Audit,
            path => {
                let country = path.strip_prefix(REGISTRY)?;
                if country.is_empty() || country.contains('/') {
                    return None;
                }
                Self::RegistryCountry(country)
            }
        })
    }

    /// Gives the one method the endpoint takes.
    fn method(self) -> &'static str {
        match self {
            Self::Evaluate(_) | Self::Load | Self::BulkLoad | Self::HotSwap => "POST",
            Self::EngineHealth
            | Self::Health
            | Self::RegistryStatus
            | Self::RegistryCountry(_)
            | Self::Metrics
            | Self::Audit => "GET",
        }
    }

    /// Gives its place among [`NAMES`].
    fn place(self) -> usize {
        match self {
            Self::Evaluate(Evaluation::Auth) => 0,
            Self::Evaluate(Evaluation::Monitoring) => 1,
            Self::EngineHealth | Self::Health => 2,
            Self::RegistryStatus => 3,
            Self::RegistryCountry(_) => 4,
            Self::Load => 5,
            Self::BulkLoad => 6,
            Self::HotSwap => 7,
            Self::Metrics => 8,
            Self::Audit => 9,
        }
    }

    fn event(self) -> Event {
        match self {
            Self::Evaluate(Evaluation::Auth) => Event::Auth,
            Self::Evaluate(Evaluation::Monitoring) => Event::Monitoring,
            _ => Event::Other,
        }
    }
}

/// Answers a request, whatever it asks for.
///
/// Errors: `Broken` where the connection ends instead.
pub(super) async fn dispatch(
    connection: &Connection,
    head: &Parts,
    body: Incoming,
) -> Result<Reply, Broken> {
    let endpoint = resolve(&head.method, head.uri.path());
    let place = endpoint.as_ref().ok().map(|endpoint| endpoint.place());
    connection.routes().arrived(place);
    let reply = match endpoint {
        Ok(endpoint) => serve(connection, endpoint, &head.headers, body).await?,
        Err(refusal) => {
            connection.count(Event::Other);
            connection.refuse(refusal)
        }
    };
    connection.routes().answered(place, reply.status);
    Ok(reply)
}

async fn serve(
    connection: &Connection,
    endpoint: Endpoint<'_>,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Reply, Broken> {
    connection.count(endpoint.event());
    match endpoint {
        Endpoint::Evaluate(evaluation) => evaluate(connection, evaluation, headers, body).await,
        other => management::answer(connection, other, headers, body).await,
    }
}

fn resolve<'a>(method: &Method, path: &'a str) -> Result<Endpoint<'a>, Refusal> {
    let endpoint = Endpoint::at(path).ok_or(Refusal::UnknownPath)?;
    if method.as_str() == endpoint.method() {
        Ok(endpoint)
    } else {
        Err(Refusal::WrongMethod(endpoint.method()))
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{Endpoint, Evaluation, Refusal, resolve};

    #[test]
    fn paths_lead_where_they_say() {
        for (method, path, endpoint) in [
            (
                Method::POST,
                "/v1/evaluate/auth",
                Endpoint::Evaluate(Evaluation::Auth),
            ),
            (Method::GET, "/health/ready", Endpoint::Health),
            (
                Method::GET,
                "/v1/evaluate/rulesets/registry/status",
                Endpoint::RegistryStatus,
            ),
            (
                Method::GET,
                "/v1/evaluate/rulesets/registry/US",
                Endpoint::RegistryCountry("US"),
            ),
        ] {
            assert_eq!(resolve(&method, path).unwrap(), endpoint);
        }
    }

    #[test]
    fn other_paths_and_other_methods_are_refused() {
        for path in [
            "/",
            "/v1/evaluate/auth/",
            "/v1/evaluate/rulesets/registry/",
            "/v1/evaluate/rulesets/registry/a/b",
        ] {
            assert!(
                matches!(resolve(&Method::GET, path), Err(Refusal::UnknownPath)),
                "{path}"
            );
        }
        assert!(matches!(
            resolve(&Method::GET, "/v1/evaluate/auth"),
            Err(Refusal::WrongMethod("POST"))
        ));
        assert!(matches!(
            resolve(&Method::HEAD, "/health"),
            Err(Refusal::WrongMethod("GET"))
        ));
    }
}
