//! Rendered bytes against what the transaction says.

use tapdeck_corpora::{SLOT_ID, SLOT_SENT_AT, SLOT_UUID, SlotPart};
use tapdeck_services::{Presence, ValueKind, WORLD_FIELDS};

use super::*;
use crate::corpus::Corpus;
use crate::fraud;
use crate::options::GenerateOptions;
use crate::progress::Unwatched;
use crate::requests::requests_of;

/// Builds a service whose path and body hold the given templates.
pub(super) fn service(path: &str, body: &str) -> ServiceDefinition {
    let source = format!(
        "name = \"s\"\ntitle = \"S\"\nslos = []\n[target]\nbase_url = \"http://localhost:1\"\n[[endpoints]]\n\
         name = \"e\"\nmethod = \"POST\"\npath = \"{path}\"\nevent = \"authorization\"\nweight = 1\nstatuses = [200]\n\
         headers = {{ content-type = \"application/json\" }}\nbody = '''{body}'''\n"
    );
    ServiceDefinition::parse(&source, "s.toml").unwrap()
}

/// Renders some requests and hands each out with its path, body and slots.
pub(super) fn rendered(
    service: &ServiceDefinition,
    mut check: impl FnMut(&World, &Request, &str, &str, &[NewSlot]),
) {
    let options = GenerateOptions {
        days: 10,
        fraud_rate: 0.01,
        ..GenerateOptions::new(23, 2_000)
    };
    let corpus = Corpus::build(service, &options, &std::env::temp_dir(), &Unwatched).unwrap();
    let renderer = Renderer::new(corpus.world(), service);
    for request in requests_of(&corpus) {
        let endpoint = &renderer.endpoints[usize::from(request.endpoint)];
        let (mut path, mut body, mut slots) = (Vec::new(), Vec::new(), Vec::new());
        endpoint
            .path
            .write(corpus.world(), &request, &mut path, &mut slots);
        endpoint
            .body
            .write(corpus.world(), &request, &mut body, &mut slots);
        let (path, body) = (
            str::from_utf8(&path).unwrap(),
            str::from_utf8(&body).unwrap(),
        );
        check(corpus.world(), &request, path, body, &slots);
    }
}

#[test]
fn every_field_renders_to_json_of_its_kind() {
    let members: Vec<String> = WORLD_FIELDS
        .iter()
        .map(|info| format!("\"{}\":${{{}}}", info.name, info.name))
        .collect();
    let service = service("/", &format!("{{{}}}", members.join(",")));
    rendered(&service, |world, request, _, body, _| {
        let json: serde_json::Value = serde_json::from_str(body).unwrap();
        let transaction = &request.transaction;
        let text = |name: &str| json[name].as_str().unwrap();
        for info in WORLD_FIELDS {
            let value = &json[info.name];
            let fits = match info.kind {
                _ if value.is_null() => info.presence == Presence::Optional,
                ValueKind::Text => value.is_string(),
                ValueKind::Number => value.is_number(),
                ValueKind::Boolean => value.is_boolean(),
            };
            assert!(fits, "{}: {value}", info.name);
        }
        let merchant = world.merchant(transaction.merchant);
        let mcc = world.mcc(merchant.mcc);
        assert_eq!(text("txn.id"), format!("t{:016x}", request.id));
        assert_eq!(text("merchant.mcc"), mcc.code.to_string());
        assert!(text("merchant.name").ends_with(&format!(" {}", mcc.noun)));
        assert_eq!(json["txn.card_present"], transaction.card_present);
        assert_eq!(json["ip.address"].is_null(), transaction.ip.is_none());
        assert_eq!(json["device.id"].is_null(), transaction.device.is_none());
        assert_eq!(
            text("txn.at"),
            world.span().start.plus_ms(transaction.at_ms).to_string()
        );
        assert_eq!(
            text("txn.decision"),
            if transaction.answer.is_approved() {
                "APPROVE"
            } else {
                "DECLINE"
            }
        );
        assert_eq!(text("card.token").len(), 28);
    });
}

#[test]
fn amounts_have_the_digits_of_their_currency() {
    let service = service("/", "[${txn.amount},${txn.currency}]");
    rendered(&service, |world, request, _, body, _| {
        let currency = world.tables().currency(request.transaction.currency);
        let (amount, code) = body.trim_matches(['[', ']']).split_once(',').unwrap();
        assert_eq!(code, format!("\"{}\"", currency.code));
        let digits = amount
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        assert_eq!(digits, currency.minor_digits as usize, "{body}");
        let minor: i64 = amount.replace('.', "").parse().unwrap();
        assert_eq!(minor, request.transaction.amount_minor);
    });
}

#[test]
fn slots_lie_where_their_bytes_are() {
    let service = service(
        "/",
        "{\"a\":${fire.id},\"b\":\"x ${fire.sent_at}\",\"c\":[${fire.id},${fire.uuid}]}",
    );
    rendered(&service, |world, request, _, body, slots| {
        let kinds: Vec<u8> = slots.iter().map(|slot| slot.kind).collect();
        assert_eq!(kinds, [SLOT_ID, SLOT_SENT_AT, SLOT_ID, SLOT_UUID]);
        for slot in slots {
            assert_eq!(slot.part, SlotPart::Body);
            let start = slot.offset as usize;
            let held = &body[start..start + usize::from(slot.width)];
            let expected = match slot.kind {
                SLOT_ID => format!("t{:016x}-00000000", request.id),
                SLOT_UUID => {
                    let mut blank = Vec::new();
                    crate::fields::uuid::write_blank(request.id, request.endpoint, &mut blank);
                    String::from_utf8(blank).unwrap()
                }
                _ => world.span().start.plus_ms(request.at_ms).to_string(),
            };
            assert_eq!(held, expected);
        }
        serde_json::from_str::<serde_json::Value>(body).unwrap();
    });
}

#[test]
fn paths_are_percent_encoded() {
    let service = service("/m/${merchant.name}?to=${holder.email}", "{}");
    rendered(&service, |_, _, path, body, _| {
        assert_eq!(body, "{}");
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~%/?=".contains(c);
        assert!(path.chars().all(allowed), "{path}");
        assert!(path.contains("%20") && path.contains("%40"), "{path}");
    });
}

#[test]
fn the_oracle_knows_fraud_that_can_be_known() {
    let service = service("/", "{}");
    rendered(&service, |_, request, _, _, _| {
        let label = usize::from(request.transaction.label.0);
        let typology = label
            .checked_sub(1)
            .and_then(|place| fraud::typologies().nth(place));
        let expected = match typology {
            Some(typology) if typology.name != "first_party" => ExpectedDecision::Decline,
            _ => ExpectedDecision::Approve,
        };
        assert_eq!(oracle(request.transaction.label), expected);
    });
}
