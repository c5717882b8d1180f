//! The tape's facts as text for people.

use std::collections::BTreeSet;

use tapdeck_reports::counted;
use tapdeck_reports::printable::on_one_line;

use super::facts::Facts;
use super::pretty::{Marks, lay_out};
use super::sample::{Place, Sample};
use super::sessions::Kind;
use crate::cli::layout::{fact, shares, show_span};
use crate::cli::output::{Ink, Output};
use crate::error::Error;
use crate::units::{show_bytes, show_count};

/// Spaces before the parts of a sampled request.
const INDENT: usize = 4;

pub(super) fn write(out: &mut Output, facts: &Facts<'_>, ink: Ink) -> Result<(), Error> {
    let Facts {
        tape,
        format,
        digest,
        service,
        records,
        blocks,
        file_bytes,
        bytes_per_record,
        event_time,
        endpoints,
        labels,
        sessions,
        origin,
        samples,
    } = facts;
    writeln!(out, "{tape}")?;
    fact(out, "service", service)?;
    fact(
        out,
        "records",
        &format!(
            "{} in {}",
            show_count(*records),
            counted(*blocks as u64, "block")
        ),
    )?;
    let size = format!(
        "{}, {bytes_per_record:.0} B per record, format {format}",
        show_bytes(*file_bytes)
    );
    fact(out, "size", &size)?;
    fact(out, "digest", digest)?;
    let span = format!(
        "{} to {} ({})",
        event_time.first,
        event_time.last,
        show_span(event_time.span_ns)
    );
    fact(out, "event time", &span)?;

    writeln!(out, "\norigin")?;
    fact(
        out,
        "generator",
        &format!("{} {}", origin.generator, origin.generator_version),
    )?;
    if let Some(seed) = origin.seed {
        fact(out, "seed", &seed.to_string())?;
    }
    if !origin.rng.is_empty() {
        fact(out, "random by", &origin.rng)?;
    }
    for (name, value) in &origin.parameters {
        fact(out, name, value)?;
    }

    shares(
        out,
        "endpoints",
        endpoints.iter().map(|part| (part.name, part.records)),
    )?;
    shares(
        out,
        "labels",
        labels.iter().map(|part| (part.name, part.records)),
    )?;
    write_sessions(out, sessions)?;
    write_samples(out, samples, Marks::of(ink))
}

fn write_sessions(out: &mut Output, kinds: &[Kind]) -> Result<(), Error> {
    if kinds.is_empty() {
        return Ok(());
    }
    let counts = kinds.iter().map(|kind| (kind.name.as_str(), kind.sessions));
    shares(out, "sessions", counts)?;
    for kind in kinds {
        fact(out, &kind.name, &kind.steps.join(" -> "))?;
    }
    Ok(())
}

fn write_samples(out: &mut Output, samples: &[Sample], marks: Marks) -> Result<(), Error> {
    if samples.is_empty() {
        return Ok(());
    }
    let kinds: BTreeSet<&str> = samples
        .iter()
        .flat_map(|sample| &sample.slots)
        .map(|slot| slot.kind.as_str())
        .collect();
    writeln!(out, "\nsamples")?;
    if !kinds.is_empty() {
        let Marks { open, close } = marks;
        let kinds = kinds.into_iter().collect::<Vec<_>>().join(", ");
        let kinds = on_one_line(&kinds);
        out.write_marked(&format!(
            "  {open}…{close} marks a slot ({kinds}), filled anew each time the request is sent\n"
        ))?;
    }
    for sample in samples {
        writeln!(out)?;
        write_sample(out, sample, marks)?;
    }
    Ok(())
}

fn write_sample(out: &mut Output, sample: &Sample, marks: Marks) -> Result<(), Error> {
    let decision = sample.expected_decision.unwrap_or("unknown");
    let dollars = show_count(sample.value_usd_cents / 100);
    writeln!(
        out,
        "  record {} in block {}: {} at {}",
        show_count(sample.record),
        sample.block,
        sample.endpoint,
        sample.event_time
    )?;
    writeln!(
        out,
        "    label {}, expected decision {decision}, ${dollars}.{:02} at stake",
        sample.label,
        sample.value_usd_cents % 100
    )?;
    if let Some((session, step)) = sample.session {
        writeln!(out, "    step {step} of session {}", show_count(session))?;
    }
    out.write_marked(&part(&sample.path, "path", sample, marks))?;
    if !sample.body.is_empty() {
        out.write_marked(&part(&sample.body, "body", sample, marks))?;
    }
    Ok(())
}

fn part(text: &str, name: &str, sample: &Sample, marks: Marks) -> String {
    let slots: Vec<&Place> = sample
        .slots
        .iter()
        .filter(|slot| slot.part == name)
        .collect();
    lay_out(text, &slots, marks, INDENT) + "\n"
}
