//! The flags of a stand-in that misbehaves.

use std::num::NonZeroUsize;

use crate::stand_in::{DelayLaw, Faults, Share, Shed, Stall};

/// What to do wrong on purpose.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Misbehavior")]
pub(super) struct FaultArgs {
    /// How long answers take: fixed:5ms, or lognormal:5ms,0.5 by median and spread
    #[arg(long, value_name = "LAW", default_value = "none")]
    delay: DelayLaw,

    /// How many requests are served at a time, each for as long as --delay says; others wait in one queue [default: all]
    #[arg(long, value_name = "NUMBER", requires = "delay")]
    servers: Option<NonZeroUsize>,

    /// Window without any answer: 5s+2s begins 5 s after the first request and lasts 2 s
    #[arg(long, value_name = "WINDOW")]
    stall: Option<Stall>,

    /// Requests refused as if overloaded: a share such as 10%, or how many may be in the works, such as 100
    #[arg(long, value_name = "RULE", default_value = "0%")]
    shed: Shed,

    /// Share of requests answered as if the engine had failed open
    #[arg(long, value_name = "SHARE", default_value = "0%")]
    fail_open: Share,

    /// Share of requests whose connection is reset
    #[arg(long, value_name = "SHARE", default_value = "0%")]
    reset: Share,

    /// Share of requests answered with bytes that are not HTTP
    #[arg(long, value_name = "SHARE", default_value = "0%")]
    garbage: Share,

    /// Share of requests answered under another transaction's id
    #[arg(long, value_name = "SHARE", default_value = "0%")]
    wrong_id: Share,

    /// Share of requests that are never answered
    #[arg(long, value_name = "SHARE", default_value = "0%")]
    hang: Share,

    /// Seed that settles which requests meet which fault
    #[arg(long, value_name = "NUMBER", default_value_t = 42)]
    pub(super) seed: u64,
}

impl FaultArgs {
    /// Gives what to do wrong.
    pub(super) fn faults(&self) -> Faults {
        Faults {
            delay: self.delay,
            servers: self.servers,
            stall: self.stall,
            shed: self.shed,
            fail_open: self.fail_open,
            reset: self.reset,
            garbage: self.garbage,
            wrong_id: self.wrong_id,
            hang: self.hang,
        }
    }
}
