//! What an earlier run measured, read back from its `summary.json`, for gates that are relative to it.

use serde_json::Value;

use crate::measurements::GateSubject;
use crate::summary::{SCHEMA, quantiles};

/// The figures of an earlier run.
#[derive(Debug, Clone)]
pub struct Baseline(Value);

impl Baseline {
    /// Reads a `summary.json`.
    ///
    /// Errors: says what is wrong with the document.
    pub fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let summary: Value =
            serde_json::from_slice(bytes).map_err(|error| format!("it is no JSON: {error}"))?;
        match summary["schema"].as_str() {
            Some(SCHEMA) => Ok(Self(summary)),
            Some(other) => Err(format!("it is a {other}, expected {SCHEMA}")),
            None => Err(format!(
                "it does not say that it is a {SCHEMA}; give the summary.json of a run"
            )),
        }
    }

    /// Gives what was measured of a subject, in the unit of a gate's limit; `None` if that is not in the summary.
    pub fn measured(&self, subject: &GateSubject) -> Option<f64> {
        let summary = &self.0;
        match subject {
            GateSubject::ResponseQuantile(quantile) => {
                let name = quantiles::name(*quantile);
                let mut rows = summary["quantiles"].as_array()?.iter();
                let row = rows.find(|row| row["name"] == name.as_str())?;
                row["response_ms"].as_f64().map(|ms| ms * 1e6)
            }
            GateSubject::ErrorShare => summary["rates"]["error_share"].as_f64(),
            GateSubject::AchievedShare => {
                let ledger = &summary["ledger"];
                let (completed, planned) =
                    (ledger["completed"].as_f64()?, ledger["planned"].as_f64()?);
                (planned > 0.0).then(|| completed / planned)
            }
            GateSubject::Recall(None) => summary["decisions"]["overall"]["recall"].as_f64(),
            GateSubject::Recall(Some(label)) => {
                let mut rows = summary["decisions"]["labels"].as_array()?.iter();
                let row = rows.find(|row| row["label"] == label.as_str())?;
                row["quality"]["recall"].as_f64()
            }
            GateSubject::FalsePositiveRate => {
                summary["decisions"]["overall"]["false_positive_rate"].as_f64()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Summary;
    use crate::fixture::{gate, healthy};

    #[test]
    fn a_run_is_as_good_as_itself() {
        let subjects = [
            GateSubject::ResponseQuantile(0.5),
            GateSubject::ResponseQuantile(0.99),
            GateSubject::ErrorShare,
            GateSubject::AchievedShare,
            GateSubject::Recall(None),
            GateSubject::Recall(Some("card_testing".to_owned())),
            GateSubject::FalsePositiveRate,
        ];
        let mut run = healthy();
        run.gates = subjects.map(|subject| gate("any", subject, 0.0)).to_vec();
        let summary = Summary::from_measurements(&run);
        let baseline = Baseline::from_json(&serde_json::to_vec(&summary).unwrap()).unwrap();
        for (gate, result) in run.gates.iter().zip(&summary.gates) {
            let scale = match gate.subject {
                GateSubject::ResponseQuantile(_) => 1e6,
                _ => 1.0,
            };
            let measured = result.measured.unwrap() * scale;
            let read = baseline.measured(&gate.subject).unwrap();
            assert!((read - measured).abs() <= 1e-9 * measured, "{gate:?}");
        }
        for subject in [
            GateSubject::ResponseQuantile(0.123),
            GateSubject::Recall(Some("unheard_of".to_owned())),
        ] {
            assert_eq!(baseline.measured(&subject), None);
        }
    }

    #[test]
    fn other_documents_are_refused() {
        for (text, message) in [
            ("{", "it is no JSON"),
            ("{}", "give the summary.json of a run"),
            (
                r#"{"schema": "x"}"#,
                "it is a x, expected tapdeck-summary-v1",
            ),
        ] {
            let error = Baseline::from_json(text.as_bytes()).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }
}
