//! Whole searches against simulated targets.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use proptest::prelude::*;
use rand_distr::{Distribution, LogNormal};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::*;
use crate::schedule::{Bursts, Parameters, RateProfile, Schedule, arrivals_named};
use crate::units::nanoseconds;

const RULES: Rules = Rules {
    start: 100.0,
    climb: 2.0,
    precision: 0.02,
    repeats: 3,
    highest: 1e7,
};

/// Searches to the end; `see` is told the rate and the number of the run.
fn search(rules: Rules, mut see: impl FnMut(f64, usize) -> Seen) -> (Search, Vec<Probe>) {
    let mut search = Search::new(rules);
    let mut probes = Vec::new();
    while let Next::Try(probe) = search.next() {
        assert!(probe.rate > 0.0 && probe.rate <= rules.highest, "{probe:?}");
        search.learn(probe, see(probe.rate, probes.len()));
        probes.push(probe);
        // The most stubborn answers creep down by the precision, a repeat each.
        assert!(probes.len() < 3_000, "no end at {probe:?}");
    }
    (search, probes)
}

/// A target that holds up to a rate.
fn up_to(capacity: f64) -> impl Fn(f64, usize) -> Seen {
    move |rate, _| {
        if rate <= capacity {
            Seen::Held
        } else {
            Seen::Missed
        }
    }
}

fn rates(probes: &[Probe], purpose: Purpose) -> Vec<f64> {
    let probes = probes.iter().filter(|probe| probe.purpose == purpose);
    probes.map(|probe| probe.rate).collect()
}

#[test]
fn a_search_climbs_narrows_and_confirms() {
    let (search, probes) = search(RULES, up_to(1_000.0));
    // A miss in the climb is looked at twice.
    assert_eq!(
        rates(&probes, Purpose::Climb),
        [100.0, 200.0, 400.0, 800.0, 1_600.0, 1_600.0]
    );
    assert_eq!(
        rates(&probes, Purpose::Narrow),
        [1_131.0, 951.2, 1_037.0, 993.2, 1_015.0, 1_004.0]
    );
    assert_eq!(rates(&probes, Purpose::Confirm), [993.2, 993.2]);
    let finding = search.finding();
    assert_eq!(finding.holds, Some((993.2, 3)));
    assert_eq!(finding.fails, Some((1_004.0, Limit::Target)));
}

#[test]
fn a_start_above_the_capacity_climbs_down() {
    let rules = Rules {
        start: 50_000.0,
        ..RULES
    };
    let (search, probes) = search(rules, up_to(1_000.0));
    assert_eq!(rates(&probes[..3], Purpose::Climb)[2..], [25_000.0]);
    let (rate, _) = search.finding().holds.unwrap();
    assert!((980.0..=1_000.0).contains(&rate), "{rate}");
}

#[test]
fn a_target_that_never_holds_is_given_up() {
    let (search, probes) = search(RULES, |_, _| Seen::Missed);
    assert_eq!(probes.last().map(|probe| probe.rate), Some(1.0));
    let finding = search.finding();
    assert_eq!(finding.holds, None);
    assert_eq!(finding.fails, Some((1.0, Limit::Target)));
}

#[test]
fn the_highest_rate_must_hold_in_every_repeat_too() {
    let rules = Rules {
        highest: 1_000.0,
        ..RULES
    };
    let (found, probes) = search(rules, |_, _| Seen::Held);
    assert_eq!(rates(&probes, Purpose::Confirm), [1_000.0, 1_000.0]);
    assert_eq!(found.finding().holds, Some((1_000.0, 3)));
    assert_eq!(found.finding().fails, None);
    let (found, _) = search(rules, |rate, run| {
        if rate > 999.0 && run > 5 {
            Seen::Missed
        } else {
            Seen::Held
        }
    });
    let (rate, runs) = found.finding().holds.unwrap();
    assert!(
        (980.0..1_000.0).contains(&rate) && runs == 3,
        "{rate} {runs}"
    );
}

#[test]
fn what_the_generator_cannot_offer_is_no_limit_of_the_target() {
    let (search, _) = search(RULES, |rate, _| {
        if rate > 3_000.0 {
            Seen::Spoiled
        } else {
            Seen::Held
        }
    });
    let finding = search.finding();
    let (rate, _) = finding.holds.unwrap();
    assert!((2_940.0..=3_000.0).contains(&rate), "{rate}");
    assert_eq!(
        finding.fails.map(|(_, limit)| limit),
        Some(Limit::Generator)
    );
}

#[test]
fn a_spoiled_run_is_tried_again() {
    let target = up_to(1_000.0);
    // Two runs of three are spoiled.
    let (search, _) = search(RULES, |rate, run| {
        if run % 3 < 2 {
            Seen::Spoiled
        } else {
            target(rate, run)
        }
    });
    assert_eq!(search.finding().holds, Some((993.2, 3)));
}

#[test]
fn a_generator_that_was_busy_for_a_while_is_no_limit() {
    let target = up_to(1_000.0);
    let (search, probes) = search(RULES, |rate, run| {
        if (2..5).contains(&run) {
            Seen::Spoiled
        } else {
            target(rate, run)
        }
    });
    let finding = search.finding();
    let (rate, runs) = finding.holds.unwrap();
    assert!(
        (980.0..=1_000.0).contains(&rate) && runs == 3,
        "{finding:?}"
    );
    assert_eq!(finding.fails.map(|(_, limit)| limit), Some(Limit::Target));
    assert_eq!(rates(&probes[2..5], Purpose::Climb), [400.0; 3]);
}

