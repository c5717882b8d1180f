//! `latency.hlog`: whole histograms in the interval log format of HdrHistogram, for its many tools.
//!
//! Each line holds one distribution over the whole measure phase, in nanoseconds, told apart by its tag:
//! `response`, `unanswered`, `undisturbed`, `service`, `first-byte`, `connection-wait`, `send-lag` and `read-lag` over all endpoints,
//! `connect` and `tls-handshake` over all connections, and `response/NAME`, `unanswered/NAME` and `service/NAME` per endpoint.
//! `response` holds answered requests only, because a histogram cannot say that a value is a lower bound; how long the others had
//! waited when they were given up is in `unanswered`, and a comment counts both.
//! Source: HdrHistogram log format 1.3, histogram encoding V2.

use std::time::{Duration, SystemTime};

use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use jiff::Timestamp;

use super::Renderer;
use crate::format;
use crate::summary::Totals;
use crate::{Error, Histogram, Measurements, Summary};

/// Nanoseconds in the unit of the log's last readable column, which by custom is milliseconds.
const NS_PER_MS: f64 = 1e6;

/// Writes the latency log.
#[derive(Debug, Clone, Copy)]
pub struct Hlog;

impl Renderer for Hlog {
    fn name(&self) -> &'static str {
        "hlog"
    }

    fn file_name(&self) -> &'static str {
        "latency.hlog"
    }

    fn help(&self) -> &'static str {
        "whole latency distributions for the tools of HdrHistogram"
    }

    fn render(&self, _: &Summary, measurements: &Measurements) -> Result<Vec<u8>, Error> {
        let totals = Totals::over_endpoints(measurements);
        let mut bytes = Vec::new();
        let mut serializer = V2DeflateSerializer::new();
        let mut log = header(measurements, &totals)
            .begin_log_with(&mut bytes, &mut serializer)
            .map_err(|source| failure("header", source))?;
        for (name, histogram) in distributions(measurements, &totals) {
            let name = tag_text(&name);
            let length = Duration::from_nanos(measurements.measured_ns);
            log.write_histogram(histogram.hdr(), Duration::ZERO, length, Tag::new(&name))
                .map_err(|source| failure(&name, source))?;
        }
        drop(log);
        Ok(bytes)
    }
}

/// Says what the log is about; its times count from the start of the measure phase.
fn header(measurements: &Measurements, totals: &Totals) -> IntervalLogWriterBuilder {
    let identity = &measurements.identity;
    let mut header = IntervalLogWriterBuilder::new();
    header
        .add_comment("[Histogram log format version 1.3]")
        .add_comment(&format!(
            "[Written by tapdeck {}: {} at {}, values in nanoseconds]",
            identity.version, identity.service, identity.target
        ))
        .add_comment(&format!(
            "[Tags response: {}; tags unanswered: {} without an answer, until they were given up]",
            format::counted(totals.response.len(), "answered request"),
            format::counted(totals.unanswered.len(), "request")
        ))
        .with_max_value_divisor(NS_PER_MS);
    if let Ok(started_at) = identity.started_at.parse::<Timestamp>() {
        let started_at = SystemTime::from(started_at);
        header
            .with_start_time(started_at)
            .with_base_time(started_at);
    }
    header
}

/// Lists every distribution with its tag, the totals first.
fn distributions<'a>(
    measurements: &'a Measurements,
    totals: &'a Totals,
) -> Vec<(String, &'a Histogram)> {
    let mut list = vec![
        ("response".to_owned(), &totals.response),
        ("unanswered".to_owned(), &totals.unanswered),
        ("undisturbed".to_owned(), &totals.undisturbed),
        ("service".to_owned(), &totals.service),
        ("first-byte".to_owned(), &totals.first_byte),
        ("connection-wait".to_owned(), &measurements.connection_wait),
        ("send-lag".to_owned(), &measurements.send_lag),
        ("read-lag".to_owned(), &measurements.read_lag),
        ("connect".to_owned(), &measurements.transport.connect),
        (
            "tls-handshake".to_owned(),
            &measurements.transport.handshake,
        ),
    ];
    for endpoint in &measurements.endpoints {
        list.push((format!("response/{}", endpoint.name), &endpoint.response));
        list.push((
            format!("unanswered/{}", endpoint.name),
            &endpoint.unanswered,
        ));
        list.push((format!("service/{}", endpoint.name), &endpoint.service));
    }
    list
}

