//! The fields of a transaction, one file each: what values exist, how they are drawn and how they are written.

pub(crate) mod address;
pub(crate) mod amount;
pub(crate) mod contact;
pub(crate) mod dialect;
pub(crate) mod entry_mode;
pub(crate) mod geo;
pub(crate) mod iso8583;
pub(crate) mod token;
pub(crate) mod transaction_id;
pub(crate) mod uuid;
