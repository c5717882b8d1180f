//! What endpoints and steps have in common: the request itself, and what a good answer to it is.

use std::collections::BTreeSet;

use super::build::{reserved, unique};
use super::checks::{Sent, checks};
use super::document::{Table, Text, Value};
use super::keys::DECISION;
use super::{Endpoint, Method, WorldEvent, rules};
use crate::check::DecisionRule;
use crate::error::Error;
use crate::header::Header;
use crate::pointer::JsonPointer;
use crate::session::Scope;
use crate::template::{Template, header_value};

/// Headers that describe the message or the connection, so only the sender can know them.
const SENDER_HEADERS: &[&str] = &["host", "content-length", "transfer-encoding", "connection"];

/// Reads a request under a name; event, weight and step are for the caller to fill in.
pub(super) fn endpoint(
    table: &mut Table<'_>,
    name: String,
    scope: Scope<'_>,
) -> Result<Endpoint, Error> {
    let method = table.required("method")?.text()?;
    let method = method.word("method", Method::ALL, Method::as_str)?;
    let path = path(&table.required("path")?.text()?, scope)?;
    let headers = headers(table.optional("headers"), scope)?;
    let body = match table.optional("body") {
        Some(value) => Some(body(&value.text()?, &headers, scope)?),
        None => None,
    };
    let statuses = statuses(table.optional("statuses"))?;
    let decision = match table.optional("decision") {
        Some(value) => Some(decision(value.table(&DECISION)?)?),
        None => None,
    };
    let sent = Sent {
        path: &path,
        body: body.as_ref(),
        scope,
    };
    let checks = checks(table.items("checks")?, &sent)?;
    Ok(Endpoint {
        name,
        method,
        path,
        headers,
        body,
        event: WorldEvent::Authorization,
        weight: 0,
        statuses,
        decision,
        checks,
        step: None,
    })
}

fn path(text: &Text<'_>, scope: Scope<'_>) -> Result<Template, Error> {
    let template = text.parsed(|text| Template::path(text, scope))?;
    let rule = match scope {
        Scope::Endpoint => &rules::PATH,
        Scope::Step { .. } => &rules::STEP_PATH,
    };
    text.check(&template.outline(), rule)?;
    Ok(template)
}

fn headers(table: Option<Value<'_>>, scope: Scope<'_>) -> Result<Vec<Header>, Error> {
    let mut headers: Vec<Header> = Vec::new();
    for (name, value) in table.map_or(Ok(Vec::new()), Value::pairs)? {
        let is_named = |other: &str| other.eq_ignore_ascii_case(name.as_str());
        let taken = headers.iter().any(|held| is_named(&held.name));
        unique(&name, "header", taken)?;
        if SENDER_HEADERS.iter().any(|reserved| is_named(reserved)) {
            let reason = "it is set on every request as it is sent";
            return Err(reserved(&name, "header", reason));
        }
        let text = value.text()?;
        let header = Header {
            value: text.parsed(|text| header_value(text, scope))?,
            name: name.obeying(&rules::HEADER_NAME)?,
        };
        text.check(&header.outline(), &rules::HEADER_VALUE)?;
        if header.name.eq_ignore_ascii_case("accept-encoding") {
            text.check(&header.outline(), &rules::ACCEPT_ENCODING)?;
        }
        if header.name.eq_ignore_ascii_case("te") {
            text.check(&header.outline(), &rules::TE)?;
        }
        headers.push(header);
    }
    Ok(headers)
}

fn body(text: &Text<'_>, headers: &[Header], scope: Scope<'_>) -> Result<Template, Error> {
    text.check(text.as_str(), &rules::BODY)?;
    if headers.iter().any(Header::promises_json) {
        text.parsed(|text| Template::json(text, scope))
    } else {
        text.parsed(|text| Template::plain(text, scope))
    }
}

fn statuses(list: Option<Value<'_>>) -> Result<Vec<u16>, Error> {
    let Some(list) = list else {
        return Ok(vec![200]);
    };
    let expected = "a final HTTP status, 200 to 599";
    let status = |item: Value<'_>| item.whole(expected, |status| (200..=599).contains(status));
    list.some_items()?.into_iter().map(status).collect()
}

fn decision(mut table: Table<'_>) -> Result<DecisionRule, Error> {
    let pointer = pointer(table.required("pointer")?)?;
    let mut seen = BTreeSet::new();
    let approve = decision_words(&mut table, "approve", &mut seen)?;
    let decline = decision_words(&mut table, "decline", &mut seen)?;
    let review = decision_words(&mut table, "review", &mut seen)?;
    if seen.is_empty() {
        let keys = "approve, decline and review";
        return Err(table.one_of("at least one", keys));
    }
    Ok(DecisionRule {
        pointer,
        approve,
        decline,
        review,
    })
}

fn decision_words(
    table: &mut Table<'_>,
    key: &'static str,
    seen: &mut BTreeSet<String>,
) -> Result<Vec<String>, Error> {
    let word = |item: Value<'_>| {
        let text = item.text()?;
        unique(&text, "decision", !seen.insert(text.as_str().to_owned()))?;
        text.obeying(&rules::WORD)
    };
    table.items(key)?.into_iter().map(word).collect()
}

pub(super) fn pointer(value: Value<'_>) -> Result<JsonPointer, Error> {
    value.text()?.parsed(JsonPointer::locate)
}
