//! A to D, F and G: how legit rows are spread over merchants, amounts, places and time.

use crate::fixture::{DAY, HOUR, MINUTE, Row, check, judge, row, value};

#[test]
fn mix_and_channels_are_shares_of_legit_rows() {
    let rows = [
        row(0).set("entry_mode", "CONTACTLESS"),
        row(HOUR).set("entry_mode", "MAGSTRIPE"),
        row(2 * HOUR).set("entry_mode", "CONTACTLESS"),
        row(3 * HOUR),
        row(4 * HOUR).online(),
        row(5 * HOUR).online().fraud("ATO", 1, DAY),
    ];
    check(
        &rows,
        &[
            ("A8", Some(1.0)),
            ("A9", Some(0.2)),
            ("A11", Some(0.5)),
            ("A12", Some(0.25)),
        ],
    );
}

#[test]
fn merchants_and_cards_are_compared_by_their_rows() {
    let at = |day: i64, card: &str, merchant: &str| {
        row(day * DAY)
            .set("card_id", card)
            .set("merchant_id", merchant)
    };
    let rows = [
        at(0, "tok_a", "m1"),
        at(1, "tok_a", "m2"),
        at(2, "tok_b", "m1"),
        at(6, "tok_a", "m1"),
        at(7, "tok_a", "m3"),
        at(8, "tok_b", "m3"),
    ];
    // Rows per merchant 3, 1, 2; per card 4, 2. In the second half one of three merchants was known.
    check(
        &rows,
        &[
            ("A2", Some(2.0 / 9.0)),
            ("A3", Some(0.5)),
            ("A5", Some(1.0 / 3.0)),
            ("A10", Some(1.0 / 6.0)),
            ("A4", None),
            ("A6", None),
        ],
    );
}

#[test]
fn favorites_and_growth_follow_a_card_with_a_plan() {
    // Every second visit is to the same merchant, every other to a new one.
    let visit = |n: i64| {
        let merchant = if n % 2 == 0 {
            "m0".to_owned()
        } else {
            format!("m{n}")
        };
        row(n * HOUR).set("merchant_id", merchant)
    };
    let rows: Vec<Row> = (0..120).map(visit).collect();
    let judgment = judge(&rows);
    assert_eq!(value(&judgment, "A4"), Some(0.5));
    // S(n) = 1 + n/2 rounded down: its slope over n = 10 to 100 is a little below 1.
    let growth = value(&judgment, "A6").unwrap();
    assert!((0.90..1.0).contains(&growth), "{growth}");
}

#[test]
fn amounts_are_described_by_medians_endings_and_classes() {
    let rows = [
        row(0).cents(100),
        row(1).cents(299),
        row(2).cents(400),
        row(3).cents(1_000),
        row(4).cents(1_234),
    ];
    check(
        &rows,
        &[
            ("B8", Some(0.8)),
            ("B9", Some(4.0)),
            ("B10", Some(606.6 / 400.0)),
            ("B12", None),
        ],
    );
    let cash = |at: i64, cents: i64| row(at).set("mcc", "6011").cents(cents);
    check(&[cash(0, 2_000), cash(1, 2_500)], &[("B12", Some(0.5))]);
    // Two categories whose amounts do not vary: all variance is between them.
    let rows = [
        row(0).cents(500),
        row(1).cents(500),
        row(2).set("mcc", "5812").cents(900),
        row(3).set("mcc", "5812").cents(900),
    ];
    check(&rows, &[("B5", Some(1.0))]);
}

#[test]
fn amounts_of_one_card_are_alike() {
    let of = |at: i64, card: &str, cents: i64| row(at).set("card_id", card).cents(cents);
    let rows = [
        of(0, "tok_a", 100),
        of(1, "tok_a", 100),
        of(2, "tok_b", 700),
        of(3, "tok_b", 700),
    ];
    check(&rows, &[("B6", Some(1.0))]);
}

#[test]
fn first_digits_are_compared_with_benford() {
    let rows: Vec<Row> = (1..=9).map(|digit| row(digit).cents(digit * 100)).collect();
    let benford = (1..=9).map(|digit| (1.0 + 1.0 / f64::from(digit)).log10());
    let expected = benford.map(|share| (share - 1.0 / 9.0).abs()).sum::<f64>() / 9.0;
    check(&rows, &[("B7", Some(expected))]);
}

#[test]
fn shapes_of_amounts_need_enough_rows() {
    // The middles of equal steps of a normal law would be log-normal; two values alone are not.
    let two = |n: i64| row(n).cents(if n % 2 == 0 { 1_700 } else { 6_800 });
    let rows: Vec<Row> = (0..500).map(two).collect();
    // sd of ln amount is half of ln 4; the median lies in the middle of the two.
    check(
        &rows,
        &[
            ("B1", Some(1.0)),
            ("B2", Some(0.0)),
            ("B3", Some(1.0)),
            ("B4", Some(2.0_f64.ln())),
        ],
    );
    check(&rows[..499], &[("B1", None), ("B3", None), ("B4", None)]);
}

#[test]
fn distances_are_those_between_home_and_merchant() {
    // A degree of latitude is 111.195 km.
    let north = |at: i64, lat: &str| row(at).set("merchant_lat", lat);
    let rows = [
        north(0, "40.7"),
        north(DAY, "40.8"),
        north(2 * DAY, "42.7"),
        north(3 * DAY, "42.8"),
        north(4 * DAY, "40.7"),
    ];
    let judgment = judge(&rows);
    assert_eq!(value(&judgment, "C1"), Some(0.6));
    let median = value(&judgment, "C2").unwrap();
    assert!((median - 11.1195).abs() < 0.001, "{median}");
    // Of two rows far away the first is followed by another near it, the second by one at home.
    assert_eq!(value(&judgment, "C10"), Some(0.5));
}

