//! The first command a newcomer types.

use std::fs;

use serde_json::Value;

use crate::command::run;

#[test]
fn the_demo_does_the_whole_job() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo");
    let outcome = run([
        "demo",
        "--count",
        "6000",
        "--rate",
        "300",
        "--duration",
        "2s",
        "--out",
        out.to_str().unwrap(),
    ]);
    // A busy machine may be late; then the run says so, and everything else still holds.
    assert!(matches!(outcome.code, Some(0 | 1 | 5)), "{outcome:?}");
    let summary: Value =
        serde_json::from_slice(&fs::read(out.join("summary.json")).unwrap()).unwrap();
    assert_eq!(
        summary["ledger"]["planned"], summary["ledger"]["good"],
        "{outcome:?}"
    );
    assert!(outcome.stdout.contains("Decisions"), "{outcome:?}");
    for file in ["demo.tape", "index.html", "summary.csv", "latency.hlog"] {
        assert!(fs::metadata(out.join(file)).unwrap().len() > 100, "{file}");
    }
    assert!(outcome.stderr.contains("index.html"), "{outcome:?}");
}
