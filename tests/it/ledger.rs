//! Whatever the target does, every planned request is accounted for, under the right name.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tapdeck::Exit;
use tapdeck::events::{Event, Nobody, Watcher};
use tapdeck::harness::play::play;
use tapdeck::stand_in::{StandIn, StandInConfig};
use tapdeck_corpora::{RECORDS_PER_BLOCK, Tape};
use tapdeck_reports::measurements::Ending;

use crate::common::{MS, Run, S, check_balance, failures, write_tape};
use crate::ways::{Reached, Way, on_every_way};

on_every_way! {
    broken_connections_are_counted_and_opened_again,
    answers_that_never_come_time_out,
    a_target_that_goes_away_leaves_failures_not_silence,
}

#[test]
fn answers_that_say_200_but_did_not_judge_are_failures_of_their_own_name() {
    for (fault, kind) in [
        ("fail-open", "check:engine-mode"),
        ("shed", "check:load-shed"),
        ("wrong-id", "check:echoed-id"),
    ] {
        let mut config = StandInConfig::demo().unwrap();
        match fault {
            "fail-open" => config.faults.fail_open = "100%".parse().unwrap(),
            "shed" => config.faults.shed = "100%".parse().unwrap(),
            _ => config.faults.wrong_id = "100%".parse().unwrap(),
        }
        let target = StandIn::start(config).unwrap();
        let measured = Run {
            rate: 300.0,
            ..Run::at(&target.url(), 0.0)
        }
        .play();
        assert_eq!(measured.ledger.good, 0, "{fault}");
        assert_eq!(measured.ledger.rejected, 300, "{fault}");
        assert_eq!(
            failures(&measured, kind),
            300,
            "{fault}: {:?}",
            measured.failures
        );
        assert_eq!(failures(&measured, "status"), 0, "{fault}");
        let statuses = &measured.endpoints[0].statuses;
        assert_eq!(statuses.len(), 1);
        assert_eq!(statuses[0].0, 200, "{fault}");
        let unjudged: u64 = measured
            .confusion
            .iter()
            .map(|row| row.unjudged.count)
            .sum();
        assert_eq!(unjudged, measured.endpoints[0].ledger.planned, "{fault}");
    }
}

#[test]
fn a_target_without_rulesets_never_passes() {
    let target = StandIn::start(StandInConfig::default()).unwrap();
    let measured = Run {
        rate: 300.0,
        ..Run::at(&target.url(), 0.0)
    }
    .play();
    assert_eq!(measured.ledger.good, 0);
    assert_eq!(failures(&measured, "check:engine-mode"), 300);
}

fn broken_connections_are_counted_and_opened_again(way: Way) {
    // A stream of an HTTP/2 connection can only be reset.
    let garbage = if way.is_shared() { "reset" } else { "protocol" };
    for (fault, kind) in [("reset", "reset"), ("garbage", garbage)] {
        let mut config = StandInConfig::demo().unwrap();
        match fault {
            "reset" => config.faults.reset = "20%".parse().unwrap(),
            _ => config.faults.garbage = "20%".parse().unwrap(),
        }
        let measured = way.to(config).at(500.0).play();
        let failed = failures(&measured, kind);
        assert!(
            (60..140).contains(&failed),
            "{fault}: {:?}",
            measured.failures
        );
        assert_eq!(measured.ledger.failed, failed, "{fault}");
        assert_eq!(measured.ledger.good, 500 - failed, "{fault}");
        let opened_again = measured
            .notes
            .iter()
            .any(|note| note.contains("opened again"));
        assert_eq!(opened_again, !way.is_shared(), "{fault}");
    }
}

fn answers_that_never_come_time_out(way: Way) {
    let mut config = StandInConfig::demo().unwrap();
    config.faults.hang = "10%".parse().unwrap();
    let target = way.to(config);
    let run = Run {
        timeout_ns: 500 * MS,
        ..target.at(500.0)
    };
    let run = target.at_a_time(128, run);
    let measured = run.play();
    let timed_out = measured.ledger.timed_out;
    let hung = target.stand_in.stop().unwrap().hangs;
    assert!(hung > 20, "{hung}");
    // On a busy machine an answer that did come may be too late as well.
    assert!(timed_out >= hung, "{:?}, {hung} hung", measured.ledger);
    assert_eq!(failures(&measured, "timeout"), timed_out);
    assert_eq!(measured.ledger.good + timed_out, 500);
    // Whoever gave up waiting had waited the whole timeout.
    let unanswered = measured.endpoints.iter().map(|endpoint| {
        let below = endpoint.unanswered.share_below(run.timeout_ns - MS);
        (1.0 - below) * endpoint.unanswered.len() as f64
    });
    assert!(unanswered.sum::<f64>() + 0.5 >= timed_out as f64);
}

