//! The grammar, the table, the integral and its inverse.

use proptest::prelude::*;

use super::*;

#[test]
fn what_makes_no_sense_is_refused_with_its_piece() {
    for (text, expected) in [
        ("", "lacks its time"),
        ("10000", "lacks its time"),
        ("0/10s", "zero throughout"),
        ("NaN/10s", "a rate lies in"),
        ("inf/10s", "a rate lies in"),
        ("-5/10s", "piece \"-5/10s\" has rate -5, a rate lies in"),
        ("1e9/1s", "a rate lies in"),
        ("5/0s", "has no length"),
        ("5/10", "unit"),
        ("a..b/10s", "no number"),
        ("5/1s,,5/1s", "lacks its time"),
        ("9000000/9000000000h", "has"),
        (
            "sine:5/10s",
            "lacks its two rates, as in sine:500..1500/10m",
        ),
        ("sine:5..-5/10s", "has rate -5"),
        ("sine:5..9", "lacks its time, as in sine:"),
        (
            "stairs:1..5/10s",
            "lacks its number of steps, as in stairs:",
        ),
        ("stairs:1..5/1x10s", "needs 2 to 1000 steps"),
        ("stairs:1..5/9999x10s", "needs 2 to 1000 steps"),
        ("3x(5/1s", "a `)` is missing"),
        ("5/1s)", "nothing is open at the `)` behind \"5/1s\""),
        ("0x(5/1s)", "needs how often before its `(`"),
        ("3(5/1s)", "needs how often before its `(`"),
        ("3x(5/1s)/2s", "goes on behind its `)`"),
        ("3x(5/1s,6)", "piece \"6\" lacks its time"),
        ("2x()", "lacks its time"),
        ("9999999x(5/1s)", "more than a million pieces"),
        ("2000x(2000x(5/1s))", "more than a million pieces"),
        ("((((((((((5/1s))))))))))", "nested more than 8 deep"),
    ] {
        let error = RateProfile::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text:?}: {error}");
    }
}

#[test]
fn pieces_are_read_as_written() {
    let profile = RateProfile::parse("0..10k/30s, 10000/2m ,10000..0/30s").unwrap();
    assert_eq!(profile.pieces().len(), 3);
    assert!((profile.seconds() - 180.0).abs() < 1e-9);
    assert!((profile.arrivals() - 1_500_000.0).abs() < 1e-6);
    assert!((profile.peak() - 10_000.0).abs() < 1e-9);
    let warm = profile.after_warm_up(5.0);
    assert!(
        (warm.arrivals() - 1_500_000.0).abs() < 1e-6,
        "it starts at rate zero"
    );
    let held = RateProfile::hold(10.0, 1.0).after_warm_up(2.0);
    assert!((held.arrivals() - 30.0).abs() < 1e-9);
}

#[test]
fn shorthand_stands_for_its_pieces() {
    for (short, long) in [
        ("2x(5/1s,9/2s),1/1s", "5/1s,9/2s,5/1s,9/2s,1/1s"),
        ("2x(1/1s,2x(3/1s))", "1/1s,3/1s,3/1s,1/1s,3/1s,3/1s"),
        (" 2 x ( 5/1s ) ", "5/1s,5/1s"),
        ("(5/1s),6/1s", "5/1s,6/1s"),
        ("stairs:1k..5k/5x1m", "1k/1m,2k/1m,3k/1m,4k/1m,5k/1m"),
        ("stairs:3..1/3 x 2s", "3/2s,2/2s,1/2s"),
    ] {
        assert_eq!(
            RateProfile::parse(short),
            RateProfile::parse(long),
            "{short}"
        );
    }
}

#[test]
fn a_swing_is_a_sine_within_its_stated_error() {
    let profile = RateProfile::parse("sine:500..1500/10m").unwrap();
    let (arrivals, seconds) = (profile.arrivals(), profile.seconds());
    assert!((arrivals - 600_000.0).abs() < 1e-6, "{arrivals}");
    assert!((seconds - 600.0).abs() < 1e-9, "{seconds}");
    let mut worst: f64 = 0.0;
    for (idx, piece) in (0_u32..).zip(profile.pieces()) {
        // A chord is furthest from its arc near its middle.
        for share in [0.0, 0.25, 0.5, 0.75] {
            let turn = (f64::from(idx) + share) / 360.0 * std::f64::consts::TAU;
            let exact = 1_000.0 - 500.0 * turn.cos();
            worst = worst.max((piece.from + (piece.to - piece.from) * share - exact).abs());
        }
    }
    assert!(worst < 4e-5 * 500.0, "{worst}");
    let falling = RateProfile::parse("sine:1500..500/10m").unwrap();
    assert!((falling.pieces()[0].from - 1_500.0).abs() < 1e-9);
    assert!((falling.pieces()[180].from - 500.0).abs() < 1e-9);
}

