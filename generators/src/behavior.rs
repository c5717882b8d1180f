//! How a card lives: when its holder spends, where, on what and how much, and what the issuer answers.
//!
//! A life is a function of (seed, card), told in two passes: `arrivals` lays out visits over the whole span, `life`
//! then walks through them in time order, with `mobility` knowing where the holder is and `shopping` which merchants
//! they know.

pub(crate) mod arrivals;
pub(crate) mod checkout;
pub(crate) mod issuer;
pub(crate) mod life;
pub(crate) mod mobility;
pub(crate) mod prices;
pub(crate) mod rhythm;
pub(crate) mod shopping;
