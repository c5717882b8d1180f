//! Exports made of a few rows, each a plain one with some cells set to something else.

use std::fs;

use tapdeck_fidelity::{Export, Judgment};

/// Monday 2025-01-06 00:00 UTC.
pub(crate) const START_MS: i64 = 1_736_121_600_000;

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A genuine purchase of one dollar with the card present, at home in New York.
const PLAIN: [(&str, &str); 37] = [
    ("txn_id", ""),
    ("ts_ms", ""),
    ("tz_offset_min", "0"),
    ("card_id", "tok_a"),
    ("card_known", "1"),
    ("card_country", "US"),
    ("card_network", "VISA"),
    ("card_bin", "400000"),
    ("home_lat", "40.7"),
    ("home_lon", "-74.0"),
    ("merchant_id", "m1"),
    ("mcc", "5411"),
    ("merchant_country", "US"),
    ("merchant_lat", "40.7"),
    ("merchant_lon", "-74.0"),
    ("card_present", "1"),
    ("entry_mode", "CHIP"),
    ("txn_type", "PURCHASE"),
    ("amount_minor", "100"),
    ("currency", "USD"),
    ("usd_cents", "100"),
    ("ip", ""),
    ("ip_country", ""),
    ("device_id", ""),
    ("is_fraud", "0"),
    ("fraud_type", "NONE"),
    ("campaign_id", "0"),
    ("label_ts_ms", ""),
    ("auth_resp", "00"),
    ("oracle_decision", "APPROVE"),
    ("vel_card_5m", "1"),
    ("vel_card_1h", "1"),
    ("vel_card_24h", "1"),
    ("vel_ip_1h", "0"),
    ("vel_device_1h", "0"),
    ("ref_mask", "0"),
    ("ref_decision", "APPROVE"),
];

/// A row under construction.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    at_ms: i64,
    cells: Vec<String>,
}

/// Gives a plain row at an instant after the start.
pub(crate) fn row(after_ms: i64) -> Row {
    let cells = PLAIN.iter().map(|(_, value)| (*value).to_owned());
    let at_ms = START_MS + after_ms;
    let row = Row {
        at_ms,
        cells: cells.collect(),
    };
    row.set("ts_ms", at_ms)
}

impl Row {
    /// Sets a cell.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "numbers and texts are written down at every call"
    )]
    pub(crate) fn set(mut self, column: &str, value: impl ToString) -> Self {
        let position = PLAIN.iter().position(|(name, _)| *name == column);
        self.cells[position.unwrap()] = value.to_string();
        self
    }

    /// Sets the amount in US cents.
    pub(crate) fn cents(self, cents: i64) -> Self {
        self.set("amount_minor", cents).set("usd_cents", cents)
    }

    /// Makes it a purchase online.
    pub(crate) fn online(self) -> Self {
        self.set("card_present", 0).set("entry_mode", "ECOM")
    }

    /// Makes it fraud that becomes known some time later.
    pub(crate) fn fraud(self, typology: &str, campaign: u32, delay_ms: i64) -> Self {
        let known_at = self.at_ms + delay_ms;
        self.set("is_fraud", 1)
            .set("fraud_type", typology)
            .set("campaign_id", campaign)
            .set("label_ts_ms", known_at)
            .set("oracle_decision", "DECLINE")
    }
}

/// Gives the header of an export.
pub(crate) fn header() -> String {
    PLAIN.map(|(name, _)| name).join(",")
}

/// Writes rows as CSV; a row without a number of its own gets its place.
pub(crate) fn csv(rows: &[Row]) -> String {
    let mut text = header() + "\n";
    for (number, row) in rows.iter().enumerate() {
        let mut cells = row.cells.clone();
        if cells[0].is_empty() {
            cells[0] = format!("t{number}");
        }
        text += &(cells.join(",") + "\n");
    }
    text
}

/// Reads a text as an export.
pub(crate) fn read(text: &str) -> Result<Export, tapdeck_fidelity::Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.csv");
    fs::write(&path, text).unwrap();
    Export::read(&path)
}

pub(crate) fn judge(rows: &[Row]) -> Judgment {
    Judgment::of(&read(&csv(rows)).unwrap()).unwrap()
}

pub(crate) fn value(judgment: &Judgment, id: &str) -> Option<f64> {
    let mut findings = judgment.findings.iter();
    findings
        .find(|finding| finding.metric.id == id)
        .unwrap()
        .value
}

/// Compares metrics of rows with values worked out by hand.
pub(crate) fn check(rows: &[Row], expected: &[(&str, Option<f64>)]) {
    let judgment = judge(rows);
    for (id, expected) in expected {
        let found = value(&judgment, id);
        let is_same = match (found, expected) {
            (Some(found), Some(expected)) => {
                (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
            }
            (found, expected) => found == *expected,
        };
        assert!(is_same, "{id}: found {found:?}, expected {expected:?}");
    }
}
