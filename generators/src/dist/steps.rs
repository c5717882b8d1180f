//! The log-normal law in steps: as good as the law where nobody looks at single values, at the price of one lookup.

use crate::dist::normal::quantile;
use crate::numeric::high_half;
use crate::seed::Stream;

/// Values, each as likely as the others; a power of two.
const STEPS: usize = 1 << STEP_BITS;
const STEP_BITS: u32 = 9;

/// Draws that one word is good for.
const DRAWS_PER_WORD: u32 = u64::BITS / STEP_BITS;

/// A law whose logarithm is normal, cut into as many equally likely steps, each of which stands for its own mean.
///
/// So the mean is that of the law, and the variance short of it by what the values within a step differ.
#[derive(Debug)]
pub struct LogNormalSteps {
    values: Box<[f64; STEPS]>,
}

impl LogNormalSteps {
    /// Cuts up the law of the given mean and spread of the logarithm.
    ///
    /// The mean over a step from quantile `a` to `b` is the law's mean times the share of the standard normal law
    /// between `a - sigma` and `b - sigma`, over the share of the step.
    pub fn new(mu: f64, sigma: f64) -> Self {
        let mean = libm::exp(mu + sigma * sigma / 2.0);
        let share_below = |step: usize| {
            let probability = step as f64 / STEPS as f64;
            match step {
                0 => 0.0,
                STEPS => 1.0,
                _ => normal_share_below(quantile(probability) - sigma),
            }
        };
        let value = |step| (share_below(step + 1) - share_below(step)) * mean * STEPS as f64;
        Self {
            values: Box::new(std::array::from_fn(value)),
        }
    }

    /// Draws one value after the other, several per word.
    pub fn draws<'s>(&'s self, stream: &'s mut Stream) -> StepDraws<'s> {
        StepDraws {
            values: &self.values,
            stream,
            word: 0,
            left: 0,
        }
    }
}

/// Draws from a law in steps, without end.
#[derive(Debug)]
pub struct StepDraws<'s> {
    values: &'s [f64; STEPS],
    stream: &'s mut Stream,
    word: u64,
    /// Draws that the word is still good for.
    left: u32,
}

impl StepDraws<'_> {
    /// Draws the next value.
    #[inline]
    pub fn draw(&mut self) -> f64 {
        if self.left == 0 {
            (self.word, self.left) = (self.stream.next_u64(), DRAWS_PER_WORD);
        }
        let step = high_half(self.word) >> (u32::BITS - STEP_BITS);
        self.word <<= STEP_BITS;
        self.left -= 1;
        self.values[step as usize]
    }
}

/// Gives the share of the standard normal law below a value.
fn normal_share_below(value: f64) -> f64 {
    libm::erfc(-value / std::f64::consts::SQRT_2) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Entity, Purpose, Seed};

    #[test]
    fn steps_have_the_mean_of_the_law_and_nearly_its_variance() {
        let (mu, sigma) = (-0.4, 0.9);
        let steps = LogNormalSteps::new(mu, sigma);
        let count = steps.values.len() as f64;
        let mean = steps.values.iter().sum::<f64>() / count;
        let exact: f64 = libm::exp(mu + sigma * sigma / 2.0);
        assert!((mean / exact - 1.0).abs() < 1e-12, "{mean}");
        let square = |value: &f64| (value - mean) * (value - mean);
        let variance = steps.values.iter().map(square).sum::<f64>() / count;
        let exact = exact * exact * (libm::exp(sigma * sigma) - 1.0);
        assert!((0.9..1.0).contains(&(variance / exact)), "{variance}");
        assert!(steps.values.is_sorted());
    }

    #[test]
    fn draws_are_spread_evenly_over_the_steps() {
        let steps = LogNormalSteps::new(0.0, 0.5);
        let mut stream = Seed(9).stream(Entity::Card, 1, Purpose::Habits);
        let count = 200_000;
        let mut draws = steps.draws(&mut stream);
        let drawn: Vec<f64> = (0..count).map(|_| draws.draw()).collect();
        let mean = drawn.iter().sum::<f64>() / count as f64;
        assert!((mean / libm::exp(0.125) - 1.0).abs() < 0.01, "{mean}");
        let median = steps.values[STEPS / 2];
        let below = drawn.iter().filter(|&&value| value < median).count();
        assert!(below.abs_diff(count / 2) < 1_200, "{below}");
    }
}
