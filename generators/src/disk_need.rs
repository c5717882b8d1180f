//! How much disk a generation takes, told before it begins.
//!
//! A request is as long as its template with the registry's examples filled in, which are as long as real values; values
//! that some transactions lack count in full, so the estimate errs on the safe side by a few percent.

use tapdeck_corpora::{RECORD_BYTES, SLOT_BYTES};
use tapdeck_services::{
    Encoding, Endpoint, FireField, Segment, ServiceDefinition, Template, ValueKind, WorldField,
};

use crate::corpus::planned_cards;
use crate::emit::ROWS_PER_CARD_DAY;
use crate::error::Error;
use crate::event_time::RFC3339_BYTES;
use crate::generate::Outputs;
use crate::numeric::round_half_up;
use crate::options::GenerateOptions;
use crate::render::BLANK_STAMP_BYTES;
use crate::requests::RequestMix;
use crate::spill;

/// Bytes of a row of the truth as text, rarely more; other formats take less.
const TRUTH_ROW_BYTES: f64 = 225.0;

/// Bytes that a generation takes on disk at its end, when both are there in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskNeed {
    /// The tape, if one is asked for.
    pub tape_bytes: u64,
    /// The truth, if it is asked for.
    pub truth_bytes: u64,
    /// Temporary data, beside the first of these.
    pub spill_bytes: u64,
}

impl DiskNeed {
    /// Estimates what options ask for.
    ///
    /// Errors: `Option` and `Service`, as generating would.
    pub fn estimate(
        service: &ServiceDefinition,
        options: &GenerateOptions,
        outputs: Outputs<'_>,
    ) -> Result<Self, Error> {
        options.validate()?;
        let service = &options.weigh(service)?;
        let mix = RequestMix::new(service)?;
        let (requests, rows) = if let Some(slice) = &options.slice {
            let requests = slice.expected_requests();
            (requests, requests as f64 / mix.requests_per_transaction())
        } else {
            let cards = planned_cards(options, &mix)?;
            let genuine = f64::from(cards) * f64::from(options.days) * ROWS_PER_CARD_DAY;
            (options.count, genuine / (1.0 - options.fraud_rate))
        };
        let bytes = |count: f64, each: f64| round_half_up(count * each).unsigned_abs();
        let tape_bytes = || bytes(requests as f64, mean_record_bytes(service));
        Ok(Self {
            tape_bytes: outputs.tape.map_or(0, |_| tape_bytes()),
            truth_bytes: outputs.truth.map_or(0, |_| bytes(rows, TRUTH_ROW_BYTES)),
            spill_bytes: bytes(rows, spill::RECORD_BYTES as f64),
        })
    }
}

/// Gives the mean over the endpoints by weight; a step comes as often as its session.
fn mean_record_bytes(service: &ServiceDefinition) -> f64 {
    let weigh = |endpoint: &Endpoint| {
        f64::from(match &endpoint.step {
            Some(step) => service.sessions[step.session].weight,
            None => endpoint.weight,
        })
    };
    let total: f64 = service.endpoints.iter().map(weigh).sum();
    let weighted = service.endpoints.iter();
    let sum: f64 = weighted
        .map(|endpoint| weigh(endpoint) * record_bytes(endpoint) as f64)
        .sum();
    sum / total
}

fn record_bytes(endpoint: &Endpoint) -> usize {
    let parts = [Some(&endpoint.path), endpoint.body.as_ref()];
    let rendered: usize = parts.into_iter().flatten().map(rendered_bytes).sum();
    RECORD_BYTES + rendered
}

fn rendered_bytes(template: &Template) -> usize {
    let segments = template.segments().iter();
    segments
        .map(|segment| match segment {
            Segment::Literal(bytes) => bytes.len(),
            Segment::World { field, encoding } => {
                let info = field.info();
                let quoted = (*encoding, info.kind) == (Encoding::JsonValue, ValueKind::Text);
                info.example.len() + if quoted { 2 } else { 0 }
            }
            Segment::Drawn { draw, encoding } => {
                let quoted =
                    (*encoding, draw.info().kind) == (Encoding::JsonValue, ValueKind::Text);
                draw.most_bytes() + if quoted { 2 } else { 0 }
            }
            Segment::Fire { field } => SLOT_BYTES + stamp_bytes(*field),
            Segment::Captured { .. } => SLOT_BYTES,
        })
        .sum()
}

fn stamp_bytes(field: FireField) -> usize {
    match field {
        FireField::Id => WorldField::TxnId.info().example.len() + BLANK_STAMP_BYTES,
        FireField::Uuid => FireField::Uuid.width(),
        FireField::SentAt => RFC3339_BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Corpus;
    use crate::generate::generate;
    use crate::progress::Unwatched;

    #[test]
    fn the_estimate_suffices_without_being_far_off() {
        let service = tapdeck_services::registry::find("rule-engine").unwrap();
        let options = GenerateOptions::new(4, 20_000);
        let folder = tempfile::tempdir().unwrap();
        let (tape, truth) = (folder.path().join("t.tape"), folder.path().join("t.csv"));
        let outputs = Outputs {
            tape: Some(&tape),
            truth: Some(&truth),
        };
        let need = DiskNeed::estimate(&service, &options, outputs).unwrap();
        let generated = generate(&service, &options, outputs, &Unwatched).unwrap();
        let mut rows = 0;
        let corpus = Corpus::build(&service, &options, folder.path(), &Unwatched).unwrap();
        corpus.for_each(|_| rows += 1).unwrap();
        let spilled = rows * spill::RECORD_BYTES as u64;
        for (found, estimate) in [
            (generated.tape.unwrap().bytes, need.tape_bytes),
            (generated.truth.unwrap().bytes, need.truth_bytes),
            (spilled, need.spill_bytes),
        ] {
            let ratio = estimate as f64 / found as f64;
            assert!((0.8..1.3).contains(&ratio), "{found} {estimate}");
        }
        let truth_alone = DiskNeed::estimate(&service, &options, Outputs::truth(&truth));
        let expected = DiskNeed {
            tape_bytes: 0,
            ..need
        };
        assert_eq!(truth_alone.unwrap(), expected);
    }
}
