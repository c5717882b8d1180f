//! The manifest of a ruleset: which version counts, where it lies, and how to tell that it is whole.
//!
//! The engine's reader fails on a member that it does not know and on an instant that `java.time.Instant` does not parse.

use jiff::Timestamp;
use jiff::fmt::strtime;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::Error;

/// What a manifest says.
#[derive(Debug, Serialize)]
pub(crate) struct Manifest<'a> {
    pub(crate) schema_version: &'static str,
    pub(crate) environment: &'a str,
    pub(crate) region: &'a str,
    pub(crate) country: &'a str,
    pub(crate) ruleset_key: &'a str,
    pub(crate) ruleset_version: u64,
    /// Where the artifact lies, `s3://bucket/key`.
    pub(crate) artifact_uri: String,
    pub(crate) checksum: &'a str,
    pub(crate) published_at: &'a str,
}

impl Manifest<'_> {
    /// The version of this shape of manifests.
    pub(crate) const SCHEMA: &'static str = "1.1";

    pub(crate) fn to_json(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec_pretty(self)
            .map_err(|error| Error::Bug(format!("a manifest is no JSON: {error}")))
    }
}

/// Gives the checksum of an artifact as manifests write it.
pub(crate) fn checksum(bytes: &[u8]) -> String {
    use std::fmt::Write;

    let mut text = "sha256:".to_owned();
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}

/// Gives an instant in the form that every reader of instants takes, such as `2026-11-22T18:39:48Z`.
///
/// Errors: `Bug`, for none in practice.
pub(crate) fn instant(at: Timestamp) -> Result<String, Error> {
    strtime::format("%Y-%m-%dT%H:%M:%SZ", at)
        .map_err(|error| Error::Bug(format!("an instant cannot be written: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_other_tools() {
        assert_eq!(
            checksum(b"abc"),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn instants_are_utc_to_the_second_with_a_z() {
        let at: Timestamp = "2026-01-02T03:04:05.678901+02:00".parse().unwrap();
        assert_eq!(instant(at).unwrap(), "2026-01-02T01:04:05Z");
    }

    #[test]
    fn a_manifest_has_exactly_the_members_the_engine_knows() {
        let manifest = Manifest {
            schema_version: Manifest::SCHEMA,
            environment: "local",
            region: "AMERICAS",
            country: "US",
            ruleset_key: "CARD_AUTH",
            ruleset_version: 7,
            artifact_uri: "s3://bucket/rulesets/local/CARD_AUTH/v7/ruleset.json".to_owned(),
            checksum: "sha256:00",
            published_at: "2026-01-02T01:04:05Z",
        };
        let json: serde_json::Value = serde_json::from_slice(&manifest.to_json().unwrap()).unwrap();
        let expected = serde_json::json!({
            "schema_version": "1.1",
            "environment": "local",
            "region": "AMERICAS",
            "country": "US",
            "ruleset_key": "CARD_AUTH",
            "ruleset_version": 7,
            "artifact_uri": "s3://bucket/rulesets/local/CARD_AUTH/v7/ruleset.json",
            "checksum": "sha256:00",
            "published_at": "2026-01-02T01:04:05Z",
        });
        assert_eq!(json, expected);
    }
}
