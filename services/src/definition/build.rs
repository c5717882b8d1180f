//! From the tables of a file to a validated definition, one function per kind of table.

use std::collections::BTreeSet;

use super::document::{Document, Table, Text, Value};
use super::keys::{CHECK, DECISION, ENDPOINT, EQUALS, SERVICE, TARGET};
use super::{
    Endpoint, Header, Method, ServiceDefinition, TargetDefaults, VelocityKey, WorldEvent, rules,
};
use crate::check::{Check, CheckRule, DecisionRule};
use crate::error::{Error, Fault};
use crate::placeholder::FireField;
use crate::pointer::JsonPointer;
use crate::slo::{self, Slo};
use crate::template::{Template, header_value};

/// Headers that describe the message or the connection, so only the sender can know them.
const SENDER_HEADERS: &[&str] = &["host", "content-length", "transfer-encoding", "connection"];

pub(super) fn service(source: &str, origin: &str) -> Result<ServiceDefinition, Error> {
    let mut table = Document::open(source, origin, &SERVICE)?;
    let name = table.required("name")?.text()?.obeying(&rules::NAME)?;
    let title = table.required("title")?.text()?.obeying(&rules::TITLE)?;
    let slos = slos(table.items("slos")?)?;
    let velocity_keys = velocity_keys(table.items("velocity_keys")?)?;
    let target = target(table.required("target")?.table(&TARGET)?)?;
    let endpoints = endpoints(table.required("endpoints")?)?;
    Ok(ServiceDefinition {
        name,
        title,
        target,
        endpoints,
        slos,
        velocity_keys,
        source: source.to_owned(),
    })
}

fn slos(items: Vec<Value<'_>>) -> Result<Vec<Slo>, Error> {
    let mut slos = Vec::new();
    for item in items {
        let text = item.text()?;
        let slo = text.parsed(slo::locate)?;
        slo::push_new(&mut slos, slo).map_err(|fault| text.error(fault))?;
    }
    Ok(slos)
}

fn velocity_keys(items: Vec<Value<'_>>) -> Result<Vec<VelocityKey>, Error> {
    let mut keys = Vec::new();
    for item in items {
        let text = item.text()?;
        let key = text.word("velocity key", VelocityKey::ALL, VelocityKey::as_str)?;
        unique(&text, "velocity key", keys.contains(&key))?;
        keys.push(key);
    }
    Ok(keys)
}

fn target(mut table: Table<'_>) -> Result<TargetDefaults, Error> {
    let base_url = table.required("base_url")?.text()?;
    let environment = table.items("base_url_env")?.into_iter();
    let health_path = table.optional("health_path").map(Value::text).transpose()?;
    Ok(TargetDefaults {
        base_url: base_url.obeying(&rules::BASE_URL)?,
        base_url_env: environment
            .map(|name| name.text()?.obeying(&rules::ENVIRONMENT_NAME))
            .collect::<Result<_, _>>()?,
        health_path: health_path
            .map(|path| path.obeying(&rules::PATH))
            .transpose()?,
    })
}

fn endpoints(list: Value<'_>) -> Result<Vec<Endpoint>, Error> {
    let no_weight = list.error(Fault::NoWeight);
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for item in list.some_items()? {
        let mut table = item.table(&ENDPOINT)?;
        let name = table.required("name")?.text()?;
        let taken = endpoints.iter().any(|other| other.name == name.as_str());
        unique(&name, "endpoint", taken)?;
        endpoints.push(endpoint(table, name.obeying(&rules::NAME)?)?);
    }
    if endpoints.iter().all(|endpoint| endpoint.weight == 0) {
        return Err(no_weight);
    }
    Ok(endpoints)
}

