//! The value of every placeholder of the generation moment.
//!
//! Nothing is looked up that can be computed: tokens, names and contacts are functions of an index, so no table grows
//! with the number of cards.

use tapdeck_services::WorldField;

use crate::fields::amount;
use crate::fields::contact::Contact;
use crate::fields::iso8583;
use crate::fields::token;
use crate::fields::uuid;
use crate::population::merchant;
use crate::requests::Request;
use crate::tables::Network;
use crate::text;
use crate::transaction::Transaction;
use crate::world::World;

/// Networks that every service knows by name.
const MAJOR_NETWORKS: [&str; 4] = ["VISA", "MASTERCARD", "AMEX", "DISCOVER"];

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
    let card_country = || tables.country(transaction.card_country);
    match field {
        WorldField::TxnId => text::transaction_id(out, request.id),
        WorldField::TxnUuid => uuid::write(request.id, out),
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
                ["false", "true"][usize::from(transaction.card_present)],
            );
        }
        WorldField::TxnDecision => {
            let approved = transaction.answer.is_approved();
            push(out, if approved { "APPROVE" } else { "DECLINE" });
        }
        WorldField::TxnDecisionReason => {
            let approved = transaction.answer.is_approved();
            push(
                out,
                if approved {
                    "DEFAULT_ALLOW"
                } else {
                    "SYSTEM_DECLINE"
                },
            );
        }
        WorldField::TxnAt => {
            let instant = world.span.start.plus_ms(transaction.at_ms);
            out.extend_from_slice(&instant.to_rfc3339());
        }
        WorldField::CardToken => token::write(world.seed, transaction.card, out),
        WorldField::CardNetwork | WorldField::CardLogo => {
            push(out, &network(world, transaction).name);
        }
        WorldField::CardMajorNetwork => {
            let name = network(world, transaction).name.as_str();
            let is_major = MAJOR_NETWORKS.contains(&name);
            push(out, if is_major { name } else { "OTHER" });
        }
        WorldField::CardBin => out.extend_from_slice(&tables.iin(transaction.iin).digits),
        WorldField::CardCountry => push(out, &card_country().code),
        WorldField::MerchantId => merchant_id(world, transaction, out),
        WorldField::MerchantName => {
            let (idx, mcc) = (transaction.merchant, merchant().mcc);
            merchant::write_name(world.seed, tables, idx, mcc, out);
        }
        WorldField::MerchantCategory => push(out, &tables.mcc(merchant().mcc).category),
        WorldField::MerchantMcc => text::decimal(out, u64::from(tables.mcc(merchant().mcc).code)),
        WorldField::MerchantCountry => push(out, &tables.country(merchant().country).code),
        WorldField::TerminalId => match merchant().terminal(transaction.dice) {
            Some(number) => {
                merchant_id(world, transaction, out);
                merchant::write_terminal(number, out);
            }
            None => return false,
        },
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
            contact(world, transaction).write_email(&world.mail_domains, card_country(), out);
        }
        WorldField::HolderPhone => {
            contact(world, transaction).write_phone(card_country(), out);
        }
    }
    true
}

fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn merchant_id(world: &World, transaction: &Transaction, out: &mut Vec<u8>) {
    let repute = world.merchant(transaction.merchant).repute;
    out.extend_from_slice(world.dialect.merchant_prefix(repute));
    merchant::write_id(transaction.merchant, out);
}

fn contact(world: &World, transaction: &Transaction) -> Contact {
    Contact::of(world.seed, transaction.card, transaction.contact)
}

fn network<'w>(world: &'w World, transaction: &Transaction) -> &'w Network {
    &world.tables.networks[world.tables.iin(transaction.iin).network]
}
