//! The stable result of a run: what every file, page and table shows, and what `summary.json` holds.
//!
//! Owns the arithmetic from [`Measurements`] to published figures; `schema/summary-v2.json` and `docs/metrics.md`
//! describe each of them. Knows nothing of how they are drawn. Durations are milliseconds, rates are per second, shares
//! are 0..=1, money is whole US cents, and each key carries its unit; a figure that does not exist is `None`, never 0.

pub mod decisions;
pub mod durations;
pub mod endpoints;
pub mod generator;
pub mod identity;
pub mod quantiles;
pub mod seconds;
pub mod sessions;
pub mod traffic;
pub mod transport;

use serde::Serialize;

use self::decisions::DecisionsSummary;
use self::durations::LatencySummary;
use self::endpoints::EndpointSummary;
use self::generator::GeneratorSummary;
use self::identity::{IdentitySummary, PhasesSummary};
use self::quantiles::{PercentilePoint, QuantileRow};
use self::seconds::SecondSummary;
use self::sessions::SessionSummary;
use self::traffic::{FailureSummary, LedgerSummary, RatesSummary};
use self::transport::TransportSummary;
use crate::histogram::Histogram;
use crate::measurements::Measurements;
use crate::ranked::Ranked;
use crate::verdict::gates::GateResult;
use crate::verdict::validity::{self, Evidence, Finding};
use crate::verdict::{self, VerdictReport};

/// Name and version of the format; a change that breaks readers changes it.
pub const SCHEMA: &str = "tapdeck-summary-v2";

/// The JSON Schema (draft 2020-12) of a serialized [`Summary`].
pub const JSON_SCHEMA: &str = include_str!("../schema/summary-v2.json");

/// Everything published about one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// Whether the run can be believed, and whether it kept its promises.
    pub verdict: VerdictReport,
    /// Each promise with what was measured against it.
    pub gates: Vec<GateResult>,
    /// Remarks of the run itself; plain sentences.
    pub notes: Vec<String>,
    /// What was run, with what, on which machine.
    pub identity: IdentitySummary,
    /// How the target was reached.
    pub transport: TransportSummary,
    /// How long the phases were and how the run ended.
    pub phases: PhasesSummary,
    /// What became of every planned request.
    pub ledger: LedgerSummary,
    /// Offered, achieved and good rate, and the error share.
    pub rates: RatesSummary,
    /// The ladder of quantiles with the distortion beside each.
    pub quantiles: Vec<QuantileRow>,
    /// Every kind of duration over all endpoints.
    pub latency: LatencySummary,
    /// The curve of durations by percentile.
    pub percentiles: Vec<PercentilePoint>,
    /// One entry per endpoint.
    pub endpoints: Vec<EndpointSummary>,
    /// One entry per kind of session.
    pub sessions: Vec<SessionSummary>,
    /// Failures by kind, the most frequent first.
    pub failures: Vec<FailureSummary>,
    /// How well the target decided.
    pub decisions: DecisionsSummary,
    /// How the generator itself fared.
    pub generator: GeneratorSummary,
    /// One entry per second of the measure phase.
    pub seconds: Vec<SecondSummary>,
}

impl Summary {
    /// Computes every published figure of a run and judges it.
    pub fn from_measurements(measurements: &Measurements) -> Self {
        let totals = Totals::over_endpoints(measurements);
        let quantiles = quantiles::ladder(measurements, &totals);
        let decisions = DecisionsSummary::new(&measurements.confusion);
        let gates = verdict::gates::judge(measurements, &quantiles, &decisions);
        let evidence = Evidence::new(measurements, &quantiles, &gates);
        let findings = validity::findings(&evidence);
        let verdict = verdict::judge(measurements, &findings, &gates);
        let notes = verdict::notes(measurements, &findings, &verdict);
        let generator = GeneratorSummary::new(measurements, &evidence, findings);
        Self {
            schema: SCHEMA,
            verdict,
            gates,
            notes,
            identity: IdentitySummary::new(&measurements.identity),
            transport: TransportSummary::new(&measurements.transport, measurements.stamps),
            phases: PhasesSummary::new(measurements),
            ledger: LedgerSummary::from(measurements.ledger),
            rates: RatesSummary::new(
                &measurements.ledger,
                traffic::left_out(measurements),
                measurements.measured_ns,
            ),
            quantiles,
            latency: LatencySummary::new(measurements, &totals),
            percentiles: quantiles::curve(measurements, &totals),
            endpoints: EndpointSummary::all(measurements),
            sessions: SessionSummary::all(measurements),
            failures: FailureSummary::all(measurements),
            decisions,
            generator,
            seconds: SecondSummary::all(measurements),
        }
    }
}

