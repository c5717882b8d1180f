//! Environment variables, as far as a run listens to them; handed in, so that nothing deeper down reads the process's own.

use std::collections::BTreeMap;

/// Variables by name.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Takes the variables of this process; those that are no text are not there.
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// Takes variables by name and value.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self(variables.into_iter().map(owned).collect())
    }

    /// Gives the value of a variable; an empty one is as good as none.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// Gives the first of several names of one variable that has a value, with that name.
    pub fn first<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Option<(&'n str, &str)> {
        let mut names = names.into_iter();
        names.find_map(|name| Some((name, self.get(name)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_with_a_value_counts() {
        let environment = Environment::of([("OLD", "1"), ("NEW", " "), ("OTHER", " 2 ")]);
        assert_eq!(environment.first(["NEW", "OLD"]), Some(("OLD", "1")));
        assert_eq!(environment.first(["OTHER", "OLD"]), Some(("OTHER", "2")));
        assert_eq!(environment.first(["NONE"]), None);
    }
}
