//! JSON bodies: where a placeholder stands decides how it is written, and the result is proved to be JSON.
//!
//! The proof replaces every placeholder that stands for a whole value by `null` and every one inside a string by `x`,
//! then parses. `null` touches no other token and can be replaced by any value; `x` continues no escape and can be
//! replaced by any escaped text. So if the probe is JSON, every filled template is.

use serde_json::Value;

use super::{Builder, Content, Encoding, Template, pieces};
use crate::error::{Fault, Located};
use crate::placeholder::{Placeholder, ValueKind, WorldField};
use crate::session::{Captured, Scope};

pub(super) fn compile(source: &str, scope: Scope<'_>) -> Result<Template, Located> {
    let mut builder = Builder::default();
    let mut scanner = Scanner::default();
    let mut probe = Probe::default();
    for piece in pieces(source, scope) {
        let piece = piece?;
        match piece.content {
            Content::Text(text) => {
                probe.push(text, piece.offset);
                let kept: Vec<u8> = text.bytes().filter(|&byte| scanner.keeps(byte)).collect();
                builder.literal(&kept);
            }
            Content::Placeholder(placeholder) => {
                let place = scanner.place();
                probe.push(place.stand_in(), piece.offset);
                match placeholder {
                    Placeholder::World(field) => place.world(&mut builder, field, piece.offset)?,
                    Placeholder::Fire(field) => place.quoted(&mut builder, |it| it.fire(field)),
                    Placeholder::Token => return Err(Fault::TokenOutsideHeader.at(piece.offset)),
                }
            }
            Content::Drawn(draw) => {
                let place = scanner.place();
                probe.push(place.stand_in(), piece.offset);
                builder.drawn(draw, place.encoding());
            }
            Content::Captured(captured) => {
                let place = scanner.place();
                probe.push(place.stand_in(), piece.offset);
                place.captured(&mut builder, captured);
            }
        }
    }
    probe.prove()?;
    Ok(builder.finish())
}

/// What surrounds a placeholder.
#[derive(Clone, Copy)]
enum Surroundings {
    Structure,
    String,
}

impl Surroundings {
    fn stand_in(self) -> &'static str {
        match self {
            Self::Structure => "null",
            Self::String => "x",
        }
    }

    /// Gives how a value that is always there is written.
    fn encoding(self) -> Encoding {
        match self {
            Self::Structure => Encoding::JsonValue,
            Self::String => Encoding::JsonText,
        }
    }

    fn world(self, builder: &mut Builder, field: WorldField, offset: usize) -> Result<(), Located> {
        match self {
            Self::Structure => {
                builder.world(field, Encoding::JsonValue);
                Ok(())
            }
            Self::String => builder.present(field, Encoding::JsonText, offset),
        }
    }

    /// Adds a captured value; text is escaped as it is filled in, numbers and booleans can stand bare.
    fn captured(self, builder: &mut Builder, captured: Captured) {
        match (self, captured.kind) {
            (Self::Structure, ValueKind::Number | ValueKind::Boolean) => {
                builder.captured(captured, Encoding::JsonValue);
            }
            _ => self.quoted(builder, |it| it.captured(captured, Encoding::JsonText)),
        }
    }

    /// Adds what is text without quotes of its own; a bare one gets them.
    fn quoted(self, builder: &mut Builder, add: impl FnOnce(&mut Builder)) {
        let quote: &[u8] = match self {
            Self::Structure => b"\"",
            Self::String => b"",
        };
        builder.literal(quote);
        add(builder);
        builder.literal(quote);
    }
}

/// Follows JSON text byte by byte, only to know whether it is inside a string.
#[derive(Default)]
enum Scanner {
    #[default]
    Structure,
    String,
    Escape,
}

impl Scanner {
    fn place(&self) -> Surroundings {
        match self {
            Self::Structure => Surroundings::Structure,
            Self::String | Self::Escape => Surroundings::String,
        }
    }

    /// Steps over `byte` and says whether it belongs to the body, or is whitespace between tokens.
    fn keeps(&mut self, byte: u8) -> bool {
        let next = match (&*self, byte) {
            (Self::Structure, b' ' | b'\t' | b'\r' | b'\n') => return false,
            (Self::Structure, b'"') | (Self::Escape, _) => Self::String,
            (Self::String, b'"') => Self::Structure,
            (Self::String, b'\\') => Self::Escape,
            _ => return true,
        };
        *self = next;
        true
    }
}

/// The body with its placeholders replaced, and where each stretch of it came from.
#[derive(Default)]
struct Probe {
    text: String,
    /// Start in `text` and start in the source, both ascending.
    origins: Vec<(usize, usize)>,
}

impl Probe {
    fn push(&mut self, text: &str, source_offset: usize) {
        self.origins.push((self.text.len(), source_offset));
        self.text.push_str(text);
    }

    fn prove(&self) -> Result<(), Located> {
        let Err(error) = serde_json::from_str::<Value>(&self.text) else {
            return Ok(());
        };
        let message = error.to_string();
        // The parser appends a position in the probe, which nobody wrote.
        let reason = message
            .rsplit_once(" at line ")
            .map_or(message.as_str(), |(reason, _)| reason)
            .to_owned();
        let offset = self.source_offset(self.byte_at(error.line(), error.column()));
        Err(Fault::NotJson { reason }.at(offset))
    }

    /// Turns the parser's line and column, in bytes, into a byte of the probe; column 0 is the newline before the line.
    fn byte_at(&self, line: usize, column: usize) -> usize {
        let before = self.text.split_inclusive('\n').take(line.saturating_sub(1));
        let line_start: usize = before.map(str::len).sum();
        (line_start + column).saturating_sub(1)
    }

    fn source_offset(&self, probe_offset: usize) -> usize {
        let after = self
            .origins
            .partition_point(|&(start, _)| start <= probe_offset);
        let Some(&(start, source_start)) = after.checked_sub(1).and_then(|at| self.origins.get(at))
        else {
            return 0;
        };
        source_start + (probe_offset - start)
    }
}
