//! What was run and on which machine, and what the words mean.

use maud::{Markup, html};

use crate::format;
use crate::summary::Summary;
use crate::summary::identity::EndingSummary;

pub(super) fn section(summary: &Summary) -> Markup {
    html! {
        section id="identity" {
            h2 { "Identity" }
            dl.identity {
                @for (name, value) in facts(summary) {
                    div { dt { (name) } dd { (value) } }
                }
            }
        }
    }
}

/// Everything needed to run it again, then the machine.
fn facts(summary: &Summary) -> Vec<(String, String)> {
    let (identity, phases) = (&summary.identity, &summary.phases);
    let (tape, schedule, replay) = (&identity.tape, &identity.schedule, &identity.replay);
    let ending = match phases.ending {
        EndingSummary::Completed => "schedule completed",
        EndingSummary::Interrupted => "interrupted",
        EndingSummary::Aborted => "stopped by itself",
    };
    let facts = [
        ("tapdeck", identity.tapdeck_version.clone()),
        ("Service", identity.service.clone()),
        ("Target", identity.target.clone()),
        ("Started", identity.started_at.clone()),
        ("Tape", tape.file.clone()),
        ("Tape digest", tape.digest.clone()),
        ("Tape records", format::count(tape.records)),
        (
            "Tape seed",
            tape.seed
                .map_or_else(|| "none, imported".to_owned(), |seed| seed.to_string()),
        ),
        ("Arrivals", schedule.arrivals.clone()),
        ("Rate profile", schedule.profile.clone()),
        ("Planned rate", format::rate(schedule.planned_rate_per_s)),
        ("Schedule seed", schedule.seed.to_string()),
        (
            "Event time",
            format!("{}× wall time", format::factor(schedule.time_compression)),
        ),
        (
            "Phases",
            format!(
                "warm-up {}, measured {} of {}; {ending}",
                format::span(phases.warm_up_s),
                format::span(phases.measured_s),
                format::span(phases.measure_s)
            ),
        ),
        ("Timeout", format::round_duration(replay.timeout_ms)),
        (
            "Connections",
            format!(
                "{}, at most {} in flight",
                format::count(replay.connections.into()),
                format::counted(replay.in_flight_cap.into(), "request")
            ),
        ),
        ("Pacing", replay.pacing.clone()),
    ];
    let facts = facts.map(|(name, value)| (name.to_owned(), value));
    let machine = identity.machine.iter();
    let machine = machine.map(|fact| (fact.name.clone(), fact.value.clone()));
    facts.into_iter().chain(machine).collect()
}

/// The words of the page, each with one meaning.
const GLOSSARY: [(&str, &str); 14] = [
    (
        "Response time",
        "from the planned send time to the complete answer: what a customer would feel, every wait included.",
    ),
    (
        "Service time",
        "from the write call to the complete answer: what the target took.",
    ),
    (
        "Connection wait",
        "from the planned send time until a connection was free: the target's doing, and that of our own lag before it, which the \
         undisturbed time leaves out.",
    ),
    (
        "Send lag",
        "from then until the write call: the generator's doing alone.",
    ),
    (
        "Read lag",
        "from the arrival of the answer, by the kernel's stamp, until our read: the generator's doing alone.",
    ),
    (
        "Undisturbed",
        "what a generator without any lag would have measured with the same service times.",
    ),
    (
        "Distortion",
        "how far a response-time quantile is above the undisturbed one.",
    ),
    (
        "Stall",
        "a stretch in which a lane did not look at its connections although work was due.",
    ),
    (
        "Offered, achieved, good",
        "planned; answered in full; answered with every check passed. Per second of the measure phase.",
    ),
    (
        "Error share",
        "planned requests that did not end good, whatever the cause, and steps of sessions that were left out.",
    ),
    (
        "Dropped, unsent, cut",
        "refused at the in-flight cap; still waiting for a connection at the end; in flight when the run stopped.",
    ),
    (
        "Withheld",
        "never sent, although a generator without lag would have sent it by then; part of dropped and unsent.",
    ),
    (
        "Invalid",
        "the generator, not the target, shaped the figures; they must not be quoted.",
    ),
    (
        "p99",
        "99 % of requests took at most this long; one without an answer is slower than every answered one.",
    ),
];

pub(super) fn glossary() -> Markup {
    html! {
        section.glossary id="words" {
            h2 { "Words" }
            dl {
                @for (word, meaning) in GLOSSARY {
                    div { dt { (word) } dd { (meaning) } }
                }
            }
        }
    }
}
