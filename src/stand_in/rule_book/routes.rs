//! Which path leads where.

use http::Method;

use super::approvals::{Matter, Verdict};
use crate::stand_in::back_end;
use crate::stand_in::reply::Refusal;

/// What a path stands for, with the id in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stand_in) enum Route<'a> {
    Create,
    List,
    Rule(&'a str),
    Summary(&'a str),
    Versions(&'a str),
    Revise(&'a str),
    Simulate,
    CreateRuleset,
    Rulesets,
    Ruleset(&'a str),
    RulesetVersions(&'a str),
    ReviseRuleset(&'a str),
    Version(Matter, &'a str),
    Submit(Matter, &'a str),
    Decide(Matter, Verdict, &'a str),
    Activate(&'a str),
    Approvals,
    Health,
    Ready,
    Audit,
}

/// Names of the routes, as the audit counts them.
pub(in crate::stand_in) const NAMES: [&str; 24] = [
    "create",
    "list",
    "rule",
    "summary",
    "versions",
    "revise",
    "version",
    "submit",
    "approve",
    "reject",
    "simulate",
    "create-ruleset",
    "rulesets",
    "ruleset",
    "ruleset-versions",
    "revise-ruleset",
    "ruleset-version",
    "submit-ruleset",
    "approve-ruleset",
    "reject-ruleset",
    "activate-ruleset",
    "approvals",
    "health",
    "audit",
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
            "rulesets" => (Some(Self::Rulesets), Some(Self::CreateRuleset)),
            "approvals" => (Some(Self::Approvals), None),
            "health" => (Some(Self::Health), None),
            "readyz" => (Some(Self::Ready), None),
            path => {
                let (room, rest) = path.split_once('/')?;
                match rest.split_once('/') {
                    None => (Some(Self::of_id(room, rest)?), None),
                    Some((id, last)) => Self::of_part(room, id, last)?,
                }
            }
        })
    }

    /// Gives what the id of something stands for.
    fn of_id(room: &str, id: &'a str) -> Option<Self> {
        Some(match room {
            "rules" => Self::Rule(id),
            "rulesets" => Self::Ruleset(id),
            _ => Self::Version(matter_in(room)?, id),
        })
    }

    /// Gives what stands behind an id.
    fn of_part(room: &str, id: &'a str, last: &str) -> Option<(Option<Self>, Option<Self>)> {
        let post = match (room, last) {
            ("rules", "summary") => return Some((Some(Self::Summary(id)), None)),
            ("rules", "versions") => {
                return Some((Some(Self::Versions(id)), Some(Self::Revise(id))));
            }
            ("rulesets", "versions") => {
                let (get, post) = (Self::RulesetVersions(id), Self::ReviseRuleset(id));
                return Some((Some(get), Some(post)));
            }
            ("ruleset-versions", "activate") => Self::Activate(id),
            (_, "submit") => Self::Submit(matter_in(room)?, id),
            (_, "approve") => Self::Decide(matter_in(room)?, Verdict::Approve, id),
            (_, "reject") => Self::Decide(matter_in(room)?, Verdict::Reject, id),
            _ => return None,
        };
        Some((None, Some(post)))
    }
}

fn matter_in(room: &str) -> Option<Matter> {
    match room {
        "rule-versions" => Some(Matter::RuleVersion),
        "ruleset-versions" => Some(Matter::RulesetVersion),
        _ => None,
    }
}

impl back_end::Route for Route<'_> {
    fn place(self) -> usize {
        use Matter::{RuleVersion, RulesetVersion};
        use Verdict::{Approve, Reject};
        match self {
            Self::Create => 0,
            Self::List => 1,
            Self::Rule(_) => 2,
            Self::Summary(_) => 3,
            Self::Versions(_) => 4,
            Self::Revise(_) => 5,
            Self::Version(RuleVersion, _) => 6,
            Self::Submit(RuleVersion, _) => 7,
            Self::Decide(RuleVersion, Approve, _) => 8,
            Self::Decide(RuleVersion, Reject, _) => 9,
            Self::Simulate => 10,
            Self::CreateRuleset => 11,
            Self::Rulesets => 12,
            Self::Ruleset(_) => 13,
            Self::RulesetVersions(_) => 14,
            Self::ReviseRuleset(_) => 15,
            Self::Version(RulesetVersion, _) => 16,
            Self::Submit(RulesetVersion, _) => 17,
            Self::Decide(RulesetVersion, Approve, _) => 18,
            Self::Decide(RulesetVersion, Reject, _) => 19,
            Self::Activate(_) => 20,
            Self::Approvals => 21,
            Self::Health | Self::Ready => 22,
            Self::Audit => 23,
        }
    }

    fn reads_body(self) -> bool {
        matches!(
            self,
            Self::Create
                | Self::Revise(_)
                | Self::Simulate
                | Self::CreateRuleset
                | Self::ReviseRuleset(_)
                | Self::Submit(..)
                | Self::Decide(..)
        )
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
            ("GET", "/api/v1/rules/7/summary", "summary"),
            ("POST", "/api/v1/rule-versions/7/submit", "submit"),
            ("POST", "/api/v1/rule-versions/7/approve", "approve"),
            ("POST", "/api/v1/rule-versions/7/reject", "reject"),
            ("POST", "/api/v1/rulesets", "create-ruleset"),
            ("GET", "/api/v1/rulesets", "rulesets"),
            ("GET", "/api/v1/rulesets/7", "ruleset"),
            ("GET", "/api/v1/rulesets/7/versions", "ruleset-versions"),
            ("POST", "/api/v1/rulesets/7/versions", "revise-ruleset"),
            ("GET", "/api/v1/ruleset-versions/7", "ruleset-version"),
            (
                "POST",
                "/api/v1/ruleset-versions/7/submit",
                "submit-ruleset",
            ),
            (
                "POST",
                "/api/v1/ruleset-versions/7/approve",
                "approve-ruleset",
            ),
            (
                "POST",
                "/api/v1/ruleset-versions/7/reject",
                "reject-ruleset",
            ),
            (
                "POST",
                "/api/v1/ruleset-versions/7/activate",
                "activate-ruleset",
            ),
            ("GET", "/api/v1/approvals", "approvals"),
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
            "/api/v1/rules/7/submit",
            "/api/v1/rules/7/summary/x",
            "/api/v1/rule-versions/7/x",
            "/api/v1/rule-versions/7/activate",
            "/api/v1/ruleset-versions/7/compile",
            "/api/v1/rulesets/7/summary",
            "/api/v1/approvals/7",
            "/api/v1/audit-log",
            "/api/v1/rule-fields",
            "/api/v1/field-registry",
            "/api/v1/test-token",
        ] {
            let found = Route::find(&Method::GET, path);
            assert!(matches!(found, Err(Refusal::UnknownPath)), "{path}");
        }
        for (path, allowed) in [
            ("/api/v1/rules", "GET, POST"),
            ("/api/v1/rules/7", "GET"),
            ("/api/v1/rules/7/summary", "GET"),
            ("/api/v1/rulesets/7/versions", "GET, POST"),
            ("/api/v1/ruleset-versions/7/approve", "POST"),
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
