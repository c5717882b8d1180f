//! What is measured and what is expected of it: `metrics.tsv`, read.

use crate::error::Error;
use crate::tsv;

/// A metric and the interval its value has to lie in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    /// Letter of the group and number in it.
    pub id: &'static str,
    /// What it measures.
    pub name: &'static str,
    /// Smallest good value; `None` if there is none.
    pub low: Option<f64>,
    /// Largest good value; `None` if there is none.
    pub high: Option<f64>,
    /// Value in the reference corpus.
    pub reference: f64,
    /// How values are written.
    pub form: Form,
}

impl Metric {
    /// Gives the group.
    pub fn group(&self) -> Group {
        let letter = self.id.chars().next();
        let group = GROUPS.iter().find(|group| Some(group.letter) == letter);
        *group.unwrap_or(&GROUPS[0])
    }

    /// Writes the interval for people.
    pub fn interval(&self) -> String {
        let show = |value| self.form.show(value);
        match (self.low, self.high) {
            (Some(low), Some(high)) if low.total_cmp(&high).is_eq() => show(low),
            (Some(low), Some(high)) => format!("{} to {}", show(low), show(high)),
            (Some(low), None) => format!("at least {}", show(low)),
            (None, Some(high)) => format!("at most {}", show(high)),
            (None, None) => String::new(),
        }
    }

    /// Tells whether a value is good.
    pub fn holds(&self, value: f64) -> bool {
        self.low.is_none_or(|low| value >= low) && self.high.is_none_or(|high| value <= high)
    }
}

/// Metrics that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// First character of their ids.
    pub letter: char,
    /// What they are about.
    pub name: &'static str,
}

/// The groups in the order of the table.
pub const GROUPS: [Group; 9] = [
    group('I', "Integrity"),
    group('A', "Concentration and mix"),
    group('B', "Amounts"),
    group('C', "Places"),
    group('D', "Time"),
    group('E', "Fraud"),
    group('F', "Issuer answers"),
    group('G', "Velocity and reference rules"),
    group('H', "Detectability"),
];

const fn group(letter: char, name: &'static str) -> Group {
    Group { letter, name }
}

/// How the values of a metric are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A whole number.
    Count,
    /// A plain number.
    Number,
    /// A share of 1, shown in percent.
    Share,
    /// US dollars.
    Usd,
    /// Kilometers.
    Km,
    /// Days.
    Days,
    /// Hour of a day.
    Hour,
    /// Day of the week, Monday is 1.
    Weekday,
}

const FORMS: [(&str, Form); 8] = [
    ("count", Form::Count),
    ("number", Form::Number),
    ("share", Form::Share),
    ("usd", Form::Usd),
    ("km", Form::Km),
    ("days", Form::Days),
    ("hour", Form::Hour),
    ("weekday", Form::Weekday),
];

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Form {
    /// Writes a value for people.
    pub fn show(self, value: f64) -> String {
        // A sum of nothing is negative zero.
        let value = value + 0.0;
        match self {
            Self::Count => format!("{value:.0}"),
            Self::Number => significant(value),
            Self::Share => format!("{} %", significant(value * 100.0)),
            Self::Usd => format!("${value:.2}"),
            Self::Km => format!("{} km", significant(value)),
            Self::Days => format!("{} d", significant(value)),
            Self::Hour => format!("{value:02.0} h"),
            Self::Weekday => WEEKDAYS
                .iter()
                .zip(1..)
                .find(|(_, number)| (value - f64::from(*number)).abs() < 0.5)
                .map_or_else(|| significant(value), |(name, _)| (*name).to_owned()),
        }
    }
}

/// Writes three significant digits without trailing zeros.
fn significant(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size if size >= 0.1 => 3,
        size if size >= 0.01 => 4,
        _ => 5,
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Reads the metrics.
///
/// Errors: `Table` if the table is not what it should be.
pub fn metrics() -> Result<Vec<Metric>, Error> {
    let columns = ["id", "name", "low", "high", "reference", "form"];
    tsv::rows("metrics.tsv", include_str!("../metrics.tsv"), &columns)?
        .iter()
        .map(|row| {
            let bound = |column| match row.text(column) {
                "-" => Ok(None),
                _ => row.number(column).map(Some),
            };
            let form = FORMS.iter().find(|(word, _)| *word == row.text(5));
            let (_, form) = form.ok_or_else(|| row.error("unknown form".to_owned()))?;
            Ok(Metric {
                id: row.text(0),
                name: row.text(1),
                low: bound(2)?,
                high: bound(3)?,
                reference: row.number(4)?,
                form: *form,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_group_an_interval_and_a_reference_inside() {
        let metrics = metrics().unwrap();
        assert_eq!(metrics.len(), 99);
        for metric in &metrics {
            assert_eq!(Some(metric.group().letter), metric.id.chars().next());
            assert!(metric.low.is_some() || metric.high.is_some(), "{metric:?}");
            assert!(metric.holds(metric.reference), "{metric:?}");
        }
        let mut ids: Vec<&str> = metrics.iter().map(|metric| metric.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), metrics.len());
    }

    #[test]
    fn values_are_written_in_their_form() {
        for (form, value, text) in [
            (Form::Count, 12.0, "12"),
            (Form::Number, -0.623_4, "-0.623"),
            (Form::Number, 0.0, "0"),
            (Form::Number, 2.0, "2"),
            (Form::Share, 0.003, "0.3 %"),
            (Form::Share, 0.000_571_2, "0.0571 %"),
            (Form::Share, 1.0, "100 %"),
            (Form::Usd, 19.8, "$19.80"),
            (Form::Km, 10.51, "10.5 km"),
            (Form::Days, 3.7, "3.7 d"),
            (Form::Hour, 18.0, "18 h"),
            (Form::Weekday, 5.0, "Fri"),
        ] {
            assert_eq!(form.show(value), text);
        }
    }
}
