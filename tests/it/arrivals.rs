//! Which record leaves when: the same for any number of lanes, in tape order, over and over.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tapdeck::replay::arrivals::{Arrival, Arrivals, Next, Window};
use tapdeck::replay::payload::{RecordPlace, record_at};
use tapdeck::replay::prefetch::{Progress, check_lead};
use tapdeck::replay::walk::{Share, Walk};
use tapdeck::schedule::{ARRIVALS, Bursts, Parameters, RateProfile, Schedule};
use tapdeck_corpora::Tape;

use crate::common::{MS, S, tape};

const WINDOW: Window = Window {
    epoch_ns: 50,
    measure_from_ns: 50 + S,
    measure_to_ns: 50 + 3 * S,
};

fn schedule(name: &str) -> Schedule {
    Schedule {
        process: tapdeck::schedule::arrivals_named(name).unwrap(),
        parameters: Parameters {
            profile: RateProfile::parse("100..900/3s").unwrap(),
            seed: 5,
            bursts: Bursts::new(3.0, Duration::from_millis(50), Duration::from_millis(150))
                .unwrap(),
            speed: 2.0,
            horizon_ns: 3 * S,
        },
    }
}

fn lane(tape: &Arc<Tape>, schedule: &Schedule, lane_idx: u32, lanes: u32) -> Vec<Arrival> {
    let share = Share { lane_idx, lanes };
    let progress = Arc::new(Progress::new(lanes));
    let walk = Walk::new(Arc::clone(tape), share, progress);
    let mut arrivals = Arrivals::new(walk, schedule, WINDOW);
    std::iter::from_fn(|| match arrivals.peek() {
        Next::Arrival(arrival) => {
            arrivals.take();
            Some(arrival)
        }
        Next::Unchecked(block_idx) => panic!("block {block_idx} is unchecked"),
        Next::End => None,
    })
    .collect()
}

fn key(arrival: &Arrival) -> (u64, u32, u32, u32) {
    let RecordPlace {
        block_idx,
        record_idx,
    } = arrival.place;
    (arrival.intended_ns, arrival.pass, block_idx, record_idx)
}

#[test]
fn lanes_split_the_schedule_without_changing_it() {
    let tape = tape(500);
    check_lead(&tape).unwrap();
    for process in ARRIVALS {
        let schedule = schedule(process.name());
        let whole: Vec<_> = lane(&tape, &schedule, 0, 1).iter().map(key).collect();
        assert!(whole.len() > 1_000, "{}", process.name());
        for lanes in [2, 3, 8] {
            let mut union: Vec<_> = (0..lanes)
                .flat_map(|lane_idx| lane(&tape, &schedule, lane_idx, lanes))
                .map(|arrival| key(&arrival))
                .collect();
            union.sort_unstable();
            assert_eq!(union, whole, "{} lanes, {}", lanes, process.name());
        }
    }
}

#[test]
fn a_card_stays_on_one_lane_in_tape_order() {
    let tape = tape(500);
    check_lead(&tape).unwrap();
    let schedule = schedule("poisson");
    let mut lane_of: BTreeMap<u64, u32> = BTreeMap::new();
    for lane_idx in 0..3 {
        let arrivals = lane(&tape, &schedule, lane_idx, 3);
        assert!(
            arrivals.len() > 300,
            "lane {lane_idx} has {}",
            arrivals.len()
        );
        assert!(arrivals.is_sorted_by_key(|arrival| arrival.intended_ns));
        assert!(arrivals.is_sorted_by_key(|arrival| (arrival.pass, arrival.place.record_idx)));
        for arrival in arrivals {
            let card = record_at(&tape, arrival.place).unwrap().affinity();
            assert_eq!(*lane_of.entry(card).or_insert(lane_idx), lane_idx);
        }
    }
}

#[test]
fn recorded_times_go_on_rising_when_the_tape_starts_over() {
    // Events every millisecond, played at twice their tempo.
    let tape = tape(500);
    check_lead(&tape).unwrap();
    let arrivals = lane(&tape, &schedule("recorded"), 0, 1);
    assert_eq!(arrivals.len(), 6_000);
    for (idx, arrival) in (0..).zip(&arrivals) {
        assert_eq!(arrival.intended_ns, 50 + idx * MS / 2, "arrival {idx}");
        assert_eq!(u64::from(arrival.pass), idx / 500);
        let measured = arrival.intended_ns >= WINDOW.measure_from_ns;
        assert_eq!(arrival.measured, measured, "arrival {idx}");
    }
}

#[test]
fn an_unchecked_block_stops_the_walk_until_it_is_checked() {
    let tape = tape(10);
    let share = Share {
        lane_idx: 0,
        lanes: 1,
    };
    let progress = Arc::new(Progress::new(1));
    let walk = Walk::new(Arc::clone(&tape), share, progress);
    let mut arrivals = Arrivals::new(walk, &schedule("constant"), WINDOW);
    assert_eq!(arrivals.peek(), Next::Unchecked(0));
    tape.check_block(0).unwrap();
    assert!(matches!(arrivals.peek(), Next::Arrival(arrival) if arrival.intended_ns == 50));
}
