//! Publishes rulesets for a run, in both layouts, so that it can be taken back.

use jiff::Timestamp;

use crate::error::Error;
use crate::journal::{Before, Entry, Journal};
use crate::layout::{self, Shelf};
use crate::manifest::{Manifest, checksum, instant};
use crate::run_id::{RunId, check_name};
use crate::store::{Metadata, RUN_ID, Store};
use crate::teardown::teardown;

/// What to publish, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct Seeding<'a> {
    /// The run.
    pub run_id: &'a RunId,
    /// The engine's environment, such as `local`.
    pub environment: &'a str,
    /// The country whose layout is written besides the one without a country, such as `US`.
    pub country: &'a str,
    /// The region that manifests name, such as `AMERICAS`.
    pub region: &'a str,
    /// The rulesets, no key twice.
    pub rulesets: &'a [RulesetArtifact],
    /// The instant of publishing.
    pub at: Timestamp,
}

/// A ruleset as the engine reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesetArtifact {
    /// Its key, such as `CARD_AUTH`.
    pub key: String,
    /// Its version, above 0.
    pub version: u64,
    /// Its JSON.
    pub bytes: Vec<u8>,
}

/// What was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeded {
    /// The objects, in the order in which they were written.
    pub objects: Vec<SeededObject>,
}

/// An object that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeededObject {
    /// Its key.
    pub key: String,
    /// `sha256:` and the digest of its bytes in hexadecimal.
    pub checksum: String,
    /// Whether there was something under the key, of which there is a copy now.
    pub replaced: bool,
    /// The run that had written what was there, if one had: it is going on, or nobody has cleaned up after it.
    pub replaced_run: Option<String>,
}

/// An object to be published.
struct Item {
    key: String,
    bytes: Vec<u8>,
    sha256: String,
    tags: Metadata,
}

/// Publishes rulesets and verifies that they are there. What an earlier run of this id left behind is taken back first.
///
/// If this fails half-way, [`teardown`] puts the store right. Errors: `Name` and `Setting` for what cannot be published,
/// `Taken`, `Unverified`, and those of the store.
pub fn seed(store: &Store, seeding: &Seeding<'_>) -> Result<Seeded, Error> {
    let items = seeding.items(store.bucket())?;
    teardown(store, seeding.run_id)?;
    let numbered = items.iter().enumerate();
    let entries: Result<Vec<_>, _> = numbered
        .map(|(idx, item)| put_aside(store, seeding.run_id, idx, item))
        .collect();
    let journal = Journal::new(seeding.run_id, seeding.at, entries?);
    journal.create(store, seeding.run_id)?;
    let mut objects = Vec::new();
    for (item, entry) in items.into_iter().zip(journal.entries) {
        let length = item.bytes.len();
        store.write(&item.key, item.bytes, &item.tags)?;
        verify(store, &item.key, length, seeding.run_id)?;
        objects.push(SeededObject {
            key: item.key,
            checksum: item.sha256,
            replaced: entry.before.is_some(),
            replaced_run: entry.before.and_then(|before| before.run_id),
        });
    }
    Ok(Seeded { objects })
}

/// Copies what is under a key to where the run keeps it.
fn put_aside(store: &Store, run_id: &RunId, idx: usize, item: &Item) -> Result<Entry, Error> {
    let before = match store.look(&item.key)? {
        None => None,
        Some(found) => {
            let copy = layout::copy(run_id, idx);
            store.copy(&item.key, &copy)?;
            Some(Before {
                copy,
                sha256: found.sha256,
                run_id: found.run_id,
            })
        }
    };
    Ok(Entry {
        key: item.key.clone(),
        sha256: item.sha256.clone(),
        before,
    })
}

fn verify(store: &Store, key: &str, length: usize, run_id: &RunId) -> Result<(), Error> {
    let detail = match store.head(key)? {
        None => "it is not there".to_owned(),
        Some((found, _)) if found != length => {
            format!("it has {found} bytes, {length} were written")
        }
        Some((_, writer)) if writer.as_deref() != Some(run_id.as_str()) => match writer {
            Some(writer) => format!("run {writer} has written it since"),
            None => "it does not carry this run's id; does the store drop metadata?".to_owned(),
        },
        Some(_) => return Ok(()),
    };
    Err(Error::Unverified {
        key: key.to_owned(),
        detail,
    })
}

impl Seeding<'_> {
    /// Gives everything to publish: artifacts before the manifests that name them.
    fn items(&self, bucket: &str) -> Result<Vec<Item>, Error> {
        check_name("the environment", self.environment)?;
        check_name("the country", self.country)?;
        let mut items = Vec::new();
        for (idx, ruleset) in self.rulesets.iter().enumerate() {
            check_name("the ruleset key", &ruleset.key)?;
            if self.rulesets[..idx]
                .iter()
                .any(|other| other.key == ruleset.key)
            {
                return Err(Error::Setting {
                    name: "rulesets",
                    detail: format!(
                        "{} is named twice; a key has one version at a time",
                        ruleset.key
                    ),
                });
            }
            for country in [Some(self.country), None] {
                self.publish(bucket, ruleset, country, &mut items)?;
            }
        }
        Ok(items)
    }

    fn publish(
        &self,
        bucket: &str,
        ruleset: &RulesetArtifact,
        country: Option<&str>,
        items: &mut Vec<Item>,
    ) -> Result<(), Error> {
        let shelf = Shelf {
            environment: self.environment,
            country,
            ruleset_key: &ruleset.key,
        };
        let published_at = instant(self.at)?;
        let artifact_key = shelf.artifact(ruleset.version);
        let artifact_sha256 = checksum(&ruleset.bytes);
        let manifest = Manifest {
            schema_version: Manifest::SCHEMA,
            environment: self.environment,
            region: self.region,
            country: self.country,
            ruleset_key: &ruleset.key,
            ruleset_version: ruleset.version,
            artifact_uri: format!("s3://{bucket}/{artifact_key}"),
            checksum: &artifact_sha256,
            published_at: &published_at,
        };
        let manifest = manifest.to_json()?;
        let tags = vec![
            (RUN_ID, self.run_id.to_string()),
            ("ruleset_key", ruleset.key.clone()),
            ("country", self.country.to_owned()),
            ("environment", self.environment.to_owned()),
            ("version", ruleset.version.to_string()),
            ("published_at", published_at),
            ("source", "load-test".to_owned()),
        ];
        items.push(Item {
            key: artifact_key,
            sha256: artifact_sha256,
            bytes: ruleset.bytes.clone(),
            tags: tags.clone(),
        });
        items.push(Item {
            key: shelf.manifest(),
            sha256: checksum(&manifest),
            bytes: manifest,
            tags,
        });
        Ok(())
    }
}
