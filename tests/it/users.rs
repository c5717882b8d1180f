//! The closed model: users wait for answers, so what they make of their time adds up.

use tapdeck::harness::play::RunPlan;
use tapdeck::schedule::{Load, Users};
use tapdeck::stand_in::{StandIn, StandInConfig};
use tapdeck_services::Think;

use crate::common::{MS, Run, S, play_through};

/// Plans a run of users who all come at once.
fn plan(url: &str, count: u32, lanes: u32, run_ns: u64, think: &str) -> RunPlan {
    let run = Run {
        lanes,
        connections: count.max(lanes),
        measure_ns: run_ns,
        ..Run::at(url, 1.0)
    };
    RunPlan {
        load: Load::Closed(Users {
            count,
            spawn_rate: 1e9,
            run_ns,
            ramp_down_ns: 0,
            think: Think::parse(think).unwrap(),
            seed: 3,
        }),
        ..run.plan()
    }
}

fn stand_in(delay: &str) -> StandIn {
    let mut config = StandInConfig::demo().unwrap();
    config.faults.delay = delay.parse().unwrap();
    StandIn::start(config).unwrap()
}

/// Little's law, as the accounting identity it is: the time of all users is what they waited and what they thought,
/// however slow the machine was.
#[test]
fn waiting_and_thinking_fill_the_time_of_all_users() {
    let target = stand_in("fixed:4ms");
    let url = target.url();
    for (count, lanes, think, think_ns) in [
        (12, 1, "6ms", 6.0e6),
        (9, 3, "uniform:2ms..10ms", 6.0e6),
        (20, 2, "0s", 0.0),
    ] {
        let run_ns = 2 * S;
        let measurements = play_through(&plan(&url, count, lanes, run_ns, think)).measurements;
        let requests = measurements.ledger.completed as f64;
        assert!(requests > 100.0, "{requests}");
        let mut seconds = measurements.seconds.iter();
        assert!(seconds.all(|second| second.users == u64::from(count)));
        let waited: f64 = measurements
            .endpoints
            .iter()
            .map(|endpoint| endpoint.response.mean() * endpoint.response.len() as f64)
            .sum();
        let users = (waited + requests * think_ns) / run_ns as f64;
        // The last pause or answer of each user reaches past the end: half a cycle in two hundred.
        assert!(
            (users / f64::from(count) - 1.0).abs() < 0.02,
            "{count} users, found {users}"
        );
        assert!(
            measurements
                .seconds
                .iter()
                .all(|second| second.in_flight <= u64::from(count))
        );
        assert_eq!(
            measurements.ledger.planned, measurements.ledger.good,
            "every answer was good"
        );
    }
}

/// Where all wait for their answers there is nothing to send; that is not the end of the run, however long it goes on.
#[test]
fn users_who_all_wait_are_not_cut_off() {
    let target = stand_in("fixed:100ms");
    let plan = plan(&target.url(), 6, 1, 3 * S, "0s");
    let plan = RunPlan {
        settings: tapdeck::replay::lane::Settings {
            timeout_ns: S,
            ..plan.settings.clone()
        },
        ..plan
    };
    let ledger = play_through(&plan).measurements.ledger;
    assert_eq!((ledger.cut, ledger.unsent), (0, 0), "{ledger:?}");
    // Six who wait a tenth of a second each time, and much longer now and then where the machine is busy.
    assert!(ledger.good > 60, "{ledger:?}");
}

#[test]
fn users_come_one_by_one_and_go_one_by_one() {
    let target = stand_in("fixed:10ms");
    let url = target.url();
    let mut plan = plan(&url, 10, 1, 3 * S, "0s");
    if let Load::Closed(users) = &mut plan.load {
        users.spawn_rate = 10.0;
        users.ramp_down_ns = S;
    }
    let seconds = play_through(&plan).measurements.seconds;
    let offered: Vec<u64> = seconds.iter().map(|second| second.offered).collect();
    assert_eq!(offered.len(), 3);
    assert!(
        offered[0] < offered[1] && offered[2] < offered[1],
        "{offered:?}"
    );
}

#[test]
fn users_whose_target_is_gone_try_again_in_their_own_time() {
    let target = stand_in("fixed:0ms");
    let url = target.url();
    let plan = RunPlan {
        settings: tapdeck::replay::lane::Settings {
            timeout_ns: 200 * MS,
            ..plan(&url, 4, 1, S, "1ms").settings
        },
        ..plan(&url, 4, 1, S, "1ms")
    };
    let stopper = std::thread::spawn(move || {
        while target.seen().auth_requests < 50 {
            std::thread::yield_now();
        }
        target.stop()
    });
    let ledger = play_through(&plan).measurements.ledger;
    stopper.join().unwrap().unwrap();
    assert!(ledger.planned > ledger.good, "{ledger:?}");
    // Four users who wait a tenth of a second each time they are turned away.
    assert!(ledger.dropped <= 50, "{ledger:?}");
}
