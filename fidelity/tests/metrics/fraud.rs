//! E and H9: how much fraud there is, whom it hits, and whether a field gives it away.

use crate::fixture::{DAY, HOUR, Row, check, judge, row, value};

#[test]
fn fraud_is_counted_by_rows_value_and_victims() {
    let rows = [
        row(0).cents(100),
        row(1).set("card_id", "tok_b").cents(100),
        row(2).fraud("ATO", 1, DAY).cents(400).online(),
        row(DAY).fraud("ATO", 1, 3 * DAY).cents(200),
        row(DAY + 1)
            .fraud("BIN_ATTACK", 2, 2 * DAY)
            .set("card_known", 0)
            .set("card_id", "tok_g"),
    ];
    check(
        &rows,
        &[
            ("E1", Some(0.6)),
            ("E2", Some(700.0 / 900.0)),
            ("E3", None),
            ("E4", Some(0.0)),
            ("E5", Some(1.0 / 3.0)),
            ("E6", Some(1.0)),
            ("E7", Some(8.0_f64.sqrt())),
            ("E8", Some(0.5)),
            ("E9", Some(2.0)),
            ("E10", Some(2.0)),
            ("E12", Some(2.0)),
            ("E13", Some(2.9)),
            // One and two rows on two days.
            ("E14", Some(1.0 / 3.0)),
        ],
    );
}

#[test]
fn shares_of_typologies_are_judged_where_enough_rows_are_due() {
    // Of 200 rows 60 are due to be CNP_STOLEN, and 40 of the next largest.
    let of = |n: i64| row(n).fraud(if n < 90 { "CNP_STOLEN" } else { "ALIENS" }, 1, DAY);
    let rows: Vec<Row> = (0..200).map(of).collect();
    check(&rows, &[("E3", Some(0.5)), ("E4", Some(110.0))]);
}

#[test]
fn nights_of_fraud_are_compared_with_nights_of_all() {
    let rows = [
        row(3 * HOUR),
        row(5 * HOUR),
        row(12 * HOUR),
        row(13 * HOUR),
        row(DAY + HOUR).fraud("ATO", 1, DAY),
        row(DAY + 12 * HOUR).fraud("ATO", 1, DAY),
    ];
    check(&rows, &[("E11", Some(2.0))]);
}

#[test]
fn victims_of_copied_cards_share_a_merchant() {
    let card = |n: i64| format!("tok_{n}");
    let mut rows = Vec::new();
    for n in 0..6 {
        // Four of six victims have been to the same merchant; each has been to one of its own.
        let shared = if n < 4 {
            "pump".to_owned()
        } else {
            format!("x{n}")
        };
        rows.push(row(n).set("card_id", card(n)).set("merchant_id", shared));
        rows.push(
            row(100 + n)
                .set("card_id", card(n))
                .set("merchant_id", format!("y{n}")),
        );
    }
    for n in 6..12 {
        rows.push(
            row(200 + n)
                .set("card_id", card(n))
                .set("merchant_id", format!("z{n}")),
        );
    }
    for n in 0..6 {
        let at = row(DAY + n)
            .set("card_id", card(n))
            .set("merchant_id", "shop");
        rows.push(at.online().fraud("CNP_STOLEN", 7, DAY));
    }
    check(
        &rows,
        &[
            ("E15", Some(2.0 / 3.0)),
            ("E16", Some(1.0 / 6.0)),
            ("E17", Some(0.5)),
        ],
    );
    // Without the sixth victim the campaign is too small to tell.
    rows.pop();
    check(&rows, &[("E15", None), ("E16", None), ("E17", None)]);
}

#[test]
fn a_field_that_only_fraud_uses_is_a_leak() {
    let at = |n: i64| row(n * HOUR).set("card_id", format!("tok_{}", n % 7));
    let honest: Vec<Row> = (0..200)
        .map(|n| {
            if n % 10 == 3 {
                at(n).fraud("ATO", 1, DAY)
            } else {
                at(n)
            }
        })
        .collect();
    let leaking: Vec<Row> = (0..200)
        .map(|n| {
            if n % 10 == 3 {
                at(n).fraud("ATO", 1, DAY).set("currency", "EUR")
            } else {
                at(n)
            }
        })
        .collect();
    let honest = judge(&honest);
    assert!(value(&honest, "H9").is_some_and(|auc| auc < 1.0));
    let leaking = judge(&leaking);
    assert_eq!(value(&leaking, "H9"), Some(1.0));
}

#[test]
fn what_cannot_be_computed_has_failed() {
    let judgment = judge(&[row(0)]);
    let fraud = judgment
        .findings
        .iter()
        .find(|finding| finding.metric.id == "E9")
        .unwrap();
    assert_eq!(fraud.value, None);
    assert!(!fraud.passed());
    assert_eq!(fraud.shown(), "n/a");
    assert!(!judgment.passed());
}
