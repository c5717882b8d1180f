//! Poisson arrivals: independent customers, so gaps are exponential and bursts happen.
//!
//! Source: unit exponentials along the cumulative rate, Devroye 1986, chapter VI.

use tapdeck_generators::dist;
use tapdeck_generators::seed::{Entity, Purpose, Seed, Stream};

use super::profile::ProfileCursor;
use super::{ArrivalProcess, Cursor, Parameters};

/// Independent arrivals at the profile's rate.
#[derive(Debug)]
pub struct Poisson;

impl ArrivalProcess for Poisson {
    fn name(&self) -> &'static str {
        "poisson"
    }

    fn help(&self) -> &'static str {
        "independent customers: exponential gaps, with the bursts real traffic has"
    }

    fn cursor(&self, parameters: &Parameters) -> Box<dyn Cursor> {
        Box::new(PoissonCursor {
            profile: ProfileCursor::new(&parameters.profile),
            unit_steps: Seed(parameters.seed).stream(Entity::Schedule, 0, Purpose::Arrivals),
        })
    }
}

#[derive(Debug)]
struct PoissonCursor {
    profile: ProfileCursor,
    unit_steps: Stream,
}

impl Cursor for PoissonCursor {
    fn next_ns(&mut self, _event_ns: u64) -> Option<u64> {
        self.profile
            .advance(dist::exponential(&mut self.unit_steps, 1.0))
    }
}
