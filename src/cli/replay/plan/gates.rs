//! From promises as typed to gates: the service's own, those asked for, and what an earlier run measured.

use std::error::Error as StdError;
use std::path::Path;

use tapdeck_corpora::Count;
use tapdeck_reports::Baseline;
use tapdeck_reports::measurements::{Bound, Gate, GateSubject, Unmeasured};
use tapdeck_services::slo::{self, Comparison, Limit, Slo, SloSubject};
use tapdeck_services::{ServiceDefinition, nearest};

use super::usage;
use crate::error::Error;

/// Merges the service's own promises with those asked for, and looks up what is relative to an earlier run.
///
/// Every service is held to few errors unless somebody promised something else about them. A service with sessions is held to good
/// sessions likewise, unless somebody promised something else about them. As nobody asked for that, it
/// is not judged in a run in which no session comes to its end.
///
/// Errors: `Service` for what is no promise, `Usage` or `Io` for a baseline that is missing or cannot be used.
pub(in crate::cli) fn of(
    service: &ServiceDefinition,
    asked: &[String],
    baseline: Option<&Path>,
) -> Result<Vec<Gate>, Error> {
    let slos = if asked.is_empty() {
        service.slos.clone()
    } else {
        slo::merge(&service.slos, &slo::parse_list(&asked.join(","))?)
    };
    let baseline = baseline.map(read).transpose()?;
    let mut gates = slos
        .iter()
        .map(|slo| gate(slo, baseline.as_ref()))
        .collect::<Result<Vec<Gate>, Error>>()?;
    let names = |subject: &SloSubject| slos.iter().any(|slo| slo.subject == *subject);
    if !names(&SloSubject::ErrorShare) {
        gates.push(gate(&slo::default_for_errors(), None)?);
    }
    let has_sessions = !service.sessions.is_empty();
    if !has_sessions && names(&SloSubject::SessionShare) {
        let detail = format!(
            "promises something about sessions, but {:?} has none",
            service.name
        );
        return Err(usage("--slo", detail));
    }
    if has_sessions && !names(&SloSubject::SessionShare) {
        gates.push(Gate {
            unmeasured: Unmeasured::NotJudged,
            ..gate(&slo::default_for_sessions(), None)?
        });
    }
    Ok(gates)
}

/// Refuses gates on the recall of fraud that the tape does not know.
///
/// Errors: `Usage`, naming what it knows.
pub(super) fn check_labels(gates: &[Gate], labels: &[Count]) -> Result<(), Error> {
    // The first label is that of what is no fraud.
    let known = || labels.iter().skip(1).map(|label| label.name.as_str());
    let unknown = gates.iter().find_map(|gate| match &gate.subject {
        GateSubject::Recall(Some(label)) if known().all(|name| name != label) => {
            Some((gate, label))
        }
        _ => None,
    });
    let Some((gate, label)) = unknown else {
        return Ok(());
    };
    let hint = match nearest(label, known()) {
        Some(nearest) => format!("did you mean {nearest:?}?"),
        None => format!("known: {}", known().collect::<Vec<_>>().join(", ")),
    };
    let detail = format!(
        "{} is about fraud labelled {label:?}, which the tape does not know; {hint}",
        gate.text
    );
    Err(usage("--slo", detail))
}

fn read(path: &Path) -> Result<Baseline, Error> {
    let bytes = std::fs::read(path).map_err(|source| Error::Io {
        action: "read the baseline",
        path: path.to_owned(),
        source,
    })?;
    Baseline::from_json(&bytes).map_err(|error| {
        let source = error.source().map(|source| format!(": {source}"));
        let detail = format!("{}: {error}{}", path.display(), source.unwrap_or_default());
        usage("--baseline", detail)
    })
}

fn gate(slo: &Slo, baseline: Option<&Baseline>) -> Result<Gate, Error> {
    let subject = match &slo.subject {
        SloSubject::ResponseQuantile(quantile) => GateSubject::ResponseQuantile(*quantile),
        SloSubject::ErrorShare => GateSubject::ErrorShare,
        SloSubject::AchievedShare => GateSubject::AchievedShare,
        SloSubject::SessionShare => GateSubject::SessionShare,
        SloSubject::Recall(label) => GateSubject::Recall(label.clone()),
        SloSubject::FalsePositiveRate => GateSubject::FalsePositiveRate,
    };
    let limit = match (slo.limit, baseline) {
        (Limit::Fixed(limit), _) => limit,
        (Limit::OfBaseline(_), None) => {
            let detail = format!(
                "{} is relative to an earlier run; name its summary.json with --baseline",
                slo.text
            );
            return Err(usage("--slo", detail));
        }
        (Limit::OfBaseline(factor), Some(baseline)) => {
            let measured = baseline.measured(&subject).map_err(|missing| {
                let detail = format!("{} cannot be held against it: {missing}", slo.text);
                usage("--baseline", detail)
            })?;
            factor * measured
        }
    };
    Ok(Gate {
        text: slo.text.clone(),
        subject,
        limit,
        bound: match slo.comparison {
            Comparison::Below | Comparison::Above => Bound::Exclusive,
            Comparison::AtMost | Comparison::AtLeast => Bound::Inclusive,
        },
        unmeasured: Unmeasured::Missed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_baseline_knows_only_as_a_lower_bound_is_told_from_what_it_did_not_measure() {
        let service = tapdeck_services::registry::find("rule-engine").unwrap();
        let data = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/reports/tests/data/summary-v1.json"
        );
        let refused = |slo: &str| {
            let gates = of(&service, &[slo.to_owned()], Some(Path::new(data)));
            gates.unwrap_err().to_string()
        };
        let bound = refused("p99.9<=baseline*1.1");
        assert!(
            bound.contains("--baseline: p99.9<=baseline*1.1 cannot be held against it"),
            "{bound}"
        );
        assert!(
            bound.contains("its run knows p99.9 only as at least 5.00 s"),
            "{bound}"
        );
        let missing = refused("p98.7<=baseline*1.1");
        assert!(
            missing.contains("its run did not measure that"),
            "{missing}"
        );
    }

    #[test]
    fn a_service_with_sessions_is_held_to_good_ones_unless_somebody_says_otherwise() {
        let gates = |service: &str, asked: &[&str]| {
            let service = tapdeck_services::registry::find(service).unwrap();
            let asked: Vec<String> = asked.iter().map(|&asked| asked.to_owned()).collect();
            let gates = of(&service, &asked, None).unwrap();
            let sessions = gates
                .iter()
                .filter(|gate| gate.subject == GateSubject::SessionShare);
            sessions
                .map(|gate| (gate.text.clone(), gate.unmeasured))
                .collect::<Vec<_>>()
        };
        let held_to = |text: &str, unmeasured| vec![(text.to_owned(), unmeasured)];
        let default = held_to("sessions>=99%", Unmeasured::NotJudged);
        assert_eq!(gates("approvals", &[]), default);
        assert_eq!(gates("approvals", &["p99<1s"]), default);
        let asked = held_to("sessions>=50%", Unmeasured::Missed);
        assert_eq!(gates("approvals", &["sessions>=50%"]), asked);
        assert_eq!(gates("rule-engine", &[]), []);
    }
}