fn endpoint(mut table: Table<'_>, name: String) -> Result<Endpoint, Error> {
    let method = table.required("method")?.text()?;
    let method = method.word("method", Method::ALL, Method::as_str)?;
    let path = path(&table.required("path")?.text()?)?;
    let event = table.required("event")?.text()?;
    let event = event.word("event", WorldEvent::ALL, WorldEvent::as_str)?;
    let weight = table.optional("weight").map_or(Ok(1), |value| {
        value.whole("a whole number below 2^32", |_| true)
    })?;
    let headers = headers(table.optional("headers"))?;
    let body = match table.optional("body") {
        Some(value) => Some(body(&value.text()?, &headers)?),
        None => None,
    };
    let statuses = statuses(table.optional("statuses"))?;
    let decision = match table.optional("decision") {
        Some(value) => Some(decision(value.table(&DECISION)?)?),
        None => None,
    };
    let carries_id = body.as_ref().is_some_and(|body| body.stamps(FireField::Id));
    let checks = checks(table.items("checks")?, carries_id)?;
    Ok(Endpoint {
        name,
        method,
        path,
        headers,
        body,
        event,
        weight,
        statuses,
        decision,
        checks,
    })
}

fn path(text: &Text<'_>) -> Result<Template, Error> {
    let template = text.parsed(Template::path)?;
    text.check(&template.outline(), &rules::PATH)?;
    Ok(template)
}

fn headers(table: Option<Value<'_>>) -> Result<Vec<Header>, Error> {
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
        let value = text.parsed(header_value)?;
        text.check(&value, &rules::HEADER_VALUE)?;
        headers.push(Header {
            name: name.obeying(&rules::HEADER_NAME)?,
            value,
        });
    }
    Ok(headers)
}

fn body(text: &Text<'_>, headers: &[Header]) -> Result<Template, Error> {
    text.check(text.as_str(), &rules::BODY)?;
    if headers.iter().any(Header::promises_json) {
        text.parsed(Template::json)
    } else {
        text.parsed(Template::plain)
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

fn checks(items: Vec<Value<'_>>, carries_id: bool) -> Result<Vec<Check>, Error> {
    let mut checks: Vec<Check> = Vec::new();
    for item in items {
        let mut table = item.table(&CHECK)?;
        let name = table.required("name")?.text()?;
        let taken = checks.iter().any(|other| other.name == name.as_str());
        unique(&name, "check", taken)?;
        if name.as_str() == "status" {
            let reason = "every endpoint checks its statuses under this name";
            return Err(reserved(&name, "check", reason));
        }
        checks.push(Check {
            name: name.obeying(&rules::NAME)?,
            rule: check_rule(table, carries_id)?,
        });
    }
    Ok(checks)
}

fn check_rule(mut table: Table<'_>, carries_id: bool) -> Result<CheckRule, Error> {
    let rules = (
        table.optional("echoes_id"),
        table.optional("equals"),
        table.optional("header_absent"),
    );
    match rules {
        (Some(_), None, None) if !carries_id => Err(table.error(Fault::NothingToEcho)),
        (Some(value), None, None) => Ok(CheckRule::EchoesId {
            pointer: pointer(value)?,
        }),
        (None, Some(value), None) => {
            let mut equals = value.table(&EQUALS)?;
            Ok(CheckRule::Equals {
                pointer: pointer(equals.required("pointer")?)?,
                value: equals.required("value")?.scalar()?,
            })
        }
        (None, None, Some(value)) => Ok(CheckRule::HeaderAbsent {
            header: value.text()?.obeying(&rules::HEADER_NAME)?,
        }),
        _ => Err(table.one_of("exactly one", "echoes_id, equals and header_absent")),
    }
}

fn pointer(value: Value<'_>) -> Result<JsonPointer, Error> {
    value.text()?.parsed(JsonPointer::locate)
}

fn unique(name: &Text<'_>, what: &'static str, taken: bool) -> Result<(), Error> {
    if !taken {
        return Ok(());
    }
    let fault = Fault::Duplicate {
        what,
        name: name.as_str().to_owned(),
    };
    Err(name.error(fault))
}

fn reserved(name: &Text<'_>, what: &'static str, reason: &'static str) -> Error {
    name.error(Fault::Reserved {
        what,
        name: name.as_str().to_owned(),
        reason,
    })
}
