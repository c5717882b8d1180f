//! Those who try many numbers at one merchant: with a few addresses and devices, mostly for the same small sum.

use super::campaign::{Campaign, Charge, Plastic};
use super::draws::{Refusals, between, within};
use super::means::{self, OnlineChoice};
use super::price::Price;
use crate::behavior::arrivals::Channel;
use crate::dist;
use crate::fields::address::{DeviceId, IpAddress};
use crate::fields::entry_mode::EntryMode;
use crate::index::{CountryIdx, MerchantIdx};
use crate::seed::Stream;
use crate::world::World;

/// Share of crews that pick on a merchant who sells to the whole world.
const HUB_SHARE: f64 = 0.5;

/// How a kind of crew works.
#[derive(Debug)]
pub(super) struct Craft {
    /// Categories of the merchants that are picked on.
    pub(super) categories: &'static [u16],
    /// Share of crews that always charge the same amount, which amounts those are, and the range of the others, in
    /// dollars.
    pub(super) fixed_share: f64,
    pub(super) fixed_usd: &'static [f64],
    pub(super) other_usd: (f64, f64),
    /// Addresses and devices in use: the least and the most.
    pub(super) addresses: (u64, u64),
    pub(super) devices: (u64, u64),
}

/// People at work.
#[derive(Debug)]
pub(super) struct Crew {
    merchant: MerchantIdx,
    fixed_usd: Option<f64>,
    other_usd: (f64, f64),
    addresses: Vec<IpAddress>,
    devices: Vec<DeviceId>,
}

impl Crew {
    /// Gathers a crew that picks on a merchant who sells to a country; nothing if there is none.
    pub(super) fn gather(
        world: &World,
        craft: &Craft,
        country: CountryIdx,
        stream: &mut Stream,
    ) -> Option<Self> {
        let mcc = OnlineChoice::new(world, craft.categories).draw(stream)?;
        let merchant = means::online_merchant(world, country, mcc, HUB_SHARE, stream)?;
        let fixed_usd = *dist::pick(stream, craft.fixed_usd);
        let is_fixed = dist::chance(stream, craft.fixed_share);
        let word = stream.next_u64();
        let devices = (0..between(craft.devices, stream)).map(|number| DeviceId::of(word, number));
        let addresses =
            (0..between(craft.addresses, stream)).map(|_| means::cover_address(world, stream));
        Some(Self {
            merchant,
            fixed_usd: is_fixed.then_some(fixed_usd),
            other_usd: craft.other_usd,
            devices: devices.collect(),
            addresses: addresses.collect(),
        })
    }

    /// Tries a number.
    pub(super) fn attempt(
        &self,
        campaign: &mut Campaign<'_>,
        plastic: Plastic,
        at_ms: u64,
        refusals: Refusals,
        stream: &mut Stream,
    ) {
        let any_usd = within(self.other_usd, stream);
        let usd = self.fixed_usd.unwrap_or(any_usd);
        let address = *dist::pick(stream, &self.addresses);
        let device = *dist::pick(stream, &self.devices);
        let charge = Charge {
            at_ms,
            merchant: self.merchant,
            price: Price::exactly(campaign.world, self.merchant, usd),
            channel: Channel::Absent,
            entry_mode: EntryMode::Ecom,
            online: Some((address, device)),
            answer: refusals.answer(stream),
            contact: 0,
        };
        campaign.charge(plastic, charge);
    }
}
