//! What an earlier run measured, read back from its `summary.json`, for gates that are relative to it.
//!
//! Summaries of every version so far can be read; one of a later version is refused as such.

use serde_json::Value;

use crate::format;
use crate::measurements::GateSubject;
use crate::summary::{SCHEMA, quantiles, ratio};

/// What the name of every version of the format begins with; its number follows.
const FORMAT: &str = "tapdeck-summary-v";

/// The versions that can be read, oldest first.
const KNOWN: [u32; 2] = [1, 2];

/// The figures of an earlier run.
#[derive(Debug, Clone)]
pub struct Baseline(Value);

/// Why a document is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is not JSON.
    #[error("it is no JSON")]
    NotJson {
        /// What the reader said.
        source: serde_json::Error,
    },
    /// It does not name its format.
    #[error("it does not say that it is a {SCHEMA}; give the summary.json of a run")]
    Unnamed,
    /// It names the format of something else.
    #[error("it is a {found}, expected {SCHEMA}; give the summary.json of a run")]
    Other {
        /// The format it names.
        found: String,
    },
    /// It says itself that its figures are not those of the target.
    #[error(
        "its run was invalid, so its figures say nothing about the target; give the summary.json of a valid run"
    )]
    Invalid,
    /// A later version wrote it.
    #[error(
        "it is a {found}, and this version of tapdeck reads up to {SCHEMA}; use the tapdeck that wrote it, or a later one"
    )]
    Newer {
        /// The format it names.
        found: String,
    },
}

/// Why a baseline does not say what a gate is about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MissingFigure {
    /// It is not in the summary, or does not exist there.
    #[error("its run did not measure that")]
    Unmeasured,
    /// It is only known to be at least as large.
    #[error(
        "its run knows {name} only as at least {at_least}, because requests got no answer; name a run in which they did, or a \
         quantile below those"
    )]
    LowerBound {
        /// The quantile.
        name: String,
        /// How long it took at least, for people.
        at_least: String,
    },
}

impl Baseline {
    /// Reads a `summary.json` of this version or an earlier one.
    ///
    /// Errors: says what is wrong with the document.
    pub fn from_json(bytes: &[u8]) -> Result<Self, BaselineError> {
        let summary = summary(bytes)?;
        if summary["verdict"]["verdict"] == "invalid" {
            return Err(BaselineError::Invalid);
        }
        Ok(Self(summary))
    }

    /// Gives what was measured of a subject, in the unit of a gate's limit.
    ///
    /// Errors: `Unmeasured` if that is not in the summary; `LowerBound` if the true figure may be larger.
    pub fn measured(&self, subject: &GateSubject) -> Result<f64, MissingFigure> {
        if let GateSubject::ResponseQuantile(quantile) = subject
            && let Some(row) = self.quantile(*quantile)
            // A lower bound is no measurement that another run could be held to.
            && row["lower_bound"].as_bool() == Some(true)
        {
            return Err(MissingFigure::LowerBound {
                name: quantiles::name(*quantile),
                at_least: format::or_na(row["response_ms"].as_f64(), format::duration),
            });
        }
        self.figure(subject).ok_or(MissingFigure::Unmeasured)
    }

    /// Finds the row of a quantile of the response time.
    fn quantile(&self, quantile: f64) -> Option<&Value> {
        let name = quantiles::name(quantile);
        let mut rows = self.0["quantiles"].as_array()?.iter();
        rows.find(|row| row["name"] == name.as_str())
    }

