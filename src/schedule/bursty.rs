//! Bursty arrivals: a Poisson process whose rate jumps between two multiples of the profile.
//!
//! A two-state Markov-modulated Poisson process: bursts and calm stretches last exponential times, and the first state is
//! drawn as it is found at any instant, so the expected rate is the profile's own everywhere. States are walked in time,
//! arrivals along the profile's integral: within a state the integral is stretched by the state's factor, and unit
//! exponentials along the stretched integral give the arrivals.
//! Source: Heffes and Lucantoni 1986; Fischer and Meier-Hellstern 1993.

use std::time::Duration;

use tapdeck_generators::dist;
use tapdeck_generators::seed::{Entity, Purpose, Seed, Stream};

use super::profile::{ProfileCursor, TimeCursor};
use super::{ArrivalProcess, Cursor, Parameters};

/// Numbers of the streams: the arrivals, and the lengths of states.
const ARRIVALS: u64 = 0;
const STATES: u64 = 1;

/// Shortest mean length of a state; shorter ones are no bursts but noise, and a walk through them would take for ever.
const SHORTEST: Duration = Duration::from_millis(1);

/// How bursts come and go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bursts {
    factor: f64,
    burst_s: f64,
    calm_s: f64,
}

/// Bursts that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum BurstsError {
    /// Bursts would not be above the mean.
    #[error("is {0}, expected a number above 1: how many times the mean rate a burst has")]
    NoBurst(f64),
    /// Bursts alone would bring more than the mean.
    #[error(
        "is {found}, at most {most} is possible here: bursts alone would bring more than the mean rate; \
         make them shorter, or calm stretches longer"
    )]
    TooMuch {
        /// The factor asked for.
        found: f64,
        /// The highest one; calm stretches are then silent.
        most: f64,
    },
    /// A burst is too short.
    #[error("is {0:?}, expected at least 1ms")]
    ShortBurst(Duration),
    /// A calm stretch is too short.
    #[error("is {0:?}, expected at least 1ms")]
    ShortCalm(Duration),
}

impl Default for Bursts {
    /// Five times the rate for 2 s, a fifth of it for 10 s.
    fn default() -> Self {
        Self {
            factor: Self::FACTOR,
            burst_s: Self::BURST.as_secs_f64(),
            calm_s: Self::CALM.as_secs_f64(),
        }
    }
}

impl Bursts {
    /// Rate in a burst over the mean rate, unless asked otherwise.
    pub const FACTOR: f64 = 5.0;
    /// Mean length of a burst, unless asked otherwise.
    pub const BURST: Duration = Duration::from_secs(2);
    /// Mean length of a calm stretch, unless asked otherwise.
    pub const CALM: Duration = Duration::from_secs(10);

    /// Makes bursts of `factor` times the profile's rate; the rate between them follows.
    ///
    /// Errors: the one of the three that makes them impossible.
    pub fn new(factor: f64, burst: Duration, calm: Duration) -> Result<Self, BurstsError> {
        if burst < SHORTEST {
            return Err(BurstsError::ShortBurst(burst));
        }
        if calm < SHORTEST {
            return Err(BurstsError::ShortCalm(calm));
        }
        if factor.is_nan() || factor <= 1.0 {
            return Err(BurstsError::NoBurst(factor));
        }
        let (burst_s, calm_s) = (burst.as_secs_f64(), calm.as_secs_f64());
        let most = (burst_s + calm_s) / burst_s;
        if factor > most {
            return Err(BurstsError::TooMuch {
                found: factor,
                most,
            });
        }
        Ok(Self {
            factor,
            burst_s,
            calm_s,
        })
    }

    /// Gives the rate in a burst over the profile's.
    pub fn factor(&self) -> f64 {
        self.factor
    }

    /// Gives the rate between bursts over the profile's: what leaves the mean at one.
    pub fn calm_factor(&self) -> f64 {
        ((self.burst_s + self.calm_s - self.factor * self.burst_s) / self.calm_s).max(0.0)
    }

    /// Gives the share of the time that bursts take.
    fn burst_share(&self) -> f64 {
        self.burst_s / (self.burst_s + self.calm_s)
    }

    fn state(&self, kind: Kind) -> (f64, f64) {
        match kind {
            Kind::Burst => (self.factor, self.burst_s),
            Kind::Calm => (self.calm_factor(), self.calm_s),
        }
    }
}

impl std::fmt::Display for Bursts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = Duration::from_secs_f64;
        write!(
            f,
            "{}x for {:?}, {}x for {:?}",
            self.factor,
            length(self.burst_s),
            (self.calm_factor() * 1e3).round() / 1e3,
            length(self.calm_s)
        )
    }
}

/// Arrivals that come in bursts.
#[derive(Debug)]
pub struct Bursty;

impl ArrivalProcess for Bursty {
    fn name(&self) -> &'static str {
        "bursty"
    }

    fn help(&self) -> &'static str {
        "Poisson arrivals in bursts and calm stretches of random length; the mean rate stays the profile's"
    }

    fn has_bursts(&self) -> bool {
        true
    }

    fn peak(&self, parameters: &Parameters) -> f64 {
        parameters.profile.peak() * parameters.bursts.factor
    }

    fn cursor(&self, parameters: &Parameters) -> Box<dyn Cursor> {
        Box::new(BurstyCursor::new(parameters))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Burst,
    Calm,
}

#[derive(Debug)]
struct BurstyCursor {
    bursts: Bursts,
    profile: ProfileCursor,
    /// As far as the current state reaches.
    states: TimeCursor,
    /// The state that follows the current one.
    next: Kind,
    /// Rate over the profile's in the current state.
    factor: f64,
    /// Arrivals that the profile alone expects until the current state ends.
    left: f64,
    unit_steps: Stream,
    lengths: Stream,
}

impl BurstyCursor {
    fn new(parameters: &Parameters) -> Self {
        let stream = |id| Seed(parameters.seed).stream(Entity::Schedule, id, Purpose::Arrivals);
        let mut lengths = stream(STATES);
        let in_burst = dist::chance(&mut lengths, parameters.bursts.burst_share());
        Self {
            bursts: parameters.bursts,
            profile: ProfileCursor::new(&parameters.profile),
            states: TimeCursor::new(&parameters.profile),
            next: if in_burst { Kind::Burst } else { Kind::Calm },
            factor: 0.0,
            left: 0.0,
            unit_steps: stream(ARRIVALS),
            lengths,
        }
    }

    /// Enters the next state; `None` once the profile has ended.
    fn switch(&mut self) -> Option<()> {
        let (factor, mean_s) = self.bursts.state(self.next);
        self.left = self
            .states
            .advance(dist::exponential(&mut self.lengths, mean_s))?;
        self.factor = factor;
        self.next = match self.next {
            Kind::Burst => Kind::Calm,
            Kind::Calm => Kind::Burst,
        };
        Some(())
    }
}

impl Cursor for BurstyCursor {
    fn next_ns(&mut self, _event_ns: u64) -> Option<u64> {
        let mut unit_step = dist::exponential(&mut self.unit_steps, 1.0);
        let mut step = 0.0;
        loop {
            let room = self.left * self.factor;
            if unit_step < room {
                let part = unit_step / self.factor;
                self.left -= part;
                return self.profile.advance(step + part);
            }
            unit_step -= room;
            step += self.left;
            self.switch()?;
        }
    }
}

#[cfg(test)]
mod tests;
