//! Templates: literal bytes and `${...}` placeholders, compiled once when a definition is read.
//!
//! Owns the syntax of placeholders and the decision how each one is written at its place. Knows no values: the
//! generator fills in those of the generation moment, the replayer those of the firing moment and those captured from
//! earlier answers.
//!
//! Invariants: no literal is empty and no two are neighbors. Whatever values are filled in, a JSON template yields JSON.

mod json;
#[cfg(test)]
mod tests;

use crate::error::{Fault, Located, nearest};
use crate::header::HeaderPiece;
use crate::placeholder::{Draw, FireField, Placeholder, Presence, WorldField};
use crate::session::{Captured, Scope, Variable};

/// A compiled template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    segments: Box<[Segment]>,
}

/// One stretch of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Bytes copied as they are; never empty.
    Literal(Box<[u8]>),
    /// A value of the generation moment.
    World {
        /// Which value.
        field: WorldField,
        /// How it is written here.
        encoding: Encoding,
    },
    /// A slot of the firing moment, `field.width()` bytes that need no escaping; quotes, where needed, are literals.
    Fire {
        /// Which value.
        field: FireField,
    },
    /// A value drawn at the generation moment; always there.
    Drawn {
        /// Which value.
        draw: Draw,
        /// How it is written here.
        encoding: Encoding,
    },
    /// A value that an earlier step of the session captured, of any length; quotes, where needed, are literals.
    Captured {
        /// The variable of the session.
        variable: u8,
        /// How it is written here.
        encoding: Encoding,
    },
}

/// How a value is written at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// A whole JSON value: text gets its quotes and escapes, numbers and booleans stand bare, an absent value is `null`.
    /// Of captured values only numbers and booleans are written so.
    JsonValue,
    /// Inside a JSON string: escaped, without quotes. Never absent.
    JsonText,
    /// Inside a path or query: every byte but RFC 3986's unreserved ones is percent-encoded. Never absent.
    PathSegment,
    /// At the beginning of a path: a path, an absolute URL of the target, or a reference relative to the request that
    /// was answered with it (RFC 3986). It takes the place of the whole path and is not encoded again. Captured values
    /// only.
    Reference,
    /// As it is. Never absent.
    Plain,
}

impl Template {
    /// Gives the stretches of the template in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Says whether the template has a slot for `field`.
    pub fn stamps(&self, field: FireField) -> bool {
        self.segments.contains(&Segment::Fire { field })
    }

