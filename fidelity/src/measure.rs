//! Every metric, one file per subject; each gives its values under the ids of `metrics.tsv`.

mod amounts;
mod answers;
pub(crate) mod bursts;
mod common_purchase;
mod concentration;
pub(crate) mod fraud;
mod integrity;
mod journeys;
mod leaks;
mod mix;
mod places;
mod recomputed;
mod rules;
pub(crate) mod time;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::facts::Facts;

/// The value of a metric in an export.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    pub(crate) id: &'static str,
    /// `None` if the export has nothing to compute it from.
    pub(crate) value: Option<f64>,
    /// What helps to find the cause.
    pub(crate) note: Option<String>,
}

impl Measured {
    fn new(id: &'static str, value: Option<f64>) -> Self {
        Self {
            id,
            value: value.filter(|value| value.is_finite()),
            note: None,
        }
    }

    fn with_note(mut self, note: String) -> Self {
        self.note = Some(note);
        self
    }
}

type Subject = fn(&Facts<'_>) -> Vec<Measured>;

const SUBJECTS: [Subject; 14] = [
    recomputed::measure,
    leaks::measure,
    integrity::measure,
    journeys::measure,
    concentration::measure,
    mix::measure,
    amounts::measure,
    places::measure,
    time::measure,
    bursts::measure,
    fraud::measure,
    common_purchase::measure,
    answers::measure,
    rules::measure,
];

/// Measures everything.
pub(crate) fn all(facts: &Facts<'_>) -> Vec<Measured> {
    SUBJECTS
        .par_iter()
        .flat_map_iter(|subject| subject(facts))
        .collect()
}
