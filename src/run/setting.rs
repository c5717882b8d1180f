//! A value and where it came from.

use std::fmt;

/// A value that somebody set.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting<T> {
    /// What holds.
    pub value: T,
    /// Who said so.
    pub origin: Origin,
}

/// Who set a value; what comes first outranks what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    Flag(&'static str),
    /// An environment variable.
    Variable(String),
    /// The service's definition, or a scenario in it.
    Definition(String),
    /// Nobody: it is what it is by default.
    Default,
    /// Another value, by a rule.
    Derived(Box<Origin>, String),
}

impl<T> Setting<T> {
    /// Sets a value by flag.
    pub fn flag(value: T, flag: &'static str) -> Self {
        let origin = Origin::Flag(flag);
        Self { value, origin }
    }

    /// Sets a value by environment variable.
    pub fn variable(value: T, name: &str) -> Self {
        let origin = Origin::Variable(name.to_owned());
        Self { value, origin }
    }

    /// Sets a value by definition; `place` is the service, or a scenario of it.
    pub fn definition(value: T, place: &str) -> Self {
        let origin = Origin::Definition(place.to_owned());
        Self { value, origin }
    }

    /// Leaves a value as it is by default.
    pub fn default(value: T) -> Self {
        let origin = Origin::Default;
        Self { value, origin }
    }

    /// Makes another value of this one; `rule` says how.
    pub fn derive<U>(self, rule: &str, with: impl FnOnce(T) -> U) -> Setting<U> {
        Setting {
            value: with(self.value),
            origin: Origin::Derived(Box::new(self.origin), rule.to_owned()),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Variable(name) => write!(f, "${name}"),
            Self::Definition(place) => f.write_str(place),
            Self::Default => f.write_str("default"),
            Self::Derived(from, rule) => write!(f, "{from}, {rule}"),
        }
    }
}
