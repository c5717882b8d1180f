//! Finished runs side by side.

use std::fs;

use crate::command::run;

#[test]
fn finished_runs_stand_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().to_str().unwrap();
    let none = run(["report", "--reports-dir", reports]);
    assert_eq!(none.code, Some(2), "{none:?}");
    let expected = "expected run-summary-ID.json, as tapdeck run writes it, or summary.json";
    assert!(none.stderr.contains(expected), "{none:?}");
    let summary = |id: &str| {
        let text = format!(
            r#"{{"run_id": "{id}", "start_time": "2026-01-01", "scenario": "smoke", "total_requests": 5, "total_failures": 0,
                "avg_response_time_ms": 1, "p95_response_time_ms": 1, "p99_response_time_ms": 1, "rps": 5, "pass_fail": "PASS"}}"#
        );
        fs::write(folder.path().join(format!("run-summary-{id}.json")), text).unwrap();
    };
    summary("one");
    summary("two");
    run(["report", "--reports-dir", reports]).good();
    let table = || fs::read_to_string(folder.path().join("combined/report.md")).unwrap();
    assert!(table().contains("| one | smoke | 5 |") && table().contains("| two |"));
    let outcome = run(["report", "--reports-dir", reports, "--runs", "two,three"]);
    assert!(
        outcome
            .stderr
            .contains("run-summary-three.json is not there")
    );
    outcome.passed();
    assert!(!table().contains("| one |"));
    assert!(folder.path().join("combined/index.html").is_file());
}

#[test]
fn single_reports_stand_beside_whole_runs_by_the_names_of_their_folders() {
    const SUMMARY: &[u8] = include_bytes!("../../reports/tests/data/summary-v1.json");
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("reports");
    let table = |more: &[&str]| {
        let reports = reports.to_str().unwrap();
        let outcome = run([&["report", "--reports-dir", reports], more].concat());
        outcome.good();
        fs::read_to_string(folder.path().join("reports/combined/report.md")).unwrap()
    };
    for name in ["first", "second"] {
        fs::create_dir_all(reports.join(name)).unwrap();
        fs::write(reports.join(name).join("summary.json"), SUMMARY).unwrap();
    }
    let all = table(&[]);
    assert!(
        all.contains("| first | rule-engine, poisson 100 | 1,000 |"),
        "{all}"
    );
    assert!(all.contains("| second |"), "{all}");
    let second = table(&["--runs", "second"]);
    assert!(
        !second.contains("| first |") && second.contains("| second |"),
        "{second}"
    );
    // The folder that was given to --out may be named itself.
    fs::write(reports.join("summary.json"), SUMMARY).unwrap();
    assert!(table(&[]).contains("| reports |"));
    fs::write(reports.join("summary.json"), r#"{"schema": "other"}"#).unwrap();
    let outcome = run(["report", "--reports-dir", reports.to_str().unwrap()]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(
        outcome
            .stderr
            .contains("summary.json is no summary of a run: it is a other"),
        "{outcome:?}"
    );
}
