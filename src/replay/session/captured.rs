//! Values taken out of answers.

use serde_json::Value;
use tapdeck_services::{JsonPointer, Take, ValueKind};

/// What a variable of a session holds: nothing, one value, or those of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Captured(Vec<String>);

impl Captured {
    /// Wraps a value, if there is one.
    pub(super) fn one(value: Option<String>) -> Self {
        Self(value.into_iter().collect())
    }

    /// Finds the value at a place of a document, or one value in each item of the list there; values of another kind
    /// than asked for are none.
    pub(super) fn find(
        document: &Value,
        at: &JsonPointer,
        each: Option<&JsonPointer>,
        kind: ValueKind,
    ) -> Self {
        let Some(found) = look_up(document, at) else {
            return Self::default();
        };
        match each {
            None => Self::one(text(found, kind)),
            Some(within) => {
                let items = found.as_array().map_or(&[][..], Vec::as_slice);
                let values = items.iter().filter_map(|item| look_up(item, within));
                Self(values.filter_map(|value| text(value, kind)).collect())
            }
        }
    }

    /// Gives the number of values.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Gives the value of a number.
    pub(crate) fn item(&self, number: usize) -> Option<&str> {
        self.0.get(number).map(String::as_str)
    }

    /// Gives the value that is meant where the list is not gone over; `session` is the session's number.
    pub(crate) fn taken(&self, take: Take, session: u64) -> Option<&str> {
        let number = match take {
            Take::First => 0,
            Take::Last => self.len().checked_sub(1)?,
            Take::Nth(number) => usize::try_from(number).ok()?,
            Take::Spread => {
                let place = session.checked_rem(self.len() as u64)?;
                usize::try_from(place).ok()?
            }
        };
        self.item(number)
    }
}

/// Follows a pointer, token by token; RFC 6901.
fn look_up<'v>(document: &'v Value, pointer: &JsonPointer) -> Option<&'v Value> {
    let step = |value: &'v Value, token: &String| match value {
        Value::Object(members) => members.get(token),
        Value::Array(items) => items.get(token.parse::<usize>().ok()?),
        _ => None,
    };
    pointer.tokens().iter().try_fold(document, step)
}

/// Writes a value as it goes into the next request, if it is of the kind.
fn text(value: &Value, kind: ValueKind) -> Option<String> {
    match (value, kind) {
        (Value::String(text), ValueKind::Text) => Some(text.clone()),
        (Value::Number(number), ValueKind::Text | ValueKind::Number) => Some(number.to_string()),
        (Value::Bool(truth), ValueKind::Text | ValueKind::Boolean) => Some(truth.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(json: &str, at: &str, each: Option<&str>, kind: ValueKind) -> Vec<String> {
        let document: Value = serde_json::from_str(json).unwrap();
        let at = JsonPointer::parse(at).unwrap();
        let each = each.map(|each| JsonPointer::parse(each).unwrap());
        Captured::find(&document, &at, each.as_ref(), kind).0
    }

    #[test]
    fn values_are_found_where_the_pointer_says_and_only_of_the_kind() {
        let json = r#"{"id":"a/b","n":{"~":[10,true,"x"]},"none":null}"#;
        assert_eq!(find(json, "/id", None, ValueKind::Text), ["a/b"]);
        assert_eq!(find(json, "/n/~0/0", None, ValueKind::Number), ["10"]);
        assert_eq!(find(json, "/n/~0/0", None, ValueKind::Text), ["10"]);
        assert_eq!(find(json, "/n/~0/1", None, ValueKind::Boolean), ["true"]);
        for (at, kind) in [
            ("/none", ValueKind::Text),
            ("/id", ValueKind::Number),
            ("/n/~0/9", ValueKind::Text),
            ("/n", ValueKind::Text),
            ("/missing", ValueKind::Text),
        ] {
            assert!(find(json, at, None, kind).is_empty(), "{at}");
        }
    }

    #[test]
    fn a_list_gives_the_values_of_its_items() {
        let json = r#"{"results":[{"id":1},{"id":"two"},{},{"id":3}]}"#;
        let each = Some("/id");
        assert_eq!(
            find(json, "/results", each, ValueKind::Text),
            ["1", "two", "3"]
        );
        assert_eq!(find(json, "/results", each, ValueKind::Number), ["1", "3"]);
        assert!(find(json, "/id", each, ValueKind::Text).is_empty());
    }

    #[test]
    fn sessions_side_by_side_take_different_items() {
        let list = Captured(["a", "b", "c"].map(str::to_owned).to_vec());
        let taken = |take, session| list.taken(take, session).unwrap_or("none");
        assert_eq!(taken(Take::First, 7), "a");
        assert_eq!(taken(Take::Last, 7), "c");
        assert_eq!(taken(Take::Nth(1), 7), "b");
        assert_eq!(taken(Take::Nth(3), 7), "none");
        let spread: Vec<_> = (3..7).map(|session| taken(Take::Spread, session)).collect();
        assert_eq!(spread, ["a", "b", "c", "a"]);
        assert_eq!(Captured::default().taken(Take::Spread, 1), None);
        assert_eq!(Captured::default().taken(Take::Last, 1), None);
    }
}
