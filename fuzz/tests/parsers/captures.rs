//! Values picked out of JSON answers: the same as a parser finds that builds the whole document.

use arbitrary::{Arbitrary, Unstructured};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};
use tapdeck::replay::json_pick::{Found, Picks};
use tapdeck_fuzz::bounded::within;
use tapdeck_fuzz::edits::Edits;

const MOST_BYTES: u64 = 1 << 20;

const ANSWER: &[u8] = "\u{feff}{\"decision\":\"APPROVE\",\"items\":[{\"id\":\"a\\u00e9\\n\"},{\"id\":12345678901234567890}],\
    \"amount\":42.50,\"engine\":{\"mode\":null,\"ok\":true}}"
    .as_bytes();

const POINTERS: [&[&str]; 6] = [
    &["decision"],
    &["items", "0", "id"],
    &["items", "1", "id"],
    &["amount"],
    &["engine", "mode"],
    &["engine"],
];

fn picks() -> Picks {
    let mut picks = Picks::default();
    for (number, pointer) in POINTERS.iter().enumerate() {
        let tokens: Vec<String> = pointer.iter().map(|&token| token.to_owned()).collect();
        assert_eq!(picks.add(&tokens), Some(number));
    }
    picks
}

/// Compares what was picked with the whole document.
fn compare(json: &[u8], document: &Value) {
    let picks = picks();
    let found = picks.pick(json).unwrap();
    for (pointer, found) in POINTERS.iter().zip(&found) {
        let path = format!("/{}", pointer.join("/"));
        match (document.pointer(&path), found) {
            (None, Found::Missing)
            | (Some(Value::Null), Found::Null)
            | (Some(Value::Array(_) | Value::Object(_)), Found::Compound) => {}
            (Some(Value::String(text)), Found::Text(found)) => assert_eq!(text, found),
            (Some(Value::Bool(is)), Found::Boolean(found)) => assert_eq!(is, found),
            (Some(Value::Number(number)), Found::Number(found)) => {
                let found: Value = serde_json::from_str(found).unwrap();
                assert_eq!(found.as_f64(), number.as_f64());
            }
            (there, found) => panic!("{path}: {found:?} instead of {there:?}"),
        }
    }
}

#[test]
fn damaged_answers_are_no_json_to_either_parser() {
    let picks = picks();
    bolero::check!()
        .with_arbitrary::<Edits>()
        .for_each(|edits: &Edits| {
            let tried = edits.apply(ANSWER);
            let text = tried.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&tried);
            let is_picked = within(MOST_BYTES, || picks.pick(&tried).is_some());
            if is_picked {
                serde_json::from_slice::<IgnoredAny>(text).unwrap();
            }
            // Numbers are not read, so those count that are too large for the other parser.
            if let Ok(document) = serde_json::from_slice::<Value>(text) {
                assert!(is_picked, "{tried:?}");
                compare(&tried, &document);
            }
        });
}

/// A document whose names are those that pointers look for.
#[derive(Debug)]
struct Document(Value);

impl<'a> Arbitrary<'a> for Document {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        value(bytes, 4).map(Self)
    }
}

fn value(bytes: &mut Unstructured<'_>, depth: u8) -> arbitrary::Result<Value> {
    let kind = if depth == 0 {
        bytes.int_in_range(0..=3)?
    } else {
        bytes.int_in_range(0..=5)?
    };
    Ok(match kind {
        0 => Value::Null,
        1 => json!(bool::arbitrary(bytes)?),
        2 => json!(i32::arbitrary(bytes)?),
        3 => json!(String::arbitrary(bytes)?),
        4 => {
            let length = bytes.int_in_range(0..=3)?;
            let items = (0..length).map(|_| value(bytes, depth - 1));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        _ => {
            let names = [
                "decision", "items", "id", "amount", "engine", "mode", "0", "1",
            ];
            let length = bytes.int_in_range(0..=4)?;
            let mut map = Map::new();
            for _ in 0..length {
                let name = *bytes.choose(&names)?;
                map.insert(name.to_owned(), value(bytes, depth - 1)?);
            }
            Value::Object(map)
        }
    })
}

#[test]
fn pointers_lead_where_they_lead_in_the_whole_document() {
    bolero::check!()
        .with_arbitrary::<Document>()
        .for_each(|Document(document): &Document| {
            compare(document.to_string().as_bytes(), document);
        });
}
