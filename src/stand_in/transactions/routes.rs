//! Which path leads where.

use http::Method;

use crate::stand_in::back_end;
use crate::stand_in::reply::Refusal;

/// What a path stands for, with the id in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stand_in) enum Route<'a> {
    Ingest,
    List,
    Detail(&'a str),
    Combined(&'a str),
    Overview(&'a str),
    Metrics,
    Health,
    Ready,
    Live,
    Audit,
}

/// Names of the routes, as the audit counts them.
pub(in crate::stand_in) const NAMES: [&str; 8] = [
    "ingest", "list", "detail", "combined", "overview", "metrics", "health", "audit",
];

impl<'a> Route<'a> {
    /// Finds what a request asks for.
    pub(super) fn find(method: &Method, path: &'a str) -> Result<Self, Refusal> {
        let route = Self::at(path).ok_or(Refusal::UnknownPath)?;
        let allowed = match route {
            Self::Ingest => "POST",
            _ => "GET",
        };
        if method.as_str() == allowed {
            Ok(route)
        } else {
            Err(Refusal::WrongMethod(allowed))
        }
    }

    fn at(path: &'a str) -> Option<Self> {
        if path == "/audit" {
            return Some(Self::Audit);
        }
        Some(match path.strip_prefix("/api/v1/")? {
            "decision-events" => Self::Ingest,
            "transactions" => Self::List,
            "metrics" => Self::Metrics,
            "health" => Self::Health,
            "health/ready" => Self::Ready,
            "health/live" => Self::Live,
            path => {
                let rest = path.strip_prefix("transactions/")?;
                match rest.split_once('/') {
                    None if !rest.is_empty() => Self::Detail(rest),
                    Some((id, "combined")) => Self::Combined(id),
                    Some((id, "overview")) => Self::Overview(id),
                    _ => return None,
                }
            }
        })
    }
}

impl back_end::Route for Route<'_> {
    fn place(self) -> usize {
        match self {
            Self::Ingest => 0,
            Self::List => 1,
            Self::Detail(_) => 2,
            Self::Combined(_) => 3,
            Self::Overview(_) => 4,
            Self::Metrics => 5,
            Self::Health | Self::Ready | Self::Live => 6,
            Self::Audit => 7,
        }
    }

    fn reads_body(self) -> bool {
        self == Self::Ingest
    }

    fn is_beside(self) -> bool {
        matches!(self, Self::Health | Self::Ready | Self::Live | Self::Audit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::back_end::Route as _;

    #[test]
    fn paths_lead_where_they_say() {
        for (method, path, name) in [
            ("POST", "/api/v1/decision-events", "ingest"),
            ("GET", "/api/v1/transactions", "list"),
            ("GET", "/api/v1/transactions/7", "detail"),
            ("GET", "/api/v1/transactions/7/combined", "combined"),
            ("GET", "/api/v1/transactions/7/overview", "overview"),
            ("GET", "/api/v1/metrics", "metrics"),
            ("GET", "/api/v1/health", "health"),
            ("GET", "/api/v1/health/ready", "health"),
            ("GET", "/audit", "audit"),
        ] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let route = Route::find(&method, path).unwrap();
            assert_eq!(NAMES[route.place()], name, "{path}");
        }
        for path in [
            "/",
            "/health",
            "/api/v1/transactions/",
            "/metrics",
            "/api/v1/x",
        ] {
            let found = Route::find(&Method::GET, path);
            assert!(matches!(found, Err(Refusal::UnknownPath)), "{path}");
        }
        let found = Route::find(&Method::GET, "/api/v1/decision-events");
        assert!(matches!(found, Err(Refusal::WrongMethod("POST"))));
    }
}
