//! The commands as people run them: what they print, what they refuse, and the exit codes they promise.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod addresses;
mod bounds;
mod calibrate;
mod capacity;
mod cleanup;
mod command;
mod demo;
mod disturbed;
mod echoes;
mod fidelity;
#[path = "../support/files.rs"]
mod files;
mod fixtures;
mod generate;
mod help;
mod inspect;
mod killed;
mod leftovers;
mod limits;
mod refusals;
mod replay;
mod report;
mod run;
mod safety;
mod schedule;
mod secrets;
mod services;
mod stand_in;
mod tapes;
mod transport;
mod unwritable;
mod users;
mod verify;
