//! Parquet says the same as CSV.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use proptest::prelude::{any, proptest};
use tapdeck_fidelity::{ErrorKind, Export, Judgment};

use crate::fixture::{DAY, HOUR, Row, csv, judge, row};

/// Columns that hold something else than text.
const LONGS: [&str; 4] = ["ts_ms", "amount_minor", "usd_cents", "label_ts_ms"];
const DEGREES: [&str; 4] = ["home_lat", "home_lon", "merchant_lat", "merchant_lon"];
const INTS: [&str; 12] = [
    "tz_offset_min",
    "card_known",
    "card_present",
    "is_fraud",
    "campaign_id",
    "vel_card_5m",
    "vel_card_1h",
    "vel_card_24h",
    "vel_ip_1h",
    "vel_device_1h",
    "ref_mask",
    "mcc",
];

fn rows() -> Vec<Row> {
    vec![
        row(0),
        row(HOUR)
            .online()
            .set("ip", "192.0.2.1")
            .set("ip_country", "US")
            .set("vel_ip_1h", 1),
        row(DAY).fraud("ATO", 4, DAY),
        row(2 * DAY)
            .set("card_known", 0)
            .set("home_lat", "")
            .set("home_lon", ""),
    ]
}

/// Writes a text of CSV as Parquet, every column optional, in row groups of two.
fn write(text: &str, file: File) {
    let names: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let fields = names.iter().map(|name| {
        let kind = match *name {
            name if LONGS.contains(&name) => "INT64",
            name if DEGREES.contains(&name) => "DOUBLE",
            name if INTS.contains(&name) => "INT32",
            _ => "BYTE_ARRAY",
        };
        format!("OPTIONAL {kind} {name};")
    });
    let schema = format!("message export {{ {} }}", fields.collect::<String>());
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(file, schema, properties).unwrap();
    let lines: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    for group in lines.chunks(2) {
        let mut columns = writer.next_row_group().unwrap();
        for (at, name) in names.iter().enumerate() {
            let cells: Vec<&str> = group.iter().map(|line| line[at]).collect();
            let mut column = columns.next_column().unwrap().unwrap();
            write_column(&mut column, name, &cells);
            column.close().unwrap();
        }
        columns.close().unwrap();
    }
    writer.close().unwrap();
}

fn write_column(column: &mut SerializedColumnWriter<'_>, name: &str, cells: &[&str]) {
    let levels: Vec<i16> = cells
        .iter()
        .map(|cell| i16::from(!cell.is_empty()))
        .collect();
    let present = cells.iter().filter(|cell| !cell.is_empty());
    let levels = Some(levels.as_slice());
    if LONGS.contains(&name) {
        let values: Vec<i64> = present.map(|cell| cell.parse().unwrap()).collect();
        column
            .typed::<Int64Type>()
            .write_batch(&values, levels, None)
            .unwrap();
    } else if DEGREES.contains(&name) {
        let values: Vec<f64> = present.map(|cell| cell.parse().unwrap()).collect();
        column
            .typed::<DoubleType>()
            .write_batch(&values, levels, None)
            .unwrap();
    } else if INTS.contains(&name) {
        let values: Vec<i32> = present.map(|cell| cell.parse().unwrap()).collect();
        column
            .typed::<Int32Type>()
            .write_batch(&values, levels, None)
            .unwrap();
    } else {
        let values: Vec<ByteArray> = present.map(|cell| ByteArray::from(*cell)).collect();
        column
            .typed::<ByteArrayType>()
            .write_batch(&values, levels, None)
            .unwrap();
    }
}

fn read(text: &str) -> Result<Export, tapdeck_fidelity::Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.parquet");
    write(text, File::create(&path).unwrap());
    Export::read(&path)
}

#[test]
fn both_formats_are_judged_alike() {
    let export = read(&csv(&rows())).unwrap();
    assert_eq!(export.len(), 4);
    assert_eq!(Judgment::of(&export).unwrap(), judge(&rows()));
}

#[test]
fn faults_name_row_and_column() {
    let mut rows = rows();
    rows[2] = rows[2].clone().set("is_fraud", 7);
    let error = read(&csv(&rows)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    let message = error.to_string();
    assert!(
        message.ends_with("row 3, column is_fraud: found 7, expected 0 or 1"),
        "{message}"
    );
}

#[test]
fn other_columns_are_refused() {
    let text = csv(&rows()).replacen("card_id", "pan", 1);
    let message = read(&text).unwrap_err().to_string();
    assert!(
        message.ends_with("header: found \"pan\", expected the column card_id"),
        "{message}"
    );
}

#[test]
fn a_footer_longer_than_the_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.parquet");
    write(&csv(&rows()), File::create(&path).unwrap());
    let mut bytes = fs::read(&path).unwrap();
    let footer = bytes.len() - 8;
    let length = u32::from_le_bytes(bytes[footer..footer + 4].try_into().unwrap());
    let longer = length + 1_000_000;
    bytes[footer..footer + 4].copy_from_slice(&longer.to_le_bytes());
    fs::write(&path, bytes).unwrap();
    let error = Export::read(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    let message = error.to_string();
    assert!(message.contains("export.parquet, footer: "), "{message}");
}

#[test]
fn a_footer_of_gigabytes_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.parquet");
    let file = File::create(&path).unwrap();
    let length = 1 << 40;
    file.set_len(length).unwrap();
    file.write_all_at(b"PAR1", 0).unwrap();
    let tail = [&u32::MAX.to_le_bytes()[..], b"PAR1"].concat();
    file.write_all_at(&tail, length - 8).unwrap();
    let error = Export::read(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    let source = std::error::Error::source(&error).unwrap().to_string();
    let expected = "it says to have 4294967295 bytes, expected at most 67108864";
    assert!(source.contains(expected), "{source}");
}

proptest! {
    /// Whichever bit of a file is flipped, it is judged or refused with its place; no panic, and memory in proportion to it.
    #[test]
    fn a_flipped_bit_is_read_or_refused(at in any::<proptest::sample::Index>(), bit in 0_u32..8) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export.parquet");
        write(&csv(&rows()), File::create(&path).unwrap());
        let mut bytes = fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        fs::write(&path, bytes).unwrap();
        match Export::read(&path) {
            Ok(export) => assert!(Judgment::of(&export).is_ok()),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unreadable);
                assert!(error.to_string().contains("export.parquet, "), "{error}");
            }
        }
    }
}
