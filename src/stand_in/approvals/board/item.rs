//! An item of the board, and the two shapes it is told in.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::stand_in::approvals::accounts::User;
use crate::stand_in::uuid::Uuid;
use crate::stand_in::visit::Moment;

/// A risk score in hundredths, up to 100 points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Score(pub(super) u16);

/// Up to this score an item is approved at once, up to the other somebody decides, above it nobody may.
const AUTO_APPROVED: Score = Score(5_000);
const DECIDED: Score = Score(7_500);

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Submitted,
    AutoApproved,
    ExceptionRequired,
    Approved,
    Rejected,
}

/// An item.
pub(super) struct Item {
    pub(super) id: Uuid,
    /// In the order of submission, from 1.
    pub(super) number: u64,
    /// Bits that its correlation id is made of.
    pub(super) correlation: u128,
    pub(super) intent: Uuid,
    pub(super) package: &'static str,
    pub(super) score: Score,
    pub(super) status: Status,
    pub(super) submitted_by: &'static User,
    pub(super) submitted_at: Moment,
    /// Number of the session that submitted it.
    pub(super) owner: u64,
    pub(super) notes: String,
    pub(super) decision: Option<Decision>,
}

/// What was decided about an item.
pub(super) struct Decision {
    pub(super) word: &'static str,
    pub(super) by: &'static User,
    /// Number of the session that decided.
    pub(super) session: u64,
    pub(super) at: Moment,
    pub(super) rationale: String,
    pub(super) conditions: Map<String, Value>,
}

impl Score {
    pub(super) fn points(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Status {
    /// Gives the status of an item that was just submitted.
    pub(super) fn of(score: Score) -> Self {
        if score <= AUTO_APPROVED {
            Self::AutoApproved
        } else if score <= DECIDED {
            Self::Submitted
        } else {
            Self::ExceptionRequired
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::AutoApproved => "auto_approved",
            Self::ExceptionRequired => "exception_required",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    const fn display(self) -> &'static str {
        match self {
            Self::Submitted => "Pending Review",
            Self::AutoApproved => "Auto-Approved",
            Self::ExceptionRequired => "Exception Required",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
        }
    }

    /// Gives the gate that a submission came to.
    pub(super) const fn gate(self) -> &'static str {
        match self {
            Self::AutoApproved => "auto_approved",
            Self::ExceptionRequired => "exception_required",
            _ => "manual_review",
        }
    }

    /// Gives what is said about a submission.
    pub(super) const fn welcome(self) -> &'static str {
        match self {
            Self::AutoApproved => "Deployment auto-approved (low risk)",
            Self::ExceptionRequired => "Deployment flagged as high-risk, exception required",
            _ => "Deployment submitted for CAB review",
        }
    }
}

/// An item among others.
#[derive(Serialize)]
pub(super) struct Listed<'a> {
    id: Uuid,
    correlation_id: String,
    deployment_intent_id: Uuid,
    risk_score: Score,
    status: &'static str,
    status_display: &'static str,
    submitted_by_username: &'a str,
    submitted_at: Moment,
    approved_by_username: Option<&'a str>,
    approval_decision: Option<&'static str>,
    approved_at: Option<Moment>,
}

/// Items that wait.
#[derive(Serialize)]
pub(super) struct Pending<'a> {
    pub(super) count: usize,
    pub(super) results: Vec<Listed<'a>>,
}

/// All about an item.
#[derive(Serialize)]
pub(super) struct Detail<'a> {
    id: Uuid,
    correlation_id: String,
    deployment_intent_id: Uuid,
    evidence_package_id: &'static str,
    risk_score: Score,
    status: &'static str,
    status_display: &'static str,
    submitted_by: &'static User,
    submitted_at: Moment,
    approved_by: Option<&'static User>,
    approval_decision: Option<&'static str>,
    approval_rationale: &'a str,
    approval_conditions: Option<&'a Map<String, Value>>,
    approved_at: Option<Moment>,
    notes: &'a str,
}

/// All about an item, and what became of the request.
#[derive(Serialize)]
pub(super) struct Outcome<'a> {
    #[serde(flatten)]
    pub(super) item: Detail<'a>,
    pub(super) message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decision_status: Option<&'static str>,
}

impl Item {
    pub(super) fn listed(&self) -> Listed<'_> {
        let decision = self.decision.as_ref();
        Listed {
            id: self.id,
            correlation_id: self.correlation_id(),
            deployment_intent_id: self.intent,
            risk_score: self.score,
            status: self.status.as_str(),
            status_display: self.status.display(),
            submitted_by_username: self.submitted_by.username,
            submitted_at: self.submitted_at,
            approved_by_username: decision.map(|decision| decision.by.username),
            approval_decision: decision.map(|decision| decision.word),
            approved_at: decision.map(|decision| decision.at),
        }
    }

    /// Tells all about the item, under an id that a fault may have made a wrong one.
    pub(super) fn detail(&self, id: Uuid) -> Detail<'_> {
        let decision = self.decision.as_ref();
        Detail {
            id,
            correlation_id: self.correlation_id(),
            deployment_intent_id: self.intent,
            evidence_package_id: self.package,
            risk_score: self.score,
            status: self.status.as_str(),
            status_display: self.status.display(),
            submitted_by: self.submitted_by,
            submitted_at: self.submitted_at,
            approved_by: decision.map(|decision| decision.by),
            approval_decision: decision.map(|decision| decision.word),
            approval_rationale: decision.map_or("", |decision| &decision.rationale),
            approval_conditions: decision.map(|decision| &decision.conditions),
            approved_at: decision.map(|decision| decision.at),
            notes: &self.notes,
        }
    }

    fn correlation_id(&self) -> String {
        format!("CAB-{:012X}", self.correlation >> 80)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_lead_to_gates() {
        for (hundredths, text, status) in [
            (0, "0.00", Status::AutoApproved),
            (5_000, "50.00", Status::AutoApproved),
            (5_001, "50.01", Status::Submitted),
            (7_500, "75.00", Status::Submitted),
            (7_501, "75.01", Status::ExceptionRequired),
            (10_000, "100.00", Status::ExceptionRequired),
        ] {
            assert_eq!(Score(hundredths).to_string(), text);
            assert_eq!(Status::of(Score(hundredths)), status, "{text}");
        }
    }
}
