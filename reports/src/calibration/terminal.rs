//! A calibration as text: what each number of lanes can do, and the curve of send lag by rate.

use super::{Calibration, Step};
use crate::format;
use crate::render::terminal::table::{Table, wrapped};

/// Columns of the text.
const WIDTH: usize = 92;

/// Send lags where the bar of a step begins and ends, milliseconds, and its length.
const BAR_MS: (f64, f64) = (0.001, 10.0);
const BAR_LENGTH: f64 = 16.0;

/// Gives the text, the last line ended too.
pub fn render(calibration: &Calibration) -> String {
    let mut lines = vec!["Highest valid rate".to_owned()];
    let mut capacities = Table::new(["", "rate", "pacing"]);
    for capacity in &calibration.capacities {
        let lanes = format::counted(capacity.lanes.into(), "lane");
        capacities.row([lanes, capacity.text(), capacity.pacing.clone()]);
    }
    lines.extend(indented(capacities.lines(WIDTH)));
    lines.push(String::new());
    lines.push(
        "Send lag of one lane by rate and pacing (bar: p99 from 1 µs to 10 ms, log scale)"
            .to_owned(),
    );
    for pacing in calibration.pacings() {
        let mut table = Table::new([
            pacing,
            "p50",
            "p90",
            "p99",
            "max",
            "CPU/request",
            "valid",
            "",
        ]);
        for step in calibration.ladder(pacing) {
            table.row(row(step));
        }
        lines.extend(indented(table.lines(WIDTH)));
    }
    lines.push(String::new());
    lines.extend(wrapped(&calibration.setup.shared, WIDTH));
    if let Some(remark) = calibration.remark() {
        lines.push(String::new());
        lines.extend(wrapped(&remark, WIDTH));
    }
    let trimmed: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    trimmed.join("\n") + "\n"
}

fn row(step: &Step) -> [String; 8] {
    let duration = |ms: Option<f64>| format::or_na(ms, format::duration);
    [
        format!("  {}", format::rate(step.rate_per_s)),
        duration(step.send_lag_p50_ms),
        duration(step.send_lag_p90_ms),
        duration(step.send_lag_p99_ms),
        duration(step.send_lag_max_ms),
        format::or_na(step.cpu_us_per_request, |us| format::duration(us / 1e3)),
        if step.holds() { "✓" } else { "✗" }.to_owned(),
        bar(step.send_lag_p99_ms),
    ]
}

/// Draws a duration as a bar of a fixed width, filled from the left.
fn bar(ms: Option<f64>) -> String {
    let (from_ms, to_ms) = BAR_MS;
    let share = ms.map_or(0.0, |ms| (ms / from_ms).ln() / (to_ms / from_ms).ln());
    let filled = (share.clamp(0.0, 1.0) * BAR_LENGTH).round();
    let cell = |place: u8| {
        if f64::from(place) < filled {
            '▇'
        } else {
            ' '
        }
    };
    (0..16).map(cell).collect()
}

fn indented(lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(|line| format!("  {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::tests::calibration;

    #[test]
    fn a_calibration_reads_like_this() {
        insta::assert_snapshot!(render(&calibration()));
    }

    #[test]
    fn a_bar_is_as_long_as_its_duration_on_a_log_scale() {
        for (ms, length) in [
            (None, 0),
            (Some(0.0), 0),
            (Some(0.001), 0),
            (Some(0.1), 8),
            (Some(99.0), 16),
        ] {
            let drawn = bar(ms);
            assert_eq!(drawn.trim_end().chars().count(), length, "{ms:?}");
            assert_eq!(drawn.chars().count(), 16);
        }
    }
}
