//! What opening connections took: measured whenever one is opened, before the run as well as in it.

use tapdeck_reports::histogram::Histogram;

use super::own_limit::LimitCounts;

/// A lane's openings.
#[derive(Debug, Default)]
pub struct Openings {
    /// From the connect call until the connection stood, nanoseconds.
    pub connect: Histogram,
    /// From then until the TLS handshake was over, nanoseconds; empty without TLS.
    pub handshake: Histogram,
    /// Connections opened.
    pub opened: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Connections that closed, or broke, without our doing.
    pub lost: u64,
    /// Connections that we closed because of their age.
    pub aged: u64,
    /// Limits of this process and machine that were met, in openings and in exchanges.
    pub own_limits: LimitCounts,
}

impl Openings {
    /// Adds another lane's.
    pub fn merge(&mut self, other: &Self) {
        self.connect.merge(&other.connect);
        self.handshake.merge(&other.handshake);
        self.opened += other.opened;
        self.failed += other.failed;
        self.lost += other.lost;
        self.aged += other.aged;
        self.own_limits.merge(&other.own_limits);
    }
}
