//! Picks a few scalar values out of a JSON text in one pass, without building the document.
//!
//! Answers are small and three or four values of them matter, so a visitor of `serde_json` follows the wanted pointers
//! and skips the rest. Numbers and texts without escapes are borrowed; nothing is allocated for them.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

/// Most pointers one endpoint may watch.
pub const MOST_PICKS: usize = 8;

/// A value found where a pointer leads.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Found<'a> {
    /// The pointer leads nowhere.
    #[default]
    Missing,
    /// A string.
    Text(Cow<'a, str>),
    /// A number, as it is written.
    Number(&'a str),
    /// `true` or `false`.
    Boolean(bool),
    /// `null`.
    Null,
    /// An object or an array.
    Compound,
}

impl<'a> Found<'a> {
    /// Reads a value, of which the parser has seen that it is JSON.
    ///
    /// Errors: an escape in a string that stands for no character.
    fn read(raw: &'a str) -> serde_json::Result<Self> {
        Ok(match raw.as_bytes() {
            [b'"', .., b'"'] if raw.contains('\\') => Self::Text(serde_json::from_str(raw)?),
            [b'"', .., b'"'] => Self::Text(Cow::Borrowed(&raw[1..raw.len() - 1])),
            [b't', ..] => Self::Boolean(true),
            [b'f', ..] => Self::Boolean(false),
            [b'n', ..] => Self::Null,
            [b'{' | b'[', ..] => Self::Compound,
            _ => Self::Number(raw),
        })
    }
}

/// The values of one answer, by pick index.
pub type Picked<'a> = [Found<'a>; MOST_PICKS];

/// The pointers to follow, merged into a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picks {
    root: Node,
    count: usize,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Node {
    pick: Option<usize>,
    children: Vec<(Box<str>, Node)>,
}

/// Gives the JSON text of a body: some servers put a byte order mark before it, which is to be ignored.
///
/// Source: RFC 8259, section 8.1.
pub fn json_text(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

impl Picks {
    /// Adds a pointer given by its tokens and gives its pick index; the same pointer keeps its index. `None` if there
    /// are [`MOST_PICKS`] already.
    pub fn add(&mut self, tokens: &[String]) -> Option<usize> {
        let mut node = &mut self.root;
        for token in tokens {
            let known = node.children.iter().position(|(name, _)| **name == **token);
            let idx = known.unwrap_or(node.children.len());
            if known.is_none() {
                node.children.push((token.as_str().into(), Node::default()));
            }
            node = &mut node.children[idx].1;
        }
        if node.pick.is_none() {
            if self.count == MOST_PICKS {
                return None;
            }
            node.pick = Some(self.count);
            self.count += 1;
        }
        node.pick
    }

    /// Tells whether nothing is to be picked.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Reads the whole text and gives what the pointers lead to; `None` if the text is not JSON.
    pub fn pick<'a>(&self, json: &'a [u8]) -> Option<Picked<'a>> {
        let mut picked = Picked::default();
        let mut reader = serde_json::Deserializer::from_slice(json_text(json));
        let walk = Walk {
            node: &self.root,
            picked: &mut picked,
        };
        walk.deserialize(&mut reader).ok()?;
        reader.end().ok()?;
        Some(picked)
    }
}

/// Reads one value at a node of the tree.
struct Walk<'t, 'p, 'a> {
    node: &'t Node,
    picked: &'p mut Picked<'a>,
}

impl<'a> DeserializeSeed<'a> for Walk<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        let Some(pick) = self.node.pick else {
            return deserializer.deserialize_any(self);
        };
        // As it stands in the text: the parser's own numbers are rounded.
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        self.picked[pick] = Found::read(raw).map_err(D::Error::custom)?;
        if self.node.children.is_empty() {
            return Ok(());
        }
        let mut reader = serde_json::Deserializer::from_str(raw);
        let walk = reader.deserialize_any(self);
        walk.map_err(D::Error::custom)
    }
}

