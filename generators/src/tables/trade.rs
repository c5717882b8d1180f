//! Merchant categories.

use super::sheet::{Form, Sheet};
use super::time::{HourProfile, ProfileIdx};
use crate::error::Error;
use crate::transaction::TransactionType;

/// How far people go for a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Near home.
    Local,
    /// Somewhere in town.
    City,
    /// Where a trip leads.
    Travel,
    /// No shop: always without the card.
    Online,
    /// No shop, and billed month by month: nothing that an outing starts with.
    Subscription,
}

/// What the last digits of a price tend to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Price tags: `.99`, `.95`, `.49`, ...
    Retail,
    /// Round sums.
    Round,
    /// Rounded up with a tip, now and then.
    Tip,
    /// Whatever was measured out: no rounding.
    None,
    /// Whole bank notes.
    Notes,
}

/// A merchant category (ISO 18245).
#[derive(Debug, Clone)]
pub struct Mcc {
    /// Four digits.
    pub code: u16,
    /// Category in words.
    pub category: String,
    /// What its merchants call themselves.
    pub noun: String,
    /// Share of purchases.
    pub weight: f64,
    /// Share of them made without the card.
    pub cnp: f64,
    /// Median amount in US dollars.
    pub median_usd: f64,
    /// Spread of the logarithm of the amount.
    pub sigma: f64,
    /// Hours of the day.
    pub profile: ProfileIdx,
    /// How much more often on Saturdays and Sundays.
    pub weekend: f64,
    /// How far people go.
    pub reach: Reach,
    /// Whether every city has one.
    pub everyday: bool,
    /// Multiplier of the risk of its merchants.
    pub risk: f64,
    /// How prices end.
    pub ending: Ending,
    /// What its transactions are.
    pub transaction_type: TransactionType,
    /// Whether it takes mail and telephone orders.
    pub moto: bool,
}

impl Mcc {
    /// Tells whether it has shops, so that the card can be present.
    pub fn has_shops(&self) -> bool {
        !matches!(self.reach, Reach::Online | Reach::Subscription) && self.cnp < 1.0
    }

    /// Tells whether people go out, or online, on account of it.
    pub fn starts_outings(&self) -> bool {
        self.reach != Reach::Subscription
    }

    /// Tells whether it sells without the card.
    pub fn sells_online(&self) -> bool {
        self.cnp > 0.0
    }
}

pub(super) const MCCS: Form = Form {
    name: "mccs",
    columns: &[
        "code",
        "category",
        "noun",
        "weight",
        "cnp_pct",
        "median_cents",
        "sigma_pct",
        "hours",
        "weekend_pct",
        "reach",
        "everyday",
        "risk",
        "ending",
        "type",
        "moto",
    ],
    builtin: include_str!("../../tables/mccs.tsv"),
};

pub(super) fn mccs(sheet: &Sheet, profiles: &[HourProfile]) -> Result<Vec<Mcc>, Error> {
    let profiles: Vec<(&str, ProfileIdx)> = profiles
        .iter()
        .enumerate()
        .map(|(idx, profile)| (profile.name.as_str(), ProfileIdx(idx)))
        .collect();
    let yes_or_no = [("yes", true), ("no", false)];
    let mccs = sheet.read(|row| {
        let mcc = Mcc {
            code: row.number("code", 1_000..=9_999)?,
            category: row.name("category")?.to_owned(),
            noun: row.name("noun")?.to_owned(),
            weight: row.number("weight", 0.0..=1e6)?,
            cnp: row.percent("cnp_pct", 0.0..=100.0)?,
            median_usd: row.number("median_cents", 1.0..=1e9)? / 100.0,
            sigma: row.percent("sigma_pct", 0.0..=500.0)?,
            profile: row.one_of("hours", &profiles)?,
            weekend: row.percent("weekend_pct", 1.0..=1_000.0)?,
            reach: row.one_of("reach", &REACHES)?,
            everyday: row.one_of("everyday", &yes_or_no)?,
            risk: row.number("risk", 0.0..=100.0)?,
            ending: row.one_of("ending", &ENDINGS)?,
            transaction_type: row.one_of("type", &TYPES)?,
            moto: row.one_of("moto", &yes_or_no)?,
        };
        if !mcc.has_shops() && (mcc.everyday || !mcc.sells_online()) {
            return Err(row.error("a category without shops sells online and is in no city"));
        }
        Ok(mcc)
    })?;
    if !mccs
        .iter()
        .any(|mcc| mcc.starts_outings() && mcc.weight > 0.0)
    {
        return Err(sheet.error("expected a category with a weight above 0 that people go out for"));
    }
    Ok(mccs)
}

const REACHES: [(&str, Reach); 5] = [
    ("local", Reach::Local),
    ("city", Reach::City),
    ("travel", Reach::Travel),
    ("online", Reach::Online),
    ("subscription", Reach::Subscription),
];

const ENDINGS: [(&str, Ending); 5] = [
    ("retail", Ending::Retail),
    ("round", Ending::Round),
    ("tip", Ending::Tip),
    ("none", Ending::None),
    ("notes", Ending::Notes),
];

const TYPES: [(&str, TransactionType); 3] = [
    ("PURCHASE", TransactionType::Purchase),
    ("CASH_ADVANCE", TransactionType::CashAdvance),
    ("QUASI_CASH", TransactionType::QuasiCash),
];
