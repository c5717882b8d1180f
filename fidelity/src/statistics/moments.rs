//! Mean, spread, skew, straight lines.

/// Sums of a sample from which its moments follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moments {
    /// Number of values.
    pub(crate) count: usize,
    /// Arithmetic mean.
    pub(crate) mean: f64,
    /// Standard deviation of the values at hand (divided by their number).
    pub(crate) deviation: f64,
    /// Third standardized moment, 0 without spread.
    pub(crate) skew: f64,
}

impl Moments {
    /// Takes the moments of a sample; `None` if it is empty.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let (mut squares, mut cubes) = (0.0, 0.0);
        for value in values {
            let off = value - mean;
            squares += off * off;
            cubes += off * off * off;
        }
        let variance = squares / count;
        let deviation = variance.sqrt();
        let skew = if variance > 0.0 {
            cubes / count / (variance * deviation)
        } else {
            0.0
        };
        Some(Self {
            count: values.len(),
            mean,
            deviation,
            skew,
        })
    }
}

/// Gives the slope of the least-squares line through points; `None` if they do not differ in x.
pub(crate) fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let (xx, xy, _) = products(points)?;
    (xx > 0.0).then(|| xy / xx)
}

/// Gives Pearson's correlation; `None` where one side has no spread.
pub(crate) fn correlation(points: &[(f64, f64)]) -> Option<f64> {
    let (xx, xy, yy) = products(points)?;
    (xx > 0.0 && yy > 0.0).then(|| xy / (xx.sqrt() * yy.sqrt()))
}

/// Sums the products of deviations from the means: x with x, x with y, y with y.
fn products(points: &[(f64, f64)]) -> Option<(f64, f64, f64)> {
    if points.is_empty() {
        return None;
    }
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in points {
        let (x, y) = (x - mean_x, y - mean_y);
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    Some((xx, xy, yy))
}
