//! Requests as bytes: each transaction written through its endpoint's templates into the blocks of a tape.
//!
//! Owns the compiled templates. Knows nothing of how transactions come about. Invariants: rendering is a function of
//! (world, service, request); values hold no byte that JSON would escape, because tables refuse such bytes and
//! everything else is made of letters and digits.

mod drawn;
mod template;
mod value;

use tapdeck_corpora::{
    BlockBuffer, BlockBuilder, EncodedBlock, ExpectedDecision, NewRecord, NewSlot, SlotPart,
};
use tapdeck_services::{Endpoint, ServiceDefinition};

pub(crate) use self::template::BLANK_STAMP_BYTES;
use self::template::Compiled;
use crate::error::Error;
use crate::numeric::mix64;
use crate::requests::Request;
use crate::shelf::Shelf;
use crate::truth::oracle;
use crate::world::World;

/// Nanoseconds per millisecond.
const NS_PER_MS: u64 = 1_000_000;

/// Renders requests to one service.
#[derive(Debug)]
pub(crate) struct Renderer<'w> {
    world: &'w World,
    endpoints: Vec<CompiledEndpoint>,
}

#[derive(Debug)]
struct CompiledEndpoint {
    path: Compiled,
    body: Compiled,
    /// Whether its answers carry a decision that can be held against the truth.
    decides: bool,
}

impl CompiledEndpoint {
    fn new(endpoint: &Endpoint) -> Self {
        Self {
            path: Compiled::new(SlotPart::Path, Some(&endpoint.path)),
            body: Compiled::new(SlotPart::Body, endpoint.body.as_ref()),
            decides: endpoint.decision.is_some(),
        }
    }
}

/// What one thread renders with; kept from block to block for its memory.
#[derive(Debug, Default)]
pub(crate) struct Press {
    block: BlockBuilder,
    path: Vec<u8>,
    body: Vec<u8>,
    slots: Vec<NewSlot>,
}

impl<'w> Renderer<'w> {
    pub(crate) fn new(world: &'w World, service: &ServiceDefinition) -> Self {
        Self {
            world,
            endpoints: service
                .endpoints
                .iter()
                .map(CompiledEndpoint::new)
                .collect(),
        }
    }

    /// Renders requests, at most as many as a block holds, into one block, or more where bodies are very large.
    pub(crate) fn render(
        &self,
        requests: &[Request],
        press: &mut Press,
        buffers: &Shelf<BlockBuffer>,
    ) -> Result<Vec<EncodedBlock>, Error> {
        let Press {
            block,
            path,
            body,
            slots,
        } = press;
        let mut finished = Vec::with_capacity(1);
        for request in requests {
            let endpoint = &self.endpoints[usize::from(request.endpoint)];
            path.clear();
            body.clear();
            slots.clear();
            endpoint.path.write(self.world, request, path, slots);
            endpoint.body.write(self.world, request, body, slots);
            if !block.has_room_for(path.len() + body.len()) {
                let full = block.finish_into(buffers.take());
                finished.push(full.map_err(Error::Tape)?);
            }
            let record = NewRecord {
                path,
                body,
                slots,
                ..self.record(request, endpoint)
            };
            block.push(&record).map_err(Error::Tape)?;
        }
        let last = block.finish_into(buffers.take());
        finished.push(last.map_err(Error::Tape)?);
        Ok(finished)
    }

    /// Appends the body of a request alone, for what is no tape.
    pub(crate) fn write_body(&self, request: &Request, out: &mut Vec<u8>) {
        let endpoint = &self.endpoints[usize::from(request.endpoint)];
        endpoint
            .body
            .write(self.world, request, out, &mut Vec::new());
    }

    /// Gives all of a record but its bytes.
    fn record(&self, request: &Request, endpoint: &CompiledEndpoint) -> NewRecord<'static> {
        let transaction = &request.transaction;
        let currency = self.world.tables.currency(transaction.currency);
        NewRecord {
            event_offset_ns: request.at_ms * NS_PER_MS,
            endpoint: request.endpoint,
            affinity: affinity(request),
            label: u16::from(transaction.label.0),
            expected_status: 0,
            expected_decision: if endpoint.decides {
                oracle(transaction.label)
            } else {
                ExpectedDecision::Unknown
            },
            value: currency.usd_cents(transaction.amount_minor).unsigned_abs(),
            session: request.session,
            step: request.step,
            path: &[],
            body: &[],
            slots: &[],
        }
    }
}

/// Gives the key that keeps records in order on one lane: those of a session, or those of a card. A session has its own
/// and not its card's, so that sessions spread over the lanes however busy a card is; the two ranges do not meet by plan.
fn affinity(request: &Request) -> u64 {
    match request.session {
        0 => mix64(u64::from(request.transaction.card.0)),
        session => mix64(!session),
    }
}

#[cfg(test)]
mod tests;