#[test]
fn countries_tell_what_they_tell() {
    let of = |at: i64, card: &str, merchant: &str, currency: &str| {
        row(at)
            .online()
            .set("card_country", card)
            .set("merchant_country", merchant)
            .set("currency", currency)
    };
    let rows = [
        of(0, "US", "US", "USD"),
        of(1, "DE", "DE", "USD"),
        of(2, "US", "DE", "EUR"),
        of(3, "DE", "US", "EUR"),
    ];
    check(
        &rows,
        &[
            ("C4", Some(0.5)),
            ("C6", Some(0.0)),
            ("C7", Some(0.0)),
            ("C8", None),
        ],
    );
    let rows = [of(0, "US", "US", "USD"), of(1, "DE", "DE", "EUR")];
    check(&rows, &[("C4", Some(0.0)), ("C5", None), ("C6", Some(1.0))]);
}

#[test]
fn hours_are_local() {
    // 20:00 UTC is 15:00 five hours west of Greenwich; 02:00 UTC is 21:00 the day before.
    let rows = [
        row(20 * HOUR).set("tz_offset_min", -300),
        row(20 * HOUR + 1).set("tz_offset_min", -300),
        row(DAY + 2 * HOUR).set("tz_offset_min", -300),
        row(DAY + 3 * HOUR),
    ];
    check(&rows, &[("D2", Some(0.25)), ("D3", Some(15.0))]);
}

#[test]
fn weekdays_are_compared_per_day() {
    // Two weeks with two rows on Fridays and one on other days, to the very end of the second Sunday.
    let mut rows = Vec::new();
    for day in 0..14 {
        rows.push(row(day * DAY));
        rows.extend((day % 7 == 4).then(|| row(day * DAY + HOUR)));
    }
    rows.push(row(14 * DAY - 1));
    // Sundays have three rows in two days, Fridays four.
    check(&rows, &[("D4", Some(2.0)), ("D5", Some(5.0))]);
}

#[test]
fn weekends_have_their_own_hours() {
    let rows = [
        row(9 * HOUR),
        row(DAY + 10 * HOUR),
        row(5 * DAY + 10 * HOUR),
    ];
    check(&rows, &[("D6", Some(0.5))]);
}

#[test]
fn gaps_are_between_rows_of_one_card() {
    let rows = [
        row(0),
        row(1).set("card_id", "tok_b"),
        row(10 * MINUTE),
        row(30 * MINUTE),
        row(10 * HOUR),
    ];
    // Gaps of 10 and 20 minutes and 9.5 hours.
    check(&rows, &[("D9", Some(2.0 / 3.0))]);
}

#[test]
fn a_card_like_a_clock_has_burstiness_minus_one() {
    let rows: Vec<Row> = (0..50).map(|n| row(n * HOUR)).collect();
    check(
        &rows,
        &[
            ("D7", Some(-1.0)),
            ("D8", None),
            ("D10", Some(0.0)),
            ("D11", Some(1.0)),
        ],
    );
    check(&rows[..49], &[("D7", None)]);
}

#[test]
fn ten_minutes_with_many_rows_at_one_merchant_are_a_burst() {
    // Bursts of fifteen and of fourteen rows in a week.
    let mut rows: Vec<Row> = (0..15).map(|n| row(n * 1_000)).collect();
    rows.extend((0..14).map(|n| row(DAY + n * 1_000)));
    rows.push(row(7 * DAY).set("merchant_id", "m2"));
    check(&rows, &[("D12", Some(1e6 / 30.0))]);
}

#[test]
fn declines_leave_out_what_goes_back() {
    let rows = [
        row(0).set("auth_resp", "51"),
        row(1),
        row(2).online().set("auth_resp", "05"),
        row(3)
            .online()
            .set("txn_type", "REFUND")
            .set("auth_resp", "05"),
        row(4).set("txn_type", "REVERSAL"),
        row(5).fraud("BIN_ATTACK", 1, DAY).set("auth_resp", "14"),
        row(6).fraud("CARD_TESTING", 2, DAY),
        row(7).fraud("ATO", 3, DAY).set("auth_resp", "51"),
        row(8).fraud("ATO", 3, DAY),
    ];
    check(
        &rows,
        &[
            ("F1", Some(0.5)),
            ("F2", Some(1.0)),
            ("F3", Some(0.5)),
            ("F4", Some(1.0)),
            ("F5", Some(0.0)),
            ("F6", Some(0.5)),
        ],
    );
}

#[test]
fn rules_are_scored_against_the_oracle() {
    let declined = |row: Row| row.set("ref_mask", 8).set("ref_decision", "DECLINE");
    let rows = [
        row(0),
        row(1).set("vel_card_1h", 5),
        declined(row(2)),
        row(3).set("ref_mask", 1).set("ref_decision", "REVIEW"),
        declined(row(4).fraud("ATO", 1, DAY)).set("vel_card_1h", 3),
        row(5).fraud("ATO", 1, DAY),
        row(6)
            .fraud("BIN_ATTACK", 2, DAY)
            .set("ip", "192.0.2.1")
            .set("vel_ip_1h", 7),
        row(7).set("ip", "192.0.2.2").set("vel_ip_1h", 2),
    ];
    check(
        &rows,
        &[
            ("G1", Some(0.2)),
            ("G2", Some(1.0 / 3.0)),
            ("G3", Some(7.0)),
            ("G4", Some(2.0)),
            ("G5", Some(1.0 / 3.0)),
            ("G6", Some(0.2)),
            ("G7", Some(3.0 / 8.0)),
            ("G8", Some(2.0)),
        ],
    );
}
