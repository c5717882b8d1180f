//! Rate profiles, typed and as CSV: what is taken lies within the bounds that schedules count on.

use tapdeck::schedule::RateProfile;
use tapdeck::schedule::profile::{HIGHEST_RATE, MOST_PIECES};
use tapdeck::units::parse_duration;
use tapdeck_fuzz::bounded::within;
use tapdeck_fuzz::edits::Edits;

/// A million pieces.
const MOST_BYTES: u64 = 256 << 20;

const TYPED: &[u8] =
    b"0..10k/30s, 3x(2000/50s,9000/10s), stairs:1k..5k/5x10s, sine:100..900/1m, 200/0.5s";

const CSV: &[u8] = b"seconds,rate\r\n0,100\r\n10,250.5\r\n60,0\r\n";

fn assert_sound(profile: &RateProfile) {
    assert!(profile.pieces().len() <= MOST_PIECES);
    let seconds = profile.seconds();
    assert!(seconds.is_finite() && seconds > 0.0, "{seconds} s");
    let peak = profile.peak();
    assert!(peak > 0.0 && peak <= HIGHEST_RATE, "{peak} per second");
    let arrivals = profile.arrivals();
    assert!(
        arrivals > 0.0 && arrivals <= peak * seconds * 1.000_001,
        "{arrivals}"
    );
}

#[test]
fn typed_profiles_keep_their_bounds() {
    bolero::check!()
        .with_arbitrary::<Edits>()
        .for_each(|edits: &Edits| {
            let tried = edits.apply(TYPED);
            let text = String::from_utf8_lossy(&tried);
            match within(MOST_BYTES, || RateProfile::parse(&text)) {
                Ok(profile) => assert_sound(&profile),
                Err(error) => assert!(error.to_string().starts_with("rate profile"), "{error}"),
            }
        });
}

#[test]
fn profiles_in_files_keep_their_bounds() {
    bolero::check!()
        .with_arbitrary::<Edits>()
        .for_each(|edits: &Edits| {
            let tried = edits.apply(CSV);
            let text = String::from_utf8_lossy(&tried);
            if let Ok(profile) = within(MOST_BYTES, || RateProfile::from_csv(&text)) {
                assert_sound(&profile);
            }
        });
}

#[test]
fn lengths_of_time_are_positive_and_finite() {
    bolero::check!()
        .with_arbitrary::<Edits>()
        .for_each(|edits: &Edits| {
            let tried = edits.apply(b"1h30m15.5s");
            let text = String::from_utf8_lossy(&tried);
            if let Ok(duration) = within(4_096, || parse_duration(&text)) {
                assert!(u64::try_from(duration.as_nanos()).is_ok(), "{text:?}");
            }
        });
}
