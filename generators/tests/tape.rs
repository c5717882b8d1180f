//! Tapes as a whole: what stands on them, what never may, and what is left when something goes wrong.
#![expect(
    clippy::unwrap_used,
    reason = "in a test a panic is the answer to whatever cannot be"
)]

#[path = "tape/content.rs"]
mod content;
#[path = "tape/events.rs"]
mod events;
#[path = "tape/failure.rs"]
mod failure;
#[path = "tape/safety.rs"]
mod safety;
#[path = "tape/scan.rs"]
mod scan;
#[path = "tape/sessions.rs"]
mod sessions;
#[path = "tape/world.rs"]
mod world;

use tapdeck_corpora::{Record, Tape};
use tapdeck_generators::{GenerateOptions, Outputs, Unwatched, generate};
use tapdeck_services::ServiceDefinition;
use tempfile::TempDir;

/// A service with both events, paths that differ, and every placeholder that could carry a number worth protecting.
const SERVICE: &str = r#"
name = "inline"
title = "Both events"
slos = []

[target]
base_url = "http://localhost:1"

[[endpoints]]
name = "ask"
method = "POST"
path = "/ask/${merchant.id}"
event = "authorization"
weight = 70
statuses = [200]
headers = { content-type = "application/json" }
body = '''{
  "id": ${fire.id},
  "card": ${card.token},
  "bin": ${card.bin},
  "network": ${card.network},
  "logo": ${card.logo},
  "amount": ${txn.amount},
  "currency": ${txn.currency},
  "at": ${txn.at},
  "mcc": ${merchant.mcc},
  "merchant": ${merchant.id},
  "name": ${merchant.name},
  "terminal": ${terminal.id},
  "pos": ${txn.pos_entry_mode},
  "code": ${txn.processing_code},
  "present": ${txn.card_present},
  "entry": ${txn.entry_mode},
  "ip": ${ip.address},
  "device": ${device.id},
  "email": ${holder.email},
  "phone": ${holder.phone},
  "sent": ${fire.sent_at}
}'''
[endpoints.decision]
pointer = "/decision"
approve = ["APPROVE"]
decline = ["DECLINE"]

[[endpoints]]
name = "tell"
method = "POST"
path = "/tell"
event = "monitoring"
weight = 30
statuses = [200]
headers = { content-type = "application/json" }
body = '{"id": ${fire.id}, "card": ${card.token}, "decision": ${txn.decision}}'
"#;

fn service() -> ServiceDefinition {
    ServiceDefinition::parse(SERVICE, "inline.toml").unwrap()
}

/// Generates a tape and opens it; the folder goes away with the returned guard.
fn taped(options: &GenerateOptions) -> (TempDir, Tape) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.tape");
    generate(&service(), options, Outputs::tape(&path), &Unwatched).unwrap();
    let tape = Tape::open(&path).unwrap();
    (folder, tape)
}

/// Visits every record of a tape.
fn each_record<'t>(tape: &'t Tape, mut visit: impl FnMut(Record<'t>)) {
    for block_idx in 0..tape.directory().len() {
        tape.check_block(block_idx).unwrap();
        let block = tape.block(block_idx).unwrap();
        for idx in 0..block.len() {
            visit(block.record(idx).unwrap());
        }
    }
}
