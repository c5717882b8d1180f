//! Which path leads where.

use http::Method;

use super::board::Verdict;
use crate::stand_in::back_end;
use crate::stand_in::reply::Refusal;

/// What a path stands for, with the id or name in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stand_in) enum Route<'a> {
    Login,
    Logout,
    Me,
    Validate,
    CreateDeployment,
    ListDeployments,
    Applications,
    Deployment(&'a str),
    Submit,
    Pending,
    Decide(&'a str, Verdict),
    Connectors,
    Deploy(&'a str),
    ConnectorHealth(&'a str),
    Health,
    Audit,
    History(&'a str),
}

/// Names of the routes, as the audit counts them.
pub(in crate::stand_in) const NAMES: [&str; 18] = [
    "login",
    "logout",
    "me",
    "validate",
    "create-deployment",
    "list-deployments",
    "applications",
    "deployment",
    "submit",
    "pending",
    "approve",
    "reject",
    "connectors",
    "connector-deploy",
    "connector-health",
    "health",
    "audit",
    "history",
];

impl<'a> Route<'a> {
    /// Finds what a request asks for. Slashes at the end matter, as they do to the real back end.
    pub(super) fn find(method: &Method, path: &'a str) -> Result<Self, Refusal> {
        let route = Self::at(path).ok_or(Refusal::UnknownPath)?;
        if method.as_str() == route.method() {
            Ok(route)
        } else {
            Err(Refusal::WrongMethod(route.method()))
        }
    }

    fn at(path: &'a str) -> Option<Self> {
        Some(match path {
            "/health/live" | "/health/ready" | "/api/v1/health/" => Self::Health,
            "/audit" => Self::Audit,
            _ => match path.strip_prefix("/api/v1/") {
                None => Self::History(path.strip_prefix("/audit/")?),
                Some("auth/login") => Self::Login,
                Some("auth/logout") => Self::Logout,
                Some("auth/me") => Self::Me,
                Some("auth/validate") => Self::Validate,
                Some("deployments/") => Self::CreateDeployment,
                Some("deployments/list") => Self::ListDeployments,
                Some("deployments/applications") => Self::Applications,
                Some("cab/submit/") => Self::Submit,
                Some("cab/pending/") => Self::Pending,
                Some("connectors/") => Self::Connectors,
                Some(path) => Self::with_name(path)?,
            },
        })
    }

    /// Finds a route with an id or a name in the middle of its path.
    fn with_name(path: &'a str) -> Option<Self> {
        let (area, rest) = path.split_once('/')?;
        let (name, rest) = rest.split_once('/')?;
        if name.is_empty() {
            return None;
        }
        match (area, rest) {
            ("deployments", "") => Some(Self::Deployment(name)),
            ("cab", "approve/") => Some(Self::Decide(name, Verdict::Approve)),
            ("cab", "reject/") => Some(Self::Decide(name, Verdict::Reject)),
            ("connectors", "deploy") => Some(Self::Deploy(name)),
            ("connectors", "health") => Some(Self::ConnectorHealth(name)),
            _ => None,
        }
    }

    /// Gives the one method the route takes.
    fn method(self) -> &'static str {
        match self {
            Self::Login
            | Self::Logout
            | Self::CreateDeployment
            | Self::Submit
            | Self::Decide(..)
            | Self::Deploy(_) => "POST",
            _ => "GET",
        }
    }

    /// Tells whether it serves those who are not signed in.
    pub(super) fn is_open(self) -> bool {
        matches!(
            self,
            Self::Login | Self::Logout | Self::ListDeployments | Self::Applications
        )
    }
}

impl back_end::Route for Route<'_> {
    fn reads_body(self) -> bool {
        self.method() == "POST" && self != Self::Logout
    }

    fn is_beside(self) -> bool {
        matches!(self, Self::Health | Self::Audit | Self::History(_))
    }

    fn place(self) -> usize {
        match self {
            Self::Login => 0,
            Self::Logout => 1,
            Self::Me => 2,
            Self::Validate => 3,
            Self::CreateDeployment => 4,
            Self::ListDeployments => 5,
            Self::Applications => 6,
            Self::Deployment(_) => 7,
            Self::Submit => 8,
            Self::Pending => 9,
            Self::Decide(_, Verdict::Approve) => 10,
            Self::Decide(_, Verdict::Reject) => 11,
            Self::Connectors => 12,
            Self::Deploy(_) => 13,
            Self::ConnectorHealth(_) => 14,
            Self::Health => 15,
            Self::Audit => 16,
            Self::History(_) => 17,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::back_end::Route as _;

    #[test]
    fn paths_lead_where_they_say() {
        let rows = [
            ("POST", "/api/v1/auth/login", "login"),
            ("POST", "/api/v1/auth/logout", "logout"),
            ("GET", "/api/v1/auth/me", "me"),
            ("GET", "/api/v1/auth/validate", "validate"),
            ("POST", "/api/v1/deployments/", "create-deployment"),
            ("GET", "/api/v1/deployments/list", "list-deployments"),
            ("GET", "/api/v1/deployments/applications", "applications"),
            ("GET", "/api/v1/deployments/7/", "deployment"),
            ("POST", "/api/v1/cab/submit/", "submit"),
            ("GET", "/api/v1/cab/pending/", "pending"),
            ("POST", "/api/v1/cab/7/approve/", "approve"),
            ("POST", "/api/v1/cab/7/reject/", "reject"),
            ("GET", "/api/v1/connectors/", "connectors"),
            ("POST", "/api/v1/connectors/jamf/deploy", "connector-deploy"),
            ("GET", "/api/v1/connectors/jamf/health", "connector-health"),
            ("GET", "/api/v1/health/", "health"),
            ("GET", "/audit", "audit"),
            ("GET", "/audit/7", "history"),
        ];
        for (place, (method, path, name)) in rows.into_iter().enumerate() {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let route = Route::find(&method, path).unwrap();
            assert_eq!(
                (route.place(), NAMES[route.place()]),
                (place, name),
                "{path}"
            );
        }
    }

    #[test]
    fn slashes_and_methods_matter() {
        for path in [
            "/",
            "/api/v1/auth/login/",
            "/api/v1/deployments//",
            "/api/v1/deployments/7",
            "/api/v1/cab/7/approve",
            "/api/v1/connectors/publish/",
            "/api/v1/connectors/jamf/deploy/",
        ] {
            let found = Route::find(&Method::POST, path);
            assert!(matches!(found, Err(Refusal::UnknownPath)), "{path}");
        }
        let found = Route::find(&Method::GET, "/api/v1/deployments/");
        assert!(matches!(found, Err(Refusal::WrongMethod("POST"))));
    }
}
