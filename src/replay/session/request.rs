//! Puts the request of a step together: what lies on the tape, stamped, with captured values in their places.

use http::header::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tapdeck_corpora::{Record, SLOT_CAPTURED, SlotPart};
use tapdeck_services::{Encoding, Endpoint, HeaderPiece};

use super::captured::Given;
use super::origin::Origin;
use super::reference::{Elsewhere, resolve};
use crate::mask::excerpt;
use crate::replay::endpoint::RequestError;
use crate::replay::stamp::Stamps;
use crate::replay::token::Token;

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// How captured values are written in the requests of one step, place by place.
#[derive(Debug, Default)]
pub(crate) struct StepTemplates {
    path: Vec<Encoding>,
    body: Vec<Encoding>,
    /// Headers whose values hold captured ones.
    headers: Vec<(HeaderName, Vec<HeaderPiece>)>,
    /// Where the target is: captured URLs must lead there.
    origin: Origin,
}

impl StepTemplates {
    /// Reads them off an endpoint's templates.
    ///
    /// Errors: says which header HTTP does not allow.
    pub(crate) fn new(endpoint: &Endpoint, origin: Origin) -> Result<Self, String> {
        let encodings = |captured: &mut dyn Iterator<Item = (u8, Encoding)>| {
            captured.map(|(_, encoding)| encoding).collect()
        };
        let headers = endpoint.headers.iter();
        let headers = headers.filter(|header| header.captured().next().is_some());
        Ok(Self {
            origin,
            path: encodings(&mut endpoint.path.captured()),
            body: match &endpoint.body {
                Some(body) => encodings(&mut body.captured()),
                None => Vec::new(),
            },
            headers: headers
                .map(|header| {
                    let name = HeaderName::try_from(header.name.as_str()).map_err(|_| {
                        format!(
                            "endpoint {:?}: HTTP does not allow the header {:?}",
                            endpoint.name, header.name
                        )
                    })?;
                    Ok((name, header.value.clone()))
                })
                .collect::<Result<_, String>>()?,
        })
    }

    /// Tells whether the path is captured as a whole, so that nothing belongs before it.
    pub(crate) fn captures_whole_path(&self) -> bool {
        self.path.first() == Some(&Encoding::Reference)
    }