impl Summary {
    /// Counts the steps that were left out for lack of a captured value.
    pub(crate) fn left_out(&self) -> u64 {
        self.endpoints.iter().map(|endpoint| endpoint.skipped).sum()
    }

    /// Gives a count as a share of the planned requests and the steps left out: whatever is left out is missing in it.
    pub(crate) fn share_of_due(&self, count: u64) -> Option<f64> {
        ratio(count, self.ledger.planned + self.left_out())
    }

    /// Gives what the rules found beside the reasons of the verdict.
    pub(crate) fn asides(&self) -> impl Iterator<Item = &Finding> {
        let told = |text: &String| self.verdict.reasons.contains(text) || self.notes.contains(text);
        let findings = self.generator.findings.iter();
        findings.filter(move |finding| !told(&finding.text))
    }
}

/// Durations over all endpoints.
pub(crate) struct Totals {
    pub(crate) response: Histogram,
    pub(crate) unanswered: Histogram,
    pub(crate) undisturbed: Histogram,
    pub(crate) unanswered_undisturbed: Histogram,
    pub(crate) service: Histogram,
    pub(crate) first_byte: Histogram,
}

impl Totals {
    pub(crate) fn over_endpoints(measurements: &Measurements) -> Self {
        let mut totals = Self {
            response: Histogram::new(),
            unanswered: Histogram::new(),
            undisturbed: Histogram::new(),
            unanswered_undisturbed: Histogram::new(),
            service: Histogram::new(),
            first_byte: Histogram::new(),
        };
        for endpoint in &measurements.endpoints {
            totals.response.merge(&endpoint.response);
            totals.unanswered.merge(&endpoint.unanswered);
            totals.undisturbed.merge(&endpoint.undisturbed);
            totals.service.merge(&endpoint.service);
            totals.first_byte.merge(&endpoint.first_byte);
        }
        totals.unanswered_undisturbed =
            unanswered_undisturbed(&totals.unanswered, measurements.withheld());
        totals
    }

    /// Gives the response times with the requests without an answer above them.
    pub(crate) fn ranked(&self) -> Ranked<'_> {
        Ranked::new(&self.response, &self.unanswered)
    }

    /// Gives the undisturbed response times likewise.
    pub(crate) fn undisturbed(&self) -> Ranked<'_> {
        Ranked::new(&self.undisturbed, &self.unanswered_undisturbed)
    }
}

/// Gives an entry for each request that would have no answer in the undisturbed run either: one that we withheld says nothing
/// about the target there, good or bad.
pub(crate) fn unanswered_undisturbed(unanswered: &Histogram, withheld: u64) -> Histogram {
    let mut not_ours = Histogram::new();
    not_ours.record_many(1, unanswered.len().saturating_sub(withheld));
    not_ours
}

/// Converts nanoseconds to the milliseconds that are published.
pub(crate) fn ms(duration_ns: u64) -> f64 {
    duration_ns as f64 / 1e6
}

/// Converts nanoseconds to seconds.
pub(crate) fn seconds(duration_ns: u64) -> f64 {
    duration_ns as f64 / 1e9
}

/// Divides two counts; a share of nothing does not exist.
pub(crate) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests;