/// Goes through what is no pick itself; only objects and arrays lead anywhere.
impl<'a> Visitor<'a> for Walk<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(child) = map.next_key_seed(ChildOf(self.node))? {
            match child {
                Some(node) => map.next_value_seed(Walk {
                    node,
                    picked: &mut *self.picked,
                })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        for idx in 0_usize.. {
            // An index is compared as the text it has in a pointer; arrays of answers are short.
            let child = self
                .node
                .children
                .iter()
                .find(|(name, _)| name.parse() == Ok(idx));
            let more = match child {
                Some((_, node)) => seq
                    .next_element_seed(Walk {
                        node,
                        picked: &mut *self.picked,
                    })?
                    .is_some(),
                None => seq.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                return Ok(());
            }
        }
        Err(A::Error::custom("an array without end"))
    }
}

/// Finds the child of a node that a key names.
struct ChildOf<'t>(&'t Node);

impl<'t, 'a> DeserializeSeed<'a> for ChildOf<'t> {
    type Value = Option<&'t Node>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'t> Visitor<'_> for ChildOf<'t> {
    type Value = Option<&'t Node>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        let child = self.0.children.iter().find(|(name, _)| **name == *key);
        Ok(child.map(|(_, node)| node))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn picks(pointers: &[&str]) -> Picks {
        let mut picks = Picks::default();
        for pointer in pointers {
            let tokens: Vec<String> = pointer.split('/').skip(1).map(str::to_owned).collect();
            picks.add(&tokens).unwrap();
        }
        picks
    }

    #[test]
    fn pointers_lead_to_their_values() {
        let picks = picks(&["/id", "/a/b", "/list/1", "/list", "/no", "/n", "/t", "/nil"]);
        let json = br#"{"x":[{}],"id":"q\u0041","a":{"c":1,"b":"deep"},"list":[1, 2.50 ,3],"n":-4E0,"t":true,"nil":null}"#;
        let picked = picks.pick(json).unwrap();
        assert_eq!(picked[0], Found::Text("qA".into()));
        assert_eq!(picked[1], Found::Text("deep".into()));
        assert_eq!(picked[2], Found::Number("2.50"));
        assert_eq!(picked[3], Found::Compound);
        assert_eq!(picked[4], Found::Missing);
        assert_eq!(picked[5], Found::Number("-4E0"));
        assert_eq!(picked[6], Found::Boolean(true));
        assert_eq!(picked[7], Found::Null);
    }

    #[test]
    fn what_is_not_json_is_told_apart() {
        let picks = picks(&["/id"]);
        for text in [
            "",
            "garbage",
            "{\"id\":\"x\"",
            "{\"id\":\"x\"} trailing",
            "\u{1}\u{2}",
        ] {
            assert!(picks.pick(text.as_bytes()).is_none(), "{text:?}");
        }
        assert_eq!(picks.pick(b"7").unwrap()[0], Found::Missing);
    }

    #[test]
    fn a_byte_order_mark_is_ignored() {
        let picked = picks(&["/id"]).pick(b"\xef\xbb\xbf{\"id\":1}").unwrap();
        assert_eq!(picked[0], Found::Number("1"));
        assert_eq!(picks(&["/id"]).pick(b"\xef\xbb\xbf\xef\xbb\xbf{}"), None);
    }

    #[test]
    fn one_pointer_has_one_index_and_there_is_an_end_to_them() {
        let mut picks = Picks::default();
        assert_eq!(picks.add(&["a".into()]), Some(0));
        assert_eq!(picks.add(&["a".into()]), Some(0));
        for idx in 1..MOST_PICKS {
            assert_eq!(picks.add(&[idx.to_string()]), Some(idx));
        }
        assert_eq!(picks.add(&["one more".into()]), None);
    }

    proptest! {
        /// Any bytes are read or refused, never a panic; and what is read agrees with a full parse.
        #[test]
        fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>()) {
            let picked = picks(&["/id"]).pick(&bytes);
            prop_assert_eq!(picked.is_some(), serde_json::from_slice::<IgnoredAny>(json_text(&bytes)).is_ok());
        }
    }
}
