//! The rhythm of days and weeks.

use super::sheet::{Form, Sheet};
use crate::error::Error;

pub(super) const HOURS: Form = Form {
    name: "hours",
    columns: &HOUR_COLUMNS,
    builtin: include_str!("../../tables/hours.tsv"),
};

pub(super) const WEEKDAYS: Form = Form {
    name: "weekdays",
    columns: &["day", "factor_pct"],
    builtin: include_str!("../../tables/weekdays.tsv"),
};

const HOUR_COLUMNS: [&str; 25] = [
    "profile", "h00", "h01", "h02", "h03", "h04", "h05", "h06", "h07", "h08", "h09", "h10", "h11",
    "h12", "h13", "h14", "h15", "h16", "h17", "h18", "h19", "h20", "h21", "h22", "h23",
];

const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// A row of the table of hour profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProfileIdx(pub(crate) usize);

/// How busy each hour of a local day is.
#[derive(Debug, Clone)]
pub struct HourProfile {
    /// Name, as the categories refer to it.
    pub name: String,
    /// Weight of each hour.
    pub weights: [f64; 24],
}

pub(super) fn profiles(sheet: &Sheet) -> Result<Vec<HourProfile>, Error> {
    sheet.read(|row| {
        let mut weights = [0.0; 24];
        for (weight, hour) in weights.iter_mut().zip(&HOUR_COLUMNS[1..]) {
            *weight = row.number(hour, 0.0..=1e6)?;
        }
        if weights.iter().sum::<f64>() <= 0.0 {
            return Err(row.error("expected an hour with a weight above 0"));
        }
        Ok(HourProfile {
            name: row.text("profile")?.to_owned(),
            weights,
        })
    })
}

pub(super) fn weekdays(sheet: &Sheet) -> Result<[f64; 7], Error> {
    let rows = sheet.read(|row| {
        let day = row.text("day")?.to_owned();
        Ok((day, row.percent("factor_pct", 0.0..=1_000.0)?))
    })?;
    let mut factors = [0.0; 7];
    if !rows.iter().map(|(day, _)| day.as_str()).eq(DAYS) {
        let detail = format!("expected the days {} in this order", DAYS.join(", "));
        return Err(sheet.error(&detail));
    }
    for (factor, (_, found)) in factors.iter_mut().zip(rows) {
        *factor = found;
    }
    Ok(factors)
}
