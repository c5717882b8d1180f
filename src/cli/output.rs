//! Standard output and standard error: the only two places the command line writes to.
//!
//! Whatever is printed may hold names and remarks of a tape, a target or a journal, so all of it is made safe here
//! ([`crate::mask`]): no terminal obeys it, and no secret is in it.

use std::fmt;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, StdoutLock, Write};

use tapdeck_reports::printable;

use crate::error::{Error, chain};
use crate::exit::Exit;
use crate::mask;

/// Standard output while something is printed; takes `write!` and `writeln!`.
#[derive(Debug)]
pub struct Output(BufWriter<StdoutLock<'static>>);

impl Output {
    /// Writes formatted text, made safe to print.
    ///
    /// Errors: `Io` if standard output cannot take it.
    pub fn write_fmt(&mut self, text: fmt::Arguments<'_>) -> Result<(), Error> {
        self.write_bytes(mask::printed(&fmt::format(text)).as_bytes())
    }

    /// Writes text with escape sequences of ours in it, whose foreign parts were made safe before.
    ///
    /// Errors: as of `write_fmt`.
    pub fn write_marked(&mut self, text: &str) -> Result<(), Error> {
        self.write_bytes(text.as_bytes())
    }

    /// Writes bytes that are data and go to a program, as they are.
    ///
    /// Errors: `Io` if standard output cannot take them.
    pub fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0.write_all(bytes).map_err(unwritable)
    }
}

/// Prints to standard output.
///
/// A reader that has seen enough (`tapdeck schedule --times | head`) is no failure: printing ends and the command goes on
/// to its exit code. Errors: those of `write`, and `Io` if standard output cannot take the text.
pub fn print(write: impl FnOnce(&mut Output) -> Result<(), Error>) -> Result<(), Error> {
    let mut output = Output(BufWriter::new(io::stdout().lock()));
    let printed = write(&mut output).and_then(|()| output.0.flush().map_err(unwritable));
    match printed {
        Err(Error::Io { source, .. }) if source.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Prints one JSON document and a line break to standard output.
///
/// Errors: as of [`print()`].
pub fn print_json(document: &impl serde::Serialize) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(document)
        .map_err(|error| Error::Bug(format!("this is no JSON: {error}")))?;
    print(|out| writeln!(out, "{}", printable::in_json(&text)))
}

/// Ends a command whose work is done, and whose result may not have been printed.
///
/// What could not be printed is an error of its own only where everything else is well: an exit code that says what a run
/// came to is worth more. Errors: that of printing.
pub fn end(printed: Result<(), Error>, exit: Exit) -> Result<Exit, Error> {
    match printed {
        Err(error) if exit == Exit::Pass => Err(error),
        Err(error) => {
            complain(&error);
            Ok(exit)
        }
        Ok(()) => Ok(exit),
    }
}

/// Says on standard error what failed beside what decides how the command ends.
pub fn complain(error: &Error) {
    note(format_args!("tapdeck: error: {}", chain(error)));
}

/// Writes a remark to standard error. Where nobody can read it, nothing is lost.
pub fn note(remark: fmt::Arguments<'_>) {
    let remark = mask::printed(&fmt::format(remark));
    let _unread = writeln!(io::stderr(), "{remark}");
}

/// Whether standard output understands escape sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// A file, a pipe, or a terminal told to stay plain (<https://no-color.org>).
    Plain,
    /// A terminal.
    Terminal,
}

impl Ink {
    /// Finds out about standard output.
    pub fn of_stdout() -> Self {
        let plain_wanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        if io::stdout().is_terminal() && !plain_wanted {
            Self::Terminal
        } else {
            Self::Plain
        }
    }
}

fn unwritable(source: io::Error) -> Error {
    Error::Io {
        action: "write",
        path: "standard output".into(),
        source,
    }
}
