//! Bursts are as bursty as the theory of the process says, and leave the mean alone.

use super::*;
use crate::schedule::RateProfile;

fn bursts(factor: f64, burst_ms: u64, calm_ms: u64) -> Bursts {
    let ms = Duration::from_millis;
    Bursts::new(factor, ms(burst_ms), ms(calm_ms)).unwrap()
}

fn times(profile: &str, bursts: Bursts, seed: u64) -> Vec<u64> {
    let mut cursor = Bursty.cursor(&Parameters {
        profile: RateProfile::parse(profile).unwrap(),
        seed,
        bursts,
        speed: 1.0,
        horizon_ns: u64::MAX,
    });
    std::iter::from_fn(|| cursor.next_ns(0)).collect()
}

/// Counts arrivals in windows of equal length.
fn counts(times: &[u64], window_ns: u64, windows: usize) -> Vec<f64> {
    let mut counts = vec![0.0; windows];
    for at_ns in times {
        if let Some(count) = counts.get_mut(usize::try_from(at_ns / window_ns).unwrap()) {
            *count += 1.0;
        }
    }
    counts
}

/// Gives variance over mean.
fn dispersion(counts: &[f64]) -> f64 {
    let mean = counts.iter().sum::<f64>() / counts.len() as f64;
    let squares: f64 = counts.iter().map(|count| (count - mean).powi(2)).sum();
    squares / counts.len() as f64 / mean
}

/// Gives the index of dispersion for counts of a two-state Markov-modulated Poisson process: variance over mean of the
/// arrivals in a window. Source: Heffes and Lucantoni 1986, equation 10.
fn expected_dispersion(bursts: Bursts, rate: f64, window_s: f64) -> f64 {
    let (leave_burst, leave_calm) = (1.0 / bursts.burst_s, 1.0 / bursts.calm_s);
    let gap = rate * (bursts.factor() - bursts.calm_factor());
    let sum = leave_burst + leave_calm;
    let settled = 1.0 - (1.0 - (-sum * window_s).exp()) / (sum * window_s);
    1.0 + 2.0 * leave_burst * leave_calm * gap * gap / (sum.powi(3) * rate) * settled
}

#[test]
fn dispersion_is_the_theoretical_one_at_every_time_scale() {
    for (bursts, seed) in [
        (bursts(5.0, 200, 1_000), 1),
        (bursts(2.0, 100, 100), 2),
        (bursts(11.0, 100, 1_000), 3),
        (bursts(1.5, 300, 200), 4),
    ] {
        let times = times("100/20000s", bursts, seed);
        for (window_s, windows) in [
            (0.02, 1_000_000),
            (0.1, 200_000),
            (0.5, 40_000),
            (2.0, 10_000),
        ] {
            let window_ns = Duration::from_secs_f64(window_s).as_nanos();
            let counts = counts(&times, u64::try_from(window_ns).unwrap(), windows);
            let (found, theory) = (
                dispersion(&counts),
                expected_dispersion(bursts, 100.0, window_s),
            );
            // Four standard errors of the estimate for the longest window, whose counts are the fewest.
            assert!(
                (found / theory - 1.0).abs() < 0.08,
                "{bursts} in {window_s} s: {found}, expected {theory}"
            );
        }
    }
}

#[test]
fn a_burst_factor_just_above_one_is_hardly_told_from_poisson() {
    let bursts = bursts(1.001, 1_000, 1_000);
    let counts = counts(&times("100/5000s", bursts, 9), 1_000_000_000, 5_000);
    let found = dispersion(&counts);
    assert!((found - 1.0).abs() < 0.08, "{found}");
}

#[test]
fn the_expected_rate_is_the_profiles_everywhere() {
    let bursts = bursts(5.0, 20, 100);
    let runs = 400;
    let mut found = [0.0; 3];
    for seed in 0..runs {
        // Expected in the three parts: 375 and 125 of a falling ramp, 250 of a hold.
        for at_ns in times("200..0/5s,50/5s", bursts, seed) {
            let part = [2_500_000_000, 5_000_000_000].map(|end| usize::from(at_ns >= end));
            found[part[0] + part[1]] += 1.0 / runs as f64;
        }
    }
    for (found, expected) in found.into_iter().zip([375.0, 125.0, 250.0]) {
        // Five standard errors: counts are about 11 times as dispersed as Poisson's.
        let tolerance = 5.0 * (11.0_f64 * expected / runs as f64).sqrt();
        assert!(
            (found - expected).abs() < tolerance,
            "{found}, expected {expected}"
        );
    }
}

#[test]
fn the_highest_factor_leaves_silence_between_bursts() {
    let bursts = bursts(6.0, 2_000, 10_000);
    assert!(bursts.calm_factor().abs() < 1e-12, "{bursts}");
    let times = times("1000/200s", bursts, 3);
    let silent = counts(&times, 100_000_000, 2_000);
    let share = silent.iter().filter(|&&count| count == 0.0).count() as f64 / 2_000.0;
    assert!((0.6..0.98).contains(&share), "{share}");
}

#[test]
fn bursts_that_cannot_be_are_refused_with_what_can() {
    let s = Duration::from_secs;
    for (factor, burst, calm, expected) in [
        (8.0, s(2), s(10), "is 8, at most 6 is possible here"),
        (1.0, s(2), s(10), "is 1, expected a number above 1"),
        (-3.0, s(2), s(10), "is -3, expected a number above 1"),
        (f64::NAN, s(2), s(10), "is NaN, expected a number above 1"),
        (f64::INFINITY, s(2), s(10), "is inf, at most 6"),
        (5.0, s(0), s(10), "is 0ns, expected at least 1ms"),
        (
            1.5,
            s(2),
            Duration::from_micros(5),
            "is 5µs, expected at least 1ms",
        ),
    ] {
        let error = Bursts::new(factor, burst, calm).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let defaults = Bursts::new(Bursts::FACTOR, Bursts::BURST, Bursts::CALM).unwrap();
    assert_eq!(defaults, Bursts::default());
    assert_eq!(defaults.to_string(), "5x for 2s, 0.2x for 10s");
}
