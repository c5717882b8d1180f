//! One target for each thing that is read from outside.

mod captures;
mod definitions;
mod documents;
mod promises;
mod rates;
mod tapes;
