//! The value of every placeholder of the generation moment.
//!
//! Nothing is looked up that can be computed: tokens, names and contacts are functions of an index, so no table grows
//! with the number of cards.

use tapdeck_services::WorldField;

use crate::fields::amount;
use crate::fields::contact::Contact;
use crate::fields::iso8583;
use crate::fields::token;
use crate::population::merchant;
use crate::requests::Request;
use crate::tables::Network;
use crate::text;
use crate::transaction::Transaction;
use crate::world::World;

/// Appends a value; tells whether there is one.
pub(super) fn write(
    world: &World,
    request: &Request,
    field: WorldField,
    out: &mut Vec<u8>,
) -> bool {
    let transaction = &request.transaction;
    let tables = &world.tables;
    let merchant = || world.merchant(transaction.merchant);
    match field {
        WorldField::TxnId => text::transaction_id(out, request.id),
        WorldField::TxnAmount => {
            let currency = tables.currency(transaction.currency);
            amount::write(transaction.amount_minor, currency, out);
        }
        WorldField::TxnCurrency => push(out, &tables.currency(transaction.currency).code),
        WorldField::TxnType => push(out, transaction.transaction_type.word()),
        WorldField::TxnEntryMode => push(out, transaction.entry_mode.word()),
        WorldField::TxnPosEntryMode => push(out, iso8583::pos_entry_mode(transaction)),
        WorldField::TxnProcessingCode => {
            let sold = tables.mcc(merchant().mcc).transaction_type;
            push(out, iso8583::processing_code(transaction, sold));
        }
        WorldField::TxnCardPresent => {
            push(
                out,
                if transaction.card_present {
                    "true"
                } else {
                    "false"
                },
            );
        }
        WorldField::TxnDecision => {
            let approved = transaction.answer.is_approved();
            push(out, if approved { "APPROVE" } else { "DECLINE" });
        }
        WorldField::TxnAt => {
            let instant = world.span.start.plus_ms(transaction.at_ms);
            out.extend_from_slice(&instant.to_rfc3339());
        }
        WorldField::CardToken => token::write(world.seed, transaction.card, out),
        WorldField::CardNetwork | WorldField::CardLogo => {
            push(out, &network(world, transaction).name);
        }
        WorldField::CardBin => out.extend_from_slice(&tables.iin(transaction.iin).digits),
        WorldField::CardCountry => push(out, &tables.country(transaction.card_country).code),
        WorldField::MerchantId => {
            out.extend_from_slice(world.dialect.merchant_prefix(merchant()));
            merchant::write_id(transaction.merchant, out);
        }
        WorldField::MerchantName => {
            merchant::write_name(
                world.seed,
                tables,
                transaction.merchant,
                merchant().mcc,
                out,
            );
        }
        WorldField::MerchantCategory => push(out, &tables.mcc(merchant().mcc).category),
        WorldField::MerchantMcc => text::decimal(out, u64::from(tables.mcc(merchant().mcc).code)),
        WorldField::MerchantCountry => push(out, &tables.country(merchant().country).code),
        WorldField::TerminalId => {
            let (idx, dice) = (transaction.merchant, transaction.dice);
            out.extend_from_slice(world.dialect.merchant_prefix(merchant()));
            return merchant::write_terminal_id(idx, merchant(), dice, out);
        }
        WorldField::DeviceId => match transaction.device {
            Some(device) => {
                out.extend_from_slice(world.dialect.device_prefix(device));
                device.write(out);
            }
            None => return false,
        },
        WorldField::IpAddress => match transaction.ip {
            Some(address) => address.write(out),
            None => return false,
        },
        WorldField::HolderEmail => {
            let country = tables.country(transaction.card_country);
            Contact::of(world.seed, transaction.card, transaction.contact).write_email(
                &world.mail_domains,
                country,
                out,
            );
        }
        WorldField::HolderPhone => {
            let country = tables.country(transaction.card_country);
            Contact::of(world.seed, transaction.card, transaction.contact)
                .write_phone(country, out);
        }
    }
    true
}

fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn network<'w>(world: &'w World, transaction: &Transaction) -> &'w Network {
    &world.tables.networks[world.tables.iin(transaction.iin).network]
}
