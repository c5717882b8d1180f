//! A transaction as 66 plain bytes, little-endian; never leaves the temporary file, so it needs no version.

use crate::fields::address::{DeviceId, IpAddress};
use crate::fields::entry_mode::EntryMode;
use crate::index::{CardIdx, CountryIdx, CurrencyIdx, IinIdx, MerchantIdx};
use crate::numeric::low_half;
use crate::transaction::{AnswerCode, Label, Transaction, TransactionType};

/// Bytes of a transaction.
pub(crate) const RECORD_BYTES: usize = 66;

/// Appends a transaction.
pub(crate) fn encode(transaction: &Transaction, out: &mut Vec<u8>) {
    out.reserve(RECORD_BYTES);
    out.extend_from_slice(&transaction.at_ms.to_le_bytes());
    out.extend_from_slice(&transaction.card.0.to_le_bytes());
    out.extend_from_slice(&transaction.seq.to_le_bytes());
    out.extend_from_slice(&transaction.merchant.0.to_le_bytes());
    out.extend_from_slice(&transaction.campaign.to_le_bytes());
    out.extend_from_slice(&transaction.amount_minor.to_le_bytes());
    out.extend_from_slice(&transaction.dice.to_le_bytes());
    out.extend_from_slice(
        &transaction
            .device
            .map_or(0, |device| device.0)
            .to_le_bytes(),
    );
    out.extend_from_slice(&pack_ip(transaction.ip).to_le_bytes());
    out.extend_from_slice(&transaction.answer.0);
    out.extend_from_slice(&[
        transaction.currency.0,
        transaction.card_country.0,
        transaction.iin.0,
        transaction.transaction_type as u8,
        transaction.entry_mode as u8,
        u8::from(transaction.card_present),
        transaction.label.0,
        transaction.contact,
    ]);
}

/// Reads a transaction; nothing if the bytes are not one.
pub(crate) fn decode(record: &[u8; RECORD_BYTES]) -> Option<Transaction> {
    let mut rest = record.as_slice();
    let at_ms = u64::from_le_bytes(take(&mut rest)?);
    let card = CardIdx(u32::from_le_bytes(take(&mut rest)?));
    let seq = u32::from_le_bytes(take(&mut rest)?);
    let merchant = MerchantIdx(u32::from_le_bytes(take(&mut rest)?));
    let campaign = u32::from_le_bytes(take(&mut rest)?);
    let amount_minor = i64::from_le_bytes(take(&mut rest)?);
    let dice = u64::from_le_bytes(take(&mut rest)?);
    let device = u64::from_le_bytes(take(&mut rest)?);
    let ip = u64::from_le_bytes(take(&mut rest)?);
    let answer = AnswerCode(take(&mut rest)?);
    let [
        currency,
        card_country,
        iin,
        transaction_type,
        entry_mode,
        card_present,
        label,
        contact,
    ] = take(&mut rest)?;
    Some(Transaction {
        at_ms,
        card,
        seq,
        merchant,
        amount_minor,
        currency: CurrencyIdx(currency),
        card_country: CountryIdx(card_country),
        iin: IinIdx(iin),
        transaction_type: TransactionType::from_number(transaction_type)?,
        entry_mode: EntryMode::from_number(entry_mode)?,
        card_present: card_present != 0,
        answer,
        ip: unpack_ip(ip),
        device: (device != 0).then_some(DeviceId(device)),
        contact,
        label: Label(label),
        campaign,
        dice,
    })
}

fn take<const LEN: usize>(rest: &mut &[u8]) -> Option<[u8; LEN]> {
    let (bytes, later) = rest.split_first_chunk()?;
    *rest = later;
    Some(*bytes)
}

/// Packs an address: its kind in the top byte (0 none, 1 IPv4, 2 IPv6), then the country, then the low half.
fn pack_ip(ip: Option<IpAddress>) -> u64 {
    match ip {
        None => 0,
        Some(IpAddress::V4(bits)) => (1 << 56) | u64::from(bits),
        Some(IpAddress::V6 { country, household }) => {
            (2 << 56) | (u64::from(country.0) << 32) | u64::from(household)
        }
    }
}

fn unpack_ip(packed: u64) -> Option<IpAddress> {
    let low = low_half(packed);
    match packed.to_be_bytes() {
        [1, ..] => Some(IpAddress::V4(low)),
        [2, _, _, country, ..] => Some(IpAddress::V6 {
            country: CountryIdx(country),
            household: low,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn addresses() -> impl Strategy<Value = Option<IpAddress>> {
        let v6 = |(country, household)| IpAddress::V6 {
            country: CountryIdx(country),
            household,
        };
        prop_oneof![
            Just(None),
            any::<u32>().prop_map(|bits| Some(IpAddress::V4(bits))),
            any::<(u8, u32)>().prop_map(move |parts| Some(v6(parts))),
        ]
    }

    fn transactions() -> impl Strategy<Value = Transaction> {
        let numbers = any::<(u64, u32, u32, u32, u32, i64, u64, u64)>();
        let bytes = any::<([u8; 2], u8, u8, u8, bool, u8, u8)>();
        (numbers, bytes, 0u8..5, 0u8..6, addresses()).prop_map(
            |(numbers, bytes, transaction_type, entry_mode, ip)| {
                let (at_ms, card, seq, merchant, campaign, amount_minor, dice, device) = numbers;
                let (answer, currency, card_country, iin, card_present, label, contact) = bytes;
                Transaction {
                    at_ms,
                    card: CardIdx(card),
                    seq,
                    merchant: MerchantIdx(merchant),
                    amount_minor,
                    currency: CurrencyIdx(currency),
                    card_country: CountryIdx(card_country),
                    iin: IinIdx(iin),
                    transaction_type: TransactionType::from_number(transaction_type).unwrap(),
                    entry_mode: EntryMode::from_number(entry_mode).unwrap(),
                    card_present,
                    answer: AnswerCode(answer),
                    ip,
                    device: (device % 2 == 1).then_some(DeviceId(device)),
                    contact,
                    label: Label(label),
                    campaign,
                    dice,
                }
            },
        )
    }

    proptest! {
        /// What is written is read back as it was.
        #[test]
        fn transactions_survive_the_disk(transaction in transactions()) {
            let mut bytes = Vec::new();
            encode(&transaction, &mut bytes);
            let record = bytes.as_slice().try_into().unwrap();
            prop_assert_eq!(decode(record), Some(transaction));
        }
    }
}
