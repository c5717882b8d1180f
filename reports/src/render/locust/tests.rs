//! What scripts that read Locust's files rely on.

use super::*;
use crate::fixture::healthy;
use crate::render::Renderer;
use crate::{Measurements, Summary};

/// Renders one of the files.
fn text(renderer: &dyn Renderer, measurements: &Measurements) -> String {
    let summary = Summary::from_measurements(measurements);
    String::from_utf8(renderer.render(&summary, measurements).unwrap()).unwrap()
}

/// Reads a file back by RFC 4180 and nothing else: every row ends with CRLF and has as many fields as the header.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut letters = text.chars().peekable();
    let mut is_quoted = false;
    while let Some(letter) = letters.next() {
        let row = rows.last_mut().unwrap();
        let field = row.last_mut().unwrap();
        match letter {
            '"' if is_quoted && letters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if is_quoted => {
                is_quoted = false;
                assert!(matches!(letters.peek(), Some(',' | '\r')), "after a quote");
            }
            '"' => {
                assert!(field.is_empty(), "a quote within a bare field");
                is_quoted = true;
            }
            _ if is_quoted => field.push(letter),
            ',' => row.push(String::new()),
            '\r' => {
                assert_eq!(letters.next(), Some('\n'), "a row ends with CRLF");
                rows.push(vec![String::new()]);
            }
            '\n' => panic!("a bare line feed"),
            _ => field.push(letter),
        }
    }
    assert_eq!(rows.pop().unwrap(), [""], "the last row is ended, too");
    assert!(rows.iter().all(|row| row.len() == rows[0].len()));
    rows
}

