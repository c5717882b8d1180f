//! What a calibration says about a run before it begins.

use tapdeck_reports::calibration::{Calibration, Capacity, Limit};

use crate::units::show_rate;

/// Gives the fewest lanes that are valid at a rate, or those that come closest; `None` if the calibration knows none.
pub fn lanes_for(calibration: &Calibration, rate: f64) -> Option<u32> {
    let known = || {
        let capacities = calibration.capacities.iter();
        capacities.filter_map(|capacity| Some((capacity.lanes, capacity.highest_per_s?)))
    };
    let enough = known().find(|(_, highest)| *highest >= rate);
    let closest = || known().max_by(|one, two| one.1.total_cmp(&two.1));
    enough.or_else(closest).map(|(lanes, _)| lanes)
}

/// Says that a rate is above what a number of lanes can do on this machine, if it is.
pub fn warning(calibration: &Calibration, lanes: u32, rate: f64) -> Option<String> {
    let of = |lanes: u32| {
        calibration
            .capacities
            .iter()
            .find(|capacity| capacity.lanes == lanes)
    };
    let capacity = of(lanes)?;
    // What the calibration's target ended says nothing about the generator's own end.
    let highest = capacity
        .highest_per_s
        .filter(|highest| capacity.limit == Limit::Generator && *highest < rate)?;
    let better = lanes_for(calibration, rate)
        .filter(|&better| better != lanes)
        .and_then(of);
    let remedy = match better {
        Some(Capacity {
            lanes,
            highest_per_s: Some(highest),
            ..
        }) => format!("--lanes {lanes} is valid up to about {}", show_rate(*highest)),
        _ => "expect upper bounds or an invalid run, unless the target is so slow that our lag does not show".to_owned(),
    };
    let doubt = match calibration.remark() {
        Some(_) => " (when it was not quiet, so it may do better)",
        None => "",
    };
    Some(format!(
        "this machine is valid up to about {} with {} by its calibration of {}{doubt}, and up to {} are asked for: {remedy}",
        show_rate(highest),
        if lanes == 1 {
            "one lane".to_owned()
        } else {
            format!("{lanes} lanes")
        },
        calibration.taken_at.split('T').next().unwrap_or_default(),
        show_rate(rate),
    ))
}

#[cfg(test)]
mod tests {
    use tapdeck_reports::calibration::{Machine, SCHEMA, Setup};

    use super::*;

    fn calibration(capacities: &[(u32, Option<f64>, Limit)]) -> Calibration {
        Calibration {
            schema: SCHEMA.to_owned(),
            machine: Machine {
                cpu: String::new(),
                cores: 4,
                kernel: String::new(),
                tapdeck_version: String::new(),
            },
            taken_at: "2026-01-02T03:04:05Z".to_owned(),
            setup: Setup {
                arrivals: "poisson".to_owned(),
                connections: 64,
                step_s: 2.0,
                precision: 0.05,
                shared: String::new(),
            },
            capacities: capacities
                .iter()
                .map(|&(lanes, highest_per_s, limit)| Capacity {
                    lanes,
                    pacing: "hybrid".to_owned(),
                    highest_per_s,
                    limit,
                })
                .collect(),
            disturbance: None,
            steps: Vec::new(),
        }
    }

    #[test]
    fn as_few_lanes_as_will_do_are_chosen() {
        let two = calibration(&[
            (1, Some(38_000.0), Limit::Generator),
            (2, Some(70_000.0), Limit::Generator),
        ]);
        for (rate, lanes) in [(100.0, 1), (38_000.0, 1), (38_001.0, 2), (1e6, 2)] {
            assert_eq!(lanes_for(&two, rate), Some(lanes), "{rate}");
        }
        let crowded = calibration(&[
            (1, Some(38_000.0), Limit::Generator),
            (2, Some(30_000.0), Limit::Generator),
        ]);
        assert_eq!(lanes_for(&crowded, 60_000.0), Some(1));
        let nothing = calibration(&[(1, None, Limit::Generator)]);
        assert_eq!(lanes_for(&nothing, 1.0), None);
    }

    #[test]
    fn a_rate_above_the_highest_valid_one_is_warned_of_with_what_would_do() {
        let two = calibration(&[
            (1, Some(38_000.0), Limit::Generator),
            (2, Some(70_000.0), Limit::Target),
        ]);
        assert_eq!(warning(&two, 1, 38_000.0), None);
        assert_eq!(
            warning(&two, 1, 60_000.0).unwrap(),
            "this machine is valid up to about 38,000/s with one lane by its calibration of 2026-01-02, and up to 60,000/s \
             are asked for: --lanes 2 is valid up to about 70,000/s"
        );
        assert_eq!(
            warning(&two, 2, 90_000.0),
            None,
            "the target's end is not ours"
        );
        assert_eq!(
            warning(&two, 3, 90_000.0),
            None,
            "nothing is known of three lanes"
        );
        let one = calibration(&[(1, Some(38_000.0), Limit::Generator)]);
        let warned = warning(&one, 1, 60_000.0).unwrap();
        assert!(
            warned.contains("asked for: expect upper bounds"),
            "{warned}"
        );
    }
}
