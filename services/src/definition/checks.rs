//! From the `checks` of a request to what its answers must show.

use super::build::{reserved, unique};
use super::document::{Table, Value};
use super::keys::{CHECK, ECHOED_PARAMETER, EQUALS};
use super::{request, rules};
use crate::check::{Check, CheckRule};
use crate::error::{Error, Fault};
use crate::placeholder::FireField;
use crate::session::Scope;
use crate::template::Template;

/// The request whose answers are checked.
pub(super) struct Sent<'a> {
    pub(super) path: &'a Template,
    pub(super) body: Option<&'a Template>,
    pub(super) scope: Scope<'a>,
}

impl Sent<'_> {
    /// Tells whether the body carries an id that an answer can echo.
    fn carries_id(&self) -> bool {
        let ids = [FireField::Id, FireField::Uuid];
        self.body
            .is_some_and(|body| ids.into_iter().any(|id| body.stamps(id)))
    }
}

/// Reads all checks of a request.
pub(super) fn checks(items: Vec<Value<'_>>, sent: &Sent<'_>) -> Result<Vec<Check>, Error> {
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
            rule: rule(table, sent)?,
        });
    }
    Ok(checks)
}

fn rule(mut table: Table<'_>, sent: &Sent<'_>) -> Result<CheckRule, Error> {
    let demands = (
        table.optional("echoes_id"),
        table.optional("echoes_parameter"),
        table.optional("equals"),
        table.optional("present"),
        table.optional("header_absent"),
    );
    match demands {
        (Some(_), None, None, None, None) if !sent.carries_id() => {
            Err(table.error(Fault::NothingToEcho))
        }
        (Some(value), None, None, None, None) => Ok(CheckRule::EchoesId {
            pointer: request::pointer(value)?,
        }),
        (None, Some(value), None, None, None) => {
            echoed_parameter(value.table(&ECHOED_PARAMETER)?, sent)
        }
        (None, None, Some(value), None, None) => equals(value.table(&EQUALS)?, sent),
        (None, None, None, Some(value), None) => Ok(CheckRule::Present {
            pointer: request::pointer(value)?,
        }),
        (None, None, None, None, Some(value)) => Ok(CheckRule::HeaderAbsent {
            header: value.text()?.obeying(&rules::HEADER_NAME)?,
        }),
        _ => {
            let keys = "echoes_id, echoes_parameter, equals, present and header_absent";
            Err(table.one_of("exactly one", keys))
        }
    }
}

fn equals(mut table: Table<'_>, sent: &Sent<'_>) -> Result<CheckRule, Error> {
    let pointer = request::pointer(table.required("pointer")?)?;
    match (table.optional("value"), table.optional("captured")) {
        (Some(value), None) => Ok(CheckRule::Equals {
            pointer,
            value: value.expected()?,
        }),
        (None, Some(name)) => {
            let name = name.text()?;
            let captured = sent.scope.compared(name.as_str());
            Ok(CheckRule::EqualsCaptured {
                pointer,
                variable: captured.map_err(|fault| name.error(fault))?.variable,
            })
        }
        _ => Err(table.one_of("exactly one", "value and captured")),
    }
}

fn echoed_parameter(mut table: Table<'_>, sent: &Sent<'_>) -> Result<CheckRule, Error> {
    let pointer = request::pointer(table.required("pointer")?)?;
    let name = table.required("parameter")?.text()?;
    if !sent.path.tells_parameter(name.as_str()) {
        let fault = Fault::NoParameter {
            name: name.as_str().to_owned(),
        };
        return Err(name.error(fault));
    }
    Ok(CheckRule::EchoesParameter {
        pointer,
        parameter: name.as_str().to_owned(),
    })
}
