//! What was run, in a table.

use super::table::Table;
use crate::format;
use crate::summary::Summary;

/// Names what it takes to run it again.
pub(super) fn identity(summary: &Summary) -> String {
    let (identity, phases) = (&summary.identity, &summary.phases);
    let (tape, schedule, replay) = (&identity.tape, &identity.schedule, &identity.replay);
    let seed = tape.seed.map(|seed| format!(", seed {seed}"));
    let mut table = Table::words(["", "what was run"]);
    for (name, value) in [
        ("Target", identity.target.clone()),
        (
            "Tape",
            format!(
                "{}, {}, digest {}{}",
                tape.file,
                format::counted(tape.records, "record"),
                tape.digest,
                seed.unwrap_or_default()
            ),
        ),
        (
            "Load",
            format!(
                "{} {}, seed {}, {} planned",
                schedule.arrivals,
                schedule.profile,
                schedule.seed,
                format::rate(schedule.planned_rate_per_s)
            ),
        ),
        (
            "Time",
            format!(
                "{}, warm-up {}, measured {} of {}",
                identity.started_at,
                format::span(phases.warm_up_s),
                format::span(phases.measured_s),
                format::span(phases.measure_s)
            ),
        ),
        (
            "Replay",
            format!(
                "{}, at most {} in flight, timeout {}, pacing {}",
                format::counted(replay.connections.into(), "connection"),
                format::count(replay.in_flight_cap.into()),
                format::round_duration(replay.timeout_ms),
                replay.pacing
            ),
        ),
        (
            "Transport",
            format!(
                "{}; arrival of answers: {}",
                summary.transport.way_text(),
                summary.transport.arrivals.text()
            ),
        ),
        ("Version", format!("tapdeck {}", identity.tapdeck_version)),
    ] {
        table.row([name.to_owned(), value]);
    }
    for fact in &identity.machine {
        table.row([fact.name.clone(), fact.value.clone()]);
    }
    table.text()
}
