//! What is no export is refused with its place.

use std::fs;
use std::path::Path;

use proptest::prelude::{any, proptest};
use tapdeck_fidelity::{ErrorKind, Export};

use crate::fixture::{csv, header, read, row};

fn refusal(text: &str) -> String {
    let error = read(text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    let message = error.to_string();
    let (_, place) = message.split_once("export.csv, ").unwrap();
    place.to_owned()
}

#[test]
fn every_fault_names_line_column_found_and_expected() {
    for (column, value, expected) in [
        (
            "ts_ms",
            "12x",
            "column ts_ms: found \"12x\", expected a whole number of at most 13 digits",
        ),
        (
            "ts_ms",
            "",
            "column ts_ms: found nothing, expected a whole number of at most 13 digits",
        ),
        (
            "ts_ms",
            "10000000000000",
            "column ts_ms: found \"10000000000000\", expected a whole number of at most 13 digits",
        ),
        (
            "is_fraud",
            "2",
            "column is_fraud: found \"2\", expected 0 or 1",
        ),
        ("mcc", "", "column mcc: found nothing, expected a text"),
        (
            "mcc",
            "\"5411\"",
            "column mcc: found \"\\\"5411\\\"\", expected text without quotes and control characters",
        ),
        (
            "merchant_lat",
            "1.23456",
            "column merchant_lat: found \"1.23456\", expected degrees from -180 to 180 with at most 4 decimals",
        ),
        (
            "ref_decision",
            "APP\rROVE",
            "column ref_decision: found \"APP\\rROVE\", expected text without quotes and control characters",
        ),
    ] {
        let rows = [row(0), row(1).set(column, value)];
        assert_eq!(refusal(&csv(&rows)), format!("line 3, {expected}"));
    }
}

#[test]
fn another_form_is_refused_as_a_whole() {
    let header = header();
    let line = csv(&[row(0)]).lines().nth(1).unwrap().to_owned();
    for (text, expected) in [
        (
            String::new(),
            "line 1: found the end, expected a header and rows",
        ),
        (
            format!("{header}\n"),
            "line 2: found the end, expected a header and rows",
        ),
        (
            "id,ts\n".to_owned(),
            "line 1: found \"id\", expected the column txn_id",
        ),
        (
            format!("{header},more\n{line}\n"),
            "line 1: found \"more\", expected no column after 37 of them",
        ),
        (
            format!("{header}\n{line},1\n"),
            "line 2: found 38 cells, expected 37 cells",
        ),
        (
            format!("{header}\na,1\n"),
            "line 2: found 2 cells, expected 37 cells",
        ),
        (
            format!("{header}\n{line}"),
            "line 2: found the end of the file, expected a line break after the last row",
        ),
    ] {
        assert_eq!(refusal(&text), expected);
    }
}

#[test]
fn what_is_not_there_or_damaged_is_told_apart() {
    let missing = Export::read(Path::new("/nowhere/at/all.csv")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Io);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.parquet");
    fs::write(&path, b"PAR1 and then nothing").unwrap();
    let damaged = Export::read(&path).unwrap_err();
    assert_eq!(damaged.kind(), ErrorKind::Unreadable);
    assert!(damaged.to_string().contains("cut.parquet"), "{damaged}");
}

#[test]
fn what_editors_add_to_a_text_is_read_over() {
    let text = csv(&[row(0), row(1)]);
    let edited = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let (plain, edited) = (read(&text).unwrap(), read(&edited).unwrap());
    assert_eq!(format!("{plain:?}"), format!("{edited:?}"));
}

#[test]
fn a_line_without_an_end_is_not_read_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.csv");
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let message = Export::read(&path).unwrap_err().to_string();
    let expected =
        "line 1: found a line of more than 65536 bytes, expected rows, each on a line of its own";
    assert!(message.ends_with(expected), "{message}");
}

#[test]
fn only_regular_files_are_read() {
    for (path, expected) in [("/dev/zero", "a device"), ("/tmp", "a folder")] {
        let error = Export::read(Path::new(path)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains(expected), "{source}");
    }
}

proptest! {
    /// Whatever bytes stand in a line, it is read or refused with its place.
    #[test]
    fn any_cell_is_read_or_refused(position in 0_usize..37, bytes in any::<Vec<u8>>()) {
        let text = csv(&[row(0)]);
        let (header, line) = text.split_once('\n').unwrap();
        let mut cells: Vec<&[u8]> = line.trim_end().split(',').map(str::as_bytes).collect();
        cells[position] = &bytes;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export.csv");
        fs::write(&path, [header.as_bytes(), b"\n", &cells.join(&b','), b"\n"].concat()).unwrap();
        match Export::read(&path) {
            Ok(export) => assert_eq!(export.len(), 1),
            Err(error) => assert!(error.to_string().contains("export.csv, line "), "{error}"),
        }
    }
}
