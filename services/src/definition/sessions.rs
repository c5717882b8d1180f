//! From the `[[sessions]]` of a file to sessions, and to the endpoints their steps are.
//!
//! Captures are read before anything else of a session, so that a value used too early is told from one that does not
//! exist.

use std::collections::BTreeSet;

use super::build::{unique, weight};
use super::document::{Table, Value, WordOrNumber};
use super::keys::{CAPTURE, SESSION, STEP};
use super::{Endpoint, request, rules};
use crate::check::CheckRule;
use crate::error::{Error, Fault};
use crate::header::Header;
use crate::placeholder::ValueKind;
use crate::pointer::JsonPointer;
use crate::session::{
    Capture, CaptureSource, Iteration, Known, MAX_VARIABLES, Scope, Session, Step, Take, Variable,
};
use crate::template::Template;
use crate::think::Think;

/// Reads all sessions; their steps go behind the endpoints.
pub(super) fn sessions(
    list: Value<'_>,
    endpoints: &mut Vec<Endpoint>,
) -> Result<Vec<Session>, Error> {
    let mut sessions: Vec<Session> = Vec::new();
    for item in list.some_items()? {
        let mut table = item.table(&SESSION)?;
        let name = table.required("name")?.text()?;
        let taken = sessions.iter().any(|other| other.name == name.as_str());
        unique(&name, "session", taken)?;
        let name = name.obeying(&rules::NAME)?;
        let weight = weight(&mut table)?;
        let start = endpoints.len();
        let (drafts, variables) = drafts(table.required("steps")?)?;
        let mut only_once = true;
        for (number, draft) in (0..).zip(drafts) {
            let step = draft.finish(sessions.len(), &name, number, &variables, &mut only_once)?;
            endpoints.push(step);
        }
        sessions.push(Session {
            name,
            weight,
            variables: variables.into_iter().map(variable).collect(),
            steps: start..endpoints.len(),
        });
    }
    Ok(sessions)
}

/// A step of which name and captures are read.
struct Draft<'d> {
    name: String,
    captures: Vec<Capture>,
    rest: Table<'d>,
}

/// Reads the names and captures of all steps.
fn drafts(list: Value<'_>) -> Result<(Vec<Draft<'_>>, Vec<Known>), Error> {
    let too_many = list.error(Fault::TooMany {
        what: "steps of a session",
        most: usize::from(u16::MAX),
    });
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let mut variables = Vec::new();
    for item in list.some_items()? {
        let Ok(number) = u16::try_from(drafts.len()) else {
            return Err(too_many);
        };
        let mut rest = item.table(&STEP)?;
        let name = rest.required("name")?.text()?;
        let taken = drafts.iter().any(|other| other.name == name.as_str());
        unique(&name, "step", taken)?;
        let name = name.obeying(&rules::NAME)?;
        let captures = captures(rest.optional("captures"), &(number, &name), &mut variables)?;
        drafts.push(Draft {
            name,
            captures,
            rest,
        });
    }
    Ok((drafts, variables))
}

impl Draft<'_> {
    /// Reads what is left of a step; `only_once` says whether all steps so far are taken once, and is kept up.
    fn finish(
        mut self,
        session: usize,
        session_name: &str,
        number: u16,
        variables: &[Known],
        only_once: &mut bool,
    ) -> Result<Endpoint, Error> {
        let think = match self.rest.optional("think") {
            Some(value) => value.text()?.parsed(Think::locate)?,
            None => Think::NONE,
        };
        let once = once(self.rest.optional("once"), *only_once)?;
        *only_once = once;
        let over = iteration(&mut self.rest, variables, number)?;
        let scope = Scope::Step {
            variables,
            number,
            over: over.map(|over| over.variable),
            captures: &self.captures,
        };
        let name = format!("{session_name}/{}", self.name);
        let endpoint = request::endpoint(&mut self.rest, name, scope)?;
        let step = Step {
            session,
            number,
            think,
            once,
            captures: self.captures,
            over,
            needs: needs(&endpoint),
        };
        Ok(Endpoint {
            step: Some(step),
            ..endpoint
        })
    }
}

fn once(value: Option<Value<'_>>, so_far: bool) -> Result<bool, Error> {
    let Some(value) = value else {
        return Ok(false);
    };
    let too_late = value.error(Fault::Misplaced {
        key: "once",
        need: "every step before it to be once, too",
    });
    match value.boolean()? {
        true if !so_far => Err(too_late),
        once => Ok(once),
    }
}

fn iteration(
    table: &mut Table<'_>,
    variables: &[Known],
    number: u16,
) -> Result<Option<Iteration>, Error> {
    let (over, at_most) = (table.optional("over"), table.optional("at_most"));
    let Some(over) = over else {
        return match at_most {
            None => Ok(None),
            Some(at_most) => Err(at_most.error(Fault::Misplaced {
                key: "at_most",
                need: "over, the list whose items it limits",
            })),
        };
    };
    let over = over.text()?;
    let variable =
        Scope::list(variables, number, over.as_str()).map_err(|fault| over.error(fault))?;
    let expected = "a whole number from 1 and below 2^32";
    let at_most = at_most.map_or(Ok(u32::MAX), |value| {
        value.whole(expected, |&at_most| at_most > 0)
    })?;
    Ok(Some(Iteration { variable, at_most }))
}

