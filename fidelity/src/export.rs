//! An export in memory: one column after the other, texts as numbers into a dictionary.
//!
//! Owns the list of columns and what each may hold; 2 million rows take about 400 MB. It must not know what the values
//! are good for: words it has never heard of, unknown currencies and impossible places are the metrics' business.

mod cell;
mod csv;
mod parquet;
mod words;

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

pub use self::cell::Degrees;
pub use self::words::Words;

use self::cell::Sink;
use crate::error::Error;

/// First bytes of a Parquet file.
const PARQUET_MAGIC: &[u8; 4] = b"PAR1";

/// Bytes per read of a text.
const BUFFER_BYTES: usize = 1 << 20;

macro_rules! export {
    ($($(#[$docs:meta])* $name:ident: $column:ty = $empty:expr,)*) => {
        /// The rows of an export, in the order of the file.
        ///
        /// Shape: every column has one value per row.
        #[derive(Debug)]
        pub struct Export {
            $($(#[$docs])* pub $name: $column,)*
        }

        impl Export {
            /// Gives an export without rows.
            fn empty() -> Self {
                Self { $($name: $empty,)* }
            }

            /// Lists the columns in the order of the file.
            fn columns(&mut self) -> Vec<Column<'_>> {
                vec![$(Column { name: stringify!($name), sink: &mut self.$name },)*]
            }
        }
    };
}

export! {
    /// Identifies the row.
    txn_id: Words = Words::required(),
    /// Event time, milliseconds since 1970 (UTC).
    ts_ms: Vec<i64> = Vec::new(),
    /// Local time minus UTC, minutes.
    tz_offset_min: Vec<i32> = Vec::new(),
    /// Card.
    card_id: Words = Words::required(),
    /// Whether the card was ever issued.
    card_known: Vec<bool> = Vec::new(),
    /// Country of the card, ISO 3166-1.
    card_country: Words = Words::required(),
    /// Network of the card.
    card_network: Words = Words::required(),
    /// Leading six digits of the card's number.
    card_bin: Words = Words::required(),
    /// Latitude of the holder's home; ghosts have none.
    home_lat: Vec<Option<Degrees>> = Vec::new(),
    /// Longitude of the holder's home; ghosts have none.
    home_lon: Vec<Option<Degrees>> = Vec::new(),
    /// Merchant.
    merchant_id: Words = Words::required(),
    /// Merchant category, ISO 18245.
    mcc: Words = Words::required(),
    /// Country of the merchant.
    merchant_country: Words = Words::required(),
    /// Latitude of the merchant.
    merchant_lat: Vec<Degrees> = Vec::new(),
    /// Longitude of the merchant.
    merchant_lon: Vec<Degrees> = Vec::new(),
    /// Whether the card was there.
    card_present: Vec<bool> = Vec::new(),
    /// How the card was read.
    entry_mode: Words = Words::required(),
    /// What the transaction is.
    txn_type: Words = Words::required(),
    /// Amount in minor units of the currency.
    amount_minor: Vec<i64> = Vec::new(),
    /// Currency of the amount, ISO 4217.
    currency: Words = Words::required(),
    /// Amount in US cents.
    usd_cents: Vec<i64> = Vec::new(),
    /// Address an online purchase came from.
    ip: Words = Words::optional(),
    /// Country of that address.
    ip_country: Words = Words::optional(),
    /// Device an online purchase was made on.
    device_id: Words = Words::optional(),
    /// Ground truth.
    is_fraud: Vec<bool> = Vec::new(),
    /// Typology, or `NONE`.
    fraud_type: Words = Words::required(),
    /// Fraud campaign, 0 for none.
    campaign_id: Vec<u32> = Vec::new(),
    /// When the fraud becomes known, milliseconds since 1970; genuine rows have none.
    label_ts_ms: Vec<Option<i64>> = Vec::new(),
    /// The issuer's answer, ISO 8583 data element 39.
    auth_resp: Words = Words::required(),
    /// What a decision with perfect knowledge would be.
    oracle_decision: Words = Words::required(),
    /// Rows of the card in the last 5 minutes, this one included.
    vel_card_5m: Vec<u32> = Vec::new(),
    /// Rows of the card in the last hour.
    vel_card_1h: Vec<u32> = Vec::new(),
    /// Rows of the card in the last 24 hours.
    vel_card_24h: Vec<u32> = Vec::new(),
    /// Rows of the address in the last hour, 0 without one.
    vel_ip_1h: Vec<u32> = Vec::new(),
    /// Rows of the device in the last hour, 0 without one.
    vel_device_1h: Vec<u32> = Vec::new(),
    /// Which of the reference rules fired, one bit each.
    ref_mask: Vec<u32> = Vec::new(),
    /// What the reference rules decided.
    ref_decision: Words = Words::required(),
}

/// A column while it is filled.
struct Column<'e> {
    name: &'static str,
    sink: &'e mut dyn Sink,
}

impl Export {
    /// Reads an export; whether it is CSV or Parquet shows in its first bytes.
    ///
    /// Errors: `Io`; `Form`, `Value` or `Parquet` if it is not an export, naming the place.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let mut file = tapdeck_files::open(path).map_err(Error::io(path))?;
        let mut first_bytes = Vec::new();
        file.by_ref()
            .take(PARQUET_MAGIC.len() as u64)
            .read_to_end(&mut first_bytes)
            .and_then(|_| file.seek(SeekFrom::Start(0)))
            .map_err(Error::io(path))?;
        let mut export = Self::empty();
        if first_bytes == PARQUET_MAGIC {
            parquet::read(path, file, &mut export.columns())?;
        } else {
            let lines = BufReader::with_capacity(BUFFER_BYTES, file);
            csv::read(path, lines, &mut export.columns())?;
        }
        Ok(export)
    }

    /// Gives the number of rows.
    pub fn len(&self) -> usize {
        self.ts_ms.len()
    }

    /// Tells whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.ts_ms.is_empty()
    }
}