    /// Gives the captured values in order: the variable of the session, and how it is written.
    pub fn captured(&self) -> impl Iterator<Item = (u8, Encoding)> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Captured { variable, encoding } => Some((*variable, *encoding)),
            _ => None,
        })
    }

    /// Says whether the query of a path has a parameter whose value is known before any answer.
    pub(crate) fn tells_parameter(&self, name: &str) -> bool {
        const UNKNOWN: char = '\0';
        let text = |segment: &Segment| match segment {
            Segment::Literal(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Segment::Captured { .. } => UNKNOWN.into(),
            _ => "x".to_owned(),
        };
        let path: String = self.segments.iter().map(text).collect();
        let (_, query) = path.split_once('?').unwrap_or_default();
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.any(|(found, value)| found == name && !value.contains(UNKNOWN))
    }

    /// Gives the literal text with an `x` for every placeholder, and `/x` for one that is a path of its own.
    pub(crate) fn outline(&self) -> String {
        let text = |segment: &Segment| match segment {
            Segment::Literal(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Segment::Captured {
                encoding: Encoding::Reference,
                ..
            } => "/x".to_owned(),
            _ => "x".to_owned(),
        };
        self.segments.iter().map(text).collect()
    }

    /// Gives the text with every placeholder as its name in braces, without the group it belongs to: `/cards/{id}`.
    ///
    /// `variables` are those of the session that the template belongs to.
    pub fn pattern(&self, variables: &[Variable]) -> String {
        let text = |segment: &Segment| {
            let name = match segment {
                Segment::Literal(bytes) => return String::from_utf8_lossy(bytes).into_owned(),
                Segment::World { field, .. } => field.name(),
                Segment::Fire { field } => field.name(),
                Segment::Drawn { draw, .. } => draw.info().name,
                Segment::Captured { variable, .. } => variables
                    .get(usize::from(*variable))
                    .map_or("captured", |variable| variable.name.as_str()),
            };
            format!("{{{}}}", name.rsplit('.').next().unwrap_or(name))
        };
        self.segments.iter().map(text).collect()
    }

    /// Compiles a body that promises to be JSON, dropping the whitespace that only serves its author.
    pub(crate) fn json(source: &str, scope: Scope<'_>) -> Result<Self, Located> {
        json::compile(source, scope)
    }

    /// Compiles a body of any other type.
    pub(crate) fn plain(source: &str, scope: Scope<'_>) -> Result<Self, Located> {
        let mut builder = Builder::default();
        for piece in pieces(source, scope) {
            let piece = piece?;
            match piece.content {
                Content::Text(text) => builder.literal(text.as_bytes()),
                Content::Drawn(draw) => builder.drawn(draw, Encoding::Plain),
                Content::Captured(captured) => builder.captured(captured, Encoding::Plain),
                Content::Placeholder(Placeholder::Fire(field)) => builder.fire(field),
                Content::Placeholder(Placeholder::World(field)) => {
                    builder.present(field, Encoding::Plain, piece.offset)?;
                }
                Content::Placeholder(Placeholder::Token) => {
                    return Err(Fault::TokenOutsideHeader.at(piece.offset));
                }
            }
        }
        Ok(builder.finish())
    }

    /// Compiles the path and query of a request.
    pub(crate) fn path(source: &str, scope: Scope<'_>) -> Result<Self, Located> {
        let mut builder = Builder::default();
        for piece in pieces(source, scope) {
            let piece = piece?;
            match piece.content {
                Content::Text(text) => builder.literal(text.as_bytes()),
                Content::Drawn(draw) => builder.drawn(draw, Encoding::PathSegment),
                Content::Captured(captured) if piece.offset == 0 => {
                    builder.captured(captured, Encoding::Reference);
                }
                Content::Captured(captured) => builder.captured(captured, Encoding::PathSegment),
                Content::Placeholder(Placeholder::Fire(field)) => {
                    let name = field.name();
                    let part = "path";
                    return Err(Fault::FireOutsideBody { name, part }.at(piece.offset));
                }
                Content::Placeholder(Placeholder::World(field)) => {
                    builder.present(field, Encoding::PathSegment, piece.offset)?;
                }
                Content::Placeholder(Placeholder::Token) => {
                    return Err(Fault::TokenOutsideHeader.at(piece.offset));
                }
            }
        }
        Ok(builder.finish())
    }
}

/// Compiles a header value, which may hold no placeholders yet but captured ones and the token.
pub(crate) fn header_value(source: &str, scope: Scope<'_>) -> Result<Vec<HeaderPiece>, Located> {
    let mut value = Vec::new();
    for piece in pieces(source, scope) {
        let piece = piece?;
        match (piece.content, value.last_mut()) {
            (Content::Text(text), Some(HeaderPiece::Text(before))) => before.push_str(text),
            (Content::Text(text), _) => value.push(HeaderPiece::Text(text.to_owned())),
            (Content::Captured(captured), _) => {
                value.push(HeaderPiece::Captured(captured.variable));
            }
            (Content::Placeholder(Placeholder::Token), _) => value.push(HeaderPiece::Token),
            (Content::Placeholder(placeholder), _) => {
                let name = placeholder.name();
                return Err(Fault::PlaceholderInHeader { name }.at(piece.offset));
            }
            (Content::Drawn(draw), _) => {
                let name = draw.info().name;
                return Err(Fault::PlaceholderInHeader { name }.at(piece.offset));
            }
        }
    }
    Ok(value)
}

/// A stretch of template text as its author wrote it.
struct Piece<'a> {
    offset: usize,
    content: Content<'a>,
}

enum Content<'a> {
    Text(&'a str),
    Placeholder(Placeholder),
    Drawn(Draw),
    Captured(Captured),
}

