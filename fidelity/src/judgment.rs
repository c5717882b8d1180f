//! The verdict on an export: every metric's value beside its interval.

use serde::Serialize;
use tapdeck_generators::tables::Tables;

use crate::catalog::{self, Metric};
use crate::error::Error;
use crate::export::Export;
use crate::facts::Facts;
use crate::measure;

/// What came out of measuring an export.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgment {
    /// Rows of the export.
    pub rows: usize,
    /// Every metric, in the order of the table.
    pub findings: Vec<Finding>,
}

/// One metric's outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What was measured.
    pub metric: Metric,
    /// `None` if the export has nothing to compute it from.
    pub value: Option<f64>,
    /// What helps to find the cause.
    pub note: Option<String>,
}

impl Finding {
    /// Tells whether the value lies in its interval; what cannot be computed does not.
    pub fn passed(&self) -> bool {
        self.value.is_some_and(|value| self.metric.holds(value))
    }

    /// Writes the value for people.
    pub fn shown(&self) -> String {
        self.value
            .map_or_else(|| "n/a".to_owned(), |value| self.metric.form.show(value))
    }
}

impl Judgment {
    /// Measures an export.
    ///
    /// Errors: `Table` or `World` if a table of ours is damaged.
    pub fn of(export: &Export) -> Result<Self, Error> {
        let tables = Tables::builtin()?;
        let facts = Facts::new(export, &tables);
        Self::from_facts(&facts)
    }

    pub(crate) fn from_facts(facts: &Facts<'_>) -> Result<Self, Error> {
        let measured = measure::all(facts);
        let findings = catalog::metrics()?.into_iter().map(|metric| {
            let found = measured.iter().find(|found| found.id == metric.id);
            Finding {
                metric,
                value: found.and_then(|found| found.value),
                note: found.and_then(|found| found.note.clone()),
            }
        });
        Ok(Self {
            rows: facts.export.len(),
            findings: findings.collect(),
        })
    }

    /// Lists what failed.
    pub fn failed(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| !finding.passed())
    }

    /// Tells whether every metric passed.
    pub fn passed(&self) -> bool {
        self.failed().next().is_none()
    }

    /// Gives the form that machines read.
    pub fn document(&self) -> impl Serialize {
        Document {
            passed: self.passed(),
            rows: self.rows,
            failed: self.failed().map(|finding| finding.metric.id).collect(),
            metrics: self
                .findings
                .iter()
                .map(|finding| MetricDocument {
                    id: finding.metric.id,
                    group: finding.metric.group().name,
                    name: finding.metric.name,
                    value: finding.value,
                    low: finding.metric.low,
                    high: finding.metric.high,
                    reference: finding.metric.reference,
                    passed: finding.passed(),
                    note: finding.note.clone(),
                })
                .collect(),
        }
    }
}

/// The judgment as JSON.
#[derive(Debug, Serialize)]
struct Document {
    passed: bool,
    rows: usize,
    failed: Vec<&'static str>,
    metrics: Vec<MetricDocument>,
}

/// One metric as JSON; `null` for a missing value or an open end.
#[derive(Debug, Serialize)]
struct MetricDocument {
    id: &'static str,
    group: &'static str,
    name: &'static str,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    reference: f64,
    passed: bool,
    note: Option<String>,
}
