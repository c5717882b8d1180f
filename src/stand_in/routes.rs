//! Which path leads where.

use http::Method;
use http::request::Parts;
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
}

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
            | Self::Metrics => "GET",
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
    let endpoint = match resolve(&head.method, head.uri.path()) {
        Ok(endpoint) => endpoint,
        Err(refusal) => {
            connection.count(Event::Other);
            return Ok(connection.refuse(refusal));
        }
    };
    connection.count(endpoint.event());
    match endpoint {
        Endpoint::Evaluate(evaluation) => {
            evaluate(connection, evaluation, &head.headers, body).await
        }
        other => management::answer(connection, other, &head.headers, body).await,
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
