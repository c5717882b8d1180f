//! Where a store is and who we are to it, by the names that the services' own settings have.

use std::fmt;

use secrecy::SecretString;
use tapdeck_addresses::{Fault, HttpUrl};

use crate::error::Error;

/// Where a store is and who we are to it.
#[derive(Clone)]
pub struct StoreConfig {
    /// Its URL, such as `http://localhost:9000`.
    pub endpoint: String,
    /// The bucket that rulesets lie in.
    pub bucket: String,
    /// The region that requests are signed for.
    pub region: String,
    /// Who we are.
    pub access_key: SecretString,
    /// What proves it.
    pub secret_key: SecretString,
}

impl StoreConfig {
    /// Where a store listens unless told otherwise.
    pub const ENDPOINT: &'static str = "http://localhost:9000";
    /// The bucket unless told otherwise.
    pub const BUCKET: &'static str = "fraud-gov-artifacts";
    /// The region unless told otherwise.
    pub const REGION: &'static str = "us-east-1";
    /// Both keys of a store that nobody has configured.
    const UNCONFIGURED: &'static str = "minioadmin";

    /// Reads the settings from variables, each of which may have an older name; `lookup` gives a variable's value.
    ///
    /// Errors: `Setting`.
    pub fn from_variables(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let first = |names: &[&'static str]| {
            names.iter().find_map(|name| {
                let value = lookup(name).filter(|value| !value.trim().is_empty())?;
                Some((*name, value))
            })
        };
        let text = |names: &[&'static str], default: &str| {
            first(names).map_or_else(|| default.to_owned(), |(_, value)| value.trim().to_owned())
        };
        let secure = match first(&["MINIO_SECURE"]) {
            None => false,
            Some((name, value)) => truth(name, &value)?,
        };
        let endpoint = match first(&["S3_ENDPOINT_URL", "MINIO_ENDPOINT"]) {
            None => Self::ENDPOINT.to_owned(),
            Some((name, value)) => endpoint(name, &value, secure)?,
        };
        let unconfigured = Self::UNCONFIGURED;
        let bucket = text(&["S3_BUCKET_NAME"], Self::BUCKET);
        check_bucket("S3_BUCKET_NAME", &bucket)?;
        Ok(Self {
            endpoint,
            bucket,
            region: text(&["S3_REGION"], Self::REGION),
            access_key: text(&["S3_ACCESS_KEY_ID", "MINIO_ACCESS_KEY"], unconfigured).into(),
            secret_key: text(&["S3_SECRET_ACCESS_KEY", "MINIO_SECRET_KEY"], unconfigured).into(),
        })
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StoreConfig")
            .field("endpoint", &self.endpoint)
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

fn truth(name: &'static str, value: &str) -> Result<bool, Error> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(Error::Setting {
            name,
            detail: format!("found {value:?}, expected true or false"),
        }),
    }
}

/// Refuses what is no bucket's name: it becomes the first segment of every path, and a folder of an embedded store.
///
/// Source: S3's rules for names of buckets, and the capitals and underscores that were allowed before them.
fn check_bucket(name: &'static str, text: &str) -> Result<(), Error> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let is_edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    if (3..=63).contains(&bytes.len())
        && text.bytes().all(is_allowed)
        && is_edge(bytes.first())
        && is_edge(bytes.last())
        && !text.contains("..")
    {
        return Ok(());
    }
    Err(Error::Setting {
        name,
        detail: format!(
            "found {text:?}, expected a bucket's name: 3 to 63 letters, digits, dots, dashes and underscores, a letter or digit first and last, no two dots in a row"
        ),
    })
}

