//! The formats against each other, and against themselves on other threads.

use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use tapdeck_generators::GenerateOptions;

use crate::{cells, exported, options};

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    for name in ["t.csv", "t.parquet"] {
        let on_threads = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| exported(&options(), name))
        };
        let expected = on_threads(1);
        for threads in [2, 8] {
            assert!(on_threads(threads) == expected, "{name}, {threads} threads");
        }
    }
}

/// Writes a value as CSV has it.
fn as_csv(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Int(number) => number.to_string(),
        Field::Long(number) => number.to_string(),
        Field::Double(degrees) => format!("{degrees:.4}"),
        other => panic!("unexpected kind of value {other}"),
    }
}

#[test]
fn both_formats_say_the_same() {
    // More than one row group.
    let options = GenerateOptions {
        days: 40,
        ..GenerateOptions::new(5, 190_000)
    };
    let text = String::from_utf8(exported(&options, "t.csv")).unwrap();
    let parquet = SerializedFileReader::new(Bytes::from(exported(&options, "t.parquet"))).unwrap();
    assert!(parquet.num_row_groups() > 1);
    let names = text.lines().next().unwrap().split(',');
    let schema = parquet.metadata().file_metadata().schema_descr();
    assert!(names.eq(schema.columns().iter().map(|column| column.name())));
    let rows = cells(&text);
    let mut found = parquet.get_row_iter(None).unwrap();
    for row in &rows {
        let other = found.next().unwrap().unwrap();
        let other: Vec<String> = other
            .get_column_iter()
            .map(|(_, field)| as_csv(field))
            .collect();
        assert_eq!(&other, row);
    }
    assert!(found.next().is_none());
}

#[test]
fn nothing_but_the_rows_reaches_a_parquet_file() {
    let parquet =
        SerializedFileReader::new(Bytes::from(exported(&options(), "t.parquet"))).unwrap();
    let metadata = parquet.metadata().file_metadata();
    assert_eq!(metadata.created_by(), Some("tapdeck"));
    assert!(metadata.key_value_metadata().is_none_or(Vec::is_empty));
}
