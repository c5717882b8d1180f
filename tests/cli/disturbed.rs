//! A generator that is disturbed: it says so, and still knows what an undisturbed one would have measured.

use std::fs;
use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use tapdeck::stand_in::StandIn;

use crate::command::{send, tapdeck};
use crate::replay::{stand_in, tape};

/// How long the generator is stopped.
const STOPPED: Duration = Duration::from_millis(600);

/// Waits until a target has been sent so many requests by a generator.
fn await_requests(target: &StandIn, count: u64, generator: &mut Child) {
    loop {
        let seen = target.seen();
        if seen.auth_requests + seen.monitoring_requests >= count {
            return;
        }
        assert_eq!(generator.try_wait().unwrap(), None, "it ended before");
        std::thread::yield_now();
    }
}

/// Plays three seconds at 200/s against a sound target and stops the generator in the middle of it; gives the exit code
/// and the summary.
fn stopped_run(more: &[&str]) -> (Option<i32>, Value) {
    let folder = tempfile::tempdir().unwrap();
    let (tape, out) = (tape(folder.path()), folder.path().join("report"));
    let target = stand_in();
    let mut command = tapdeck();
    command.args(["replay", tape.to_str().unwrap(), "--target", &target.url()]);
    command.args("--rate 200 --arrivals constant --duration 3s --warm-up 0s --lanes 1".split(' '));
    command.args(["--out", out.to_str().unwrap()]).args(more);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut generator = command.spawn().unwrap();
    await_requests(&target, 200, &mut generator);
    send(&generator, Signal::STOP);
    // This is the disturbance itself: nobody waits for anything to happen.
    std::thread::sleep(STOPPED);
    send(&generator, Signal::CONT);
    let code = generator.wait().unwrap().code();
    let summary = fs::read(out.join("summary.json")).unwrap();
    (code, serde_json::from_slice(&summary).unwrap())
}

fn quantile(summary: &Value, name: &str, figure: &str) -> f64 {
    let mut rows = summary["quantiles"].as_array().unwrap().iter();
    let row = rows.find(|row| row["name"] == name).unwrap();
    row[figure].as_f64().unwrap()
}

#[test]
fn a_stopped_generator_vouches_for_nothing_and_knows_what_it_would_have_measured() {
    let (code, summary) = stopped_run(&[]);
    assert_eq!(code, Some(5), "{}", summary["verdict"]);
    let reason = summary["verdict"]["reasons"][0].as_str().unwrap();
    assert!(reason.contains("stood still"), "{reason}");
    // A fifth of all requests fell into the stop, and the latest tenth of them waited for most of it.
    let response_ms = quantile(&summary, "p99", "response_ms");
    assert!(response_ms > 400.0, "{response_ms}");
    let undisturbed_ms = quantile(&summary, "p99", "undisturbed_ms");
    assert!(
        undisturbed_ms < response_ms / 2.0,
        "{undisturbed_ms} of {response_ms}"
    );
    let service_ms = quantile(&summary, "p99", "service_ms");
    assert!(
        service_ms < response_ms / 2.0,
        "the target did not take {service_ms}"
    );
    let stalls = summary["seconds"].as_array().unwrap().iter();
    let longest_ms = stalls.filter_map(|second| second["longest_stall_ms"].as_f64());
    assert!(longest_ms.fold(0.0, f64::max) > 400.0);
}

#[test]
fn what_read_calls_say_is_used_where_asked_for() {
    let (code, summary) = stopped_run(&["--stamps", "read"]);
    assert_eq!(code, Some(5), "{}", summary["verdict"]);
    let arrivals = &summary["transport"]["arrivals"];
    assert_eq!(arrivals["witness"], "read", "{arrivals}");
    assert_eq!(arrivals["by_kernel"], 0, "{arrivals}");
}
