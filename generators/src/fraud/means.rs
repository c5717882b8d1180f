//! Means that several typologies share: where to spend, behind which address, and when nobody wonders.

use crate::dist::{self, AliasTable};
use crate::event_time::{MS_PER_DAY, MS_PER_MINUTE};
use crate::fields::address::{self, DeviceId, IpAddress};
use crate::index::{CityIdx, CountryIdx, MccIdx, MerchantIdx};
use crate::population::card::{self, Card};
use crate::seed::Stream;
use crate::tables::Mcc;
use crate::transaction::TransactionType;
use crate::world::World;

/// Categories sold online that are worth stealing for: what can be sold on, used up at once or turned into money.
pub(super) const COVETED: [u16; 22] = [
    5732, 5311, 5651, 5999, 5734, 5816, 5815, 5661, 5814, 4121, 5411, 4814, 5310, 5942, 5944, 5945,
    5977, 5200, 4511, 4722, 7011, 6051,
];

/// Shares of a thief's addresses, summed up: a home in the victim's country, a data center, else a home elsewhere.
const UP_TO_SAME_COUNTRY: f64 = 0.45;
const UP_TO_HOSTING: f64 = 0.70;

/// Draws of an instant until any hour will do.
const HOUR_ATTEMPTS: u32 = 24;

/// The choice of what to buy online, every category being equally likely.
#[derive(Debug)]
pub(super) struct OnlineChoice(Vec<MccIdx>);

impl OnlineChoice {
    /// Takes the categories of a list that sell online; all that do if the world has none of the list.
    pub(super) fn new(world: &World, codes: &[u16]) -> Self {
        let mccs = world.tables.mcc_idxs();
        let selling = mccs.filter(|&mcc| world.mcc(mcc).sells_online()).collect();
        Self(selling).preferring(|mcc| codes.contains(&world.mcc(mcc).code))
    }

    /// Keeps the categories that something holds of, if there are any.
    pub(super) fn preferring(self, holds: impl Fn(MccIdx) -> bool) -> Self {
        let preferred: Vec<MccIdx> = self.0.iter().copied().filter(|&mcc| holds(mcc)).collect();
        if preferred.is_empty() {
            self
        } else {
            Self(preferred)
        }
    }

    /// Draws a category; nothing in a world that sells nothing online.
    pub(super) fn draw(&self, stream: &mut Stream) -> Option<MccIdx> {
        (!self.0.is_empty()).then(|| *dist::pick(stream, &self.0))
    }
}

/// Draws an online merchant of a category that holders in a country buy from; nothing if there is none.
pub(super) fn online_merchant(
    world: &World,
    country: CountryIdx,
    mcc: MccIdx,
    hub_share: f64,
    stream: &mut Stream,
) -> Option<MerchantIdx> {
    let pool = if dist::chance(stream, hub_share) {
        world.merchants.online_everywhere(mcc)
    } else {
        world.merchants.online_in(country, mcc)
    };
    (!world.merchants.is_empty(pool)).then(|| world.merchants.draw(pool, stream))
}

/// The choice of a shop to walk into: everyday categories that take cards.
#[derive(Debug)]
pub(super) struct ShopChoice(AliasTable);

impl ShopChoice {
    pub(super) fn new(world: &World) -> Self {
        Self(AliasTable::of(&world.tables.mccs, |mcc: &Mcc| {
            let pays_cash = mcc.transaction_type == TransactionType::CashAdvance;
            if pays_cash || !mcc.everyday {
                0.0
            } else {
                mcc.weight * (1.0 - mcc.cnp)
            }
        }))
    }

    /// Draws a shop in a city; nothing if it has none of the category drawn.
    pub(super) fn draw(
        &self,
        world: &World,
        city: CityIdx,
        stream: &mut Stream,
    ) -> Option<MerchantIdx> {
        let pool = world
            .merchants
            .in_city(city, MccIdx::at(self.0.draw(stream)));
        (!world.merchants.is_empty(pool)).then(|| world.merchants.draw(pool, stream))
    }
}

/// Draws an address to hide behind: a data center, or a home or mobile network anywhere.
pub(super) fn cover_address(world: &World, stream: &mut Stream) -> IpAddress {
    let country = world.choices.country(stream);
    match dist::below(stream, 3) {
        0 => address::hosting(stream),
        1 => world.addresses.residential(country, stream),
        _ => world.addresses.mobile(country, stream),
    }
}

/// Draws an address from which somebody passes for a holder, more or less.
pub(super) fn thief_address(world: &World, home: CountryIdx, stream: &mut Stream) -> IpAddress {
    let way = dist::unit(stream);
    if way < UP_TO_SAME_COUNTRY {
        return world.addresses.residential(home, stream);
    }
    let elsewhere = world.atlas.city_abroad(home, stream);
    if way < UP_TO_HOSTING {
        return address::hosting(stream);
    }
    let country = elsewhere.map_or(home, |city| world.city(city).country);
    world.addresses.residential(country, stream)
}

/// Draws a device that was never seen with the card before, or the holder's own one.
pub(super) fn thief_device(card: &Card, new_share: f64, stream: &mut Stream) -> DeviceId {
    let word = stream.next_u64();
    if dist::chance(stream, new_share) {
        DeviceId::of(word, 0)
    } else {
        card.device(0)
    }
}

/// Draws an instant until it falls into an hour in which holders like this one use to buy.
pub(super) fn at_usual_hour(
    world: &World,
    card: &Card,
    mcc: MccIdx,
    stream: &mut Stream,
    mut draw: impl FnMut(&mut Stream) -> u64,
) -> u64 {
    let offset_ms = world.city(card.city).utc_offset_minutes * MS_PER_MINUTE;
    let mut at_ms = draw(stream);
    for _ in 0..HOUR_ATTEMPTS {
        let unix_ms = world.span.start.plus_ms(at_ms).unix_ms();
        let local_ms = (unix_ms + offset_ms).rem_euclid(MS_PER_DAY);
        if dist::chance(stream, world.rhythm.relative_hour(mcc, local_ms)) {
            break;
        }
        at_ms = draw(stream);
    }
    at_ms
}

/// Tells whether the holder had the card in use by then.
pub(super) fn is_in_use(world: &World, card: &Card, at_ms: u64) -> bool {
    let at_ms = i64::try_from(at_ms).unwrap_or(i64::MAX);
    card::active_from_ms(world, card) <= at_ms
}
