//! The parameters of a query. Those that nobody asks for are ignored, as `FastAPI` does.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Detail, Misfit, Place};
use crate::stand_in::visit::Visit;

/// The parameters of a request, decoded, and what does not fit.
pub(in crate::stand_in) struct Query<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    pub(in crate::stand_in) details: Vec<Detail>,
}

impl<'a> Query<'a> {
    pub(in crate::stand_in) fn of(visit: &Visit<'a>) -> Self {
        Self::parse(visit.head.uri.query().unwrap_or_default())
    }

    fn parse(query: &'a str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self {
            pairs: pairs
                .map(|(name, value)| (decoded(name), decoded(value)))
                .collect(),
            details: Vec::new(),
        }
    }

    /// Gives a parameter; of several of one name, the last.
    pub(in crate::stand_in) fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.pairs.iter().rev().filter(|(other, _)| other == name);
        found.next().map(|(_, value)| value.as_ref())
    }

    /// Reads a parameter as a body's member is read.
    pub(in crate::stand_in) fn read<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Result<T, Misfit>,
    ) -> Option<T> {
        let value = Value::from(self.get(name)?);
        match read(&value) {
            Ok(read) => Some(read),
            Err(misfit) => {
                let place = vec![Place::Name("query"), Place::Name(name)];
                self.details.push(misfit.at(place, value));
                None
            }
        }
    }

    /// Reads a whole number of a range, or gives its default.
    pub(in crate::stand_in) fn whole(
        &mut self,
        name: &'static str,
        (least, most): (i64, i64),
        default: i64,
    ) -> i64 {
        let read = |value: &Value| {
            let number = super::whole(value, Some(least))?;
            if number > most {
                let message = format!("Input should be less than or equal to {most}");
                let misfit = Misfit::new("less_than_equal", message);
                return Err(misfit.within(json!({"le": most})));
            }
            Ok(number)
        };
        self.read(name, read).unwrap_or(default)
    }
}

fn decoded(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned());
    }
    percent_decode_str(text).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_the_last_of_a_name_counts() {
        let query = Query::parse("a=1&b=x%20y+z&a=2&flag&=odd");
        assert_eq!(query.get("a"), Some("2"));
        assert_eq!(query.get("b"), Some("x y z"));
        assert_eq!(query.get("flag"), Some(""));
        assert_eq!(query.get("c"), None);
    }

    #[test]
    fn whole_numbers_keep_to_their_range() {
        for (text, number, kind) in [
            ("n=7", 7, None),
            ("", 50, None),
            ("n=0", 50, Some("greater_than_equal")),
            ("n=501", 50, Some("less_than_equal")),
            ("n=many", 50, Some("int_parsing")),
            ("n=", 50, Some("int_parsing")),
        ] {
            let mut query = Query::parse(text);
            assert_eq!(query.whole("n", (1, 500), 50), number, "{text}");
            let kinds: Vec<_> = query.details.iter().map(|detail| detail.kind).collect();
            assert_eq!(kinds, Vec::from_iter(kind), "{text}");
        }
    }
}