/// Cuts a template at its placeholders and its `$${` escapes; stops after the first fault.
fn pieces<'s>(
    source: &'s str,
    scope: Scope<'_>,
) -> impl Iterator<Item = Result<Piece<'s>, Located>> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let rest = &source[offset..];
        if rest.is_empty() {
            return None;
        }
        match next_piece(rest, scope) {
            Ok((content, length)) => {
                let piece = Piece { offset, content };
                offset += length;
                Some(Ok(piece))
            }
            Err(located) => {
                let at = offset + located.offset;
                offset = source.len();
                Some(Err(located.fault.at(at)))
            }
        }
    })
}

/// Reads the piece that `rest` starts with, and its length in the source.
fn next_piece<'s>(rest: &'s str, scope: Scope<'_>) -> Result<(Content<'s>, usize), Located> {
    if rest.starts_with("$${") {
        return Ok((Content::Text(&rest[1..3]), 3));
    }
    let Some(inside) = rest.strip_prefix("${") else {
        let end = text_end(rest);
        return Ok((Content::Text(&rest[..end]), end));
    };
    // A name ends where it cannot go on, so a forgotten brace is reported here and not at some later one.
    let end = inside
        .find(['}', '$', '{', '"', '\n'])
        .filter(|&end| inside.as_bytes()[end] == b'}')
        .ok_or(Fault::Unclosed.at(0))?;
    let name = &inside[..end];
    let length = "${}".len() + end;
    if let Some(name) = name.strip_prefix("captured.") {
        let captured = scope.captured(name).map_err(|fault| fault.at(0))?;
        return Ok((Content::Captured(captured), length));
    }
    if let Some(draw) = Draw::locate(name) {
        let draw = draw.map_err(|located| located.fault.at("${".len() + located.offset))?;
        if draw == Draw::SessionNumber {
            scope.session_number().map_err(|fault| fault.at(0))?;
        }
        return Ok((Content::Drawn(draw), length));
    }
    let unknown = || Fault::UnknownPlaceholder {
        name: name.to_owned(),
        nearest: nearest(name.split('(').next().unwrap_or(name), Placeholder::names()),
        known: Placeholder::siblings(name),
    };
    let placeholder = Placeholder::find(name).ok_or_else(|| unknown().at(0))?;
    Ok((Content::Placeholder(placeholder), length))
}

/// Gives the length of the literal text that a non-empty `rest` starts with.
fn text_end(rest: &str) -> usize {
    let markers = ["${", "$${"];
    let ends = markers.iter().filter_map(|marker| rest.find(marker));
    ends.min().unwrap_or(rest.len())
}

/// Gathers segments and keeps neighboring literals joined.
#[derive(Default)]
struct Builder {
    segments: Vec<Segment>,
    literal: Vec<u8>,
}

impl Builder {
    fn literal(&mut self, bytes: &[u8]) {
        self.literal.extend_from_slice(bytes);
    }

    fn fire(&mut self, field: FireField) {
        self.push(Segment::Fire { field });
    }

    fn drawn(&mut self, draw: Draw, encoding: Encoding) {
        self.push(Segment::Drawn { draw, encoding });
    }

    fn captured(&mut self, captured: Captured, encoding: Encoding) {
        let variable = captured.variable;
        self.push(Segment::Captured { variable, encoding });
    }

    fn world(&mut self, field: WorldField, encoding: Encoding) {
        self.push(Segment::World { field, encoding });
    }

    /// Adds a value at a place that cannot say that there is none.
    fn present(
        &mut self,
        field: WorldField,
        encoding: Encoding,
        offset: usize,
    ) -> Result<(), Located> {
        if field.info().presence == Presence::Optional {
            let name = field.name();
            return Err(Fault::NeedsNull { name }.at(offset));
        }
        self.world(field, encoding);
        Ok(())
    }

    fn push(&mut self, segment: Segment) {
        self.flush();
        self.segments.push(segment);
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            let literal = std::mem::take(&mut self.literal);
            self.segments.push(Segment::Literal(literal.into()));
        }
    }

    fn finish(mut self) -> Template {
        self.flush();
        Template {
            segments: self.segments.into(),
        }
    }
}