    /// Puts the path together.
    ///
    /// Errors: a captured URL leads to another place than the target.
    pub(crate) fn path<'v>(
        &self,
        record: &Record<'_>,
        stamps: &Stamps,
        value: impl Fn(u8) -> Given<'v>,
    ) -> Result<Vec<u8>, RequestError> {
        let part = (SlotPart::Path, record.path());
        self.fill(record, part, stamps, value)
    }

    /// Puts the body together.
    pub(crate) fn body<'v>(
        &self,
        record: &Record<'_>,
        stamps: &Stamps,
        value: impl Fn(u8) -> Given<'v>,
    ) -> Result<Vec<u8>, RequestError> {
        let part = (SlotPart::Body, record.body());
        self.fill(record, part, stamps, value)
    }

    /// Puts the headers together that hold captured values; without a token, those that hold one as well are left out.
    pub(crate) fn headers<'v>(
        &self,
        token: Option<&Token>,
        value: impl Fn(u8) -> Given<'v>,
    ) -> impl Iterator<Item = Result<(HeaderName, HeaderValue), RequestError>> {
        self.headers.iter().filter_map(move |(name, pieces)| {
            let text: Option<String> = pieces
                .iter()
                .map(|piece| match piece {
                    HeaderPiece::Text(text) => Some(text.as_str()),
                    HeaderPiece::Captured(variable) => Some(value(*variable).text),
                    HeaderPiece::Token => token.map(Token::expose),
                })
                .collect();
            let made = HeaderValue::try_from(text?).map(|mut value| {
                value.set_sensitive(pieces.contains(&HeaderPiece::Token));
                (name.clone(), value)
            });
            Some(made.map_err(|source| RequestError::Header {
                name: name.clone(),
                source,
            }))
        })
    }

    /// Copies a part of a record with its slots filled.
    fn fill<'v>(
        &self,
        record: &Record<'_>,
        (part, stored): (SlotPart, &[u8]),
        stamps: &Stamps,
        value: impl Fn(u8) -> Given<'v>,
    ) -> Result<Vec<u8>, RequestError> {
        let mut filled = Vec::with_capacity(stored.len() + 64);
        let mut copied = 0;
        let mut encodings = match part {
            SlotPart::Path => self.path.iter(),
            SlotPart::Body => self.body.iter(),
        };
        let slots = (0..).map_while(|slot_idx| record.slot(slot_idx));
        for slot in slots.filter(|slot| slot.part == part) {
            if let Some(variable) = slot.kind.checked_sub(SLOT_CAPTURED) {
                filled.extend_from_slice(&stored[copied..slot.offset]);
                copied = slot.offset;
                if let Some(&encoding) = encodings.next() {
                    self.write(value(variable), encoding, &mut filled)?;
                }
            } else if let Some(stamped) = Stamps::stamped_range(&slot) {
                filled.extend_from_slice(&stored[copied..stamped.start]);
                filled.extend_from_slice(stamps.of_kind(slot.kind));
                copied = stamped.end;
            }
        }
        filled.extend_from_slice(&stored[copied..]);
        Ok(filled)
    }

    /// Appends a captured value as its place asks for.
    fn write(
        &self,
        value: Given<'_>,
        encoding: Encoding,
        out: &mut Vec<u8>,
    ) -> Result<(), RequestError> {
        match encoding {
            Encoding::JsonText => {
                let quoted = serde_json::Value::from(value.text).to_string();
                out.extend_from_slice(&quoted.as_bytes()[1..quoted.len() - 1]);
            }
            Encoding::PathSegment => {
                out.extend(utf8_percent_encode(value.text, RESERVED).flat_map(str::bytes));
            }
            Encoding::Reference => {
                let path = resolve(value.text, value.base, &self.origin);
                let path = path.map_err(|Elsewhere| RequestError::Elsewhere {
                    value: excerpt(value.text.as_bytes()),
                })?;
                out.extend_from_slice(path.as_bytes());
            }
            // Only numbers and booleans stand for whole JSON values, and plain text stands as it is.
            Encoding::JsonValue | Encoding::Plain => out.extend_from_slice(value.text.as_bytes()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use http::Uri;
    use tapdeck_corpora::{NewSlot, SLOT_ID};
    use tapdeck_services::ServiceDefinition;

    use super::*;
    use crate::replay::fixture::{PLACE, STAMPS, lane_tape};
    use crate::replay::payload::record_at;

    fn captured(part: SlotPart, variable: u8, offset: usize) -> NewSlot {
        NewSlot {
            part,
            kind: SLOT_CAPTURED + variable,
            offset: u32::try_from(offset).unwrap(),
            width: 0,
        }
    }

    #[test]
    fn captured_values_and_stamps_take_their_places() {
        let stored = br#"{"a":"","n":,"id":"t-00000000"}"#;
        let id = NewSlot {
            part: SlotPart::Body,
            kind: SLOT_ID,
            offset: 19,
            width: 10,
        };
        let slots = [
            captured(SlotPart::Path, 0, 1),
            captured(SlotPart::Body, 0, 6),
            captured(SlotPart::Body, 1, 12),
            id,
        ];
        let tape = lane_tape(stored, &slots);
        let record = record_at(&tape, PLACE).unwrap();
        let templates = StepTemplates {
            path: vec![Encoding::PathSegment],
            body: vec![Encoding::JsonText, Encoding::JsonValue],
            ..StepTemplates::default()
        };
        let base = Uri::default();
        let value = |variable| {
            let text = ["say \"ä\"/\n", "42"][usize::from(variable)];
            Given { text, base: &base }
        };
        assert_eq!(
            templates.path(&record, &STAMPS, value).unwrap(),
            b"/say%20%22%C3%A4%22%2F%0A"
        );
        let body = templates.body(&record, &STAMPS, value).unwrap();
        assert_eq!(
            String::from_utf8(body).unwrap(),
            r#"{"a":"say \"ä\"/\n","n":42,"id":"t-SALTSALT"}"#
        );
    }

    #[test]
    fn headers_hold_captured_values_unless_they_cannot() {
        let source = r#"
            name = "s"
            title = "S"
            slos = []
            [target]
            base_url = "http://localhost:1"
            [[sessions]]
            name = "visit"
            [[sessions.steps]]
            name = "login"
            method = "POST"
            path = "/login"
            captures = { csrf = { cookie = "csrftoken" } }
            [[sessions.steps]]
            name = "act"
            method = "POST"
            path = "/act"
            headers = { X-CSRFToken = "t=${captured.csrf}", X-Both = "${fire.token}/${captured.csrf}", Accept = "*/*" }
        "#;
        let service = ServiceDefinition::parse(source, "s.toml").unwrap();
        let templates = StepTemplates::new(&service.endpoints[1], Origin::default()).unwrap();
        let base = Uri::default();
        let given = |text| Given { text, base: &base };
        let good = |token| {
            let made = templates
                .headers(token, |_| given("abc"))
                .map(Result::unwrap);
            made.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
                .collect::<Vec<_>>()
        };
        assert_eq!(good(None), ["x-csrftoken: t=abc"]);
        let token = Token::new("tok".into()).unwrap();
        assert_eq!(
            good(Some(&token)),
            ["x-csrftoken: t=abc", "x-both: tok/abc"]
        );
        let both = templates
            .headers(Some(&token), |_| given("abc"))
            .nth(1)
            .unwrap();
        assert!(both.unwrap().1.is_sensitive());
        let bad = templates.headers(None, |_| given("a\nb")).next().unwrap();
        assert!(bad.unwrap_err().to_string().contains("x-csrftoken"));
    }
}
