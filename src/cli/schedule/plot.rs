//! A bar chart in block characters.

/// Lines of a chart.
const HEIGHT: usize = 8;

/// Bars by eighths of a line.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws one bar per value, from zero to the highest value; the lines from top to bottom.
///
/// A value above zero always shows.
pub(super) fn bars(values: &[f64]) -> [String; HEIGHT] {
    let highest = values.iter().copied().fold(0.0, f64::max);
    std::array::from_fn(|line| {
        let below = (HEIGHT - 1 - line) * 8;
        let bar = |&value: &f64| EIGHTHS[height(value, highest).saturating_sub(below).min(8)];
        values.iter().map(bar).collect()
    })
}

/// Gives the height of a bar in eighths of a line.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the share lies in 0 to 1"
)]
fn height(value: f64, highest: f64) -> usize {
    if value > 0.0 {
        let eighths = (value / highest * (8 * HEIGHT) as f64).round();
        (eighths as usize).max(1)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_their_value() {
        let lines = bars(&[0.0, 0.001, 4.0, 8.0, 4.5]);
        assert_eq!(lines[0], "   █ ");
        assert_eq!(lines[3], "   █▄");
        assert_eq!(lines[4], "  ███");
        assert_eq!(lines[7], " ▁███");
        assert!(lines.iter().all(|line| line.chars().count() == 5));
    }

    #[test]
    fn no_arrivals_draw_nothing() {
        assert!(bars(&[0.0, 0.0]).iter().all(|line| line.trim().is_empty()));
    }
}
