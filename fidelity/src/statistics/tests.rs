//! Statistics against closed forms and numbers worked out by hand.

use super::*;

fn near(found: Option<f64>, expected: f64, tolerance: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() <= tolerance, "{found} {expected}");
}

/// Quantiles of the standard normal distribution at the middles of `count` equal steps, by bisection.
fn normal_sample(count: usize) -> Vec<f64> {
    let quantile = |share: f64| {
        let (mut low, mut high) = (-9.0_f64, 9.0);
        for _ in 0..60 {
            let middle = low.midpoint(high);
            let below = 0.5 * libm::erfc(-middle * std::f64::consts::FRAC_1_SQRT_2);
            if below < share {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    };
    (0..count)
        .map(|idx| quantile((idx as f64 + 0.5) / count as f64))
        .collect()
}

#[test]
fn quantiles_interpolate_between_neighbors() {
    let sorted = Sorted::new(vec![4.0, 1.0, 3.0, 2.0]);
    near(sorted.quantile(0.0), 1.0, 0.0);
    near(sorted.median(), 2.5, 0.0);
    near(sorted.quantile(0.9), 3.7, 1e-12);
    near(sorted.quantile(1.0), 4.0, 0.0);
    near(sorted.share_above(2.0), 0.5, 0.0);
    assert_eq!(Sorted::new(Vec::new()).median(), None);
}

#[test]
fn gini_is_zero_for_equals_and_known_for_a_line() {
    near(gini(vec![5; 9]), 0.0, 1e-12);
    // Of 1..=n it is (n - 1) / (3 n).
    near(gini((1..=100).collect()), 99.0 / 300.0, 1e-12);
    near(gini(vec![0, 0, 0, 8]), 0.75, 1e-12);
    assert_eq!(gini(Vec::new()), None);
}

#[test]
fn moments_of_a_small_sample_are_those_of_arithmetic() {
    let moments = Moments::of(&[1.0, 2.0, 6.0]).unwrap();
    near(Some(moments.mean), 3.0, 1e-12);
    near(Some(moments.deviation), (14.0_f64 / 3.0).sqrt(), 1e-12);
    near(Some(moments.skew), 6.0 / (14.0_f64 / 3.0).powf(1.5), 1e-12);
    assert_eq!(Moments::of(&[]), None);
    near(Moments::of(&[2.0, 2.0]).map(|m| m.skew), 0.0, 0.0);
}

#[test]
fn lines_and_correlations_are_found() {
    let line: Vec<(f64, f64)> = (0..9)
        .map(|x| (f64::from(x), 7.0 - 2.0 * f64::from(x)))
        .collect();
    near(slope(&line), -2.0, 1e-12);
    near(correlation(&line), -1.0, 1e-12);
    near(
        correlation(&[(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)]),
        0.0,
        1e-12,
    );
    assert_eq!(slope(&[(1.0, 1.0), (1.0, 2.0)]), None);
    assert_eq!(correlation(&[(1.0, 1.0), (2.0, 1.0)]), None);
}

#[test]
fn a_normal_sample_is_near_its_normal_distribution_and_a_uniform_one_is_not() {
    near(ks_normal(&Sorted::new(normal_sample(1_000))), 0.0, 2e-3);
    // A uniform law differs from the normal one with its moments by 0.0571 at most.
    let uniform = (0..10_000).map(|idx| f64::from(idx) + 0.5).collect();
    near(ks_normal(&Sorted::new(uniform)), 0.0572, 1e-3);
    assert_eq!(ks_normal(&Sorted::new(vec![3.0; 5])), None);
}

#[test]
fn two_samples_are_as_far_apart_as_their_steps() {
    let check = |left: &[f64], right: &[f64], expected| {
        let found = ks_two(&Sorted::new(left.to_vec()), &Sorted::new(right.to_vec()));
        near(found, expected, 1e-12);
    };
    check(&[1.0, 2.0], &[1.0, 2.0], 0.0);
    check(&[1.0, 2.0], &[3.0], 1.0);
    check(&[1.0, 2.0, 3.0, 4.0], &[3.0, 4.0], 0.5);
    assert_eq!(
        ks_two(&Sorted::new(Vec::new()), &Sorted::new(vec![1.0])),
        None
    );
}

#[test]
fn mixes_are_compared_after_scaling() {
    near(total_variation(&[1.0, 1.0], &[50.0, 50.0]), 0.0, 1e-12);
    near(total_variation(&[1.0, 0.0], &[0.0, 3.0]), 1.0, 1e-12);
    near(total_variation(&[3.0, 1.0], &[1.0, 1.0]), 0.25, 1e-12);
    assert_eq!(total_variation(&[0.0], &[1.0]), None);
}

#[test]
fn information_is_all_none_or_half() {
    let explained = |pairs: &[(u32, u32)]| {
        let mut table = Contingency::default();
        for (left, right) in pairs {
            table.add(*left, *right);
        }
        table.explained()
    };
    near(explained(&[(1, 7), (2, 8), (3, 9)]), 1.0, 1e-12);
    near(explained(&[(1, 7), (1, 8), (2, 7), (2, 8)]), 0.0, 1e-12);
    // Left tells the high bit of four equally likely rights.
    near(explained(&[(0, 0), (0, 1), (1, 2), (1, 3)]), 0.5, 1e-12);
    assert_eq!(explained(&[(1, 7), (2, 7)]), None);
}

#[test]
fn classes_are_alike_as_far_as_their_means_explain() {
    near(intra_class([vec![1.0, 1.0], vec![5.0, 5.0]]), 1.0, 1e-12);
    // Between mean square 8, within 2, two per class: (8 - 2) / (8 + 2).
    near(
        intra_class([vec![0.0, 2.0], vec![2.0, 4.0], vec![4.0, 6.0]]),
        0.6,
        1e-12,
    );
    assert_eq!(intra_class([vec![1.0], vec![2.0]]), None);
}

#[test]
fn separation_counts_ties_as_half() {
    near(auc(vec![(1.0, 0.0, 1.0), (2.0, 1.0, 0.0)]), 1.0, 1e-12);
    near(auc(vec![(1.0, 1.0, 1.0)]), 0.5, 1e-12);
    near(
        auc(vec![(1.0, 0.0, 1.0), (2.0, 1.0, 1.0), (3.0, 1.0, 0.0)]),
        0.875,
        1e-12,
    );
    near(auc(vec![(2.0, 1.0, 0.0), (2.0, 0.0, 1.0)]), 0.5, 1e-12);
    assert_eq!(auc(vec![(1.0, 3.0, 0.0)]), None);
}
