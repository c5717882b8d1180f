//! A service definition as text for people.

use tapdeck_services::{Check, CheckRule, Endpoint, Segment, ServiceDefinition, Template};

use crate::cli::layout::{fact, show_share};
use crate::cli::output::Output;
use crate::error::Error;

pub(super) fn write(out: &mut Output, service: &ServiceDefinition) -> Result<(), Error> {
    let target = &service.target;
    writeln!(out, "{}: {}", service.name, service.title)?;
    fact(out, "target", &target.base_url)?;
    if !target.base_url_env.is_empty() {
        fact(out, "or from", &target.base_url_env.join(", "))?;
    }
    if let Some(path) = &target.health_path {
        fact(out, "health check", path)?;
    }
    let promises: Vec<&str> = service.slos.iter().map(|slo| slo.text.as_str()).collect();
    fact(out, "promises", &promises.join(", "))?;
    let weights = service
        .endpoints
        .iter()
        .map(|endpoint| u64::from(endpoint.weight))
        .sum();
    service
        .endpoints
        .iter()
        .try_for_each(|endpoint| write_endpoint(out, endpoint, weights))
}

fn write_endpoint(out: &mut Output, endpoint: &Endpoint, weights: u64) -> Result<(), Error> {
    let share = show_share(u64::from(endpoint.weight), weights);
    writeln!(
        out,
        "\n{}: {} {}",
        endpoint.name,
        endpoint.method,
        as_written(&endpoint.path)
    )?;
    fact(
        out,
        "carries",
        &format!("{} events, {share} of all requests", endpoint.event),
    )?;
    for header in &endpoint.headers {
        fact(out, "header", &format!("{}: {}", header.name, header.value))?;
    }
    let (world, fire) = endpoint
        .body
        .as_ref()
        .map_or_else(Default::default, placeholders);
    if !world.is_empty() {
        fact(out, "from the tape", &world.join(" "))?;
    }
    if !fire.is_empty() {
        fact(out, "when sent", &fire.join(" "))?;
    }
    let statuses: Vec<String> = endpoint.statuses.iter().map(u16::to_string).collect();
    fact(out, "check", &format!("status: {}", statuses.join(" or ")))?;
    for check in &endpoint.checks {
        fact(out, "check", &format!("{}: {}", check.name, demand(check)))?;
    }
    if let Some(decision) = &endpoint.decision {
        fact(out, "decision at", &decision.pointer.to_string())?;
    }
    Ok(())
}

fn demand(check: &Check) -> String {
    match &check.rule {
        CheckRule::EchoesId { pointer } => format!("{pointer} repeats the request's id"),
        CheckRule::Equals { pointer, value } => format!("{pointer} is {value}"),
        CheckRule::HeaderAbsent { header } => format!("no header {header}"),
    }
}

/// Gives the names of a template's placeholders by moment, each once, in order.
fn placeholders(template: &Template) -> (Vec<&'static str>, Vec<&'static str>) {
    let (mut world, mut fire) = (Vec::new(), Vec::new());
    for segment in template.segments() {
        let (names, name) = match segment {
            Segment::Literal(_) => continue,
            Segment::World { field, .. } => (&mut world, field.name()),
            Segment::Fire { field } => (&mut fire, field.name()),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    (world, fire)
}

fn as_written(template: &Template) -> String {
    let text = |segment: &Segment| match segment {
        Segment::Literal(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Segment::World { field, .. } => format!("${{{}}}", field.name()),
        Segment::Fire { field } => format!("${{{}}}", field.name()),
    };
    template.segments().iter().map(text).collect()
}
