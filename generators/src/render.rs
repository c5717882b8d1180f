//! Requests as bytes: each transaction written through its endpoint's templates into the blocks of a tape.
//!
//! Owns the compiled templates. Knows nothing of how transactions come about. Invariants: rendering is a function of
//! (world, service, request); values hold no byte that JSON would escape, because tables refuse such bytes and
//! everything else is made of letters and digits.

mod template;
mod value;

use tapdeck_corpora::{BlockBuilder, EncodedBlock, ExpectedDecision, NewRecord, NewSlot};
use tapdeck_services::{Endpoint, ServiceDefinition};

pub(crate) use self::template::BLANK_STAMP_BYTES;
use self::template::Compiled;
use crate::error::Error;
use crate::numeric::mix64;
use crate::requests::Request;
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
            path: Compiled::new(&endpoint.path),
            body: endpoint
                .body
                .as_ref()
                .map(Compiled::new)
                .unwrap_or_default(),
            decides: endpoint.decision.is_some(),
        }
    }
}

/// Buffers of one rendering, kept from request to request for their allocations.
#[derive(Debug, Default)]
struct Buffers {
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
    pub(crate) fn render(&self, requests: &[Request]) -> Result<Vec<EncodedBlock>, Error> {
        let mut buffers = Buffers::default();
        let mut finished = Vec::with_capacity(1);
        let mut block = BlockBuilder::new();
        for request in requests {
            let endpoint = &self.endpoints[usize::from(request.endpoint)];
            buffers.path.clear();
            buffers.body.clear();
            buffers.slots.clear();
            endpoint
                .path
                .write(self.world, request, &mut buffers.path, &mut buffers.slots);
            endpoint
                .body
                .write(self.world, request, &mut buffers.body, &mut buffers.slots);
            if !block.has_room_for(buffers.path.len() + buffers.body.len()) {
                let full = std::mem::take(&mut block);
                finished.push(full.finish().map_err(Error::Tape)?);
            }
            block
                .push(&self.record(request, endpoint, &buffers))
                .map_err(Error::Tape)?;
        }
        finished.push(block.finish().map_err(Error::Tape)?);
        Ok(finished)
    }

    /// Appends the body of a request alone, for what is no tape.
    pub(crate) fn write_body(&self, request: &Request, out: &mut Vec<u8>) {
        let endpoint = &self.endpoints[usize::from(request.endpoint)];
        endpoint
            .body
            .write(self.world, request, out, &mut Vec::new());
    }

    fn record<'b>(
        &self,
        request: &Request,
        endpoint: &CompiledEndpoint,
        buffers: &'b Buffers,
    ) -> NewRecord<'b> {
        let transaction = &request.transaction;
        let currency = self.world.tables.currency(transaction.currency);
        NewRecord {
            event_offset_ns: request.at_ms * NS_PER_MS,
            endpoint: request.endpoint,
            affinity: mix64(u64::from(transaction.card.0)),
            label: u16::from(transaction.label.0),
            expected_status: 0,
            expected_decision: if endpoint.decides {
                oracle(transaction.label)
            } else {
                ExpectedDecision::Unknown
            },
            value: currency.usd_cents(transaction.amount_minor).unsigned_abs(),
            session: 0,
            step: 0,
            path: &buffers.path,
            body: &buffers.body,
            slots: &buffers.slots,
        }
    }
}

#[cfg(test)]
mod tests;
