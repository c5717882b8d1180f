//! A step of a session as text for people.

use tapdeck_services::{
    Capture, CaptureSource, Endpoint, Session, Step, Take, Think, ValueKind, Variable,
};

use super::{variable_name, write_heading, write_request};
use crate::cli::layout::fact;
use crate::cli::output::Output;
use crate::error::Error;

pub(super) fn write_step(
    out: &mut Output,
    session: &Session,
    endpoint: &Endpoint,
) -> Result<(), Error> {
    let variables = session.variables.as_slice();
    write_heading(out, endpoint, variables)?;
    if let Some(step) = &endpoint.step {
        write_course(out, step, variables)?;
    }
    write_request(out, endpoint, variables)?;
    let captures = endpoint.step.iter().flat_map(|step| &step.captures);
    for capture in captures {
        fact(out, "captures", &captured(capture, variables))?;
    }
    Ok(())
}

/// Writes when the step is taken, and how often.
fn write_course(out: &mut Output, step: &Step, variables: &[Variable]) -> Result<(), Error> {
    if step.think != Think::NONE {
        fact(out, "pause before", &step.think.to_string())?;
    }
    if step.once {
        fact(out, "taken", "in a user's first session only")?;
    }
    if let Some(over) = step.over {
        let list = variable_name(over.variable, variables);
        let limit = match over.at_most {
            u32::MAX => String::new(),
            at_most => format!(", at most {at_most}"),
        };
        fact(out, "taken", &format!("for every item of {list}{limit}"))?;
    }
    Ok(())
}

fn captured(capture: &Capture, variables: &[Variable]) -> String {
    let name = variable_name(capture.variable, variables);
    let kind = variables.get(usize::from(capture.variable));
    let kind = match kind.map(|variable| variable.kind) {
        None | Some(ValueKind::Text) => "",
        Some(ValueKind::Number) => ", a number",
        Some(ValueKind::Boolean) => ", a boolean",
    };
    let take = variables.get(usize::from(capture.variable));
    let place = match &capture.source {
        CaptureSource::Pointer { at, each: None } => format!("what stands at {at}{kind}"),
        CaptureSource::Pointer {
            at,
            each: Some(each),
        } => {
            let take = take.map_or(Take::First, |variable| variable.take);
            format!("the list at {at}/*{each}{kind}; elsewhere {}", item(take))
        }
        CaptureSource::Header(header) => format!("header {header}"),
        CaptureSource::Cookie(cookie) => format!("cookie {cookie}"),
    };
    format!("{name}: {place}")
}

fn item(take: Take) -> String {
    match take {
        Take::First => "the first item".to_owned(),
        Take::Last => "the last item".to_owned(),
        Take::Nth(number) => format!("item {number}"),
        Take::Spread => "another item for each session".to_owned(),
    }
}
