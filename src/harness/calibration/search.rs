//! The search for the highest rate that holds: a climb by doubling, then bisection. Pure: it is told what held.

/// Where the climb begins, requests per second.
const FIRST: f64 = 5_000.0;

/// Bounds of what is tried.
const BOUNDS: (f64, f64) = (100.0, 5_000_000.0);

/// How much higher the next rate of the climb is; how much lower where not even the first one held.
const STRIDE: f64 = 2.0;

/// How often a rate may fail before it counts as one that does not hold: on a shared machine, some fail by accident.
const ATTEMPTS: u32 = 3;

/// A search in progress.
#[derive(Debug, Clone)]
pub struct Search {
    /// The result may be too low by this share of itself.
    precision: f64,
    holds: Option<f64>,
    fails: Option<f64>,
    attempts: u32,
    trying: f64,
    over: bool,
}

impl Search {
    /// Begins a search.
    pub fn new(precision: f64) -> Self {
        Self {
            precision,
            holds: None,
            fails: None,
            attempts: 0,
            trying: FIRST,
            over: false,
        }
    }

    /// Gives the rate to try next; `None` when the search is over.
    pub fn next(&self) -> Option<f64> {
        (!self.over).then_some(self.trying)
    }

    /// Gives the highest rate that held.
    pub fn highest(&self) -> Option<f64> {
        self.holds
    }

    /// Learns whether the rate tried last held.
    pub fn learn(&mut self, held: bool) {
        self.attempts += 1;
        if !held && self.attempts < ATTEMPTS {
            return;
        }
        self.attempts = 0;
        if held {
            self.holds = Some(self.trying);
        } else {
            self.fails = Some(self.trying);
        }
        let (least, most) = BOUNDS;
        let next = match (self.holds, self.fails) {
            (Some(holds), Some(fails)) => round((holds * fails).sqrt()),
            (Some(holds), None) => holds * STRIDE,
            (None, Some(fails)) => fails / STRIDE,
            (None, None) => FIRST,
        };
        let is_known = match (self.holds, self.fails) {
            (Some(holds), Some(fails)) => {
                fails <= holds * (1.0 + self.precision) || next <= holds || next >= fails
            }
            _ => !(least..=most).contains(&next),
        };
        self.over = is_known;
        self.trying = next;
    }
}

/// Rounds to three significant digits.
fn round(rate: f64) -> f64 {
    let unit = 10_f64.powf(rate.log10().floor() - 2.0);
    (rate / unit).round() * unit
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Searches a machine that holds every rate up to `capacity`; gives the result and the number of rates tried.
    fn search(capacity: f64, precision: f64) -> (Option<f64>, usize) {
        let mut search = Search::new(precision);
        let mut tried = 0;
        while let Some(rate) = search.next() {
            tried += 1;
            search.learn(rate <= capacity);
        }
        (search.highest(), tried)
    }

    #[test]
    fn a_machine_too_slow_for_any_rate_ends_the_search() {
        assert_eq!(search(50.0, 0.05).0, None);
        assert_eq!(search(f64::INFINITY, 0.05).0, Some(2_560_000.0));
    }

    #[test]
    fn a_rate_that_failed_is_tried_again() {
        let mut search = Search::new(0.05);
        for _ in 1..ATTEMPTS {
            search.learn(false);
            assert_eq!(search.next(), Some(FIRST));
        }
        search.learn(true);
        assert_eq!(search.next(), Some(FIRST * STRIDE));
    }

    proptest! {
        #[test]
        fn the_capacity_is_found_within_the_precision_and_in_few_steps(
            capacity in 200.0..2_000_000.0,
            precision in 0.02..0.2,
        ) {
            let (found, tried) = search(capacity, precision);
            let found = found.unwrap();
            prop_assert!(found <= capacity);
            // Three digits of the rates tried can add half a percent.
            prop_assert!(capacity <= found * (1.0 + precision) * 1.005, "{found} of {capacity}");
            prop_assert!(tried <= 45, "{tried} steps");
        }
    }
}
