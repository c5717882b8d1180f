//! From the tables of a file to a validated definition, one function per kind of table.

use super::auth::auth;
use super::document::{Document, Table, Text, Value};
use super::keys::{ENDPOINT, SERVICE, TARGET};
use super::sessions::sessions;
use super::{
    Endpoint, ServiceDefinition, TargetDefaults, VelocityKey, WorldEvent, request, rules, scenarios,
};
use crate::error::{Error, Fault};
use crate::session::{Scope, Session};
use crate::slo::{self, Slo};

pub(super) fn service(source: &str, origin: &str) -> Result<ServiceDefinition, Error> {
    let mut table = Document::open(source, origin, &SERVICE)?;
    let name = table.required("name")?.text()?.obeying(&rules::NAME)?;
    let aliases = aliases(table.items("aliases")?, &name)?;
    let title = table.required("title")?.text()?.obeying(&rules::TITLE)?;
    let slos = slos_of(table.items("slos")?)?;
    let velocity_keys = velocity_keys(table.items("velocity_keys")?)?;
    let target = target(table.required("target")?.table(&TARGET)?)?;
    let scenario_list = table.items("scenarios")?;
    let (endpoints, sessions) = requests(&mut table)?;
    let auth = auth(table.optional("auth"), &endpoints)?;
    let service = ServiceDefinition {
        name,
        aliases,
        title,
        target,
        endpoints,
        sessions,
        slos,
        auth,
        velocity_keys,
        scenarios: Vec::new(),
        source: source.to_owned(),
    };
    let scenarios = scenarios::scenarios(scenario_list, &service)?;
    Ok(ServiceDefinition {
        scenarios,
        ..service
    })
}

fn aliases(items: Vec<Value<'_>>, name: &str) -> Result<Vec<String>, Error> {
    let mut aliases: Vec<String> = Vec::new();
    for item in items {
        let alias = item.text()?;
        let taken = alias.as_str() == name || aliases.iter().any(|other| other == alias.as_str());
        unique(&alias, "name", taken)?;
        aliases.push(alias.obeying(&rules::NAME)?);
    }
    Ok(aliases)
}

pub(super) fn slos_of(items: Vec<Value<'_>>) -> Result<Vec<Slo>, Error> {
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
        base_url: base_url.address()?,
        base_url_env: environment
            .map(|name| name.text()?.obeying(&rules::ENVIRONMENT_NAME))
            .collect::<Result<_, _>>()?,
        health_path: health_path
            .map(|path| path.obeying(&rules::PATH))
            .transpose()?,
    })
}

/// Reads the endpoints, those of the sessions' steps behind the others, and the sessions.
fn requests(table: &mut Table<'_>) -> Result<(Vec<Endpoint>, Vec<Session>), Error> {
    let session_list = table.optional("sessions");
    let endpoint_list = match &session_list {
        Some(_) => table.optional("endpoints"),
        None => Some(table.required("endpoints")?),
    };
    let what = match (&endpoint_list, &session_list) {
        (Some(_), None) => "endpoint",
        (None, _) => "session",
        (Some(_), Some(_)) => "endpoint and every session",
    };
    let no_weight = endpoint_list.as_ref().or(session_list.as_ref());
    let no_weight = no_weight.map(|list| list.error(Fault::NoWeight { what }));
    let mut endpoints = endpoint_list.map_or(Ok(Vec::new()), endpoints)?;
    let sessions = session_list.map_or(Ok(Vec::new()), |list| sessions(list, &mut endpoints))?;
    let weights = endpoints.iter().map(|endpoint| endpoint.weight);
    let all_weights = weights.chain(sessions.iter().map(|session| session.weight));
    match no_weight {
        Some(error) if all_weights.into_iter().all(|weight| weight == 0) => Err(error),
        _ => Ok((endpoints, sessions)),
    }
}

fn endpoints(list: Value<'_>) -> Result<Vec<Endpoint>, Error> {
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for item in list.some_items()? {
        let mut table = item.table(&ENDPOINT)?;
        let name = table.required("name")?.text()?;
        let taken = endpoints.iter().any(|other| other.name == name.as_str());
        unique(&name, "endpoint", taken)?;
        let name = name.obeying(&rules::NAME)?;
        let event = table.required("event")?.text()?;
        endpoints.push(Endpoint {
            event: event.word("event", WorldEvent::ALL, WorldEvent::as_str)?,
            weight: weight(&mut table)?,
            ..request::endpoint(&mut table, name, Scope::Endpoint)?
        });
    }
    Ok(endpoints)
}

/// Reads a weight, 1 if it is left out.
pub(super) fn weight(table: &mut Table<'_>) -> Result<u32, Error> {
    table.optional("weight").map_or(Ok(1), |value| {
        value.whole("a whole number below 2^32", |_| true)
    })
}

pub(super) fn unique(name: &Text<'_>, what: &'static str, taken: bool) -> Result<(), Error> {
    if !taken {
        return Ok(());
    }
    let fault = Fault::Duplicate {
        what,
        name: name.as_str().to_owned(),
    };
    Err(name.error(fault))
}

pub(super) fn reserved(name: &Text<'_>, what: &'static str, reason: &'static str) -> Error {
    name.error(Fault::Reserved {
        what,
        name: name.as_str().to_owned(),
        reason,
    })
}
