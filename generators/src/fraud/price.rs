//! What fraudsters pay, and in which currency.

use crate::behavior::life::BILLED_AT_HOME_SHARE;
use crate::dist;
use crate::fields::amount;
use crate::index::{CountryIdx, CurrencyIdx, MerchantIdx};
use crate::population::card::Card;
use crate::seed::Stream;
use crate::world::World;

/// An amount in a currency.
#[derive(Debug, Clone, Copy)]
pub(super) struct Price {
    pub(super) amount_minor: i64,
    pub(super) currency: CurrencyIdx,
}

impl Price {
    /// Converts dollars to the currency of the merchant's country.
    pub(super) fn exactly(world: &World, merchant: MerchantIdx, usd: f64) -> Self {
        let currency = local_currency(world, merchant);
        let amount_minor = amount::from_usd(usd, world.tables.currency(currency));
        Self {
            amount_minor,
            currency,
        }
    }

    /// Draws what somebody pays in a shop who spends more than others by the given logarithm.
    pub(super) fn in_shop(
        world: &World,
        card: &Card,
        merchant_idx: MerchantIdx,
        effect: f64,
        stream: &mut Stream,
    ) -> Self {
        let merchant = world.merchant(merchant_idx);
        let levels = (card.country, merchant.country);
        let effects = effect + merchant.price_effect;
        let usd = world.prices.usd(merchant.mcc, levels, effects, stream);
        let currency = local_currency(world, merchant_idx);
        Self::set(world, merchant_idx, currency, usd, stream)
    }

    /// Draws what somebody pays online who spends more than others by the given logarithm.
    pub(super) fn online(
        world: &World,
        card: &Card,
        merchant_idx: MerchantIdx,
        effect: f64,
        stream: &mut Stream,
    ) -> Self {
        let merchant = world.merchant(merchant_idx);
        let levels = (card.country, card.country);
        let effects = effect + merchant.price_effect;
        let usd = world.prices.usd(merchant.mcc, levels, effects, stream);
        Self::billed(world, card.country, merchant_idx, usd, stream)
    }

    /// Converts dollars to an online price; abroad it is often in the card's currency.
    pub(super) fn billed(
        world: &World,
        card_country: CountryIdx,
        merchant: MerchantIdx,
        usd: f64,
        stream: &mut Stream,
    ) -> Self {
        let currency = if dist::chance(stream, BILLED_AT_HOME_SHARE) {
            world.tables.country(card_country).currency
        } else {
            local_currency(world, merchant)
        };
        Self::set(world, merchant, currency, usd, stream)
    }

    /// Converts dollars to a price in a shop.
    pub(super) fn marked(
        world: &World,
        merchant: MerchantIdx,
        usd: f64,
        stream: &mut Stream,
    ) -> Self {
        let currency = local_currency(world, merchant);
        Self::set(world, merchant, currency, usd, stream)
    }

    /// Gives the price as the merchant sets it.
    fn set(
        world: &World,
        merchant: MerchantIdx,
        currency: CurrencyIdx,
        usd: f64,
        stream: &mut Stream,
    ) -> Self {
        let ending = world.mcc(world.merchant(merchant).mcc).ending;
        Self {
            amount_minor: amount::price(usd, world.tables.currency(currency), ending, stream),
            currency,
        }
    }

    pub(super) fn usd_cents(self, world: &World) -> i64 {
        let currency = world.tables.currency(self.currency);
        currency.usd_cents(self.amount_minor)
    }
}

/// Gives the currency of the country that a merchant sits in.
pub(super) fn local_currency(world: &World, merchant: MerchantIdx) -> CurrencyIdx {
    let country = world.merchant(merchant).country;
    world.tables.country(country).currency
}