/// Gives the fields of a column, header excluded.
fn column(rows: &[Vec<String>], name: &str) -> Vec<String> {
    let at = rows[0].iter().position(|header| header == name).unwrap();
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

#[test]
fn the_headers_are_those_of_locust() {
    let percentiles = "50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%";
    let stats = format!(
        "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,\
         Max Response Time,Average Content Size,Requests/s,Failures/s,{percentiles}"
    );
    let history = format!(
        "Timestamp,User Count,Type,Name,Requests/s,Failures/s,{percentiles},Total Request Count,Total Failure Count,\
         Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,\
         Total Average Content Size"
    );
    let files: [(&dyn Renderer, &str); 4] = [
        (&LocustStats, &stats),
        (&LocustHistory, &history),
        (
            &LocustFailures,
            "Method,Name,Error,Occurrences,First Seen,Last Seen",
        ),
        (&LocustExceptions, "Count,Message,Traceback,Nodes"),
    ];
    for (renderer, header) in files {
        for measurements in [healthy(), Measurements::default()] {
            let text = text(renderer, &measurements);
            assert_eq!(text.split("\r\n").next(), Some(header));
        }
    }
}

#[test]
fn every_file_reads_like_this() {
    let files: [&dyn Renderer; 4] = [
        &LocustStats,
        &LocustHistory,
        &LocustFailures,
        &LocustExceptions,
    ];
    let files = files.map(|renderer| {
        let text = text(renderer, &healthy());
        format!("{}\n{}", renderer.file_name(), text.replace("\r\n", "\n"))
    });
    insta::assert_snapshot!(files.join("\n"));
}

#[test]
fn the_aggregate_is_last_without_a_type_and_adds_up() {
    let rows = rows(&text(&LocustStats, &healthy()));
    assert_eq!(column(&rows, "Type"), ["POST", "POST", ""]);
    assert_eq!(column(&rows, "Name").last().unwrap(), "Aggregated");
    for name in ["Request Count", "Failure Count"] {
        let counts: Vec<u64> = column(&rows, name)
            .iter()
            .map(|field| field.parse().unwrap())
            .collect();
        assert_eq!(counts[0] + counts[1], counts[2], "{name}");
    }
}

#[test]
fn entries_are_sorted_and_no_two_have_one_name() {
    let mut measurements = healthy();
    let endpoint = |method: &str, path: &str, name: &str| EndpointMeasurements {
        name: name.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        ..EndpointMeasurements::default()
    };
    measurements.endpoints = vec![
        endpoint("POST", "/b", "write"),
        endpoint("GET", "/b", "list"),
        endpoint("GET", "/a", "home"),
        endpoint("GET", "/b", "filtered"),
        endpoint("", "", "nameless"),
    ];
    let rows = rows(&text(&LocustStats, &measurements));
    assert_eq!(
        column(&rows, "Name"),
        [
            "GET /a",
            "GET /b",
            "GET /b (filtered)",
            "POST /b",
            "nameless",
            "Aggregated"
        ]
    );
}

#[test]
fn an_entry_without_requests_has_no_percentiles() {
    let mut measurements = healthy();
    measurements.endpoints[0] = EndpointMeasurements {
        name: "idle".to_owned(),
        ..EndpointMeasurements::default()
    };
    let rows = rows(&text(&LocustStats, &measurements));
    let idle = rows.iter().find(|row| row[1] == "idle").unwrap();
    assert_eq!(
        idle[2..11],
        ["0", "0", "0", "0.0", "0.0", "0.0", "0.0", "0.0", "0.0"]
    );
    assert!(idle[11..].iter().all(|field| field == "N/A"));
}

#[test]
fn the_history_ends_with_the_totals_of_the_whole_run() {
    let mut measurements = healthy();
    // Answers that came while the run drained are in no second.
    measurements.seconds[9].achieved -= 5;
    measurements.seconds[9].good -= 5;
    let stats = rows(&text(&LocustStats, &measurements));
    let history = rows(&text(&LocustHistory, &measurements));
    let aggregate = |name: &str| column(&stats, name).pop().unwrap();
    let last = |name: &str| column(&history, name).pop().unwrap();
    for percentile in PERCENTILES {
        assert_eq!(last(percentile), aggregate(percentile), "{percentile}");
    }
    for name in [
        "Request Count",
        "Failure Count",
        "Median Response Time",
        "Average Response Time",
        "Min Response Time",
        "Max Response Time",
        "Average Content Size",
    ] {
        assert_eq!(last(&format!("Total {name}")), aggregate(name), "{name}");
    }
    assert_eq!(last("Requests/s"), "95.000000");
}

#[test]
fn the_history_has_a_row_per_second_whose_totals_never_fall() {
    let rows = rows(&text(&LocustHistory, &healthy()));
    let numbers = |name: &str| -> Vec<u64> {
        let fields = column(&rows, name);
        fields.iter().map(|field| field.parse().unwrap()).collect()
    };
    // 2026-01-02T03:04:06.678Z is the end of the first second.
    assert!(
        numbers("Timestamp")
            .into_iter()
            .eq(1_767_323_046..1_767_323_056)
    );
    assert!(numbers("Total Request Count").is_sorted());
    assert_eq!(numbers("Total Request Count")[0], 100);
    assert!(numbers("User Count").iter().all(|count| *count == 8));
}

#[test]
fn a_last_second_that_was_cut_short_has_the_rate_of_its_part() {
    let mut measurements = healthy();
    measurements.measured_ns = 9_100_000_000;
    let rows = rows(&text(&LocustHistory, &measurements));
    assert_eq!(
        column(&rows, "Requests/s")[8..],
        ["100.000000", "1000.000000"]
    );
    assert_eq!(
        column(&rows, "Timestamp")[8..],
        ["1767323054", "1767323055"]
    );
}

#[test]
fn a_second_nobody_reported_keeps_the_percentiles_so_far() {
    let mut measurements = healthy();
    measurements.seconds[4] = crate::measurements::SecondMeasurements::default();
    let rows = rows(&text(&LocustHistory, &measurements));
    let medians = column(&rows, "50%");
    assert_eq!(medians[4], medians[3]);
}

#[test]
fn requests_that_the_end_of_the_run_cut_off_do_not_count() {
    let ledger = Ledger {
        planned: 100,
        sent: 80,
        dropped: 5,
        unsent: 15,
        completed: 70,
        good: 60,
        rejected: 10,
        failed: 1,
        timed_out: 2,
        cut: 7,
        deferred: 0,
    };
    let tally = Tally::new(ledger, 0);
    assert_eq!((tally.requests, tally.failures), (78, 18));
}

#[test]
fn failures_tell_where_and_when() {
    let mut measurements = healthy();
    measurements.endpoints[0].failures[0].kind = "check:say \"no\", twice".to_owned();
    let rows = rows(&text(&LocustFailures, &measurements));
    assert_eq!(rows.len(), 5);
    assert_eq!(
        rows[1],
        [
            "POST",
            "POST /v1/evaluate/auth",
            "check:say \"no\", twice",
            "5",
            "2026-01-02T03:04:07Z",
            "2026-01-02T03:04:15Z"
        ]
    );
}

#[test]
fn milliseconds_are_rounded_to_the_nearest() {
    for (duration_ns, rounded) in [
        (0, 0),
        (499_999, 0),
        (500_000, 1),
        (1_499_999, 1),
        (12_600_000, 13),
    ] {
        assert_eq!(whole_ms(duration_ns), rounded);
    }
}
