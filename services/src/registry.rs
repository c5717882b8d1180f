//! The services that come with tapdeck, and the way to any other one.

use std::path::Path;

use crate::definition::ServiceDefinition;
use crate::error::{Error, nearest};

/// A definition that is part of the program.
#[derive(Debug)]
pub struct Builtin {
    /// The name it is asked for by, and the one inside its definition.
    pub name: &'static str,
    /// Its TOML.
    pub source: &'static str,
}

impl Builtin {
    fn parse(&self) -> Result<ServiceDefinition, Error> {
        ServiceDefinition::parse(self.source, &format!("{}.toml", self.name))
    }
}

/// Every built-in service; a new one is a file in `builtin/` and a row here.
pub const BUILTIN: &[Builtin] = &[
    Builtin {
        name: "rule-engine",
        source: include_str!("../builtin/rule-engine.toml"),
    },
    Builtin {
        name: "transaction-management",
        source: include_str!("../builtin/transaction-management.toml"),
    },
    Builtin {
        name: "rule-management",
        source: include_str!("../builtin/rule-management.toml"),
    },
    Builtin {
        name: "approvals",
        source: include_str!("../builtin/approvals.toml"),
    },
];

/// Reads a service by the name or an alias of a built-in one, or from a path that ends in `.toml`.
///
/// Errors: no such name, an unreadable file, or a fault in the definition.
pub fn find(name_or_path: &str) -> Result<ServiceDefinition, Error> {
    if let Some(builtin) = BUILTIN.iter().find(|builtin| builtin.name == name_or_path) {
        return builtin.parse();
    }
    let path = Path::new(name_or_path);
    if path
        .extension()
        .is_some_and(|extension| extension == "toml")
    {
        return read(path, name_or_path);
    }
    for builtin in BUILTIN {
        let service = builtin.parse()?;
        if service.aliases.iter().any(|alias| alias == name_or_path) {
            return Ok(service);
        }
    }
    let names = BUILTIN.iter().map(|builtin| builtin.name);
    Err(Error::UnknownService {
        name: name_or_path.to_owned(),
        nearest: nearest(name_or_path, names.clone()),
        known: names.collect(),
    })
}

fn read(path: &Path, origin: &str) -> Result<ServiceDefinition, Error> {
    let source = tapdeck_files::read_text(path).map_err(|source| Error::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    ServiceDefinition::parse(&source, origin)
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn built_in_services_are_found_under_the_name_they_bear() {
        for builtin in BUILTIN {
            let service = find(builtin.name).unwrap();
            assert_eq!(service.name, builtin.name);
            assert_eq!(service.source, builtin.source);
        }
    }

    #[test]
    fn names_that_mean_nothing_are_told_what_would() {
        let rows = [
            (
                "rule-engin",
                r#""rule-engin" is neither a built-in service nor a path that ends in .toml; did you mean "rule-engine"?"#,
            ),
            (
                "mine",
                r#""mine" is neither a built-in service nor a path that ends in .toml; known: rule-engine, transaction-management, rule-management, approvals"#,
            ),
        ];
        for (name, message) in rows {
            let error = find(name).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert_eq!(error.kind(), ErrorKind::UnknownService);
        }
    }

    #[test]
    fn a_path_is_read_and_named_in_errors() {
        let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/builtin/rule-engine.toml");
        assert_eq!(find(built_in).unwrap().name, "rule-engine");

        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let error = find(manifest).unwrap_err();
        let expected = format!("{manifest}:1:2: unknown key \"package\" in the top level");
        assert!(error.to_string().starts_with(&expected), "{error}");

        let error = find("no/such/file.toml").unwrap_err();
        let expected = "cannot read the service definition no/such/file.toml";
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.kind(), ErrorKind::Unreadable);
        assert!(error.source().is_some());
    }
}
