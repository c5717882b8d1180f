//! The page stands alone and is a function of the export.

use tapdeck_fidelity::{Judgment, page};

use crate::fixture::{DAY, HOUR, Row, csv, read, row};

fn render(rows: &[Row], name: &str) -> String {
    let export = read(&csv(rows)).unwrap();
    let judgment = Judgment::of(&export).unwrap();
    String::from_utf8(page::render(&export, &judgment, name).unwrap()).unwrap()
}

#[test]
fn the_page_fetches_nothing_and_escapes_names() {
    let rows = [row(0), row(HOUR).online(), row(DAY).fraud("ATO", 1, DAY)];
    let html = render(&rows, "<b>.csv");
    assert_eq!(html, render(&rows, "<b>.csv"));
    assert!(html.contains("&lt;b&gt;.csv"));
    for foreign in ["http://", "https://", "<script", "<b>.csv"] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    for metric in tapdeck_fidelity::catalog::metrics().unwrap() {
        assert!(html.contains(metric.id), "{} is missing", metric.id);
    }
}

#[test]
fn an_export_of_one_row_has_a_page() {
    assert!(render(&[row(0)], "one.csv").contains("</html>"));
}
