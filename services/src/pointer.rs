//! JSON pointers (RFC 6901): the path to one value inside a JSON answer.

use std::fmt;

use crate::error::{Error, Fault, Located};

/// A parsed JSON pointer.
///
/// Source: RFC 6901. Display gives back the text it was parsed from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonPointer(Box<[String]>);

impl JsonPointer {
    /// Parses a pointer such as `/engine_metadata/engine_mode`; the empty text points at the whole document.
    ///
    /// Errors: text that neither is empty nor starts with a slash, and a `~` that is not `~0` or `~1`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::locate(text).map_err(|located| Error::in_expression(text, located))
    }

    /// Gives the decoded names (or array indices) from the outside in.
    pub fn tokens(&self) -> &[String] {
        &self.0
    }

    /// Parses a pointer that may hold one `*`, which stands for every item of an array: what comes before it and, if
    /// there is one, what comes after it.
    pub(crate) fn locate_each(text: &str) -> Result<(Self, Option<Self>), Located> {
        let mut stars = text.match_indices("/*").map(|(at, _)| at).filter(|at| {
            let after = text.as_bytes().get(at + 2);
            after.is_none_or(|&byte| byte == b'/')
        });
        let Some(star) = stars.next() else {
            return Ok((Self::locate(text)?, None));
        };
        if let Some(second) = stars.next() {
            return Err(Fault::PointerStars.at(second + 1));
        }
        let after_at = star + "/*".len();
        let after = Self::locate(&text[after_at..])
            .map_err(|located| located.fault.at(located.offset + after_at))?;
        Ok((Self::locate(&text[..star])?, Some(after)))
    }

    pub(crate) fn locate(text: &str) -> Result<Self, Located> {
        if text.is_empty() {
            return Ok(Self(Box::default()));
        }
        let Some(path) = text.strip_prefix('/') else {
            return Err(Fault::PointerStart.at(0));
        };
        if let Some(offset) = lone_tilde(text) {
            return Err(Fault::PointerEscape.at(offset));
        }
        // `~1` before `~0`, else `~01` would become a slash (RFC 6901, section 4).
        let decode = |token: &str| token.replace("~1", "/").replace("~0", "~");
        Ok(Self(path.split('/').map(decode).collect()))
    }
}

impl fmt::Display for JsonPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for token in &self.0 {
            write!(f, "/{}", token.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

fn lone_tilde(text: &str) -> Option<usize> {
    text.match_indices('~')
        .map(|(offset, _)| offset)
        .find(|offset| !matches!(text.as_bytes().get(offset + 1), Some(b'0' | b'1')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tokens_are_decoded() {
        // The strings of RFC 6901, section 5, and the order of its two escapes.
        let rows: &[(&str, &[&str])] = &[
            ("", &[]),
            ("/foo/0", &["foo", "0"]),
            ("/", &[""]),
            ("/a~1b", &["a/b"]),
            ("/m~0n", &["m~n"]),
            ("/~01", &["~1"]),
            ("/ /c%d", &[" ", "c%d"]),
        ];
        for (text, tokens) in rows {
            assert_eq!(JsonPointer::parse(text).unwrap().tokens(), *tokens);
        }
    }

    #[test]
    fn faults_are_located() {
        let rows = [
            ("decision", 1, Fault::PointerStart),
            ("/a~2", 3, Fault::PointerEscape),
            ("/a/~", 4, Fault::PointerEscape),
            ("/~0/~", 5, Fault::PointerEscape),
        ];
        for (text, expected, broken) in rows {
            let Err(Error::Expression { column, fault, .. }) = JsonPointer::parse(text) else {
                panic!("{text} must not parse");
            };
            assert_eq!((column, *fault), (expected, broken), "{text}");
        }
    }

    #[test]
    fn a_star_parts_the_pointer() {
        let pointer = |text: &str| JsonPointer::parse(text).unwrap();
        let rows = [
            ("/id", pointer("/id"), None),
            ("/a/*", pointer("/a"), Some(pointer(""))),
            ("/*/id", pointer(""), Some(pointer("/id"))),
            ("/a/*/b/0", pointer("/a"), Some(pointer("/b/0"))),
            ("/a*/**", pointer("/a*/**"), None),
        ];
        for (text, before, after) in rows {
            assert_eq!(
                JsonPointer::locate_each(text),
                Ok((before, after)),
                "{text}"
            );
        }
        for (text, offset, fault) in [
            ("/a/*/*", 5, Fault::PointerStars),
            ("/a/*/~", 5, Fault::PointerEscape),
            ("/~/*", 1, Fault::PointerEscape),
            ("a/*", 0, Fault::PointerStart),
        ] {
            assert_eq!(
                JsonPointer::locate_each(text),
                Err(fault.at(offset)),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn display_gives_back_what_was_parsed(text in "(/([a-z/ é]|~0|~1){0,6}){0,4}") {
            prop_assert_eq!(JsonPointer::parse(&text).unwrap().to_string(), text);
        }

        #[test]
        fn parsing_gives_back_any_tokens(tokens in prop::collection::vec(".*", 0..5)) {
            let pointer = JsonPointer(tokens.into());
            prop_assert_eq!(JsonPointer::parse(&pointer.to_string()).unwrap(), pointer);
        }
    }
}
