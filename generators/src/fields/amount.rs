//! Amounts: from dollars to minor units of a currency, with the endings that prices have.
//!
//! Money is integer minor units (ISO 4217 exponents). A float is rounded once, here.

use crate::dist;
use crate::numeric::round_half_up;
use crate::seed::Stream;
use crate::tables::{Currency, Ending};
use crate::text;

/// Amounts above this many major units of a currency without minor ones are multiples of [`COARSE_STEP`].
const COARSE_ABOVE: i64 = 200;
const COARSE_STEP: i64 = 10;

const RETAIL_SHARE: f64 = 0.52;
const RETAIL_ENDINGS: [i64; 9] = [99, 99, 99, 0, 49, 95, 50, 79, 29];
const ROUND_SHARE: f64 = 0.60;
const ROUND_ENDINGS: [i64; 4] = [0, 0, 0, 50];
const TIP_SHARE: f64 = 0.22;
const TIP_ENDINGS: [i64; 3] = [0, 0, 50];

/// Converts dollars to the nearest minor unit of a currency, at least 1.
pub(crate) fn from_usd(usd: f64, currency: &Currency) -> i64 {
    let major = usd * 1_000_000.0 / currency.micro_usd as f64;
    round_half_up(major * currency.minor_per_major() as f64).max(1)
}

/// Converts dollars to a price as merchants with such endings set it.
pub(crate) fn price(usd: f64, currency: &Currency, ending: Ending, stream: &mut Stream) -> i64 {
    let exact = from_usd(usd, currency);
    let (share, endings): (f64, &[i64]) = match ending {
        Ending::Notes => {
            let note = currency.cash_note * currency.minor_per_major();
            return ((exact + note / 2) / note).max(1) * note;
        }
        Ending::None => return exact,
        Ending::Retail => (RETAIL_SHARE, &RETAIL_ENDINGS),
        Ending::Round => (ROUND_SHARE, &ROUND_ENDINGS),
        Ending::Tip => (TIP_SHARE, &TIP_ENDINGS),
    };
    if currency.minor_digits == 0 {
        return coarse(exact);
    }
    if !dist::chance(stream, share) {
        return exact;
    }
    let minor_per_major = currency.minor_per_major();
    let ending = *dist::pick(stream, endings) * minor_per_major / 100;
    (exact / minor_per_major * minor_per_major + ending).max(1)
}

fn coarse(amount: i64) -> i64 {
    if amount <= COARSE_ABOVE {
        return amount;
    }
    (amount + COARSE_STEP / 2) / COARSE_STEP * COARSE_STEP
}

/// Appends an amount in major units with exactly the currency's digits.
pub(crate) fn write(amount_minor: i64, currency: &Currency, out: &mut Vec<u8>) {
    let minor = amount_minor.unsigned_abs();
    let minor_per_major = currency.minor_per_major().unsigned_abs();
    text::decimal(out, minor / minor_per_major);
    if currency.minor_digits > 0 {
        out.push(b'.');
        let width = currency.minor_digits as usize;
        text::padded_decimal(out, minor % minor_per_major, width);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Entity, Purpose, Seed};
    use crate::tables::Tables;

    fn currency(code: &str) -> Currency {
        let tables = Tables::builtin().unwrap();
        let found = tables.currencies.iter().find(|other| other.code == code);
        found.unwrap().clone()
    }

    #[test]
    fn amounts_have_exactly_the_digits_of_their_currency() {
        let rows = [
            ("USD", 1, "0.01"),
            ("USD", 123_456, "1234.56"),
            ("JPY", 5_000, "5000"),
            ("KWD", 1_005, "1.005"),
        ];
        for (code, amount_minor, expected) in rows {
            let mut out = Vec::new();
            write(amount_minor, &currency(code), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn dollars_convert_there_and_back() {
        let rows = [
            ("USD", 10.0, 1_000, 1_000),
            ("EUR", 10.0, 926, 1_000),
            ("JPY", 10.0, 1_493, 1_000),
            ("KWD", 10.0, 3_077, 1_000),
            ("KRW", 0.000_1, 1, 0),
        ];
        for (code, usd, amount_minor, usd_cents) in rows {
            let currency = currency(code);
            assert_eq!(from_usd(usd, &currency), amount_minor, "{code}");
            assert_eq!(currency.usd_cents(amount_minor), usd_cents, "{code}");
        }
    }

    #[test]
    fn prices_end_as_their_merchants_like_it() {
        let mut stream = Seed(1).stream(Entity::Card, 0, Purpose::Amounts);
        let mut retail_endings = 0;
        for step in 1..1_000 {
            let usd = f64::from(step) * 0.77;
            let note = price(usd, &currency("MXN"), Ending::Notes, &mut stream);
            assert!(note > 0 && note % 10_000 == 0, "{note}");
            let coarse = price(usd, &currency("KRW"), Ending::Retail, &mut stream);
            assert!(coarse <= 200 || coarse % 10 == 0, "{coarse}");
            let exact = price(usd, &currency("USD"), Ending::None, &mut stream);
            assert_eq!(exact, from_usd(usd, &currency("USD")));
            let kuwaiti = price(usd, &currency("KWD"), Ending::Round, &mut stream);
            assert!(kuwaiti >= 1);
            let retail = price(usd, &currency("USD"), Ending::Retail, &mut stream);
            retail_endings += u32::from(RETAIL_ENDINGS.contains(&(retail % 100)));
        }
        assert!((480..=660).contains(&retail_endings), "{retail_endings}");
    }
}
