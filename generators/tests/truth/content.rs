//! Rows of the truth against each other, and against the tape.

use std::collections::BTreeMap;

use tapdeck_corpora::{ExpectedDecision, Tape};

use crate::{
    CARD_ID, DEVICE_ID, FRAUD_TYPE, IP, IS_FRAUD, ORACLE, TS_MS, TXN_ID, VELOCITIES, both, cells,
    exported, options,
};

#[test]
fn the_first_rows_of_a_world_read_like_this() {
    let text = String::from_utf8(exported(&options(), "t.csv")).unwrap();
    let fraud = text.lines().find(|line| line.contains(",CARD_TESTING,"));
    let head = text.lines().take(4).chain(fraud);
    let found: String = head.flat_map(|line| [line, "\n"]).collect();
    assert!(
        found == include_str!("head.csv"),
        "head.csv should be\n{found}"
    );
}

#[test]
fn counts_of_cards_addresses_and_devices_are_those_of_the_definition() {
    const MINUTE_MS: i64 = 60_000;
    let windows = [
        (CARD_ID, 5 * MINUTE_MS),
        (CARD_ID, 60 * MINUTE_MS),
        (CARD_ID, 1_440 * MINUTE_MS),
        (IP, 60 * MINUTE_MS),
        (DEVICE_ID, 60 * MINUTE_MS),
    ];
    let text = String::from_utf8(exported(&options(), "t.csv")).unwrap();
    let rows = cells(&text);
    let mut largest = [0; 5];
    for (idx, row) in rows.iter().enumerate() {
        let at = |row: &[&str]| row[TS_MS].parse::<i64>().unwrap();
        for (count, (key, window)) in windows.into_iter().enumerate() {
            let inside = |other: &&Vec<&str>| at(other) > at(row) - window;
            let recent = rows[..=idx].iter().rev().take_while(inside);
            let same = recent.filter(|other| !row[key].is_empty() && other[key] == row[key]);
            let expected = same.count();
            let found: usize = row[VELOCITIES][count].parse().unwrap();
            assert_eq!(found, expected, "{row:?}");
            largest[count] = largest[count].max(found);
        }
    }
    assert!(largest.iter().all(|&count| count > 1), "{largest:?}");
}

#[test]
fn the_tape_bears_the_labels_of_its_truth() {
    let (folder, text) = both(&options());
    let tape = Tape::open(&folder.path().join("t.tape")).unwrap();
    let labels: Vec<&str> = tape
        .manifest()
        .labels
        .iter()
        .map(|label| label.name.as_str())
        .collect();
    let mut known: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let rows = cells(&text);
    for row in &rows {
        known.insert(row[TXN_ID], row.clone());
    }
    assert_eq!(known.len(), rows.len());
    let mut last = None;
    for block_idx in 0..tape.directory().len() {
        tape.check_block(block_idx).unwrap();
        let block = tape.block(block_idx).unwrap();
        for idx in 0..block.len() {
            let record = block.record(idx).unwrap();
            let body = str::from_utf8(record.body()).unwrap();
            let id = &body.split('"').nth(3).unwrap()[..17];
            let row = &known[id];
            assert_eq!(row[IS_FRAUD] == "1", record.label() != 0, "{id}");
            assert_eq!(
                row[FRAUD_TYPE] == "NONE",
                labels[record.label()] == "legitimate"
            );
            match record.expected_decision() {
                ExpectedDecision::Decline => assert_eq!(row[ORACLE], "DECLINE"),
                ExpectedDecision::Approve => assert_eq!(row[ORACLE], "APPROVE"),
                ExpectedDecision::Unknown | ExpectedDecision::Review => {}
            }
            last = last.max(Some(row[TS_MS]));
        }
    }
    // It ends with the last transaction on the tape.
    assert_eq!(last, rows.last().map(|row| row[TS_MS]));
}

#[test]
fn the_truth_does_not_depend_on_whether_the_tape_is_written() {
    let (_folder, text) = both(&options());
    assert!(text.as_bytes() == exported(&options(), "t.csv"));
}

#[test]
fn rows_come_in_the_order_of_time() {
    let text = String::from_utf8(exported(&options(), "t.csv")).unwrap();
    let rows = cells(&text);
    assert!(rows.len() > 4_000);
    assert!(rows.is_sorted_by_key(|row| row[TS_MS].parse::<i64>().unwrap()));
}

#[test]
fn no_text_in_a_row_could_be_a_card_number() {
    let text = String::from_utf8(exported(&options(), "t.csv")).unwrap();
    // Instants are numbers of thirteen digits by nature; every other cell keeps below.
    let instants = [TS_MS, 27];
    for row in cells(&text) {
        for (column, cell) in row.iter().enumerate() {
            let longest = cell
                .split(|c: char| !c.is_ascii_digit())
                .map(str::len)
                .max();
            assert!(
                instants.contains(&column) || longest.unwrap() < 13,
                "{cell}"
            );
        }
    }
}