/// Replaces what the format forbids in a tag.
fn tag_text(name: &str) -> String {
    name.replace([' ', ',', '\r', '\n'], "_")
}

fn failure(tag: &str, source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Log {
        tag: tag.to_owned(),
        source: Box::new(source),
    }
}

#[cfg(test)]
mod tests {
    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use super::*;
    use crate::fixture::healthy;

    /// Reads a log back: each tag with its histogram.
    fn read(measurements: &Measurements) -> Vec<(String, hdrhistogram::Histogram<u64>)> {
        let summary = Summary::from_measurements(measurements);
        let bytes = Hlog.render(&summary, measurements).unwrap();
        IntervalLogIterator::new(&bytes)
            .filter_map(|entry| match entry.unwrap() {
                LogEntry::Interval(interval) => Some(interval),
                _ => None,
            })
            .map(|interval| {
                let tag = interval.tag().unwrap().as_str().to_owned();
                let encoded = interval.encoded_histogram();
                (tag, decode(encoded))
            })
            .collect()
    }

    fn decode(encoded: &str) -> hdrhistogram::Histogram<u64> {
        let bytes = from_base64(encoded);
        Deserializer::new().deserialize(&mut &bytes[..]).unwrap()
    }

    /// Decodes the standard alphabet of RFC 4648.
    fn from_base64(text: &str) -> Vec<u8> {
        let alphabet = ('A'..='Z')
            .chain('a'..='z')
            .chain('0'..='9')
            .chain(['+', '/']);
        let alphabet: Vec<char> = alphabet.collect();
        let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
        for letter in text.trim_end_matches('=').chars() {
            let value = alphabet.iter().position(|known| *known == letter).unwrap();
            bits = (bits << 6) | u32::try_from(value).unwrap();
            held += 6;
            if held >= 8 {
                held -= 8;
                bytes.push(u8::try_from((bits >> held) & 0xFF).unwrap());
            }
        }
        bytes
    }

    #[test]
    fn every_distribution_comes_back_as_it_was_recorded() {
        let measurements = healthy();
        let totals = Totals::over_endpoints(&measurements);
        let written = distributions(&measurements, &totals);
        let found = read(&measurements);
        assert_eq!(found.len(), 16);
        for ((name, histogram), (tag, decoded)) in written.iter().zip(&found) {
            assert_eq!(tag, &tag_text(name));
            assert_eq!(decoded, histogram.hdr(), "{tag}");
        }
        assert_eq!(found[10].0, "response/POST_/v1/evaluate/auth");
        // 990 answers, and ten timeouts that no answer is as slow as.
        assert_eq!((found[0].1.len(), found[1].1.len()), (990, 10));
        assert!(found[0].1.max() < 10_000_000);
    }

    #[test]
    fn the_start_time_is_the_runs_own() {
        let measurements = healthy();
        let summary = Summary::from_measurements(&measurements);
        let text = String::from_utf8(Hlog.render(&summary, &measurements).unwrap()).unwrap();
        assert!(
            text.starts_with("#[Histogram log format version 1.3]\n"),
            "{text}"
        );
        assert!(
            text.contains("#[StartTime: 1767323045.678 (seconds since epoch)]"),
            "{text}"
        );
        let counted = "tags unanswered: 10 requests without an answer";
        assert!(text.contains(counted), "{text}");
    }

    #[test]
    fn a_run_without_a_start_time_is_still_written() {
        assert_eq!(read(&Measurements::default()).len(), 10);
    }
}
