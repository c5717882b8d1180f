//! Charts draw what is there, in the colors of the page, with a bounded number of points.

use super::*;
use crate::Error;
use crate::fixture::healthy;
use crate::measurements::{Measurements, SecondMeasurements};
use crate::summary::Summary;

type Draw = fn(&Summary) -> Result<Chart, Error>;

const CHARTS: [Draw; 9] = [
    latency::draw,
    throughput::draw,
    percentile::draw,
    outcomes::draw,
    lags::draw_send_over_time,
    lags::draw_read_over_time,
    lags::draw_by_percentile,
    cores::draw,
    confusion::draw,
];

#[test]
fn every_color_is_a_variable_of_the_page() {
    let summary = Summary::from_measurements(&healthy());
    for draw in CHARTS {
        let chart = draw(&summary).unwrap();
        let body = chart.drawing.unwrap().body;
        assert!(body.contains("\"var(--"), "{}", chart.title);
        assert!(!body.contains("=\"#"), "{}: {body}", chart.title);
        assert!(!body.contains("<svg"), "{}", chart.title);
    }
}

#[test]
fn the_percentile_chart_shows_what_our_lag_and_what_waiting_added() {
    let chart = percentile::draw(&Summary::from_measurements(&healthy())).unwrap();
    let names: Vec<&str> = chart.legend.iter().map(|key| key.name).collect();
    for name in ["response time", "undisturbed", "service time"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(chart.reading.contains("our own lag is in it"));
}

#[test]
fn every_curve_and_area_is_in_the_legend() {
    let summary = Summary::from_measurements(&healthy());
    for draw in CHARTS {
        let chart = draw(&summary).unwrap();
        let body = chart.drawing.unwrap().body;
        assert!(chart.legend.len() >= 2, "{}", chart.title);
        for key in chart.legend {
            let color = format!("\"var({})\"", key.ink.variable());
            assert!(body.contains(&color), "{}: {}", chart.title, key.name);
        }
    }
}

#[test]
fn a_chart_of_nothing_has_no_drawing() {
    let summary = Summary::from_measurements(&Measurements::default());
    for draw in CHARTS {
        let chart = draw(&summary).unwrap();
        assert!(chart.drawing.is_none(), "{}", chart.title);
    }
}

#[test]
fn text_from_outside_cannot_leave_its_element() {
    let mut measurements = healthy();
    measurements.confusion[0].label = "</text><script>\"#010200\"".to_owned();
    let summary = Summary::from_measurements(&measurements);
    let body = confusion::draw(&summary).unwrap().drawing.unwrap().body;
    assert!(
        body.contains("&lt;/text&gt;&lt;script&gt;&quot;#010200&quot;"),
        "{body}"
    );
}

#[test]
fn the_number_of_points_is_bounded_for_any_length_of_run() {
    let mut measurements = healthy();
    for length in [599, 600, 601, 86_400] {
        measurements.seconds = vec![measurements.seconds[0].clone(); length];
        measurements.measured_ns = length as u64 * 1_000_000_000;
        let summary = Summary::from_measurements(&measurements);
        assert!(series::buckets(&summary).count() <= series::POINTS_MAX);
        let body = latency::draw(&summary).unwrap().drawing.unwrap().body;
        for curve in body.split("points=\"").skip(1) {
            let points = curve.split('"').next().unwrap().split_whitespace().count();
            assert!(points <= series::POINTS_MAX, "{length}: {points}");
        }
    }
}

#[test]
fn a_bucket_keeps_the_worst_time_and_the_mean_rate() {
    let mut measurements = healthy();
    measurements.seconds = vec![measurements.seconds[0].clone(); 1_200];
    measurements.measured_ns = 1_200_000_000_000;
    measurements.seconds[1].response_ns = Some([1, 2, 3, 7_000_000_000]);
    measurements.seconds[1].offered = 300;
    let summary = Summary::from_measurements(&measurements);
    let first = series::buckets(&summary).next().unwrap();
    assert_eq!(first.rate(|second| second.offered), Some(200.0));
    assert_eq!(
        first.worst(|second| Some(second.response_ms?.max)),
        Some(7_000.0)
    );
    assert!((first.middle_s - 1.0).abs() < 1e-9);
}

#[test]
fn a_second_that_was_cut_short_counts_for_its_length() {
    for (measured_ns, rate) in [(9_500_000_000, Some(200.0)), (9_010_000_000, None)] {
        let mut measurements = healthy();
        measurements.measured_ns = measured_ns;
        let summary = Summary::from_measurements(&measurements);
        let last = series::buckets(&summary).last().unwrap();
        assert_eq!(last.rate(|second| second.offered), rate, "{measured_ns}");
    }
}

#[test]
fn a_second_without_answers_breaks_the_curve() {
    let mut measurements = healthy();
    let unbroken = Summary::from_measurements(&measurements);
    measurements.seconds[4] = SecondMeasurements::default();
    let broken = Summary::from_measurements(&measurements);
    let curves = |summary: &Summary| {
        let body = latency::draw(summary).unwrap().drawing.unwrap().body;
        // Ticks are polylines of two points in the ink of the grid.
        body.lines()
            .filter(|line| line.starts_with("<polyline") && !line.contains("--grid"))
            .count()
    };
    assert_eq!((curves(&unbroken), curves(&broken)), (4, 8));
}
