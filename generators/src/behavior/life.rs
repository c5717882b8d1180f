//! The life of one card: its visits, walked through in time order, become transactions.
//!
//! Invariant: purchases with the card present keep the speed limit of `mobility`. Draws for one purpose come from
//! that purpose's stream, so a further draw of an amount moves no merchant.

use std::ops::Range;

use crate::behavior::arrivals::appointed::{self, Appointment};
use crate::behavior::arrivals::{self, Channel, Errand, Visit};
use crate::behavior::checkout::Checkout;
use crate::behavior::issuer::{self, Verdict};
use crate::behavior::mobility::{self, Traveler, Trip};
use crate::behavior::shopping::{Memory, Shopper};
use crate::dist;
use crate::event_time::MS_PER_DAY;
use crate::fields::amount;
use crate::fields::entry_mode::EntryMode;
use crate::index::{CityIdx, CurrencyIdx, MerchantIdx};
use crate::numeric::{index_u32, round_half_up};
use crate::population::card::{Card, Habits};
use crate::population::pool::PoolIdx;
use crate::seed::{Purpose, Stream};
use crate::tables::Ending;
use crate::transaction::{Label, Transaction, TransactionType};
use crate::world::World;

/// Share of purchases abroad, without the card, that are billed in the card's currency.
pub(crate) const BILLED_AT_HOME_SHARE: f64 = 0.7;

/// Share of approved purchases that are sent back where prices end like price tags and the card was absent, and the
/// days that takes: the least, and how many more it may be.
const REFUND_SHARE: f64 = 0.03;
const REFUND_MIN_DAYS: f64 = 2.0;
const REFUND_MORE_DAYS: f64 = 19.0;

/// Share of approved purchases in shops that are undone, where they ever are, and the milliseconds until then.
const REVERSAL_SHARE: f64 = 0.003;
const REVERSAL_AFTER_MS: u64 = 5_000;
const REVERSAL_WITHIN_MS: u64 = 85_001;

/// Room to tell lives in, kept from card to card for its allocations.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    visits: Vec<Visit>,
    trips: Vec<Trip>,
    memory: Memory,
}

/// Appends the genuine transactions of a card, numbered in the order they come about, which is nearly that of time.
pub(crate) fn tell(world: &World, card: &Card, desk: &mut Desk, rows: &mut Vec<Transaction>) {
    let habits = Habits::draw(world, card);
    arrivals::lay_out(world, card, &habits, &mut desk.visits);
    let scope = Scope {
        from_ms: 0,
        until_ms: world.span.length_ms().unsigned_abs(),
        past: None,
    };
    go_through(world, card, &habits, scope, desk, rows);
}

/// Appends what comes of a few appointments of a card: the purchases within a window of time, and all that follows from
/// them, however late.
///
/// The holder knows merchants from before, and cannot be anywhere at once after a purchase before the window. Numbered as
/// by [`tell`].
pub(crate) fn tell_appointments(
    world: &World,
    card: &Card,
    appointments: &[Appointment],
    window: Range<u64>,
    desk: &mut Desk,
    rows: &mut Vec<Transaction>,
) {
    let habits = Habits::draw(world, card);
    let visits = &mut desk.visits;
    appointed::lay_out_appointments(world, card, &habits, appointments, window.end, visits);
    let scope = Scope {
        from_ms: window.start,
        until_ms: u64::MAX,
        past: Some(habits.activity),
    };
    go_through(world, card, &habits, scope, desk, rows);
}

/// What of a life is told.
#[derive(Debug, Clone, Copy)]
struct Scope {
    /// Purchases before are made, but leave no transaction.
    from_ms: u64,
    /// What follows from a purchase is left out from here on.
    until_ms: u64,
    /// Purchases per day in a past that is remembered instead of what is told.
    past: Option<f64>,
}

