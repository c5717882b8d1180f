//! Tapdeck: records card-fraud traffic on a tape and replays it against a target, exactly on schedule.

pub mod clock;
pub mod exit;
pub mod stand_in;
pub mod units;

pub use exit::Exit;
