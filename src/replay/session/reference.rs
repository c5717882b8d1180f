//! A URI reference out of an answer, such as a Location, and the path at the target that it leads to.
//!
//! It is never followed to another place: load goes to the target that was checked before the run, and nowhere else.
//!
//! Source: RFC 3986, section 5.2.

use http::Uri;

use super::origin::Origin;

/// Gives the path and query that a reference leads to; `base` is where the request was sent that was answered with it.
///
/// Errors: the scheme and authority of another place.
pub(super) fn resolve(reference: &str, base: &Uri, origin: &Origin) -> Result<String, Elsewhere> {
    // A fragment is for the client alone.
    let (reference, _) = reference.split_once('#').unwrap_or((reference, ""));
    let (scheme, rest) = match scheme(reference) {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, reference),
    };
    let Some(rest) = rest.strip_prefix("//") else {
        return match scheme {
            Some(_) => Err(Elsewhere),
            None => Ok(relative(reference, base)),
        };
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let is_here = match scheme {
        Some(scheme) => origin.is_at(scheme, authority),
        None => origin.has_authority(authority),
    };
    if !is_here {
        return Err(Elsewhere);
    }
    let (path, query) = parts(rest);
    Ok(joined(&without_dots(path), query))
}

/// A reference leads to another place than the target.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Elsewhere;

/// Parts a reference after its scheme, if it has one.
fn scheme(reference: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = reference.split_once(':')?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let is_scheme =
        scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_allowed);
    is_scheme.then_some((scheme, rest))
}

fn relative(reference: &str, base: &Uri) -> String {
    let (path, query) = parts(reference);
    if path.is_empty() {
        return joined(base.path(), query.or(base.query()));
    }
    if path.starts_with('/') {
        return joined(&without_dots(path), query);
    }
    let folder = base.path().rfind('/').map_or("/", |at| &base.path()[..=at]);
    joined(&without_dots(&format!("{folder}{path}")), query)
}

fn parts(reference: &str) -> (&str, Option<&str>) {
    match reference.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (reference, None),
    }
}

fn joined(path: &str, query: Option<&str>) -> String {
    let slash = if path.starts_with('/') { "" } else { "/" };
    match query {
        Some(query) => format!("{slash}{path}?{query}"),
        None => format!("{slash}{path}"),
    }
}

/// Takes `.` and `..` out of a path; RFC 3986, section 5.2.4.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                // A folder keeps its slash.
                if segments.peek().is_none() {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(origin: &Origin, base: &str, rows: &[(&str, Option<&str>)]) {
        let base = base.parse().unwrap();
        for (reference, expected) in rows {
            let found = resolve(reference, &base, origin).ok();
            assert_eq!(found.as_deref(), *expected, "{reference}");
        }
    }

    #[test]
    fn references_are_resolved_as_in_the_standard() {
        // RFC 3986, section 5.4, as far as it leads to the same place.
        check(
            &Origin::new(false, "a", 80),
            "/b/c/d;p?q",
            &[
                ("g", Some("/b/c/g")),
                ("./g", Some("/b/c/g")),
                ("g/", Some("/b/c/g/")),
                ("/g", Some("/g")),
                ("//a/g", Some("/g")),
                ("?y", Some("/b/c/d;p?y")),
                ("g?y", Some("/b/c/g?y")),
                ("#s", Some("/b/c/d;p?q")),
                ("g#s", Some("/b/c/g")),
                (";x", Some("/b/c/;x")),
                ("", Some("/b/c/d;p?q")),
                (".", Some("/b/c/")),
                ("./", Some("/b/c/")),
                ("..", Some("/b/")),
                ("../", Some("/b/")),
                ("../g", Some("/b/g")),
                ("../..", Some("/")),
                ("../../g", Some("/g")),
                ("../../../g", Some("/g")),
                ("/./g", Some("/g")),
                ("/../g", Some("/g")),
                ("g.", Some("/b/c/g.")),
                ("..g", Some("/b/c/..g")),
                ("./../g", Some("/b/g")),
                ("./g/.", Some("/b/c/g/")),
                ("g/./h", Some("/b/c/g/h")),
                ("g;x=1/../y", Some("/b/c/y")),
                ("g?y/../x", Some("/b/c/g?y/../x")),
                ("g:h", None),
                ("http:g", None),
                ("//g", None),
            ],
        );
    }

    #[test]
    fn only_the_target_is_ever_led_to() {
        check(
            &Origin::new(false, "localhost", 8080),
            "/api/things",
            &[
                ("http://localhost:8080/a/%2F?b=1", Some("/a/%2F?b=1")),
                ("HTTP://LocalHost:8080", Some("/")),
                ("http://localhost:8080?b=1", Some("/?b=1")),
                ("//localhost:8080/a", Some("/a")),
                ("http://localhost/a", None),
                ("https://localhost:8080/a", None),
                ("http://localhost.test:8080/a", None),
                ("http://localhost:8080@elsewhere.test/a", None),
                ("http://user@localhost:8080/a", None),
                ("//elsewhere.test/a", None),
                ("file:///etc/passwd", None),
                ("http:///a", None),
                ("http://localhost:80808/a", None),
                ("http://localhost:8080x/a", None),
                ("//localhost:/a", None),
                ("//localhost.:8080/a", None),
            ],
        );
        check(
            &Origin::new(true, "engine.test", 443),
            "/",
            &[
                ("https://engine.test/a", Some("/a")),
                ("https://engine.test:443/a", Some("/a")),
                ("https://engine.test:80811/a", None),
                ("//engine.test:-1/a", None),
                ("http://engine.test/a", None),
            ],
        );
    }
}
