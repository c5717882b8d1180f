//! What `inspect` tells about a tape.

use serde_json::Value;
use tapdeck_reports::printable::is_obeyed;

use crate::command::run;
use crate::tapes::{self, PAN};

#[test]
fn the_text_has_every_figure() {
    let folder = tempfile::tempdir().unwrap();
    let path = tapes::write(folder.path(), 3);
    let text = run(["inspect", path.to_str().unwrap()]).good();
    for expected in [
        "service        rule-engine",
        "records        30 in 3 blocks",
        "B per record, format 1",
        "2025-01-06T00:00:00Z to 2025-01-06T00:00:00.029Z (29.0 ms)",
        "generator      fixture 1.2.3",
        "seed           7",
        "days           90",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let row = |name: &str| {
        text.lines()
            .find(|line| line.trim_start().starts_with(name))
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
    };
    assert_eq!(row("auth"), Some(vec!["auth", "15", "50.00", "%"]));
    assert_eq!(
        row("card_testing"),
        Some(vec!["card_testing", "3", "10.00", "%"])
    );
}

#[test]
fn nothing_on_a_tape_is_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    let label = "x\u{1b}[2J\u{9b}m\u{202e}\nrecords 7";
    let path = tapes::write_labelled(folder.path(), 1, label);
    let path = path.to_str().unwrap();
    let text = run(["inspect", path, "--sample", "2"]).good();
    assert!(text.contains("x [2J m  records 7"), "{text}");
    assert!(
        text.contains("label x [2J m  records 7, expected"),
        "{text}"
    );
    let json = run(["inspect", path, "--json"]).good();
    let document: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["labels"][1]["name"], label);
    for shown in [text, json] {
        let obeyed = |letter: char| is_obeyed(letter) && letter != '\n';
        assert!(!shown.contains(obeyed), "{shown:?}");
    }
}

#[test]
fn json_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = tapes::write(folder.path(), 3);
    let path = path.to_str().unwrap();
    let json: Value =
        serde_json::from_str(&run(["inspect", path, "--json", "--sample", "2"]).good()).unwrap();
    assert_eq!(json["records"], 30);
    assert_eq!(json["blocks"], 3);
    assert_eq!(json["labels"][1]["name"], "card_testing");
    assert_eq!(json["labels"][1]["share"], 0.1);
    assert_eq!(json["event_time"]["span_ns"], 29 * tapes::GAP_NS);
    assert_eq!(json["origin"]["seed"], 7);
    assert_eq!(json["file_bytes"], std::fs::metadata(path).unwrap().len());
    let digest = json["digest"].as_str().unwrap();
    run(["verify", path, "--digest", digest]).good();

    let samples = json["samples"].as_array().unwrap();
    let indices: Vec<_> = samples
        .iter()
        .map(|sample| sample["record"].as_u64())
        .collect();
    assert_eq!(indices, [Some(0), Some(15)]);
    assert_eq!(samples[0]["label"], "card_testing");
    assert_eq!(samples[0]["expected_decision"], "decline");
    assert_eq!(samples[1]["block"], 1);
    assert_eq!(samples[1]["event_time"], "2025-01-06T00:00:00.015Z");
    let slot = &samples[1]["slots"][0];
    let offset = usize::try_from(slot["offset"].as_u64().unwrap()).unwrap();
    let body = samples[1]["body"].as_str().unwrap();
    assert_eq!(&body[offset..][..26], "t000000000000000f-00000000");
}

#[test]
fn samples_show_their_slots_and_hide_card_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = tapes::write(folder.path(), 3);
    let text = run(["inspect", path.to_str().unwrap(), "--sample", "3"]).good();
    for expected in [
        "⟨…⟩ marks a slot (id, sent-at)",
        "record 0 in block 0: auth at 2025-01-06T00:00:00Z",
        "label card_testing, expected decision decline, $42.50 at stake",
        r#"      "transaction_id": "⟨t000000000000000a-00000000⟩","#,
        r#"      "timestamp": "⟨0000-00-00T00:00:00.000Z⟩","#,
        r#"      "amount": 42.50,"#,
        r#"      "pan": "411111******1111","#,
        r#"      "flags": []"#,
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains(PAN));
}

#[test]
fn sessions_are_counted_and_their_samples_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.tape");
    let path = path.to_str().unwrap();
    run([
        "generate",
        "--quiet",
        "--service",
        "approvals",
        "--count",
        "200",
        "-o",
        path,
    ])
    .good();
    let json = run(["inspect", path, "--json", "--sample", "200"]).good();
    let json: Value = serde_json::from_str(&json).unwrap();
    let count = |value: &Value| value.as_u64().unwrap();
    let sessions = json["sessions"].as_array().unwrap();
    let total: u64 = sessions.iter().map(|kind| count(&kind["sessions"])).sum();
    let steps: u64 = sessions
        .iter()
        .map(|kind| count(&kind["sessions"]) * kind["steps"].as_array().unwrap().len() as u64)
        .sum();
    assert_eq!(steps, count(&json["records"]));
    let samples = json["samples"].as_array().unwrap();
    assert_eq!(count(&samples.last().unwrap()["session"][0]), total);
    let approve = samples
        .iter()
        .find(|it| it["endpoint"] == "approval/approve");
    assert_eq!(approve.unwrap()["slots"][0]["kind"], "captured.item");

    let text = run(["inspect", path, "--sample", "200"]).good();
    for expected in [
        "rejection      login -> submit -> reject",
        "    step 0 of session 1\n",
        "    /api/v1/cab/⟨captured.item⟩/approve/\n",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn only_sampled_blocks_are_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = tapes::write(folder.path(), 3);
    tapes::spoil_block(&path, 1);
    let path = path.to_str().unwrap();
    run(["inspect", path]).good();
    run(["inspect", path, "--sample", "1"]).good();
    let outcome = run(["inspect", path, "--sample", "3"]);
    assert_eq!(outcome.code, Some(4));
    assert!(outcome.stderr.contains("block 1 of "), "{outcome:?}");
}

#[test]
fn more_samples_than_records_are_all_records() {
    let folder = tempfile::tempdir().unwrap();
    let path = tapes::write(folder.path(), 1);
    let json = run([
        "inspect",
        path.to_str().unwrap(),
        "--json",
        "--sample",
        "999",
    ])
    .good();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["samples"].as_array().unwrap().len(), 10);
}
