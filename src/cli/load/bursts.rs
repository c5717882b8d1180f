//! The flags of bursty arrivals.

use std::time::Duration;

use super::usage;
use crate::error::Error;
use crate::schedule::bursty::BurstsError;
use crate::schedule::{ArrivalProcess, Bursts};
use crate::units::parse_duration;

/// How the rate jumps, as typed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct BurstArgs {
    /// Rate in a burst over the mean rate, for bursty arrivals; between bursts it is as much lower as keeps the mean [default: 5]
    #[arg(long, value_name = "FACTOR", allow_hyphen_values = true)]
    burst_factor: Option<f64>,

    /// Mean length of a burst, for bursty arrivals [default: 2s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration, allow_hyphen_values = true)]
    burst_length: Option<Duration>,

    /// Mean length of the calm between two bursts, for bursty arrivals [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration, allow_hyphen_values = true)]
    calm_length: Option<Duration>,
}

impl BurstArgs {
    /// Gives the bursts that a process is to make; `None` for one that makes none.
    ///
    /// Errors: `Usage` for bursts that cannot be, and for flags that the process has no use for.
    pub(super) fn of(&self, process: &dyn ArrivalProcess) -> Result<Option<Bursts>, Error> {
        if process.has_bursts() {
            return self.bursts().map(Some);
        }
        let given = [
            ("--burst-factor", self.burst_factor.is_some()),
            ("--burst-length", self.burst_length.is_some()),
            ("--calm-length", self.calm_length.is_some()),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            Some((flag, _)) => {
                let detail = format!(
                    "is for bursty arrivals, and these are {}; drop it or add --arrivals bursty",
                    process.name()
                );
                Err(usage(flag, &detail))
            }
            None => Ok(None),
        }
    }

    fn bursts(&self) -> Result<Bursts, Error> {
        Bursts::new(
            self.burst_factor.unwrap_or(Bursts::FACTOR),
            self.burst_length.unwrap_or(Bursts::BURST),
            self.calm_length.unwrap_or(Bursts::CALM),
        )
        .map_err(|error| {
            let flag = match error {
                BurstsError::NoBurst(_) | BurstsError::TooMuch { .. } => "--burst-factor",
                BurstsError::ShortBurst(_) => "--burst-length",
                BurstsError::ShortCalm(_) => "--calm-length",
            };
            usage(flag, &error.to_string())
        })
    }
}
