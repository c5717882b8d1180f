//! How a purchase is made: the way the card is read, and from which address and device.

use crate::behavior::arrivals::{Channel, Errand, Visit};
use crate::behavior::mobility::{Traveler, Whereabouts};
use crate::dist;
use crate::fields::address::{self, DeviceId, IpAddress};
use crate::fields::entry_mode::EntryMode;
use crate::index::MerchantIdx;
use crate::population::card::Card;
use crate::seed::{Purpose, Stream};
use crate::transaction::TransactionType;
use crate::world::World;

/// Share of purchases with the card whose number is typed in.
const TYPED_SHARE: f64 = 0.005;

/// Above this many US cents the contactless share shrinks by this factor.
const CONTACTLESS_USD_CENTS: i64 = 6_000;
const CONTACTLESS_ABOVE: f64 = 0.45;

/// Share of orders by mail or telephone, where a category takes them.
const MOTO_SHARE: f64 = 0.02;

/// Shares of online purchases by device, summed up: the first, the last, else one never seen before.
const UP_TO_FIRST_DEVICE: f64 = 0.78;
const UP_TO_LAST_DEVICE: f64 = 0.965;

/// Shares of online purchases from home by address, summed up: household, mobile, another home, else hosting.
const UP_TO_HOUSEHOLD: f64 = 0.60;
const UP_TO_MOBILE: f64 = 0.955;
const UP_TO_RESIDENTIAL: f64 = 0.975;

/// Makes the purchases of one holder.
pub(crate) struct Checkout<'w> {
    world: &'w World,
    card: &'w Card,
    entry_modes: Stream,
    network: Stream,
    strange_devices: u64,
}

impl<'w> Checkout<'w> {
    pub(crate) fn new(world: &'w World, card: &'w Card) -> Self {
        Self {
            world,
            card,
            entry_modes: card.stream(Purpose::EntryModes),
            network: card.stream(Purpose::Network),
            strange_devices: 0,
        }
    }

    /// Draws how the card is read.
    pub(crate) fn entry_mode(
        &mut self,
        visit: &Visit,
        merchant: MerchantIdx,
        usd_cents: i64,
    ) -> EntryMode {
        let stream = &mut self.entry_modes;
        let mcc = self.world.mcc(visit.mcc);
        if visit.channel == Channel::Absent {
            let is_outing = matches!(visit.errand, Errand::Outing(_));
            let by_phone = mcc.moto && is_outing && dist::chance(stream, MOTO_SHARE);
            return if by_phone {
                EntryMode::Moto
            } else {
                EntryMode::Ecom
            };
        }
        if mcc.transaction_type == TransactionType::CashAdvance {
            return EntryMode::Chip;
        }
        let country = self.world.merchant(merchant).country;
        let country = self.world.tables.country(country);
        let is_large = usd_cents > CONTACTLESS_USD_CENTS;
        let contactless = country.contactless * if is_large { CONTACTLESS_ABOVE } else { 1.0 };
        let reading = dist::unit(stream);
        if reading < country.magstripe {
            EntryMode::Magstripe
        } else if reading < country.magstripe + TYPED_SHARE {
            EntryMode::Manual
        } else if dist::chance(stream, contactless) {
            EntryMode::Contactless
        } else {
            EntryMode::Chip
        }
    }

    /// Draws the address and the device of an online purchase; others, and standing charges, have none.
    pub(crate) fn online(
        &mut self,
        visit: &Visit,
        entry_mode: EntryMode,
        traveler: &mut Traveler<'_>,
    ) -> Option<(IpAddress, DeviceId)> {
        if entry_mode != EntryMode::Ecom || matches!(visit.errand, Errand::Subscription(_)) {
            return None;
        }
        let whereabouts = traveler.whereabouts(visit.at_ms);
        Some((self.address(whereabouts), self.device()))
    }

    fn address(&mut self, whereabouts: Whereabouts) -> IpAddress {
        let (stream, plan) = (&mut self.network, &self.world.addresses);
        let home = self.card.country;
        let way = dist::unit(stream);
        match whereabouts {
            Whereabouts::Away(city) => plan.mobile(self.world.city(city).country, stream),
            _ if way < UP_TO_HOUSEHOLD => self.card.household,
            _ if way < UP_TO_MOBILE => plan.mobile(home, stream),
            _ if way < UP_TO_RESIDENTIAL => plan.residential(home, stream),
            _ => address::hosting(stream),
        }
    }

    fn device(&mut self) -> DeviceId {
        let choice = dist::unit(&mut self.network);
        let last = self.card.device_count - 1;
        let number = if choice < UP_TO_FIRST_DEVICE {
            0
        } else if choice < UP_TO_LAST_DEVICE {
            last
        } else {
            self.strange_devices += 1;
            last + self.strange_devices
        };
        self.card.device(number)
    }
}
