//! Typed access to the members of a JSON object in a ruleset, with errors that say where they are.

use serde_json::{Map, Value};

/// What is wrong at one place of a ruleset.
///
/// The place is built from the inside out: each level that passes a problem on puts its own name in front.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) place: String,
    pub(super) message: String,
}

impl Problem {
    /// Tells that `place` holds something else than what is `expected`.
    pub(super) fn unexpected(place: impl Into<String>, found: &Value, expected: &str) -> Self {
        let kind = match found {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        Self::new(place, format!("found {kind}, expected {expected}"))
    }

    pub(super) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }

    /// Moves the problem one level out.
    #[must_use]
    pub(super) fn within(mut self, outer: &str) -> Self {
        self.place = match self.place.as_str() {
            "" => outer.to_owned(),
            place if place.starts_with('[') => format!("{outer}{place}"),
            place => format!("{outer}.{place}"),
        };
        self
    }

    /// Names the rule, or what else it is, that the place lies in.
    #[must_use]
    pub(super) fn inside(mut self, subject: &str) -> Self {
        self.place = match self.place.as_str() {
            "" => subject.to_owned(),
            place => format!("{subject}, {place}"),
        };
        self
    }
}

/// A JSON object whose members may go by more than one name; the first name that is there counts.
#[derive(Clone, Copy)]
pub(super) struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    pub(super) fn of(value: &'a Value) -> Result<Self, Problem> {
        value
            .as_object()
            .map(Self)
            .ok_or_else(|| Problem::unexpected("", value, "an object"))
    }

    /// Finds a member and the name it goes by; a null counts as absent.
    pub(super) fn find(self, names: &[&'static str]) -> Option<(&'static str, &'a Value)> {
        names.iter().find_map(|&name| {
            self.0
                .get(name)
                .filter(|value| !value.is_null())
                .map(|value| (name, value))
        })
    }

    pub(super) fn keys(self) -> impl Iterator<Item = &'a str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn text(self, names: &[&'static str]) -> Result<Option<&'a str>, Problem> {
        self.typed(names, Value::as_str, "a string")
    }

    pub(super) fn flag(self, names: &[&'static str]) -> Result<Option<bool>, Problem> {
        self.typed(names, Value::as_bool, "true or false")
    }

    pub(super) fn integer(self, names: &[&'static str]) -> Result<Option<i64>, Problem> {
        self.typed(names, Value::as_i64, "an integer")
    }

    pub(super) fn count(self, names: &[&'static str]) -> Result<Option<u64>, Problem> {
        self.typed(names, Value::as_u64, "an integer of at least 0")
    }

    /// Compiles a member, if it is there, and puts its name in front of what is wrong inside it.
    pub(super) fn compiled<T>(
        self,
        names: &[&'static str],
        compile: impl FnOnce(&'a Value) -> Result<T, Problem>,
    ) -> Result<Option<T>, Problem> {
        self.find(names)
            .map(|(name, value)| compile(value).map_err(|problem| problem.within(name)))
            .transpose()
    }

    fn typed<T>(
        self,
        names: &[&'static str],
        read: impl Fn(&'a Value) -> Option<T>,
        expected: &str,
    ) -> Result<Option<T>, Problem> {
        self.find(names)
            .map(|(name, value)| {
                read(value).ok_or_else(|| Problem::unexpected(name, value, expected))
            })
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Members, Problem};

    #[test]
    fn the_first_name_that_is_there_counts() {
        let object = json!({"version": 2, "rulesetVersion": null});
        let members = Members::of(&object).unwrap();
        assert_eq!(members.count(&["rulesetVersion", "version"]), Ok(Some(2)));
        assert_eq!(members.count(&["ruleset_version"]), Ok(None));
    }

    #[test]
    fn problems_name_the_member_as_it_was_written() {
        let object = json!({"rulesetVersion": "2"});
        let found = Members::of(&object)
            .unwrap()
            .count(&["ruleset_version", "rulesetVersion"]);
        assert_eq!(
            found,
            Err(Problem::new(
                "rulesetVersion",
                "found a string, expected an integer of at least 0"
            ))
        );
    }

    #[test]
    fn places_grow_from_the_inside_out() {
        let problem = Problem::new("value", "m")
            .within("[1]")
            .within("args")
            .within("condition");
        assert_eq!(problem.place, "condition.args[1].value");
        assert_eq!(Problem::new("", "m").within("scope").place, "scope");
    }
}
