//! Whole seedings and teardowns against the embedded store, judged by the files in its folder.

mod base_path;
mod cleanup;
mod endless;
mod keys;
mod overlap;
mod refusals;
mod taking_back;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use s3s::access::{S3Access, S3AccessContext};
use s3s::{S3Result, s3_error};
use tempfile::TempDir;

use crate::{Embedded, Error, RulesetArtifact, RunId, Seeded, Seeding, Store, seed};

/// A store in a folder of its own, and a client.
struct Rig {
    store: Store,
    gate: Gate,
    embedded: Embedded,
    folder: TempDir,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let gate = Gate::default();
        let access = gate.clone();
        let embedded = Embedded::start_with(folder.path(), |service| service.set_access(access));
        let embedded = embedded.unwrap();
        Self {
            store: Store::connect(embedded.config()).unwrap(),
            gate,
            embedded,
            folder,
        }
    }

    /// A store in which rulesets were published before.
    fn published() -> Self {
        let rig = Self::new();
        for key in [
            "rulesets/local/CARD_AUTH/manifest.json",
            "rulesets/local/CARD_AUTH/v1/ruleset.json",
            "rulesets/local/US/CARD_MONITORING/manifest.json",
            "rulesets/local/US/CARD_MONITORING/v9/ruleset.json",
        ] {
            let tags = vec![("published-by", "somebody".to_owned())];
            rig.store.write(key, key.into(), &tags).unwrap();
        }
        rig
    }

    /// Everything the store holds: every file, those of metadata too, and every folder.
    fn contents(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut contents = BTreeMap::new();
        walk(self.folder.path(), &mut contents);
        contents
    }

    fn seed(&self, run: &str) -> Result<Seeded, Error> {
        self.seed_at(run, "2026-11-22T10:00:00Z".parse().unwrap())
    }

    fn seed_at(&self, run: &str, at: Timestamp) -> Result<Seeded, Error> {
        let rulesets = ["CARD_AUTH", "CARD_MONITORING"].map(|key| RulesetArtifact {
            key: key.to_owned(),
            version: 1,
            bytes: format!(r#"{{"ruleset_key":"{key}"}}"#).into_bytes(),
        });
        let seeding = Seeding {
            run_id: &id(run),
            environment: "local",
            country: "US",
            region: "AMERICAS",
            rulesets: &rulesets,
            at,
        };
        seed(&self.store, &seeding)
    }
}

fn id(text: &str) -> RunId {
    text.parse().unwrap()
}

fn walk(folder: &Path, contents: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, contents);
            contents.insert(path, None);
        } else {
            let bytes = fs::read(&path).unwrap();
            contents.insert(path, Some(bytes));
        }
    }
}

/// Lets so many writes pass and no more, as if the client had been killed behind the last one.
#[derive(Clone)]
struct Gate(Arc<AtomicUsize>);

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new(AtomicUsize::new(usize::MAX)))
    }
}

impl Gate {
    fn close_after(&self, writes: usize) {
        self.0.store(writes, Ordering::SeqCst);
    }

    fn open(&self) {
        self.close_after(usize::MAX);
    }
}

#[async_trait::async_trait]
impl S3Access for Gate {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if context.credentials().is_none() {
            return Err(s3_error!(AccessDenied));
        }
        let is_write = !matches!(
            context.s3_op().name(),
            "GetObject" | "HeadObject" | "ListObjectsV2"
        );
        let left = |left: usize| left.checked_sub(usize::from(is_write));
        match self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
        {
            Ok(_) => Ok(()),
            Err(_) => Err(s3_error!(AccessDenied)),
        }
    }
}
