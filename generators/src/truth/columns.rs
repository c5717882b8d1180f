//! The columns of the export: their names, their kinds and what a row says in each.
//!
//! Owns the one place where a row becomes values; a format is a [`Sink`] that takes them. Invariants: every row gives
//! a value or an absence for every column, in the order of [`COLUMNS`]; texts hold no byte that CSV would have to
//! quote, because tables refuse such bytes and everything else is made of letters, digits and a few signs.

use super::{TruthRow, Velocity, oracle, reference};
use crate::fields::geo::Point;
use crate::fields::token;
use crate::fraud;
use crate::population::card::Card;
use crate::population::merchant;
use crate::text;
use crate::transaction::{Label, Transaction};
use crate::world::World;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// A whole number below 2^31.
    Small,
    /// A whole number.
    Large,
    /// Degrees, with four decimals.
    Degrees,
}

/// Whether every row has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Always,
    Optional,
}

#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) presence: Presence,
}

const fn always(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        presence: Presence::Always,
    }
}

const fn optional(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        presence: Presence::Optional,
    }
}

/// Every column, in its order.
pub(super) const COLUMNS: [Column; 37] = [
    always("txn_id", Kind::Text),
    always("ts_ms", Kind::Large),
    always("tz_offset_min", Kind::Small),
    always("card_id", Kind::Text),
    always("card_known", Kind::Small),
    always("card_country", Kind::Text),
    always("card_network", Kind::Text),
    always("card_bin", Kind::Text),
    optional("home_lat", Kind::Degrees),
    optional("home_lon", Kind::Degrees),
    always("merchant_id", Kind::Text),
    always("mcc", Kind::Small),
    always("merchant_country", Kind::Text),
    always("merchant_lat", Kind::Degrees),
    always("merchant_lon", Kind::Degrees),
    always("card_present", Kind::Small),
    always("entry_mode", Kind::Text),
    always("txn_type", Kind::Text),
    always("amount_minor", Kind::Large),
    always("currency", Kind::Text),
    always("usd_cents", Kind::Large),
    optional("ip", Kind::Text),
    optional("ip_country", Kind::Text),
    optional("device_id", Kind::Text),
    always("is_fraud", Kind::Small),
    always("fraud_type", Kind::Text),
    always("campaign_id", Kind::Small),
    optional("label_ts_ms", Kind::Large),
    always("auth_resp", Kind::Text),
    always("oracle_decision", Kind::Text),
    always("vel_card_5m", Kind::Small),
    always("vel_card_1h", Kind::Small),
    always("vel_card_24h", Kind::Small),
    always("vel_ip_1h", Kind::Small),
    always("vel_device_1h", Kind::Small),
    always("ref_mask", Kind::Small),
    always("ref_decision", Kind::Text),
];

/// Takes the values of rows, column by column.
pub(super) trait Sink {
    /// Takes a text, which `write` appends to the buffer it is given.
    fn text(&mut self, write: impl FnOnce(&mut Vec<u8>));

    /// Takes a whole number.
    fn number(&mut self, number: i64);

    /// Takes ten-thousandths of a degree.
    fn degrees(&mut self, units: i32);

    /// Hears that there is no value.
    fn absent(&mut self);
}

/// A row as it is exported.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExportRow {
    pub(crate) truth: TruthRow,
    pub(crate) velocity: Velocity,
}

impl ExportRow {
    /// Says what stands in every column.
    pub(super) fn describe(&self, world: &World, sink: &mut impl Sink) {
        let transaction = &self.truth.transaction;
        let holder = (!transaction.card.is_ghost()).then(|| Card::draw(world, transaction.card));
        sink.text(|out| text::transaction_id(out, self.truth.id));
        sink.number(instant(world, transaction.at_ms));
        sink.number(utc_offset_minutes(world, transaction, holder.as_ref()));
        card(world, transaction, holder.as_ref(), sink);
        shop(world, transaction, sink);
        sale(world, transaction, sink);
        origin(world, transaction, sink);
        label(world, transaction, sink);
        word(sink, &transaction.answer.0);
        word(sink, decision_word(transaction.label));
        let velocity = self.velocity;
        for count in [
            velocity.card_5m,
            velocity.card_1h,
            velocity.card_24h,
            velocity.ip_1h,
            velocity.device_1h,
        ] {
            sink.number(i64::from(count));
        }
        let mask = reference::mask(world, transaction, velocity);
        sink.number(i64::from(mask));
        word(sink, reference::decision(mask).as_bytes());
    }
}

