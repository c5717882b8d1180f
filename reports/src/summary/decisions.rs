//! How well the target decided: the confusion matrix per label, and recall and false positives drawn from it.
//!
//! A request is *flagged* when the target declined it or asked for review. Unjudged requests (shed, failed open, no
//! answer) were waved through, so they count as not flagged; the `_judged` figures leave them out and so speak of the
//! rules alone.

use serde::Serialize;

use super::ratio;
use crate::format;
use crate::measurements::{ConfusionRow, DecisionTally};

/// Decision quality of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecisionsSummary {
    /// Over every label.
    pub overall: DecisionQuality,
    /// Flagged fraud over everything flagged.
    pub precision: Option<f64>,
    /// Fraud that the target looked at and approved.
    pub fraud_approved: TallySummary,
    /// Fraud that was waved through without judgment.
    pub fraud_unjudged: TallySummary,
    /// One row per label, in the tape's order.
    pub labels: Vec<LabelSummary>,
}

/// Decisions on the requests of one label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelSummary {
    /// `legitimate`, or a fraud typology.
    pub label: String,
    /// Whether the label is a fraud typology.
    pub is_fraud: bool,
    /// What a perfect engine would have decided, if the tape knows it.
    pub expected: Option<String>,
    /// Every request of this label.
    pub total: TallySummary,
    /// Approved by an answer that passed every check.
    pub approved: TallySummary,
    /// Sent to review.
    pub reviewed: TallySummary,
    /// Declined.
    pub declined: TallySummary,
    /// Waved through without judgment.
    pub unjudged: TallySummary,
    /// Recall or false positives of this label.
    pub quality: DecisionQuality,
}

/// A number of requests and the money at stake in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TallySummary {
    /// Requests.
    pub count: u64,
    /// Sum of their amounts, US cents.
    pub value_usd_cents: u64,
}

impl TallySummary {
    fn plus(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            value_usd_cents: self.value_usd_cents + other.value_usd_cents,
        }
    }
}

impl From<DecisionTally> for TallySummary {
    fn from(tally: DecisionTally) -> Self {
        Self {
            count: tally.count,
            value_usd_cents: tally.value_cents,
        }
    }
}

/// Flagged shares: of fraud it is recall, of legitimate traffic it is the false-positive rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct DecisionQuality {
    /// Flagged fraud over all fraud, unjudged included.
    pub recall: Option<f64>,
    /// Flagged fraud over judged fraud.
    pub recall_judged: Option<f64>,
    /// Flagged legitimate requests over all legitimate requests, unjudged included.
    pub false_positive_rate: Option<f64>,
    /// Flagged legitimate requests over judged legitimate requests.
    pub false_positive_rate_judged: Option<f64>,
}

/// Counts that recall and false positives are made of.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    flagged: u64,
    judged: u64,
    all: u64,
}

impl Flags {
    fn of(rows: &[LabelSummary], is_fraud: bool) -> Self {
        let mut flags = Self::default();
        for row in rows.iter().filter(|row| row.is_fraud == is_fraud) {
            flags.flagged += row.reviewed.count + row.declined.count;
            flags.judged += row.total.count - row.unjudged.count;
            flags.all += row.total.count;
        }
        flags
    }
}

impl DecisionQuality {
    /// Gives the flagged share of one label: recall of fraud, or the false-positive rate of legitimate requests.
    pub(crate) fn flagged(&self) -> Option<f64> {
        self.recall.or(self.false_positive_rate)
    }

    fn of(rows: &[LabelSummary]) -> Self {
        let (fraud, legitimate) = (Flags::of(rows, true), Flags::of(rows, false));
        Self {
            recall: ratio(fraud.flagged, fraud.all),
            recall_judged: ratio(fraud.flagged, fraud.judged),
            false_positive_rate: ratio(legitimate.flagged, legitimate.all),
            false_positive_rate_judged: ratio(legitimate.flagged, legitimate.judged),
        }
    }
}

impl DecisionsSummary {
    pub(crate) fn new(confusion: &[ConfusionRow]) -> Self {
        let labels: Vec<LabelSummary> = confusion.iter().map(LabelSummary::new).collect();
        let fraud = |tally: fn(&LabelSummary) -> TallySummary| {
            let rows = labels.iter().filter(|row| row.is_fraud);
            rows.map(tally)
                .fold(TallySummary::default(), TallySummary::plus)
        };
        let flagged_fraud = Flags::of(&labels, true).flagged;
        Self {
            overall: DecisionQuality::of(&labels),
            precision: ratio(
                flagged_fraud,
                flagged_fraud + Flags::of(&labels, false).flagged,
            ),
            fraud_approved: fraud(|row| row.approved),
            fraud_unjudged: fraud(|row| row.unjudged),
            labels,
        }
    }
}

impl LabelSummary {
    /// Gives the row of a text table: label, requests, approved, review, declined, unjudged, share flagged.
    pub(crate) fn cells(&self) -> [String; 7] {
        let cell = |tally: TallySummary| format::count(tally.count);
        [
            self.label.clone(),
            cell(self.total),
            cell(self.approved),
            cell(self.reviewed),
            cell(self.declined),
            cell(self.unjudged),
            format::or_na(self.quality.flagged(), format::share),
        ]
    }

    fn new(row: &ConfusionRow) -> Self {
        let approved = TallySummary::from(row.approved);
        let reviewed = TallySummary::from(row.reviewed);
        let declined = TallySummary::from(row.declined);
        let unjudged = TallySummary::from(row.unjudged);
        let mut summary = Self {
            label: row.label.clone(),
            is_fraud: row.is_fraud,
            expected: row.expected.clone(),
            total: approved.plus(reviewed).plus(declined).plus(unjudged),
            approved,
            reviewed,
            declined,
            unjudged,
            quality: DecisionQuality::default(),
        };
        summary.quality = DecisionQuality::of(std::slice::from_ref(&summary));
        summary
    }
}
