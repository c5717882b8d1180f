//! Values taken out of answers.

use std::fmt;

use http::Uri;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use tapdeck_services::{JsonPointer, Take, ValueKind};

/// What a variable of a session holds: nothing, one value, or those of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Captured {
    values: Vec<String>,
    /// Where the request was sent whose answer they are from.
    base: Uri,
}

/// A captured value as a request is filled with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given<'v> {
    /// As it was in the answer.
    pub(crate) text: &'v str,
    /// Where the request was sent that was answered with it.
    pub(crate) base: &'v Uri,
}

impl Captured {
    /// Wraps a value, if there is one.
    pub(super) fn one(value: Option<String>) -> Self {
        Self::all(value)
    }

    fn all(values: impl IntoIterator<Item = String>) -> Self {
        Self {
            values: values.into_iter().collect(),
            base: Uri::default(),
        }
    }

    /// Says where the request was sent whose answer the values are from.
    pub(super) fn found_at(mut self, base: &Uri) -> Self {
        self.base.clone_from(base);
        self
    }

    /// Finds the value at a place of a document, or one value in each item of the list there; values of another kind
    /// than asked for are none.
    pub(super) fn find(
        document: &RawValue,
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
                let items: Vec<&RawValue> = serde_json::from_str(found.get()).unwrap_or_default();
                let values = items.into_iter().filter_map(|item| look_up(item, within));
                Self::all(values.filter_map(|value| text(value, kind)))
            }
        }
    }

    /// Gives the number of values.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Gives the value of a number.
    pub(crate) fn item(&self, number: usize) -> Option<&str> {
        self.values.get(number).map(String::as_str)
    }

    /// Gives all values.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    /// Gives where the request was sent whose answer the values are from.
    pub(crate) fn base(&self) -> &Uri {
        &self.base
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

/// Follows a pointer, token by token; RFC 6901. Nothing on the way is converted, so a value comes out as it is written.
fn look_up<'v>(document: &'v RawValue, pointer: &JsonPointer) -> Option<&'v RawValue> {
    pointer.tokens().iter().try_fold(document, |value, token| {
        let mut reader = serde_json::Deserializer::from_str(value.get());
        // A value without members has none of the name.
        reader.deserialize_any(Member(token)).ok().flatten()
    })
}

/// Finds the member of an object, or the item of an array, that a token names; the last one where a name stands twice.
struct Member<'t>(&'t str);

impl<'v> Visitor<'v> for Member<'_> {
    type Value = Option<&'v RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'v>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(is_wanted) = map.next_key_seed(IsNamed(self.0))? {
            if is_wanted {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'v>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        // No array has an item of the highest number, so a token that is no number finds none.
        let wanted = self.0.parse().unwrap_or(usize::MAX);
        for _ in 0..wanted {
            if seq.next_element::<IgnoredAny>()?.is_none() {
                return Ok(None);
            }
        }
        let found = seq.next_element()?;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }
}

/// Tells whether a name in the document is the one that is looked for.
struct IsNamed<'t>(&'t str);

impl<'v> DeserializeSeed<'v> for IsNamed<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'v>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsNamed<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

/// Writes a value as it goes into the next request, if it is of the kind.
fn text(value: &RawValue, kind: ValueKind) -> Option<String> {
    let raw = value.get();
    match (raw.as_bytes(), kind) {
        ([b'"', ..], ValueKind::Text) => serde_json::from_str(raw).ok(),
        ([b't' | b'f', ..], ValueKind::Text | ValueKind::Boolean)
        | ([b'-' | b'0'..=b'9', ..], ValueKind::Text | ValueKind::Number) => Some(raw.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(json: &str, at: &str, each: Option<&str>, kind: ValueKind) -> Vec<String> {
        let document: &RawValue = serde_json::from_str(json).unwrap();
        let at = JsonPointer::parse(at).unwrap();
        let each = each.map(|each| JsonPointer::parse(each).unwrap());
        Captured::find(document, &at, each.as_ref(), kind).values
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
    fn numbers_come_out_as_they_are_written() {
        let json = r#"{"a":42.50,"b":[{"c":1E2},{"c":12345678901234567890123}],"d":{"e": [-0.10 , 10.00]}}"#;
        assert_eq!(find(json, "/a", None, ValueKind::Text), ["42.50"]);
        let each = find(json, "/b", Some("/c"), ValueKind::Number);
        assert_eq!(each, ["1E2", "12345678901234567890123"]);
        let items = find(json, "/d/e", Some(""), ValueKind::Number);
        assert_eq!(items, ["-0.10", "10.00"]);
        assert_eq!(find(json, "/d/e/1", None, ValueKind::Text), ["10.00"]);
    }

    #[test]
    fn names_are_compared_unescaped_and_the_last_of_two_counts() {
        let json = r#"{"a":1,"\u0061":2,"é\n":"\u00e9"}"#;
        assert_eq!(find(json, "/a", None, ValueKind::Text), ["2"]);
        assert_eq!(find(json, "/é\n", None, ValueKind::Text), ["é"]);
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
        let list = Captured::all(["a", "b", "c"].map(str::to_owned));
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
