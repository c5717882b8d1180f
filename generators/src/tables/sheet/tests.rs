//! Strictness of tables as text.

use super::*;

static FORM: Form = Form {
    name: "t",
    columns: &["name", "weight", "kind"],
    builtin: "",
};

const HEADER: &str = "# note\n\nname\tweight\tkind\n";

fn show(sheet: &Sheet) -> Result<String, Error> {
    let rows = sheet.read(|row| {
        let kinds = [("round", 1), ("flat", 2)];
        let (name, weight) = (row.name("name")?, row.number("weight", 1..=9)?);
        Ok(format!("{name} {weight} {}", row.one_of("kind", &kinds)?))
    })?;
    Ok(rows.join(" / "))
}

fn check(text: &str, expected: &str) {
    let outcome = Sheet::parse(&FORM, "t.tsv", text).and_then(|sheet| show(&sheet));
    let found = outcome.unwrap_or_else(|error| error.to_string());
    assert_eq!(found, expected);
}

#[test]
fn rows_are_read_and_faults_are_located() {
    let rows = [
        ("a\t1\tround\n# b\nc\t9\tflat\n", "a 1 1 / c 9 2"),
        (
            "a\t0\tround\n",
            "t.tsv, line 4: column weight is \"0\", expected a number from 1 to 9",
        ),
        (
            "a\tx\tround\n",
            "t.tsv, line 4: column weight is \"x\", expected a number from 1 to 9",
        ),
        (
            "a\t1\toval\n",
            "t.tsv, line 4: column kind is \"oval\", expected one of round, flat",
        ),
        (
            "\t1\tflat\n",
            "t.tsv, line 4: column name is \"\", expected something",
        ),
        (
            "a\"b\t1\tflat\n",
            "t.tsv, line 4: column name is \"a\\\"b\", expected no quotes or backslashes",
        ),
        (
            "4000 0000\t1\tflat\n",
            "t.tsv, line 4: column name is \"4000 0000\", expected no digits",
        ),
        ("a\t1\n", "t.tsv, line 4: found 2 cells, expected 3"),
        (
            "a\t1\tflat\na\t2\tflat\n",
            "t.tsv, line 5: name \"a\" comes twice",
        ),
        ("", "t.tsv, line 1: found 0 rows, expected 1 to 255"),
    ];
    for (text, expected) in rows {
        check(&format!("{HEADER}{text}"), expected);
    }
    let expected = "t.tsv, line 1: expected the columns name, weight, kind";
    check("", expected);
    check("name\tkind\n", expected);
}

#[test]
fn a_cell_written_elsewhere_is_blamed_there() {
    let text = format!("{HEADER}a\t1\tround\nb\t2\tflat\n");
    let mut sheet = Sheet::parse(&FORM, "t.tsv", &text).unwrap();
    let place = Place {
        origin: "world.toml".into(),
        line: 7,
    };
    for (key, column) in [("c", "weight"), ("b", "size")] {
        assert!(!sheet.set(key, column, "3".to_owned(), place.clone()));
    }
    assert!(sheet.set("b", "weight", "3".to_owned(), place.clone()));
    assert_eq!(show(&sheet).unwrap(), "a 1 1 / b 3 2");
    assert!(sheet.set("b", "weight", "30".to_owned(), place));
    assert_eq!(
        show(&sheet).unwrap_err().to_string(),
        "world.toml, line 7: column weight is \"30\", expected a number from 1 to 9"
    );
}
