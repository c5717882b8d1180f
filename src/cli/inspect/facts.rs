//! What `inspect` tells, in the shape of its JSON; the text for people is written from the same values.

use serde::Serialize;
use tapdeck_corpora::{Count, Origin, Tape};

use super::event_time;
use super::sample::Sample;
use super::sessions::{Kind, Sessions};

/// Everything about one tape.
#[derive(Debug, Serialize)]
pub(super) struct Facts<'a> {
    pub(super) tape: String,
    pub(super) format: u32,
    pub(super) digest: String,
    pub(super) service: &'a str,
    pub(super) records: u64,
    pub(super) blocks: usize,
    pub(super) file_bytes: u64,
    pub(super) bytes_per_record: f64,
    pub(super) event_time: EventTime,
    pub(super) endpoints: Vec<Part<'a>>,
    pub(super) labels: Vec<Part<'a>>,
    pub(super) sessions: Vec<Kind>,
    pub(super) origin: &'a Origin,
    pub(super) samples: Vec<Sample>,
}

/// From the first to the last event.
#[derive(Debug, Serialize)]
pub(super) struct EventTime {
    pub(super) first: String,
    pub(super) last: String,
    pub(super) span_ns: u64,
}

/// What one endpoint or label has of the whole.
#[derive(Debug, Serialize)]
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    pub(super) records: u64,
    pub(super) share: f64,
}

impl<'a> Facts<'a> {
    pub(super) fn of(tape: &'a Tape, sessions: &Sessions, samples: Vec<Sample>) -> Self {
        let manifest = tape.manifest();
        let records = manifest.records;
        let per_record = |whole: u64| whole as f64 / records.max(1) as f64;
        let parts = |counts: &'a [Count]| {
            let part = |count: &'a Count| Part {
                name: &count.name,
                records: count.records,
                share: per_record(count.records),
            };
            counts.iter().map(part).collect()
        };
        Self {
            tape: tape.path().display().to_string(),
            format: manifest.format,
            digest: tape.digest().to_string(),
            service: &manifest.service_name,
            records,
            blocks: tape.directory().len(),
            file_bytes: tape.file_bytes(),
            bytes_per_record: per_record(tape.file_bytes()),
            event_time: EventTime {
                first: event_time::show(&manifest.event_epoch, manifest.first_event_ns),
                last: event_time::show(&manifest.event_epoch, manifest.last_event_ns),
                span_ns: manifest.event_span_ns(),
            },
            endpoints: parts(&manifest.endpoints),
            labels: parts(&manifest.labels),
            sessions: sessions.kinds(tape),
            origin: &manifest.origin,
            samples,
        }
    }
}
