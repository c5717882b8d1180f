//! How busy a card, an address and a device were up to and including a transaction, in event time.
//!
//! All transactions count, refused and fraudulent ones too. Invariant: transactions pass in their order, so one at the
//! same instant counts if it comes earlier in that order.

use super::sliding::Sliding;
use crate::event_time::{MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE};
use crate::transaction::Transaction;

const FIVE_MINUTES_MS: u64 = 5 * MS_PER_MINUTE.unsigned_abs();
const HOUR_MS: u64 = MS_PER_HOUR.unsigned_abs();
const DAY_MS: u64 = MS_PER_DAY.unsigned_abs();

/// Counts of one transaction; 0 where it has no address or device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Velocity {
    pub(crate) card_5m: u32,
    pub(crate) card_1h: u32,
    pub(crate) card_24h: u32,
    pub(crate) ip_1h: u32,
    pub(crate) device_1h: u32,
}

/// Counts as transactions pass.
#[derive(Debug)]
pub(crate) struct Velocities {
    cards: Sliding<3>,
    addresses: Sliding<1>,
    devices: Sliding<1>,
}

impl Velocities {
    pub(crate) fn new() -> Self {
        Self {
            cards: Sliding::new([FIVE_MINUTES_MS, HOUR_MS, DAY_MS]),
            addresses: Sliding::new([HOUR_MS]),
            devices: Sliding::new([HOUR_MS]),
        }
    }

    /// Lets the next transaction pass.
    pub(crate) fn pass(&mut self, transaction: &Transaction) -> Velocity {
        let at_ms = transaction.at_ms;
        let [card_5m, card_1h, card_24h] = self.cards.pass(at_ms, u64::from(transaction.card.0));
        let [ip_1h] = transaction
            .ip
            .map_or([0], |ip| self.addresses.pass(at_ms, ip.key()));
        let [device_1h] = transaction
            .device
            .map_or([0], |device| self.devices.pass(at_ms, device.key()));
        Velocity {
            card_5m,
            card_1h,
            card_24h,
            ip_1h,
            device_1h,
        }
    }
}
