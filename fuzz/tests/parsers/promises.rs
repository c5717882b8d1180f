//! Promises (`--slo`) and mixes (`--mix`): what is taken can be typed again as it is shown.

use tapdeck_fuzz::bounded::within;
use tapdeck_fuzz::edits::Edits;
use tapdeck_services::{Mix, slo};

const MOST_BYTES: u64 = 1 << 20;

const SLOS: &[u8] =
    b"p99<30ms, errors<0.5%, recall(card_testing)>=80%, p50<=baseline*1.1, fpr<1%, sessions>=99%";

#[test]
fn promises_read_the_same_again() {
    bolero::check!()
        .with_arbitrary::<Edits>()
        .for_each(|edits: &Edits| {
            let tried = edits.apply(SLOS);
            let text = String::from_utf8_lossy(&tried);
            let Ok(slos) = within(MOST_BYTES, || slo::parse_list(&text)) else {
                return;
            };
            let shown: Vec<&str> = slos.iter().map(|slo| slo.text.as_str()).collect();
            let again = slo::parse_list(&shown.join(",")).unwrap();
            assert_eq!(again, slos, "{text:?}");
        });
}

#[test]
fn mixes_read_the_same_again() {
    bolero::check!()
        .with_arbitrary::<Edits>()
        .for_each(|edits: &Edits| {
            let tried = edits.apply(b"auth=70,monitoring=30");
            let text = String::from_utf8_lossy(&tried);
            if let Ok(mix) = within(MOST_BYTES, || Mix::parse(&text)) {
                let typed = |(name, weight): &(String, u32)| format!("{name}={weight}");
                let shown: Vec<String> = mix.weights().iter().map(typed).collect();
                assert_eq!(Mix::parse(&shown.join(",")).unwrap(), mix, "{text:?}");
            }
        });
}
