//! Which path leads where.

use http::Method;

use crate::stand_in::back_end;
use crate::stand_in::reply::Refusal;

/// What a path stands for, with the id in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stand_in) enum Route<'a> {
    Create,
    List,
    Rule(&'a str),
    Versions(&'a str),
    Revise(&'a str),
    Version(&'a str),
    Simulate,
    Health,
    Ready,
    Audit,
}

/// Names of the routes, as the audit counts them.
pub(in crate::stand_in) const NAMES: [&str; 9] = [
    "create", "list", "rule", "versions", "revise", "version", "simulate", "health", "audit",
];

impl<'a> Route<'a> {
    /// Finds what a request asks for.
    pub(super) fn find(method: &Method, path: &'a str) -> Result<Self, Refusal> {
        let (get, post) = Self::at(path).ok_or(Refusal::UnknownPath)?;
        let found = match *method {
            Method::GET => get,
            Method::POST => post,
            _ => None,
        };
        found.ok_or(Refusal::WrongMethod(match (get, post) {
            (Some(_), Some(_)) => "GET, POST",
            (Some(_), None) => "GET",
            _ => "POST",
        }))
    }

    /// Gives what a path stands for when read, and when posted to.
    fn at(path: &'a str) -> Option<(Option<Self>, Option<Self>)> {
        if path == "/audit" {
            return Some((Some(Self::Audit), None));
        }
        Some(match path.strip_prefix("/api/v1/")? {
            "rules" => (Some(Self::List), Some(Self::Create)),
            "rules/simulate" => (None, Some(Self::Simulate)),
            "health" => (Some(Self::Health), None),
            "readyz" => (Some(Self::Ready), None),
            path => match path.split_once('/')? {
                ("rules", rest) => match rest.split_once('/') {
                    None => (Some(Self::Rule(rest)), None),
                    Some((id, "versions")) => (Some(Self::Versions(id)), Some(Self::Revise(id))),
                    _ => return None,
                },
                ("rule-versions", id) if !id.contains('/') => (Some(Self::Version(id)), None),
                _ => return None,
            },
        })
    }
}

impl back_end::Route for Route<'_> {
    fn place(self) -> usize {
        match self {
            Self::Create => 0,
            Self::List => 1,
            Self::Rule(_) => 2,
            Self::Versions(_) => 3,
            Self::Revise(_) => 4,
            Self::Version(_) => 5,
            Self::Simulate => 6,
            Self::Health | Self::Ready => 7,
            Self::Audit => 8,
        }
    }

    fn reads_body(self) -> bool {
        matches!(self, Self::Create | Self::Revise(_) | Self::Simulate)
    }

    fn is_beside(self) -> bool {
        matches!(self, Self::Health | Self::Ready | Self::Audit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::back_end::Route as _;

    #[test]
    fn paths_lead_where_they_say() {
        for (method, path, name) in [
            ("POST", "/api/v1/rules", "create"),
            ("GET", "/api/v1/rules", "list"),
            ("GET", "/api/v1/rules/7", "rule"),
            ("GET", "/api/v1/rules/7/versions", "versions"),
            ("POST", "/api/v1/rules/7/versions", "revise"),
            ("GET", "/api/v1/rule-versions/7", "version"),
            ("POST", "/api/v1/rules/simulate", "simulate"),
            ("GET", "/api/v1/health", "health"),
            ("GET", "/api/v1/readyz", "health"),
            ("GET", "/audit", "audit"),
        ] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let route = Route::find(&method, path).unwrap();
            assert_eq!(NAMES[route.place()], name, "{path}");
        }
        for path in [
            "/",
            "/health",
            "/api/v1/rules/7/x",
            "/api/v1/rule-versions/7/x",
        ] {
            let found = Route::find(&Method::GET, path);
            assert!(matches!(found, Err(Refusal::UnknownPath)), "{path}");
        }
        for (path, allowed) in [
            ("/api/v1/rules", "GET, POST"),
            ("/api/v1/rules/7", "GET"),
            ("/api/v1/rules/simulate", "POST"),
        ] {
            let found = Route::find(&Method::PUT, path);
            assert!(
                matches!(found, Err(Refusal::WrongMethod(it)) if it == allowed),
                "{path}"
            );
        }
    }
}