#[test]
fn one_stall_does_not_end_a_climb() {
    let target = up_to(1_000.0);
    let (search, _) = search(RULES, |rate, run| {
        if run == 1 {
            Seen::Missed
        } else {
            target(rate, run)
        }
    });
    assert_eq!(search.finding().holds, Some((993.2, 3)));
}

#[test]
fn a_repeat_that_misses_lowers_the_capacity() {
    let target = up_to(1_000.0);
    let mut runs_near = 0;
    let (search, _) = search(RULES, |rate, run| {
        let is_near = (993.0..994.0).contains(&rate);
        runs_near += usize::from(is_near);
        if is_near && runs_near == 3 {
            Seen::Missed
        } else {
            target(rate, run)
        }
    });
    let finding = search.finding();
    let (rate, runs) = finding.holds.unwrap();
    assert!((973.0..993.2).contains(&rate) && runs == 3, "{rate} {runs}");
    assert_eq!(finding.fails, Some((993.2, Limit::Target)));
}

#[test]
fn a_search_goes_on_from_its_runs() {
    let target = up_to(1_000.0);
    let (_, probes) = search(RULES, &target);
    for learned in 0..probes.len() {
        let mut resumed = Search::new(RULES);
        for probe in &probes[..learned] {
            resumed.learn(*probe, target(probe.rate, 0));
        }
        assert_eq!(resumed.next(), Next::Try(probes[learned]));
    }
}

proptest! {
    /// Whatever the capacity and wherever the search begins, it ends with a proven rate within the precision below it.
    #[test]
    fn any_capacity_is_found(
        capacity in 10.0..1e6_f64, start in 1.0..1e5_f64, climb in 1.2..10.0_f64, percent in 1..20_u8, repeats in 1..6_u32,
    ) {
        prop_assume!(capacity > start * LOWEST_SHARE);
        let rules = Rules { start, climb, precision: f64::from(percent) / 100.0, repeats, ..RULES };
        let (search, _) = search(rules, up_to(capacity));
        let Finding { holds: Some((holds, runs)), fails: Some((fails, Limit::Target)) } = search.finding() else {
            panic!("{search:?}");
        };
        prop_assert!(holds <= capacity && capacity < fails, "{holds}..{fails}");
        // Rates have four digits.
        prop_assert!(fails / holds <= 1.0 + rules.precision + 2e-3, "{holds}..{fails}");
        prop_assert!(search.is_proven(runs));
    }

    /// Whatever a target answers, a search ends, and what it calls held was never missed after its first chance.
    #[test]
    fn any_answers_end_a_search(answers in prop::collection::vec(0..3_u8, 1..60)) {
        let rules = Rules { start: 1_000.0, highest: 5_000.0, ..RULES };
        let (search, _) = search(rules, |_, run| match answers[run % answers.len()] {
            0 => Seen::Missed,
            1 => Seen::Spoiled,
            _ => Seen::Held,
        });
        if let Finding { holds: Some((holds, _)), fails: Some((fails, _)) } = search.finding() {
            prop_assert!(holds < fails);
        }
    }
}

/// One run against a pool of servers with one queue before them, in virtual time.
fn run_against_a_pool(
    servers: usize,
    rate: f64,
    seed: u64,
    mut service_ns: impl FnMut() -> u64,
) -> Seen {
    const S: u64 = 1_000_000_000;
    let schedule = Schedule {
        process: arrivals_named("poisson").unwrap(),
        parameters: Parameters {
            profile: RateProfile::hold(rate, 13.0),
            seed,
            bursts: Bursts::default(),
            speed: 1.0,
            horizon_ns: 13 * S,
        },
    };
    let mut free: BinaryHeap<Reverse<u64>> = vec![Reverse(0); servers].into();
    let mut cursor = schedule.cursor();
    let mut responses_ns = Vec::new();
    while let Some(intended_ns) = cursor.next_ns(0) {
        let Reverse(free_ns) = free.pop().unwrap();
        let done_ns = free_ns.max(intended_ns) + service_ns();
        free.push(Reverse(done_ns));
        if intended_ns >= 3 * S {
            responses_ns.push(done_ns - intended_ns);
        }
    }
    responses_ns.sort_unstable();
    let p99_ns = responses_ns[responses_ns.len() * 99 / 100];
    if p99_ns < S / 10 {
        Seen::Held
    } else {
        Seen::Missed
    }
}

#[test]
fn a_pool_of_known_capacity_is_found_within_five_percent() {
    let laws: [(f64, LogNormal<f64>); 3] = [
        // A law without spread, one as services have it, one with a heavy tail; means by exp(sigma^2 / 2).
        (8e-3, LogNormal::new(8e-3_f64.ln(), 0.0).unwrap()),
        (
            5e-3 * 0.125_f64.exp(),
            LogNormal::new(5e-3_f64.ln(), 0.5).unwrap(),
        ),
        (
            3e-3 * 0.5_f64.exp(),
            LogNormal::new(3e-3_f64.ln(), 1.0).unwrap(),
        ),
    ];
    for (mean_s, law) in laws {
        let can_answer = 16.0 / mean_s;
        for round in 0..3 {
            let mut randomness = Pcg64::seed_from_u64(round);
            let rules = Rules {
                start: 500.0,
                ..RULES
            };
            let (search, _) = search(rules, |rate, run| {
                let seed = round * 1_000 + run as u64;
                let mut service = || Duration::from_secs_f64(law.sample(&mut randomness));
                run_against_a_pool(16, rate, seed, || nanoseconds(service()))
            });
            let (found, runs) = search.finding().holds.unwrap();
            assert!(search.is_proven(runs));
            let off = found / can_answer - 1.0;
            assert!(
                off.abs() < 0.05,
                "{found} of {can_answer} with {law:?}, round {round}"
            );
        }
    }
}