/// Completes an endpoint by the scheme that it may lack.
fn endpoint(name: &'static str, text: &str, secure: bool) -> Result<String, Error> {
    let fail = |detail: &str| Error::Setting {
        name,
        detail: detail.to_owned(),
    };
    let whole = match (text.contains("://"), secure) {
        (true, _) => text.to_owned(),
        (false, true) => format!("https://{text}"),
        (false, false) => format!("http://{text}"),
    };
    match whole.parse::<HttpUrl>() {
        Ok(url) => Ok(url.to_string()),
        Err(error) if *error.fault() == Fault::Credentials => Err(fail(
            "credentials do not belong into an address; use S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY",
        )),
        Err(error) => Err(fail(&error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<StoreConfig, Error> {
        StoreConfig::from_variables(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn endpoints_come_with_and_without_a_scheme() {
        for (variables, expected) in [
            (&[][..], "http://localhost:9000"),
            (&[("S3_ENDPOINT_URL", "")], "http://localhost:9000"),
            (
                &[("S3_ENDPOINT_URL", "https://s3.test/")],
                "https://s3.test",
            ),
            (
                &[("S3_ENDPOINT_URL", "http://127.0.0.1:9000/minio/")],
                "http://127.0.0.1:9000/minio",
            ),
            (&[("MINIO_ENDPOINT", "minio:9000")], "http://minio:9000"),
            (
                &[("MINIO_ENDPOINT", "minio:9000"), ("MINIO_SECURE", "True")],
                "https://minio:9000",
            ),
            (
                &[("MINIO_ENDPOINT", "http://a:1"), ("MINIO_SECURE", "true")],
                "http://a:1",
            ),
            (
                &[("MINIO_ENDPOINT", "a:1"), ("S3_ENDPOINT_URL", "HTTP://b:2")],
                "http://b:2",
            ),
        ] {
            assert_eq!(read(variables).unwrap().endpoint, expected, "{variables:?}");
        }
    }

    #[test]
    fn names_of_old_give_way_to_the_current_ones() {
        let config = read(&[
            ("MINIO_ACCESS_KEY", "old-id"),
            ("S3_SECRET_ACCESS_KEY", "new-secret"),
            ("MINIO_SECRET_KEY", "old-secret"),
            ("S3_BUCKET_NAME", "bucket"),
            ("S3_REGION", "eu-west-1"),
        ])
        .unwrap();
        assert_eq!(config.access_key.expose_secret(), "old-id");
        assert_eq!(config.secret_key.expose_secret(), "new-secret");
        assert_eq!(
            (config.bucket.as_str(), config.region.as_str()),
            ("bucket", "eu-west-1")
        );
        let config = read(&[]).unwrap();
        assert_eq!(config.secret_key.expose_secret(), "minioadmin");
        assert_eq!(config.bucket, "fraud-gov-artifacts");
    }

    #[test]
    fn settings_that_make_no_sense_are_refused_without_repeating_secrets() {
        for (name, value, expected) in [
            ("S3_ENDPOINT_URL", "ftp://a", "must begin with http://"),
            ("S3_ENDPOINT_URL", "http://", "names no host"),
            ("S3_ENDPOINT_URL", "http://a:90000", "port \"90000\""),
            ("S3_ENDPOINT_URL", "http://a:9000 ", "neither spaces"),
            ("S3_ENDPOINT_URL", "http://a:9000?x", "has a query"),
            ("MINIO_ENDPOINT", "minio:", "ends its host with a colon"),
            ("MINIO_ENDPOINT", "minio:9OOO", "port \"9OOO\""),
            ("MINIO_ENDPOINT", "127.1:9000", "four decimal numbers"),
            ("S3_ENDPOINT_URL", "http://id:hush@a", "credentials"),
            ("S3_BUCKET_NAME", "..", "a bucket's name"),
            ("S3_BUCKET_NAME", "../x", "a bucket's name"),
            ("S3_BUCKET_NAME", "a/b", "a bucket's name"),
            ("S3_BUCKET_NAME", "a..b", "a bucket's name"),
            ("S3_BUCKET_NAME", ".abc", "a bucket's name"),
            ("MINIO_SECURE", "maybe", "expected true or false"),
        ] {
            let error = read(&[(name, value)]).unwrap_err().to_string();
            assert!(
                error.starts_with(name) && error.contains(expected),
                "{error}"
            );
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let config = read(&[
            ("S3_ACCESS_KEY_ID", "hush-id"),
            ("S3_SECRET_ACCESS_KEY", "hush"),
        ]);
        assert!(!format!("{config:?}").contains("hush"));
    }
}
