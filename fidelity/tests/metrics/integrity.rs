//! I1 to I21: each fault is counted by the metric that is there for it, and by no other.

use tapdeck_fidelity::Judgment;

use crate::fixture::{DAY, HOUR, MINUTE, Row, check, judge, row, value};

/// Lists the integrity metrics that count something.
fn counted(judgment: &Judgment) -> Vec<(&'static str, f64)> {
    let integrity = judgment
        .findings
        .iter()
        .filter(|finding| finding.metric.group().letter == 'I' && finding.metric.high == Some(0.0));
    let values = integrity.filter_map(|finding| Some((finding.metric.id, finding.value?)));
    values.filter(|(_, value)| *value > 0.0).collect()
}

/// Puts a row between two good ones.
fn among(suspect: Row) -> Judgment {
    let device = |row: Row| row.online().set("ip", "192.0.2.1").set("vel_ip_1h", 1);
    judge(&[
        device(row(0)).set("card_id", "tok_b"),
        suspect,
        row(9 * DAY).set("card_id", "tok_c"),
    ])
}

#[test]
fn good_rows_offend_nobody() {
    let judgment = among(row(DAY));
    assert_eq!(counted(&judgment), []);
    assert_eq!(value(&judgment, "I5"), Some(0.0));
    assert_eq!(value(&judgment, "I10"), Some(1.0));
    assert_eq!(value(&judgment, "I11"), Some(1.0));
}

#[test]
fn each_fault_is_counted_once() {
    let day = || row(DAY);
    for (id, suspect) in [
        ("I1", row(-1)),
        ("I2", day().set("txn_id", "t0")),
        ("I3", day().set("merchant_id", "4111-1111-1111-1111")),
        ("I4", day().set("card_id", "card")),
        (
            "I5",
            day().online().set("ip", "8.8.8.8").set("vel_ip_1h", 1),
        ),
        ("I7", day().set("usd_cents", 101)),
        ("I12", day().set("campaign_id", 3)),
        ("I12", day().set("fraud_type", "ATO")),
        ("I12", day().fraud("ATO", 0, DAY)),
        ("I12", day().fraud("ATO", 1, 0)),
        ("I13", day().set("card_bin", "510510")),
        ("I14", day().set("entry_mode", "TELEPATHY")),
        ("I14", day().set("auth_resp", "ok")),
        ("I15", day().set("entry_mode", "ECOM")),
        ("I16", day().set("vel_card_24h", 2)),
        ("I16", day().set("vel_device_1h", 1)),
        ("I17", day().set("ref_mask", 1)),
        ("I17", day().set("ref_decision", "REVIEW")),
        ("I18", day().set("oracle_decision", "DECLINE")),
        ("I18", day().fraud("FIRST_PARTY", 1, DAY)),
    ] {
        assert_eq!(counted(&among(suspect.clone())), [(id, 1.0)], "{suspect:?}");
    }
}

#[test]
fn currencies_and_amounts_are_compared_with_the_table() {
    let judgment = among(row(DAY).set("currency", "XXX"));
    assert_eq!(counted(&judgment), [("I6", 1.0), ("I9", 1.0)]);
    let judgment = among(row(DAY).cents(0));
    assert_eq!(counted(&judgment), [("I8", 1.0)]);
    // 15,000 yen at 6,700 millionths of a dollar.
    let yen = row(DAY)
        .set("currency", "JPY")
        .set("merchant_country", "JP");
    let yen = yen.set("amount_minor", 15_000);
    assert_eq!(counted(&among(yen.clone().set("usd_cents", 10_050))), []);
    assert_eq!(counted(&among(yen.set("usd_cents", 10_051))), [("I7", 1.0)]);
}

#[test]
fn merchants_and_cards_have_one_face() {
    let rows = [
        row(0),
        row(DAY).set("merchant_lat", "40.8"),
        row(2 * DAY).set("mcc", "5812"),
        row(3 * DAY).set("home_lat", "40.8"),
    ];
    check(&rows, &[("I10", Some(3.0)), ("I11", Some(2.0))]);
    let ghost = row(4 * DAY)
        .set("card_known", 0)
        .set("home_lat", "")
        .set("home_lon", "");
    check(&[row(0), ghost], &[("I11", Some(1.0))]);
}

