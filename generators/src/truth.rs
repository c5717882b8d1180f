//! The truth about every transaction: its number, its identifier and what only somebody who saw all of them can say.
//!
//! Owns the rows that requests are made of and that the export shows. Knows neither services nor templates. Invariant:
//! a row is a function of the world's transactions up to and including its own.

pub(crate) mod columns;
mod csv;
pub(crate) mod export;
mod parquet;
mod reference;
mod sliding;
mod velocity;

use tapdeck_corpora::ExpectedDecision;

pub(crate) use self::velocity::{Velocities, Velocity};
use crate::error::Error;
use crate::fields::transaction_id::TransactionIds;
use crate::fraud;
use crate::merge::Merge;
use crate::seed::Seed;
use crate::transaction::{Label, Transaction};

/// A transaction with its place among all of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TruthRow {
    pub(crate) transaction: Transaction,
    /// Number in the order of time, card and number of the card, counted from 0.
    pub(crate) ordinal: u64,
    /// Its identifier, as the number that the hexadecimal digits show.
    pub(crate) id: u64,
}

/// Hands out the rows of a world in their order.
#[derive(Debug)]
pub(crate) struct Truths<'s> {
    merge: Merge<'s>,
    ids: TransactionIds,
    ordinal: u64,
}

impl<'s> Truths<'s> {
    pub(crate) fn new(seed: Seed, merge: Merge<'s>) -> Self {
        Self {
            merge,
            ids: TransactionIds::new(seed),
            ordinal: 0,
        }
    }

    /// Gives the next row, until there is none.
    pub(crate) fn next(&mut self) -> Result<Option<TruthRow>, Error> {
        let Some(transaction) = self.merge.next()? else {
            return Ok(None);
        };
        let ordinal = self.ordinal;
        self.ordinal += 1;
        Ok(Some(TruthRow {
            transaction,
            ordinal,
            id: self.ids.next_id(),
        }))
    }
}

/// What an engine would decide that knew the truth, as far as it can be known when the decision is due.
pub(crate) fn oracle(label: Label) -> ExpectedDecision {
    if fraud::is_knowable(label) {
        ExpectedDecision::Decline
    } else {
        ExpectedDecision::Approve
    }
}
