//! What a tape says about itself: JSON between the directory and the trailer; its BLAKE3 is the tape's digest.
//!
//! Nothing in here depends on when, where or by whom the tape was made, so the file is reproducible to the byte.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the maker of a tape states about it.
#[derive(Debug, Clone)]
pub struct ManifestDraft {
    /// Name of the service the requests are for.
    pub service_name: String,
    /// The service definition as used, verbatim.
    pub service_source: String,
    /// Endpoint names; records refer to them by index.
    pub endpoints: Vec<String>,
    /// Labels; records refer to them by index. Index 0 is `legitimate`.
    pub labels: Vec<String>,
    /// How the tape came to be.
    pub origin: Origin,
    /// Event time of offset zero, RFC 3339.
    pub event_epoch: String,
}

/// How a tape came to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Generator or importer by name.
    pub generator: String,
    /// Its version.
    pub generator_version: String,
    /// Random number generator by algorithm and version; empty if none took part.
    pub rng: String,
    /// Seed; `None` if none took part.
    pub seed: Option<u64>,
    /// Every other parameter by name.
    pub parameters: BTreeMap<String, String>,
}

/// A name and how many records carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Endpoint or label.
    pub name: String,
    /// Records.
    pub records: u64,
}

/// The whole manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format version, as in the header.
    pub format: u32,
    /// Name of the service the requests are for.
    pub service_name: String,
    /// The service definition as used, verbatim.
    pub service_source: String,
    /// Endpoints with their record counts, in index order.
    pub endpoints: Vec<Count>,
    /// Labels with their record counts, in index order.
    pub labels: Vec<Count>,
    /// How the tape came to be.
    pub origin: Origin,
    /// Event time of offset zero, RFC 3339.
    pub event_epoch: String,
    /// Records on the tape.
    pub records: u64,
    /// Event time of the first record, nanoseconds since the epoch.
    pub first_event_ns: u64,
    /// Event time of the last record, nanoseconds since the epoch.
    pub last_event_ns: u64,
    /// Where the block directory lies.
    pub directory: DirectoryLocation,
}

/// Where the block directory lies and what it hashes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryLocation {
    /// First byte in the file.
    pub offset: u64,
    /// Bytes.
    pub bytes: u64,
    /// BLAKE3, hex.
    pub blake3: String,
}

impl Manifest {
    /// Gives the time from the first to the last event, nanoseconds.
    pub fn event_span_ns(&self) -> u64 {
        self.last_event_ns - self.first_event_ns
    }
}