    fn figure(&self, subject: &GateSubject) -> Option<f64> {
        let summary = &self.0;
        match subject {
            GateSubject::ResponseQuantile(quantile) => {
                let row = self.quantile(*quantile)?;
                row["response_ms"].as_f64().map(|ms| ms * 1e6)
            }
            GateSubject::ErrorShare => summary["rates"]["error_share"].as_f64(),
            GateSubject::AchievedShare => {
                let ledger = &summary["ledger"];
                let (completed, planned) =
                    (ledger["completed"].as_f64()?, ledger["planned"].as_f64()?);
                (planned > 0.0).then(|| completed / planned)
            }
            GateSubject::SessionShare => {
                let sessions = summary["sessions"].as_array()?;
                let sum = |key: &str| {
                    let counts = sessions.iter().map(|session| session[key].as_u64());
                    counts.sum::<Option<u64>>()
                };
                let (good, broken) = (sum("good")?, sum("broken")?);
                ratio(good, good + broken)
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

/// Reads a `summary.json` of this version or an earlier one as it is.
///
/// Errors: says what is wrong with the document; an invalid run is none of that.
pub(crate) fn summary(bytes: &[u8]) -> Result<Value, BaselineError> {
    let summary: Value =
        serde_json::from_slice(bytes).map_err(|source| BaselineError::NotJson { source })?;
    let Some(found) = summary["schema"].as_str() else {
        return Err(BaselineError::Unnamed);
    };
    let version = found
        .strip_prefix(FORMAT)
        .and_then(|version| version.parse().ok());
    let newest = KNOWN.last().copied();
    let found = || found.to_owned();
    match version {
        Some(version) if KNOWN.contains(&version) => Ok(summary),
        Some(version) if Some(version) > newest => Err(BaselineError::Newer { found: found() }),
        _ => Err(BaselineError::Other { found: found() }),
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
            GateSubject::SessionShare,
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
        // Ten of the thousand requests got no answer.
        let lower_bound = MissingFigure::LowerBound {
            name: "p99.9".to_owned(),
            at_least: "5.00 s".to_owned(),
        };
        for (subject, missing) in [
            (
                GateSubject::ResponseQuantile(0.123),
                MissingFigure::Unmeasured,
            ),
            (GateSubject::ResponseQuantile(0.999), lower_bound),
            (
                GateSubject::Recall(Some("unheard_of".to_owned())),
                MissingFigure::Unmeasured,
            ),
        ] {
            assert_eq!(baseline.measured(&subject), Err(missing));
        }
    }

    #[test]
    fn a_summary_of_the_first_version_can_be_held_against_a_run() {
        let bytes = include_bytes!("../tests/data/summary-v1.json");
        let baseline = Baseline::from_json(bytes).unwrap();
        for (subject, expected) in [
            (GateSubject::ResponseQuantile(0.5), Some(5_001_215.0)),
            (GateSubject::ResponseQuantile(0.999), None),
            (GateSubject::ErrorShare, Some(0.02)),
            (GateSubject::AchievedShare, Some(0.99)),
            (GateSubject::SessionShare, Some(95.0 / 98.0)),
            (GateSubject::Recall(None), Some(0.6)),
        ] {
            let found = baseline.measured(&subject).ok();
            let difference = found
                .zip(expected)
                .map(|(found, expected)| (found - expected).abs());
            assert_eq!(found.is_some(), expected.is_some(), "{subject:?}");
            assert!(difference.unwrap_or(0.0) < 1e-3, "{subject:?}: {found:?}");
        }
    }

    #[test]
    fn other_documents_are_refused_each_for_its_reason() {
        let refused = |text: &str| Baseline::from_json(text.as_bytes()).unwrap_err();
        assert!(matches!(refused("{"), BaselineError::NotJson { .. }));
        assert!(matches!(refused("{}"), BaselineError::Unnamed));
        for other in ["x", "tapdeck-summary-v0", "tapdeck-summary-vX"] {
            let error = refused(&format!(r#"{{"schema": "{other}"}}"#));
            assert!(matches!(error, BaselineError::Other { .. }), "{error:?}");
        }
        let error = refused(r#"{"schema": "tapdeck-summary-v3"}"#);
        assert!(matches!(error, BaselineError::Newer { .. }), "{error:?}");
        let message = "it is a tapdeck-summary-v3, and this version of tapdeck reads up to tapdeck-summary-v2";
        assert!(error.to_string().starts_with(message), "{error}");
    }
}
