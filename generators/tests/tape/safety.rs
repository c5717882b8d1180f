//! What must never stand on a tape: anything that could be a real card number, address, mailbox or telephone.

use serde_json::Value;
use tapdeck_generators::GenerateOptions;

use crate::scan::assert_nobodys;
use crate::{each_record, taped};

#[test]
fn nothing_on_a_tape_passes_for_something_real() {
    let options = GenerateOptions {
        fraud_rate: 0.01,
        ..GenerateOptions::new(11, 60_000)
    };
    let (_folder, tape) = taped(&options);
    each_record(&tape, |record| {
        assert_nobodys(record.path(), "a path");
        assert_nobodys(record.body(), "a body");
        if record.endpoint() == 0 {
            check(&serde_json::from_slice(record.body()).unwrap());
        }
    });
}

fn check(body: &Value) {
    let text = |name: &str| body[name].as_str().unwrap();
    assert!(text("id").starts_with('t') && text("card").starts_with("tok_"));
    check_issuer(text("network"), text("bin"));
    check_phone(text("phone"));
    if !body["ip"].is_null() {
        assert!(text("device").starts_with("dev_"));
        assert_eq!(
            (text("entry"), &body["present"]),
            ("ECOM", &Value::Bool(false))
        );
    }
}

fn check_issuer(network: &str, iin: &str) {
    let first_digits = match network {
        "VISA" => "4",
        "MASTERCARD" => "25",
        "AMEX" | "JCB" => "3",
        "DISCOVER" => "6",
        other => panic!("unknown network {other}"),
    };
    assert_eq!(iin.len(), 6);
    assert!(first_digits.contains(&iin[..1]), "{network} {iin}");
}

fn check_phone(phone: &str) {
    let fictional = phone.len() == 12 && phone.starts_with("+1") && &phone[5..10] == "55501";
    let unassigned = phone.len() == 13 && phone.starts_with("+999");
    assert!(fictional || unassigned, "{phone}");
}
