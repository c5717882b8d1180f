//! A service definition as text for people.

use tapdeck_reports::counted;
use tapdeck_services::{
    Auth, Check, CheckRule, Endpoint, HeaderPiece, Segment, ServiceDefinition, TOKEN_FIELD,
    Template, Variable,
};

use crate::cli::layout::{fact, show_share};
use crate::cli::output::Output;
use crate::error::Error;
use crate::mask::foreign;

mod session;

pub(super) fn write(out: &mut Output, service: &ServiceDefinition) -> Result<(), Error> {
    let target = &service.target;
    writeln!(out, "{}: {}", service.name, service.title)?;
    if !service.aliases.is_empty() {
        fact(out, "also called", &service.aliases.join(", "))?;
    }
    fact(out, "target", &target.base_url)?;
    if !target.base_url_env.is_empty() {
        fact(out, "or from", &target.base_url_env.join(", "))?;
    }
    if let Some(path) = &target.health_path {
        fact(out, "health check", path)?;
    }
    if let Some(auth) = &service.auth {
        write_auth(out, auth)?;
    }
    let promises: Vec<&str> = service.slos.iter().map(|slo| slo.text.as_str()).collect();
    fact(out, "promises", &promises.join(", "))?;
    let plain = service.endpoints.iter().map(|endpoint| endpoint.weight);
    let sessions = service.sessions.iter().map(|session| session.weight);
    let weights = plain.chain(sessions).map(u64::from).sum();
    let what = if service.sessions.is_empty() {
        "requests"
    } else {
        "arrivals"
    };
    for endpoint in &service.endpoints {
        if endpoint.step.is_none() {
            write_heading(out, endpoint, &[])?;
            let share = show_share(u64::from(endpoint.weight), weights);
            let carried = format!("{} events, {share} of all {what}", endpoint.event);
            fact(out, "carries", &carried)?;
            write_request(out, endpoint, &[])?;
        }
    }
    for session in &service.sessions {
        let share = show_share(u64::from(session.weight), weights);
        let (name, steps) = (&session.name, counted(session.steps.len() as u64, "step"));
        writeln!(out, "\nsession {name}: {steps}, {share} of all {what}")?;
        for endpoint in &service.endpoints[session.steps.clone()] {
            session::write_step(out, session, endpoint)?;
        }
    }
    Ok(())
}

/// Writes what a token is to hold.
fn write_auth(out: &mut Output, auth: &Auth) -> Result<(), Error> {
    let permissions = auth.permissions.join(" ");
    let texts = [
        ("token for", auth.audience.as_deref()),
        ("from", auth.issuer.as_deref()),
        ("with scope", auth.scope.as_deref()),
        ("permissions", Some(permissions.as_str())),
        ("proven at", auth.probe_path.as_deref()),
    ];
    for (name, text) in texts {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            fact(out, name, text)?;
        }
    }
    for (name, value) in &auth.claims {
        fact(out, "claim", &format!("{name}: {value}"))?;
    }
    Ok(())
}

fn write_heading(
    out: &mut Output,
    endpoint: &Endpoint,
    variables: &[Variable],
) -> Result<(), Error> {
    let path = as_written(&endpoint.path, variables);
    writeln!(out, "\n{}: {} {path}", endpoint.name, endpoint.method)
}

/// Writes what is sent and what makes the answer good.
fn write_request(
    out: &mut Output,
    endpoint: &Endpoint,
    variables: &[Variable],
) -> Result<(), Error> {
    for header in &endpoint.headers {
        let pieces = header.value.iter().map(|piece| match piece {
            HeaderPiece::Text(text) => text.clone(),
            HeaderPiece::Captured(variable) => spell_captured(*variable, variables),
            HeaderPiece::Token => format!("${{{}}}", TOKEN_FIELD.name),
        });
        let value: String = pieces.collect();
        // A credential that is written there is nobody else's business.
        fact(
            out,
            "header",
            &foreign(&format!("{}: {value}", header.name)),
        )?;
    }
    if let Some(body) = &endpoint.body {
        for (moment, names) in placeholders(body, variables) {
            if !names.is_empty() {
                fact(out, moment, &names.join(" "))?;
            }
        }
    }
    let statuses: Vec<String> = endpoint.statuses.iter().map(u16::to_string).collect();
    fact(out, "check", &format!("status: {}", statuses.join(" or ")))?;
    for check in &endpoint.checks {
        fact(
            out,
            "check",
            &format!("{}: {}", check.name, demand(check, variables)),
        )?;
    }
    if let Some(decision) = &endpoint.decision {
        fact(out, "decision at", &decision.pointer.to_string())?;
    }
    Ok(())
}

fn demand(check: &Check, variables: &[Variable]) -> String {
    match &check.rule {
        CheckRule::EchoesId { pointer } => format!("{pointer} repeats the request's id"),
        CheckRule::EchoesParameter { pointer, parameter } => {
            format!("{pointer} repeats the request's {parameter}")
        }
        CheckRule::Equals { pointer, value } => format!("{pointer} is {value}"),
        CheckRule::EqualsCaptured { pointer, variable } => {
            format!("{pointer} is {}", spell_captured(*variable, variables))
        }
        CheckRule::Present { pointer } => format!("{pointer} is there"),
        CheckRule::HeaderAbsent { header } => format!("no header {header}"),
    }
}

/// Gives the names of a template's placeholders by moment, each once, in order.
fn placeholders(template: &Template, variables: &[Variable]) -> [(&'static str, Vec<String>); 3] {
    let (mut world, mut fire, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    for segment in template.segments() {
        let (names, name) = match segment {
            Segment::Literal(_) => continue,
            Segment::World { field, .. } => (&mut world, field.name().to_owned()),
            Segment::Drawn { draw, .. } => (&mut world, draw.to_string()),
            Segment::Fire { field } => (&mut fire, field.name().to_owned()),
            Segment::Captured { variable, .. } => {
                (&mut answers, variable_name(*variable, variables).to_owned())
            }
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    [
        ("from the tape", world),
        ("when sent", fire),
        ("from answers", answers),
    ]
}

fn as_written(template: &Template, variables: &[Variable]) -> String {
    let text = |segment: &Segment| match segment {
        Segment::Literal(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Segment::World { field, .. } => format!("${{{}}}", field.name()),
        Segment::Drawn { draw, .. } => format!("${{{draw}}}"),
        Segment::Fire { field } => format!("${{{}}}", field.name()),
        Segment::Captured { variable, .. } => spell_captured(*variable, variables),
    };
    template.segments().iter().map(text).collect()
}

fn spell_captured(variable: u8, variables: &[Variable]) -> String {
    format!("${{captured.{}}}", variable_name(variable, variables))
}

fn variable_name(variable: u8, variables: &[Variable]) -> &str {
    let variable = variables.get(usize::from(variable));
    variable.map_or("?", |variable| variable.name.as_str())
}
