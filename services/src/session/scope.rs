//! Which captured values a template may use: those of earlier steps of its session.

use crate::error::{Fault, nearest};
use crate::placeholder::ValueKind;
use crate::session::{Capture, Take};

/// What is known of a variable once all captures of its session were read.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) name: String,
    pub(crate) kind: ValueKind,
    pub(crate) is_list: bool,
    pub(crate) take: Option<Take>,
    /// Number and name of the first step that captures it.
    pub(crate) by: (u16, String),
}

/// Where a template stands.
#[derive(Clone, Copy)]
pub(crate) enum Scope<'a> {
    /// In an endpoint on its own.
    Endpoint,
    /// In a step.
    Step {
        /// Everything its session captures.
        variables: &'a [Known],
        /// Its number.
        number: u16,
        /// The list it goes over.
        over: Option<u8>,
        /// What it captures itself.
        captures: &'a [Capture],
    },
}

/// A captured value that a template may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Captured {
    pub(crate) variable: u8,
    pub(crate) kind: ValueKind,
}

impl Scope<'_> {
    /// Finds the variable that `${captured.NAME}` means here.
    ///
    /// Errors: there is none, it is captured too late, or it is a list and nothing says which item is meant.
    pub(crate) fn captured(self, name: &str) -> Result<Captured, Fault> {
        let Self::Step {
            variables,
            number,
            over,
            ..
        } = self
        else {
            let what = "a captured value";
            return Err(Fault::OutsideSession { what });
        };
        let (variable, known) = reach(variables, number, name)?;
        if known.is_list && known.take.is_none() && over != Some(variable) {
            let name = name.to_owned();
            return Err(Fault::TakeMissing { name });
        }
        Ok(Captured {
            variable,
            kind: known.kind,
        })
    }

    /// Finds the variable that an answer to this step is compared with.
    ///
    /// Errors: as for [`Self::captured`], or the step captures it anew.
    pub(crate) fn compared(self, name: &str) -> Result<Captured, Fault> {
        let captured = self.captured(name)?;
        match self {
            Self::Step { captures, .. }
                if captures.iter().any(|own| own.variable == captured.variable) =>
            {
                let name = name.to_owned();
                Err(Fault::CapturedHere { name })
            }
            _ => Ok(captured),
        }
    }

    /// Checks that there is a session whose number can be told.
    pub(crate) fn session_number(self) -> Result<(), Fault> {
        match self {
            Self::Step { .. } => Ok(()),
            Self::Endpoint => {
                let what = "the number of a session";
                Err(Fault::OutsideSession { what })
            }
        }
    }

    /// Finds the list that `over = NAME` means in a step of a number.
    pub(crate) fn list(variables: &[Known], number: u16, name: &str) -> Result<u8, Fault> {
        let (variable, known) = reach(variables, number, name)?;
        if known.is_list {
            return Ok(variable);
        }
        let name = name.to_owned();
        Err(Fault::NotAList { name })
    }
}

fn reach<'k>(variables: &'k [Known], number: u16, name: &str) -> Result<(u8, &'k Known), Fault> {
    let found = (0..).zip(variables).find(|(_, known)| known.name == name);
    let Some((variable, known)) = found else {
        let names = variables.iter().map(|known| known.name.as_str());
        return Err(Fault::NeverCaptured {
            name: name.to_owned(),
            nearest: nearest(name, names.clone()).map(str::to_owned),
            known: names.map(str::to_owned).collect(),
        });
    };
    let (first, step) = &known.by;
    if *first >= number {
        let (name, step) = (name.to_owned(), step.clone());
        return Err(Fault::CapturedLater { name, step });
    }
    Ok((variable, known))
}