/// Stops the target a second into the run.
pub(crate) struct StopAt(pub(crate) Option<Reached>);
impl Watcher for StopAt {
    fn see(&mut self, event: &Event) {
        if let Event::Tick { elapsed_ns, .. } = event
            && *elapsed_ns > S
        {
            self.0.take();
        }
    }
}

fn a_target_that_goes_away_leaves_failures_not_silence(way: Way) {
    let target = way.to(StandInConfig::demo().unwrap());
    let run = Run {
        measure_ns: 2 * S,
        ..target.at(500.0)
    };
    let stop = Arc::new(AtomicBool::new(false));
    let plan = run.plan();
    let played = play(&plan, &stop, &mut StopAt(Some(target))).unwrap();
    let measured = played.measurements;
    check_balance(&measured);
    assert_eq!(measured.ledger.planned, 1_000);
    assert!(measured.ledger.good >= 450, "{:?}", measured.ledger);
    assert!(
        failures(&measured, "connect") > 300,
        "{:?}",
        measured.failures
    );
}

/// Raises the stop flag a second into the run.
struct InterruptAt(Arc<AtomicBool>);
impl Watcher for InterruptAt {
    fn see(&mut self, event: &Event) {
        if let Event::Tick { elapsed_ns, .. } = event
            && *elapsed_ns > S
        {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn an_interrupt_keeps_what_was_measured() {
    let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let run = Run {
        measure_ns: 60 * S,
        rate: 500.0,
        ..Run::at(&target.url(), 0.0)
    };
    let stop = Arc::new(AtomicBool::new(false));
    let plan = run.plan();
    let played = play(&plan, &stop, &mut InterruptAt(Arc::clone(&stop))).unwrap();
    let measured = played.measurements;
    check_balance(&measured);
    assert_eq!(measured.ending, Ending::Interrupted);
    assert!(
        (S..5 * S).contains(&measured.measured_ns),
        "{}",
        measured.measured_ns
    );
    let planned = measured.ledger.planned as f64;
    let expected = measured.measured_ns as f64 / 1e9 * 500.0;
    assert!(
        (planned - expected).abs() <= 1.0,
        "{planned} planned, {expected} expected"
    );
    assert_eq!(
        measured.ledger.good + measured.ledger.cut,
        measured.ledger.planned
    );
}

#[test]
fn a_short_tape_loops_with_fresh_ids() {
    let mut config = StandInConfig::demo().unwrap();
    config.id_watch = tapdeck::stand_in::IdWatch::On;
    let target = StandIn::start(config).unwrap();
    let run = Run {
        records: 90,
        rate: 1_000.0,
        warm_up_ns: 200 * MS,
        ..Run::at(&target.url(), 0.0)
    };
    let measured = run.play();
    assert_eq!(measured.ledger.planned, 1_000);
    assert_eq!(measured.ledger.good, 1_000);
    let seen = target.stop().unwrap();
    assert_eq!(seen.distinct_ids, 1_200);
    assert_eq!(seen.repeated_ids, 0);
}

#[test]
fn any_number_of_lanes_plays_the_same_arrivals() {
    let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    for lanes in [1, 2, 5] {
        let run = Run {
            lanes,
            arrivals: "poisson",
            rate: 1_000.0,
            ..Run::at(&target.url(), 0.0)
        };
        let mut cursor = run.plan().load.schedule().unwrap().cursor();
        let times: Vec<u64> = std::iter::from_fn(|| cursor.next_ns(0)).collect();
        let measured = run.play();
        assert_eq!(measured.ledger.planned, times.len() as u64, "{lanes} lanes");
        assert_eq!(
            measured.ledger.planned, measured.ledger.good,
            "{lanes} lanes"
        );
        assert_eq!(measured.lanes.len(), usize::try_from(lanes).unwrap());
    }
}

#[test]
fn damage_further_on_ends_the_run_and_is_named() {
    // The first 24 blocks are checked before the run, so this damage lies beyond them.
    let damaged_block = 25;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.tape");
    write_tape(&path, 27 * RECORDS_PER_BLOCK as u64);
    let place = Tape::open(&path).unwrap().directory()[damaged_block].offset + 1_000;
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[usize::try_from(place).unwrap()] ^= 1;
    std::fs::write(&path, bytes).unwrap();

    let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let run = Run {
        measure_ns: 60 * S,
        ..Run::at(&target.url(), 4_000.0)
    };
    let plan = run.plan_with(Arc::new(Tape::open(&path).unwrap()));
    let stop = Arc::new(AtomicBool::new(false));
    let played = play(&plan, &stop, &mut Nobody).unwrap();
    check_balance(&played.measurements);
    assert_eq!(played.measurements.ending, Ending::Aborted);
    let fault = played.fault.unwrap();
    assert!(fault.to_string().contains("block 25 of"), "{fault}");
    assert_eq!(fault.exit(), Exit::TapeUnreadable);
}
