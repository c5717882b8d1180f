//! Dialects: how ids are written for engines whose rules look at how an id begins.

use crate::fields::address::DeviceId;
use crate::population::repute::{Repute, RiskTier};

/// How ids are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// As they are.
    Plain,
    /// With a prefix that sample rules look for: risky merchants, new merchants, devices never seen before.
    SampleRules,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 2] = [Self::Plain, Self::SampleRules];

    /// Gives its name, as options and tapes write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::SampleRules => "sample-rules",
        }
    }

    /// Gives what stands before a merchant's id; a merchant that is risky and new is called risky.
    pub(crate) fn merchant_prefix(self, repute: Repute) -> &'static [u8] {
        match self {
            Self::SampleRules if repute.risk_tier == RiskTier::D => b"high_risk_",
            Self::SampleRules if repute.is_new => b"new_merch_",
            _ => b"",
        }
    }

    /// Gives what stands before a device's id.
    pub(crate) fn device_prefix(self, device: DeviceId) -> &'static [u8] {
        match self {
            Self::SampleRules if device.is_new() => b"new_device_",
            _ => b"",
        }
    }
}