/// Goes through the visits on the desk.
fn go_through(
    world: &World,
    card: &Card,
    habits: &Habits,
    scope: Scope,
    desk: &mut Desk,
    rows: &mut Vec<Transaction>,
) {
    mobility::lay_out_trips(world, card, habits, &mut desk.trips);
    desk.memory.clear();
    let first = rows.len();
    let mut life = Life {
        world,
        card,
        traveler: Traveler::new(world, card, &desk.trips),
        shopper: Shopper::new(world, card, card.stream(Purpose::Merchants)),
        scope,
        memory: &mut desk.memory,
        standing: Vec::new(),
        amount_effect: habits.amount_effect,
        amounts: card.stream(Purpose::Amounts),
        checkout: Checkout::new(world, card),
        answers: card.stream(Purpose::Answers),
        reversals: world.reversals.then(|| card.stream(Purpose::Reversals)),
        rows,
    };
    for visit in &desk.visits {
        life.visit(visit);
    }
    let mut dice = card.stream(Purpose::Requests);
    for (seq, row) in rows[first..].iter_mut().enumerate() {
        row.seq = index_u32(seq);
        row.dice = dice.next_u64();
    }
}

/// A purchase that was decided on.
#[derive(Debug, Clone, Copy)]
struct Purchase {
    merchant: MerchantIdx,
    amount_minor: i64,
    currency: CurrencyIdx,
}

struct Life<'w, 'd> {
    world: &'w World,
    card: &'w Card,
    traveler: Traveler<'d>,
    shopper: Shopper<'w>,
    memory: &'d mut Memory,
    scope: Scope,
    /// What each standing charge is, once it was first charged.
    standing: Vec<(Errand, Purchase)>,
    amount_effect: f64,
    amounts: Stream,
    checkout: Checkout<'w>,
    answers: Stream,
    /// Chooses the purchases that are undone; none if none ever are.
    reversals: Option<Stream>,
    rows: &'d mut Vec<Transaction>,
}

impl Life<'_, '_> {
    fn visit(&mut self, visit: &Visit) {
        let purchase = match (visit.channel, visit.errand) {
            (Channel::Present, _) => self.buy_in_shop(visit),
            (Channel::Absent, Errand::Outing(_)) => self.buy_online(visit),
            (Channel::Absent, Errand::Subscription(_)) => self.pay_standing_charge(visit),
        };
        if let Some(purchase) = purchase
            && visit.at_ms >= self.scope.from_ms
        {
            self.authorize(visit, purchase);
        }
    }

    /// Buys where the holder is, or else where the last purchase was, if it is possible to be there.
    fn buy_in_shop(&mut self, visit: &Visit) -> Option<Purchase> {
        let city = self.traveler.city_of(visit)?;
        let (pool, city, merchant) = self.reachable_shop(visit, city).or_else(|| {
            let last_city = self.traveler.last_city()?;
            self.reachable_shop(visit, last_city)
        })?;
        self.memory.note(pool, merchant);
        let place = self.world.merchant(merchant).place;
        self.traveler.stop(visit.at_ms, city, place);
        Some(self.purchase(visit, merchant))
    }

    fn reachable_shop(
        &mut self,
        visit: &Visit,
        near: CityIdx,
    ) -> Option<(PoolIdx, CityIdx, MerchantIdx)> {
        let city = self.world.atlas.nearest_shop(near, visit.mcc)?;
        let pool = self.world.merchants.in_city(city, visit.mcc);
        let merchant = self.choose(visit, pool, Some(city));
        let place = self.world.merchant(merchant).place;
        self.traveler
            .can_reach(visit.at_ms, city, place)
            .then_some((pool, city, merchant))
    }

    fn buy_online(&mut self, visit: &Visit) -> Option<Purchase> {
        let (world, country) = (self.world, self.card.country);
        let hub_share = world.tables.country(country).hub_share;
        let pool = if self.shopper.tosses(hub_share) {
            world.merchants.online_everywhere(visit.mcc)
        } else {
            world.merchants.online_in(country, visit.mcc)
        };
        if world.merchants.is_empty(pool) {
            return None;
        }
        let merchant = self.choose(visit, pool, None);
        self.memory.note(pool, merchant);
        Some(self.purchase(visit, merchant))
    }

    fn choose(&mut self, visit: &Visit, pool: PoolIdx, city: Option<CityIdx>) -> MerchantIdx {
        match self.scope.past {
            Some(activity) => self.shopper.recall(activity, visit.mcc, pool, city),
            None => self.shopper.choose(self.memory, pool, city),
        }
    }

    fn pay_standing_charge(&mut self, visit: &Visit) -> Option<Purchase> {
        let known = self
            .standing
            .iter()
            .find(|(errand, _)| *errand == visit.errand);
        if let Some((_, purchase)) = known {
            return Some(*purchase);
        }
        let purchase = self.buy_online(visit)?;
        self.standing.push((visit.errand, purchase));
        Some(purchase)
    }

