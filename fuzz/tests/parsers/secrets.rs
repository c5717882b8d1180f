//! Secrets and card numbers in foreign text: hidden, whatever stands around them.

use tapdeck::mask::Mask;

const SECRET: &str = "opaque-7f3Kd9/Zq+Lw2Xv8=~tok.Rm4";

/// A number that passes the check of its last digit, of a range for tests.
const CARD: &str = "4012888888881881";

fn mask() -> Mask {
    let mut mask = Mask::default();
    mask.add(SECRET);
    mask
}

#[test]
fn a_secret_is_hidden_in_any_text() {
    let mask = mask();
    bolero::check!()
        .with_arbitrary::<(String, String, u8)>()
        .for_each(|(before, behind, from): &(String, String, u8)| {
            let from = usize::from(*from) % (SECRET.len() - 12);
            let piece = &SECRET[from..];
            let shown = mask.foreign(&format!("{before}{piece}{behind}"));
            assert!(!shown.contains(&piece[..12]), "{shown:?}");
        });
}

#[test]
fn a_card_number_is_hidden_between_words() {
    let mask = mask();
    bolero::check!()
        .with_arbitrary::<(String, String)>()
        .for_each(|(before, behind): &(String, String)| {
            let shown = mask.foreign(&format!("{before} card {CARD} card {behind}"));
            assert!(!shown.contains(&CARD[6..12]), "{shown:?}");
        });
}
