//! Sessions: steps that follow each other and reuse what the target answered.
//!
//! Owns what a definition says about them; knows nothing of how they are run. A step's request is an
//! [`Endpoint`](crate::Endpoint) like any other, so whatever walks the endpoints of a service knows steps, too.
//!
//! Invariants: a step needs only variables that an earlier step captures, and one of a list only if the step goes over
//! it or the variable says which item to take.

mod scope;

pub(crate) use scope::{Captured, Known, Scope};

use std::fmt;
use std::ops::Range;

use crate::placeholder::ValueKind;
use crate::pointer::JsonPointer;
use crate::think::Think;

/// Most variables of a session.
pub const MAX_VARIABLES: usize = 64;

/// Steps taken in order by one user, with a cookie jar of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Lowercase letters, digits and dashes; unique in the service.
    pub name: String,
    /// How often it is begun, relative to the other sessions and to the endpoints.
    pub weight: u32,
    /// What its steps capture, at most [`MAX_VARIABLES`].
    pub variables: Vec<Variable>,
    /// Where its steps stand among the endpoints of the service; never empty.
    pub steps: Range<usize>,
}

/// What makes an endpoint a step of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The session, as its place in the service.
    pub session: usize,
    /// Place within the session, from 0.
    pub number: u16,
    /// Pause before it, from the answer to the step before.
    pub think: Think,
    /// Whether a user who runs session after session takes it only in the first one; only steps at the beginning are.
    pub once: bool,
    /// What is kept of its answer.
    pub captures: Vec<Capture>,
    /// The list it goes over, if it does.
    pub over: Option<Iteration>,
    /// Variables that its path, headers, body and checks use, ascending, each once.
    pub needs: Vec<u8>,
}

/// A step's repetition: once for every item of a captured list, which it then sees as the variable's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Iteration {
    /// The list.
    pub variable: u8,
    /// Items it stops after, at least 1; `u32::MAX` for no limit.
    pub at_most: u32,
}

/// A named value of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The name after `captured.`.
    pub name: String,
    /// What its values are. Text takes any JSON string, number or boolean; the other two only their own kind, so that
    /// they can stand bare in JSON.
    pub kind: ValueKind,
    /// Which item of a list is meant by a step that does not go over it; [`Take::First`] where it is no list.
    pub take: Take,
}

/// Which item of a list is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The first.
    First,
    /// The last.
    Last,
    /// The one of a number, from 0.
    Nth(u32),
    /// The one of the session's number modulo the list's length, so that sessions side by side take different ones.
    Spread,
}

/// A value to keep of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// The variable it becomes.
    pub variable: u8,
    /// Where it stands.
    pub source: CaptureSource,
}

/// Where a value stands in an answer; displayed as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaptureSource {
    /// In the JSON body.
    Pointer {
        /// Where the value stands, or the array of values.
        at: JsonPointer,
        /// Where the value stands in each item of the array; none where there is no array.
        each: Option<JsonPointer>,
    },
    /// In a header of this name; case does not matter.
    Header(String),
    /// In a cookie of this name.
    Cookie(String),
}

impl fmt::Display for CaptureSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pointer { at, each: None } if at.tokens().is_empty() => {
                formatter.write_str("the whole body")
            }
            Self::Pointer { at, each: None } => write!(formatter, "JSON pointer {at}"),
            Self::Pointer {
                at,
                each: Some(each),
            } => write!(formatter, "JSON pointer {at}/*{each}"),
            Self::Header(name) => write!(formatter, "header {name}"),
            Self::Cookie(name) => write!(formatter, "cookie {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_value_is_named_as_it_is_written() {
        let pointer = |text: &str| JsonPointer::parse(text).unwrap();
        for (source, named) in [
            (
                CaptureSource::Pointer {
                    at: pointer("/rule/id"),
                    each: None,
                },
                "JSON pointer /rule/id",
            ),
            (
                CaptureSource::Pointer {
                    at: pointer("/items"),
                    each: Some(pointer("/id")),
                },
                "JSON pointer /items/*/id",
            ),
            (
                CaptureSource::Pointer {
                    at: pointer(""),
                    each: None,
                },
                "the whole body",
            ),
            (CaptureSource::Header("ETag".to_owned()), "header ETag"),
            (CaptureSource::Cookie("sid".to_owned()), "cookie sid"),
        ] {
            assert_eq!(source.to_string(), named);
        }
    }
}