/// Reads what a step captures; variables not seen before join the others.
fn captures(
    table: Option<Value<'_>>,
    step: &(u16, &str),
    variables: &mut Vec<Known>,
) -> Result<Vec<Capture>, Error> {
    let mut captures = Vec::new();
    for (name, value) in table.map_or(Ok(Vec::new()), Value::pairs)? {
        let (source, kind, take) = capture(value.table(&CAPTURE)?)?;
        let is_list = matches!(source, CaptureSource::Pointer { each: Some(_), .. });
        let found = variables
            .iter()
            .position(|known| known.name == name.as_str());
        if let Some(idx) = found {
            let known = &variables[idx];
            if (known.is_list, known.kind, known.take) != (is_list, kind, take) {
                let name_again = name.as_str().to_owned();
                return Err(name.error(Fault::CapturesDisagree { name: name_again }));
            }
        }
        let idx = found.unwrap_or(variables.len());
        let variable = u8::try_from(idx).ok().filter(|_| idx < MAX_VARIABLES);
        let Some(variable) = variable else {
            return Err(name.error(Fault::TooMany {
                what: "captured names of a session",
                most: MAX_VARIABLES,
            }));
        };
        if found.is_none() {
            variables.push(Known {
                name: name.obeying(&rules::VARIABLE)?,
                kind,
                is_list,
                take,
                by: (step.0, step.1.to_owned()),
            });
        }
        captures.push(Capture { variable, source });
    }
    Ok(captures)
}

/// Reads one capture: where the value stands, what it is, and which item of a list is meant.
fn capture(mut table: Table<'_>) -> Result<(CaptureSource, ValueKind, Option<Take>), Error> {
    let (kind, take) = (table.optional("kind"), table.optional("take"));
    let sources = (
        table.optional("pointer"),
        table.optional("header"),
        table.optional("cookie"),
    );
    let source = match sources {
        (Some(value), None, None) => {
            let (at, each) = value.text()?.parsed(JsonPointer::locate_each)?;
            CaptureSource::Pointer { at, each }
        }
        (None, Some(value), None) => {
            CaptureSource::Header(value.text()?.obeying(&rules::HEADER_NAME)?)
        }
        (None, None, Some(value)) => {
            CaptureSource::Cookie(value.text()?.obeying(&rules::COOKIE_NAME)?)
        }
        _ => return Err(table.one_of("exactly one", "pointer, header and cookie")),
    };
    let kind = match (kind, &source) {
        (None, _) => ValueKind::Text,
        (Some(value), CaptureSource::Pointer { .. }) => {
            value
                .text()?
                .word("kind", ValueKind::ALL, ValueKind::as_str)?
        }
        (Some(value), _) => {
            return Err(value.error(Fault::Misplaced {
                key: "kind",
                need: "a pointer; headers and cookies are text",
            }));
        }
    };
    let take = match (take, &source) {
        (None, _) => None,
        (Some(value), CaptureSource::Pointer { each: Some(_), .. }) => Some(self::take(value)?),
        (Some(value), _) => {
            return Err(value.error(Fault::Misplaced {
                key: "take",
                need: "a pointer with a \"*\", which captures a list",
            }));
        }
    };
    Ok((source, kind, take))
}

fn take(value: Value<'_>) -> Result<Take, Error> {
    const WORDS: &[&str] = &["first", "last", "spread"];
    let text = match value.word_or_number("first, last, spread or the number of an item, from 0")? {
        WordOrNumber::Number(number) => return Ok(Take::Nth(number)),
        WordOrNumber::Word(text) => text,
    };
    Ok(match text.word("item", WORDS, |word| word)? {
        "last" => Take::Last,
        "spread" => Take::Spread,
        _ => Take::First,
    })
}

fn variable(known: Known) -> Variable {
    Variable {
        name: known.name,
        kind: known.kind,
        take: known.take.unwrap_or(Take::First),
    }
}

/// Gives the variables a request uses, or its checks.
fn needs(endpoint: &Endpoint) -> Vec<u8> {
    let templates = [Some(&endpoint.path), endpoint.body.as_ref()];
    let in_templates = templates.into_iter().flatten().flat_map(Template::captured);
    let in_headers = endpoint.headers.iter().flat_map(Header::captured);
    let in_checks = endpoint.checks.iter().filter_map(|check| match check.rule {
        CheckRule::EqualsCaptured { variable, .. } => Some(variable),
        _ => None,
    });
    let in_templates = in_templates.map(|(variable, _)| variable);
    let all = in_templates.chain(in_headers).chain(in_checks);
    all.collect::<BTreeSet<u8>>().into_iter().collect()
}
