//! What can be wrong with a definition, where it stands and what would mend it.
//!
//! Owns every message this crate shows to its users. A fault found in a file carries the line and column of the value
//! that shows it. Columns count characters, from 1.

mod fault;
mod kinds;
mod words;

pub use fault::Fault;
use words::Hint;
pub use words::nearest;

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Everything that can go wrong in this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A service definition breaks a rule.
    #[error("{place}: {fault}")]
    Definition {
        /// Where the fault shows.
        place: Place,
        /// Which rule, and what would mend it.
        fault: Box<Fault>,
    },
    /// An expression given on its own, such as a list of SLOs on the command line, breaks a rule.
    #[error("{text:?}, column {column}: {fault}")]
    Expression {
        /// The whole expression.
        text: String,
        /// Where the fault shows, in characters from 1.
        column: usize,
        /// Which rule, and what would mend it.
        fault: Box<Fault>,
    },
    /// The service is neither built in nor a path to a definition.
    #[error(
        "{name:?} is neither a built-in service nor a path that ends in .toml{}",
        Hint(*.nearest, .known)
    )]
    UnknownService {
        /// The name asked for.
        name: String,
        /// The built-in name closest to it, if one is close.
        nearest: Option<&'static str>,
        /// All built-in names.
        known: Vec<&'static str>,
    },
    /// A definition file cannot be read.
    #[error("cannot read the service definition {}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// The class of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file is not TOML.
    Syntax,
    /// A key is misspelled, missing or of the wrong type.
    Shape,
    /// A value breaks a rule.
    Value,
    /// A template cannot be compiled.
    Template,
    /// A JSON pointer cannot be parsed.
    Pointer,
    /// An SLO cannot be parsed.
    Slo,
    /// The steps of a session do not fit together, or a think time cannot be parsed.
    Session,
    /// No such service.
    UnknownService,
    /// A file cannot be read.
    Unreadable,
}

/// A line and column in a named text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Name of the text, usually a file.
    pub origin: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// A fault and the byte of its text at which it shows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) offset: usize,
    pub(crate) fault: Fault,
}

impl Error {
    /// Gives the class of this error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Definition { fault, .. } | Self::Expression { fault, .. } => fault.kind(),
            Self::UnknownService { .. } => ErrorKind::UnknownService,
            Self::Unreadable { .. } => ErrorKind::Unreadable,
        }
    }

    /// Gives the place of a fault in a definition.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Definition { place, .. } => Some(place),
            _ => None,
        }
    }

    pub(crate) fn in_expression(text: &str, located: Located) -> Self {
        Self::Expression {
            column: line_and_column(text, located.offset).1,
            text: text.to_owned(),
            fault: Box::new(located.fault),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.origin, self.line, self.column)
    }
}

/// Gives line and column of a byte, both from 1, the column in characters.
pub(crate) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let is_before = |&(at, c): &(usize, char)| at + c.len_utf8() <= offset;
    let before = text.char_indices().take_while(is_before);
    before.fold((1, 1), |(line, column), (_, c)| match c {
        '\n' => (line + 1, 1),
        _ => (line, column + 1),
    })
}