#[test]
fn velocities_count_the_rows_of_a_window_that_is_open_at_its_old_end() {
    let origin = |row: Row| row.online().set("ip", "192.0.2.1").set("device_id", "d1");
    let counts = |row: Row, five: u32, hour: u32, day: u32, ip: u32, device: u32| {
        row.set("vel_card_5m", five)
            .set("vel_card_1h", hour)
            .set("vel_card_24h", day)
            .set("vel_ip_1h", ip)
            .set("vel_device_1h", device)
    };
    let rows = [
        counts(origin(row(0)), 1, 1, 1, 1, 1),
        counts(origin(row(0)).set("card_id", "tok_b"), 1, 1, 1, 2, 2),
        counts(row(5 * MINUTE - 1), 2, 2, 2, 0, 0),
        counts(row(5 * MINUTE), 2, 3, 3, 0, 0),
        counts(origin(row(HOUR)), 1, 3, 4, 1, 1),
        counts(row(DAY), 1, 1, 4, 0, 0),
    ];
    check(&rows, &[("I16", Some(0.0))]);
}

#[test]
fn reference_rules_set_their_bits() {
    let ip = |row: Row| row.online().set("ip", "192.0.2.1").set("vel_ip_1h", 1);
    let abroad = |row: Row| row.set("merchant_country", "CA");
    for (suspect, mask, decision) in [
        (row(DAY).cents(200_001), 1, "REVIEW"),
        (row(DAY).cents(200_000), 0, "APPROVE"),
        (row(DAY).online().cents(50_001), 2, "REVIEW"),
        (abroad(row(DAY).online()).cents(10_001), 4, "REVIEW"),
        (
            abroad(row(DAY)).set("entry_mode", "MAGSTRIPE"),
            8,
            "DECLINE",
        ),
        (row(DAY).set("mcc", "6051").cents(30_001), 16, "REVIEW"),
        (
            ip(row(DAY)).set("ip_country", "CA").cents(10_001),
            32,
            "REVIEW",
        ),
        (
            ip(row(DAY)).set("ip_country", "CA").cents(50_001),
            34,
            "DECLINE",
        ),
        (row(DAY).set("vel_card_5m", 3), 64, "DECLINE"),
        (row(DAY).set("vel_card_1h", 5), 128, "DECLINE"),
        (row(DAY).set("vel_device_1h", 6), 256, "DECLINE"),
        (row(DAY).set("vel_ip_1h", 8), 512, "DECLINE"),
    ] {
        let suspect = suspect.set("ref_mask", mask).set("ref_decision", decision);
        assert_eq!(value(&among(suspect), "I17"), Some(0.0), "bit {mask}");
    }
}

#[test]
fn journeys_are_impossible_beyond_the_speed_of_airliners() {
    let los_angeles = |row: Row| {
        row.set("merchant_lat", "34.05")
            .set("merchant_lon", "-118.25")
    };
    // About 3,940 km: too far for four hours, not for five.
    check(
        &[row(0), los_angeles(row(4 * HOUR))],
        &[("I19", Some(1.0)), ("I20", Some(1.0))],
    );
    check(
        &[row(0), los_angeles(row(5 * HOUR))],
        &[("I19", Some(0.0)), ("I20", Some(0.0))],
    );
    // Online rows are nowhere.
    check(
        &[row(0), los_angeles(row(HOUR)).online()],
        &[("I19", Some(0.0))],
    );
    // Fraud in between makes two such pairs; the legit rows around it are a day apart.
    let rows = [
        row(0),
        los_angeles(row(HOUR)).fraud("COUNTERFEIT", 1, DAY),
        los_angeles(row(DAY)),
        row(3 * DAY).fraud("COUNTERFEIT", 1, DAY),
    ];
    check(
        &rows,
        &[("I19", Some(0.0)), ("I20", Some(0.0)), ("I21", Some(0.5))],
    );
}
