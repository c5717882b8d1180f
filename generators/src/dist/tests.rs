//! Each law against its moments and against `rand_distr`, which the generating path itself must not use.

use rand_distr::Distribution;
use rand_pcg::Pcg64;

use super::*;
use crate::seed::{Entity, Purpose, Seed};

const DRAWS: usize = 40_000;

fn stream(id: u64) -> Stream {
    Seed(2025).stream(Entity::Card, id, Purpose::Amounts)
}

fn ours(draw: impl Fn(&mut Stream) -> f64) -> Vec<f64> {
    let mut stream = stream(1);
    (0..DRAWS).map(|_| draw(&mut stream)).collect()
}

fn theirs<T: Into<f64>>(law: &impl Distribution<T>) -> Vec<f64> {
    let mut rng = Pcg64::new(11, 13);
    (0..DRAWS).map(|_| law.sample(&mut rng).into()).collect()
}

/// Gives the largest distance between two empirical distribution functions, ties counted together.
fn kolmogorov_smirnov(mut left: Vec<f64>, mut right: Vec<f64>) -> f64 {
    left.sort_unstable_by(f64::total_cmp);
    right.sort_unstable_by(f64::total_cmp);
    let share = |sorted: &[f64], value: f64| {
        sorted.partition_point(|&other| other <= value) as f64 / sorted.len() as f64
    };
    let values = left.iter().chain(&right);
    values
        .map(|&value| (share(&left, value) - share(&right, value)).abs())
        .fold(0.0, f64::max)
}

fn moments(sample: &[f64]) -> (f64, f64) {
    let count = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / count;
    let square = |value: &f64| (value - mean) * (value - mean);
    (mean, sample.iter().map(square).sum::<f64>() / count)
}

/// Holds a sample against the reference law and its exact mean and variance, at about five standard errors.
fn check(name: &str, sample: Vec<f64>, reference: Vec<f64>, mean: f64, variance: f64) {
    let (found_mean, found_variance) = moments(&sample);
    let standard_error = (variance / DRAWS as f64).sqrt();
    assert!(
        (found_mean - mean).abs() < 5.0 * standard_error,
        "{name}: mean {found_mean}, expected {mean}"
    );
    assert!(
        (found_variance / variance - 1.0).abs() < 0.12,
        "{name}: variance {found_variance}, expected {variance}"
    );
    let distance = kolmogorov_smirnov(sample, reference);
    let limit = 2.2 * (2.0 / DRAWS as f64).sqrt();
    assert!(distance < limit, "{name}: distance {distance} > {limit}");
}

#[test]
fn laws_agree_with_rand_distr_and_with_their_moments() {
    let uniform = rand_distr::Uniform::new(0.0, 1.0).unwrap();
    check("unit", ours(unit), theirs::<f64>(&uniform), 0.5, 1.0 / 12.0);
    check(
        "open unit",
        ours(open_unit),
        theirs::<f64>(&uniform),
        0.5,
        1.0 / 12.0,
    );
    check(
        "normal",
        ours(normal),
        theirs::<f64>(&rand_distr::StandardNormal),
        0.0,
        1.0,
    );
    check(
        "exponential",
        ours(|stream| exponential(stream, 3.0)),
        theirs::<f64>(&rand_distr::Exp::new(1.0 / 3.0).unwrap()),
        3.0,
        9.0,
    );
    let sigma_squared = 0.25;
    check(
        "log-normal",
        ours(|stream| log_normal(stream, 1.0, 0.5)),
        theirs::<f64>(&rand_distr::LogNormal::new(1.0, 0.5).unwrap()),
        libm::exp(1.0 + sigma_squared / 2.0),
        (libm::exp(sigma_squared) - 1.0) * libm::exp(2.0 + sigma_squared),
    );
}

#[test]
fn counts_agree_with_rand_distr_and_with_their_moments() {
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    let count = |value: u64| value as f64;
    for mean in [0.05, 0.9, 7.5, 40.0] {
        let law = rand_distr::Poisson::new(mean).unwrap();
        check(
            &format!("poisson {mean}"),
            ours(|stream| count(poisson(stream, mean))),
            theirs::<f64>(&law),
            mean,
            mean,
        );
    }
    for again in [0.26, 0.7] {
        let law = rand_distr::Geometric::new(1.0 - again).unwrap();
        let mut rng = Pcg64::new(11, 13);
        check(
            &format!("geometric {again}"),
            ours(|stream| count(geometric(stream, again))),
            (0..DRAWS).map(|_| count(law.sample(&mut rng))).collect(),
            again / (1.0 - again),
            again / ((1.0 - again) * (1.0 - again)),
        );
    }
}

#[test]
fn impossible_counts_are_zero() {
    let mut stream = stream(2);
    for mean in [0.0, -1.0, f64::NAN] {
        assert_eq!(poisson(&mut stream, mean), 0);
    }
    assert_eq!(geometric(&mut stream, 0.0), 0);
    assert_eq!(below(&mut stream, 0), 0);
    assert_eq!(below(&mut stream, 1), 0);
}

#[test]
fn bounded_integers_are_even_even_for_awkward_bounds() {
    let mut stream = stream(3);
    for bound in [3, 10, 1_000] {
        let mut counts = vec![0u32; usize::try_from(bound).unwrap()];
        for _ in 0..100_000 {
            counts[usize::try_from(below(&mut stream, bound)).unwrap()] += 1;
        }
        let expected = 100_000.0 / bound as f64;
        let distance = |&count: &u32| (f64::from(count) - expected) * (f64::from(count) - expected);
        let chi_squared: f64 = counts.iter().map(distance).sum::<f64>() / expected;
        let freedom = bound as f64 - 1.0;
        let limit = freedom + 5.0 * (2.0 * freedom).sqrt();
        assert!(chi_squared < limit, "{bound}: {chi_squared} > {limit}");
    }
    // Two thirds of 2^64: without rejection the lower half of the range would come up twice as often.
    let bound = u64::MAX / 3 * 2;
    let low = (0..30_000).filter(|_| below(&mut stream, bound) < bound / 2);
    let share = low.count() as f64 / 30_000.0;
    assert!((share - 0.5).abs() < 0.015, "{share}");
}

#[test]
fn alias_tables_follow_their_weights() {
    let cases: [&[f64]; 5] = [
        &[1.0],
        &[1.0, 1.0, 1.0],
        &[0.0, 5.0, 0.0, 1.0],
        &[1e-3, 1.0, 1e3],
        &[0.0, 0.0],
    ];
    for weights in cases {
        let table = AliasTable::new(weights);
        let mut stream = stream(4);
        let mut counts = vec![0u32; weights.len()];
        for _ in 0..60_000 {
            counts[table.draw(&mut stream)] += 1;
        }
        let total: f64 = weights.iter().sum();
        for (idx, &count) in counts.iter().enumerate() {
            let expected = if total > 0.0 {
                weights[idx] / total
            } else {
                1.0 / weights.len() as f64
            };
            let found = f64::from(count) / 60_000.0;
            assert!((found - expected).abs() < 0.01, "{weights:?}: {counts:?}");
            assert!(expected > 0.0 || count == 0, "{weights:?}: {counts:?}");
        }
    }
}

#[test]
fn picks_reach_every_item() {
    let mut stream = stream(5);
    let items = ['a', 'b', 'c'];
    let mut seen = [false; 3];
    for _ in 0..100 {
        let item = pick(&mut stream, &items);
        seen[items.iter().position(|other| other == item).unwrap()] = true;
    }
    assert_eq!(seen, [true; 3]);
}