    /// Settles on an amount and its currency.
    fn purchase(&mut self, visit: &Visit, merchant_idx: MerchantIdx) -> Purchase {
        let world = self.world;
        let merchant = world.merchant(merchant_idx);
        let card_country = self.card.country;
        let stream = &mut self.amounts;
        let is_present = visit.channel == Channel::Present;
        let billed_at_home = merchant.country != card_country
            && !is_present
            && dist::chance(stream, BILLED_AT_HOME_SHARE);
        let billing_country = if billed_at_home {
            card_country
        } else {
            merchant.country
        };
        let price_country = if is_present {
            merchant.country
        } else {
            card_country
        };
        let effects = self.amount_effect + merchant.price_effect;
        let levels = (card_country, price_country);
        let usd = world.prices.usd(visit.mcc, levels, effects, stream);
        let currency = world.tables.country(billing_country).currency;
        let ending = world.mcc(visit.mcc).ending;
        Purchase {
            merchant: merchant_idx,
            amount_minor: amount::price(usd, world.tables.currency(currency), ending, stream),
            currency,
        }
    }

    /// Asks the issuer, and leaves a transaction, and more if the holder tries again or changes their mind.
    fn authorize(&mut self, visit: &Visit, purchase: Purchase) {
        let mcc = self.world.mcc(visit.mcc);
        let currency = self.world.tables.currency(purchase.currency);
        let usd_cents = currency.usd_cents(purchase.amount_minor);
        let entry_mode = self
            .checkout
            .entry_mode(visit, purchase.merchant, usd_cents);
        let online = self.checkout.online(visit, entry_mode, &mut self.traveler);
        let Verdict { answer, retry } =
            issuer::answer(self.world, visit.channel, visit.errand, &mut self.answers);
        let row = Transaction {
            at_ms: visit.at_ms,
            card: self.card.idx,
            seq: 0,
            merchant: purchase.merchant,
            amount_minor: purchase.amount_minor,
            currency: purchase.currency,
            card_country: self.card.country,
            iin: self.card.iin,
            transaction_type: mcc.transaction_type,
            entry_mode,
            card_present: visit.channel == Channel::Present,
            answer,
            ip: online.map(|(ip, _)| ip),
            device: online.map(|(_, device)| device),
            contact: 0,
            label: Label::LEGITIMATE,
            campaign: 0,
            dice: 0,
        };
        self.rows.push(row);
        self.reconsider(&row, mcc.ending);
        if let Some((after_ms, answer)) = retry {
            let again = self.push_later(after_ms, Transaction { answer, ..row });
            self.reconsider(&again, mcc.ending);
        }
    }

    /// Sends a purchase back, or has it undone, if it was approved and chance will have it.
    fn reconsider(&mut self, row: &Transaction, ending: Ending) {
        if !row.answer.is_approved() {
            return;
        }
        if row.card_present {
            self.reverse(row);
        } else if ending == Ending::Retail && dist::chance(&mut self.answers, REFUND_SHARE) {
            let days = REFUND_MIN_DAYS + REFUND_MORE_DAYS * dist::unit(&mut self.answers);
            let after_ms = round_half_up(days * MS_PER_DAY as f64).unsigned_abs();
            let refund = Transaction {
                transaction_type: TransactionType::Refund,
                entry_mode: EntryMode::Manual,
                ip: None,
                device: None,
                ..*row
            };
            self.push_later(after_ms, refund);
        }
    }

    fn reverse(&mut self, row: &Transaction) {
        let Some(stream) = &mut self.reversals else {
            return;
        };
        if dist::chance(stream, REVERSAL_SHARE) {
            let after_ms = REVERSAL_AFTER_MS + dist::below(stream, REVERSAL_WITHIN_MS);
            let reversal = Transaction {
                transaction_type: TransactionType::Reversal,
                ..*row
            };
            self.push_later(after_ms, reversal);
        }
    }

    /// Adds what follows from a transaction, unless that is too late; gives it with its instant.
    fn push_later(&mut self, after_ms: u64, row: Transaction) -> Transaction {
        let later = Transaction {
            at_ms: row.at_ms + after_ms,
            ..row
        };
        if later.at_ms < self.scope.until_ms {
            self.rows.push(later);
        }
        later
    }
}

#[cfg(test)]
mod tests;
