//! Mixes: how often each kind of request comes, in the place of the weights a definition states.

use std::fmt;

use crate::definition::ServiceDefinition;
use crate::error::{Error, Fault, Located, nearest};
use crate::quantity::Word;

/// Weights by the names of endpoints and sessions; what is not named does not come at all.
///
/// Shape: in the order written, names unique, at least one weight above 0; empty for the definition's own weights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mix(Vec<(String, u32)>);

impl Mix {
    /// The definition's own weights.
    pub const NONE: Self = Self(Vec::new());

    /// Parses a mix such as `auth=70,monitoring=30`.
    ///
    /// Errors: an entry that is no name and weight, a name that stands twice, and weights that are all 0, with the column.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut weights = Vec::new();
        let mut offset = 0;
        let wrong = |located: Located| Error::in_expression(text, located);
        for entry in text.split(',') {
            let (name, weight) = entry_of(Word::trim(entry, offset)).map_err(wrong)?;
            weights.push((name, weight));
            offset += entry.len() + 1;
        }
        Self::new(weights).map_err(|fault| wrong(fault.at(0)))
    }

    /// Makes a mix of weights.
    pub(crate) fn new(weights: Vec<(String, u32)>) -> Result<Self, Fault> {
        for (idx, (name, _)) in weights.iter().enumerate() {
            if weights[..idx].iter().any(|(other, _)| other == name) {
                let (what, name) = ("part of the mix", name.clone());
                return Err(Fault::Duplicate { what, name });
            }
        }
        if weights.iter().all(|&(_, weight)| weight == 0) {
            let what = "part of the mix";
            return Err(Fault::NoWeight { what });
        }
        Ok(Self(weights))
    }

    /// Tells whether the definition's own weights hold.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives the names and weights, in the order written.
    pub fn weights(&self) -> &[(String, u32)] {
        &self.0
    }

    /// Finds a name that is neither an endpoint's nor a session's.
    pub(crate) fn unknown(&self, service: &ServiceDefinition) -> Option<Fault> {
        let known: Vec<String> = outlets(service).map(str::to_owned).collect();
        let is_unknown = |(name, _): &&(String, u32)| !known.contains(name);
        let (name, _) = self.0.iter().find(is_unknown)?;
        Some(Fault::UnknownOutlet {
            name: name.clone(),
            nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
            known,
        })
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, (name, weight)) in self.0.iter().enumerate() {
            let comma = if idx == 0 { "" } else { "," };
            write!(f, "{comma}{name}={weight}")?;
        }
        Ok(())
    }
}

impl ServiceDefinition {
    /// Gives this service with the weights of a mix.
    ///
    /// Errors: a name in it that is neither an endpoint's nor a session's.
    pub fn mixed(&self, mix: &Mix) -> Result<Self, Error> {
        let mut service = self.clone();
        if mix.is_empty() {
            return Ok(service);
        }
        if let Some(fault) = mix.unknown(self) {
            return Err(Error::in_expression(&mix.to_string(), fault.at(0)));
        }
        let weight_of = |name: &str| {
            let found = mix.0.iter().find(|(named, _)| named == name);
            found.map_or(0, |&(_, weight)| weight)
        };
        for endpoint in service.endpoints.iter_mut().filter(|it| it.step.is_none()) {
            endpoint.weight = weight_of(&endpoint.name);
        }
        for session in &mut service.sessions {
            session.weight = weight_of(&session.name);
        }
        Ok(service)
    }
}

/// Gives the names that a mix can weigh.
fn outlets(service: &ServiceDefinition) -> impl Iterator<Item = &str> {
    let plain = service.endpoints.iter().filter(|it| it.step.is_none());
    let plain = plain.map(|endpoint| endpoint.name.as_str());
    plain.chain(service.sessions.iter().map(|session| session.name.as_str()))
}

fn entry_of(word: Word<'_>) -> Result<(String, u32), Located> {
    let parts = word.text.split_once('=');
    let parts = parts.map(|(name, weight)| (name.trim(), weight.trim().parse()));
    match parts {
        Some((name, Ok(weight))) if !name.is_empty() => Ok((name.to_owned(), weight)),
        _ => {
            let (expected, example) = ("a name and a whole weight", "auth=70");
            Err(Fault::MixSyntax { expected, example }.at(word.offset))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;

    #[test]
    fn a_mix_takes_the_place_of_all_weights() {
        let service = registry::find("rule-engine").unwrap();
        let weights = |mix: &str| {
            let mixed = service.mixed(&Mix::parse(mix).unwrap()).unwrap();
            let weights = mixed.endpoints.iter().map(|endpoint| endpoint.weight);
            weights.collect::<Vec<_>>()
        };
        assert_eq!(weights("auth=1"), [1, 0]);
        assert_eq!(weights(" monitoring = 3 , auth = 0 "), [0, 3]);
        assert_eq!(service.mixed(&Mix::default()).unwrap(), service);
    }

    #[test]
    fn faults_are_worded() {
        let service = registry::find("rule-engine").unwrap();
        for (text, message) in [
            (
                "auth",
                "column 1: expected a name and a whole weight, such as \"auth=70\"",
            ),
            ("auth=1,auth=2", "part of the mix \"auth\" stands twice"),
            ("auth=0", "every part of the mix has weight 0"),
        ] {
            let error = Mix::parse(text).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
        let error = service.mixed(&Mix::parse("oauth=1").unwrap()).unwrap_err();
        let expected = "no endpoint or session is called \"oauth\"; did you mean \"auth\"?";
        assert!(error.to_string().contains(expected), "{error}");
    }

    #[test]
    fn display_gives_back_what_is_read_the_same() {
        let text = "auth=70,monitoring=30";
        assert_eq!(Mix::parse(text).unwrap().to_string(), text);
    }
}
