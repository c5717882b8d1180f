//! Writing a tape: blocks in order, then directory, manifest and trailer; bounded memory whatever the length.

use std::path::Path;

use crate::block::EncodedBlock;
use crate::digest::Digest;
use crate::directory::BlockEntry;
use crate::durable::DurableFile;
use crate::error::Error;
use crate::format::{self, Trailer};
use crate::manifest::{Count, DirectoryLocation, Manifest, ManifestDraft};
use crate::sequence::Sequence;

/// A tape under construction. Dropping it unfinished leaves no file.
#[derive(Debug)]
pub struct TapeWriter {
    file: DurableFile,
    offset: u64,
    entries: Vec<BlockEntry>,
    endpoint_records: Vec<u64>,
    label_records: Vec<u64>,
    records: u64,
    last_event_ns: u64,
    sessions: Sequence,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TapeSummary {
    /// The tape's digest.
    pub digest: Digest,
    /// Length of the file.
    pub bytes: u64,
    /// Records on it.
    pub records: u64,
}

impl TapeWriter {
    /// Starts a tape that will appear at `path` once finished.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let mut file = DurableFile::create(path)?;
        file.write(&format::header())?;
        Ok(Self {
            file,
            offset: format::HEADER_BYTES as u64,
            entries: Vec::new(),
            endpoint_records: Vec::new(),
            label_records: Vec::new(),
            records: 0,
            last_event_ns: 0,
            sessions: Sequence::default(),
        })
    }

    /// Appends the next block.
    ///
    /// Errors: `OutOfOrder` if it begins before the last one ended in event time, `BrokenSession` if its sessions do not
    /// go on with those before; `Io`.
    pub fn append(&mut self, block: &EncodedBlock) -> Result<(), Error> {
        if block.first_event_ns < self.last_event_ns {
            return Err(Error::OutOfOrder {
                block_idx: self.entries.len(),
                found_ns: block.first_event_ns,
                expected_ns: self.last_event_ns,
            });
        }
        let appended = self.sessions.append(&block.sessions);
        appended.map_err(|detail| Error::BrokenSession {
            block_idx: self.entries.len(),
            detail,
        })?;
        self.file.write(&block.bytes)?;
        self.entries.push(BlockEntry {
            offset: self.offset,
            archive_bytes: block.archive_bytes as u64,
            first_record: self.records,
            records: block.records as u64,
            first_event_ns: block.first_event_ns,
            digest: block.digest,
        });
        self.offset += block.bytes.len() as u64;
        self.records += block.records as u64;
        self.last_event_ns = block.last_event_ns;
        add_counts(&mut self.endpoint_records, &block.endpoints);
        add_counts(&mut self.label_records, &block.labels);
        Ok(())
    }

    /// Gives the number of records so far.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Completes the tape and gives it its name.
    ///
    /// Errors: `Unstorable` if a record names an endpoint or label the draft does not have; `Io`.
    pub fn finish(mut self, draft: ManifestDraft) -> Result<TapeSummary, Error> {
        let mut directory = Vec::new();
        for entry in &self.entries {
            entry.encode_into(&mut directory);
        }
        let manifest = Manifest {
            format: format::VERSION,
            service_name: draft.service_name,
            service_source: draft.service_source,
            endpoints: named_counts(draft.endpoints, &self.endpoint_records, "endpoint")?,
            labels: named_counts(draft.labels, &self.label_records, "label")?,
            origin: draft.origin,
            event_epoch: draft.event_epoch,
            records: self.records,
            first_event_ns: self.entries.first().map_or(0, |entry| entry.first_event_ns),
            last_event_ns: self.last_event_ns,
            directory: DirectoryLocation {
                offset: self.offset,
                bytes: directory.len() as u64,
                blake3: Digest::of(&directory).to_string(),
            },
        };
        let json = serde_json::to_vec(&manifest).map_err(|error| Error::Unstorable {
            record_idx: 0,
            detail: format!("the manifest is no JSON: {error}"),
        })?;
        let trailer = Trailer {
            manifest_offset: self.offset + directory.len() as u64,
            manifest_bytes: json.len() as u64,
            manifest_digest: Digest::of(&json),
        };
        self.file.write(&directory)?;
        self.file.write(&json)?;
        self.file.write(&trailer.encode())?;
        self.file.finish()?;
        Ok(TapeSummary {
            digest: trailer.manifest_digest,
            bytes: trailer.manifest_offset + trailer.manifest_bytes + format::TRAILER_BYTES as u64,
            records: self.records,
        })
    }
}

fn add_counts(totals: &mut Vec<u64>, counts: &std::collections::BTreeMap<u16, u64>) {
    for (&idx, &count) in counts {
        let idx = usize::from(idx);
        if totals.len() <= idx {
            totals.resize(idx + 1, 0);
        }
        totals[idx] += count;
    }
}

fn named_counts(
    names: Vec<String>,
    counts: &[u64],
    what: &'static str,
) -> Result<Vec<Count>, Error> {
    if counts.len() > names.len() {
        return Err(Error::Unstorable {
            record_idx: 0,
            detail: format!(
                "a record names {what} {}, the manifest has {}",
                counts.len() - 1,
                names.len()
            ),
        });
    }
    let counts = counts.iter().copied().chain(std::iter::repeat(0));
    Ok(names
        .into_iter()
        .zip(counts)
        .map(|(name, records)| Count { name, records })
        .collect())
}