fn card(world: &World, transaction: &Transaction, holder: Option<&Card>, sink: &mut impl Sink) {
    let tables = &world.tables;
    let iin = tables.iin(transaction.iin);
    sink.text(|out| token::write(world.seed, transaction.card, out));
    sink.number(i64::from(holder.is_some()));
    word(
        sink,
        tables.country(transaction.card_country).code.as_bytes(),
    );
    word(sink, tables.networks[iin.network].name.as_bytes());
    word(sink, &iin.digits);
    if let Some(holder) = holder {
        place(sink, holder.home);
    } else {
        sink.absent();
        sink.absent();
    }
}

fn shop(world: &World, transaction: &Transaction, sink: &mut impl Sink) {
    let shop = world.merchant(transaction.merchant);
    sink.text(|out| merchant::write_id(transaction.merchant, out));
    sink.number(i64::from(world.mcc(shop.mcc).code));
    word(sink, world.tables.country(shop.country).code.as_bytes());
    place(sink, shop.place);
}

fn sale(world: &World, transaction: &Transaction, sink: &mut impl Sink) {
    let currency = world.tables.currency(transaction.currency);
    sink.number(i64::from(transaction.card_present));
    word(sink, transaction.entry_mode.word().as_bytes());
    word(sink, transaction.transaction_type.word().as_bytes());
    sink.number(transaction.amount_minor);
    word(sink, currency.code.as_bytes());
    sink.number(currency.usd_cents(transaction.amount_minor));
}

fn origin(world: &World, transaction: &Transaction, sink: &mut impl Sink) {
    if let Some(ip) = transaction.ip {
        let country = world.tables.country(world.country_of(ip));
        sink.text(|out| ip.write(out));
        word(sink, country.code.as_bytes());
    } else {
        sink.absent();
        sink.absent();
    }
    match transaction.device {
        Some(device) => sink.text(|out| device.write(out)),
        None => sink.absent(),
    }
}

fn label(world: &World, transaction: &Transaction, sink: &mut impl Sink) {
    sink.number(i64::from(transaction.label.is_fraud()));
    word(sink, fraud::export_name(transaction.label).as_bytes());
    sink.number(i64::from(transaction.campaign));
    match fraud::label_at_ms(world, transaction) {
        Some(at_ms) => sink.number(instant(world, at_ms)),
        None => sink.absent(),
    }
}

fn word(sink: &mut impl Sink, word: &[u8]) {
    sink.text(|out| out.extend_from_slice(word));
}

fn place(sink: &mut impl Sink, point: Point) {
    sink.degrees(point.lat);
    sink.degrees(point.lon);
}

fn decision_word(label: Label) -> &'static [u8] {
    match oracle(label) {
        tapdeck_corpora::ExpectedDecision::Decline => b"DECLINE",
        _ => b"APPROVE",
    }
}

fn instant(world: &World, at_ms: u64) -> i64 {
    world.span.start.unix_ms().saturating_add_unsigned(at_ms)
}

/// Gives how far local time is ahead of UTC where the transaction is made: at the merchant's with the card there, else
/// at the holder's home; a card that nobody holds has none, so there too the merchant's place counts.
fn utc_offset_minutes(world: &World, transaction: &Transaction, holder: Option<&Card>) -> i64 {
    let city = match holder {
        Some(holder) if !transaction.card_present => holder.city,
        _ => world.merchant(transaction.merchant).city,
    };
    world.city(city).utc_offset_minutes
}