#[test]
fn a_table_is_linear_between_its_rows() {
    for text in [
        "seconds,rate\n0,0\n10,100\n10,50\n\n20,50\n",
        "Seconds, Rate\r\n1763770000,0\r\n1763770010,100\r\n1763770010,0.05k\r\n1763770020,50",
        "0,0\n10,100\n10,50\n20,50",
    ] {
        let profile = RateProfile::from_csv(text).unwrap();
        assert_eq!(
            Ok(profile),
            RateProfile::parse("0..100/10s,50/10s"),
            "{text:?}"
        );
    }
}

#[test]
fn a_table_that_makes_no_sense_is_refused_with_its_line() {
    for (text, expected) in [
        ("", "line 1 ends the table before it covers any time"),
        ("seconds,rate\n5,10\n", "line 2 ends the table before"),
        (
            "time,rate\n0,1\n1,1",
            "line 1 has no number of seconds: \"time\"",
        ),
        (
            "0,1\n1;1",
            "line 2 has not the two columns seconds,rate: \"1;1\"",
        ),
        ("0,1\n1,1,1", "line 2 has not the two columns"),
        ("0,1\n\n1,-5", "line 3 has rate -5, a rate lies in 0 to"),
        ("0,1\n1,", "line 2 has no number where a rate was expected"),
        ("0,1\n1,NaN", "line 2 has rate NaN"),
        ("0,1\ninf,1", "line 2 has no number of seconds: \"inf\""),
        ("5,1\n3,1", "line 2 goes back in time, from 5 s to 3 s"),
        (
            "0,0\n5,0\n",
            "line 2 ends a profile that has rate zero throughout",
        ),
        (
            "0,10000000\n1e300,10000000",
            "line 2 ends a profile that lasts longer than a year",
        ),
    ] {
        let error = RateProfile::from_csv(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text:?}: {error}");
    }
}

proptest! {
    /// Stepping to a position and integrating up to the time it gives leads back to the position.
    #[test]
    fn the_inverse_inverts_the_integral(
        from in 0.0..1e6_f64, to in 0.0..1e6_f64, seconds in 0.001..1e4_f64, share in 0.0..1.0_f64,
    ) {
        prop_assume!(from + to > 1.0);
        let piece = Piece { from, to, seconds };
        let position = piece.arrivals() * share;
        let back = piece.arrivals_between(0.0, piece.seconds_for(position));
        prop_assert!((back - position).abs() <= 1e-6 * piece.arrivals().max(1.0));
    }

    /// A walk through time, in whatever strides, meets all arrivals of the profile and then ends.
    #[test]
    fn walks_through_time_miss_nothing(
        rates in prop::collection::vec((0.0..1e4_f64, 0.0..1e4_f64, 0.01..100.0_f64), 1..20), stride in 0.001..50.0_f64,
    ) {
        let pieces = rates.into_iter().map(|(from, to, seconds)| Piece { from, to, seconds });
        let profile = RateProfile::new(pieces.collect()).unwrap();
        // A few thousand strides show as much as a million.
        let stride = stride.max(profile.seconds() / 5_000.0);
        let mut walk = TimeCursor::new(&profile);
        let walked: f64 = std::iter::from_fn(|| walk.advance(stride)).sum();
        prop_assert!((walked / profile.arrivals() - 1.0).abs() < 1e-9, "{} of {}", walked, profile.arrivals());
    }

    /// No text makes the parser panic.
    #[test]
    fn any_text_is_parsed_or_refused(text in "(sine:|stairs:)?[0-9./,x()ksmh eNaN-]{0,40}") {
        if let Ok(profile) = RateProfile::parse(&text) {
            prop_assert!(profile.arrivals() > 0.0 && profile.seconds() > 0.0);
        }
    }

    /// No table makes the reader panic.
    #[test]
    fn any_table_is_read_or_refused(text in "[0-9.,\n\r eNai-]{0,60}") {
        if let Ok(profile) = RateProfile::from_csv(&text) {
            prop_assert!(profile.arrivals() > 0.0 && profile.seconds() > 0.0);
        }
    }
}
