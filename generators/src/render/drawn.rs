//! Values that a template draws: functions of the seed, of the request or its session, and of the place they stand at.
//!
//! Invariant: no value passes for a card number.

use tapdeck_services::Draw;

use crate::fields::uuid;
use crate::numeric::mix64;
use crate::requests::Request;
use crate::seed::{Entity, Purpose, Seed};
use crate::text;

/// Appends what is drawn for a place of a request.
pub(super) fn write(seed: Seed, request: &Request, place: u32, draw: &Draw, out: &mut Vec<u8>) {
    let mut dice = Dice::of(seed, request, place);
    match draw {
        Draw::Word(words) => {
            let idx = dice.below(words.len() as u64);
            let word = usize::try_from(idx).ok().and_then(|idx| words.get(idx));
            out.extend_from_slice(word.map_or(b"", |word| word.as_bytes()));
        }
        Draw::Number { from, to } => {
            let span = to.abs_diff(*from) + 1;
            text::signed_decimal(out, from.saturating_add_unsigned(dice.below(span)));
        }
        Draw::Hex { digits } => hex(&mut dice, usize::from(*digits), out),
        Draw::Uuid => uuid::write(dice.next(), out),
        Draw::SessionNumber => text::decimal(out, request.session),
    }
}

/// Appends hexadecimal digits, drawn again as often as they could pass for a card number.
fn hex(dice: &mut Dice, digits: usize, out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        while out.len() < start + digits {
            out.extend_from_slice(&text::hex16(dice.next()));
        }
        out.truncate(start + digits);
        if !text::may_be_card_number(&out[start..]) {
            return;
        }
        out.truncate(start);
    }
}

/// Uniform words of one place.
struct Dice(u64);

impl Dice {
    fn of(seed: Seed, request: &Request, place: u32) -> Self {
        let (entity, id) = match request.session {
            0 => (Entity::Request, request.ordinal),
            session => (Entity::Session, session),
        };
        let word = seed.word(entity, id, Purpose::Placeholders);
        Self(word ^ mix64((u64::from(request.endpoint) << 32) | u64::from(place)))
    }

    /// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014 (`SplitMix64`).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix64(self.0)
    }

    /// Gives a number below a bound.
    fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.next()) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::render::tests::{rendered, service};

    #[test]
    fn values_are_what_their_arguments_ask_for() {
        let service = service(
            "/${any.word(a b, c)}",
            r#"[${any.number(-2, 3)}, "${any.hex(5)}", ${any.hex(64)}, ${any.uuid}, ${any.word(x, y, z)}]"#,
        );
        let (mut words, mut numbers) = (BTreeMap::new(), BTreeMap::new());
        let mut uuids = BTreeSet::new();
        rendered(&service, |_, _, path, body, _| {
            assert!(["/a%20b", "/c"].contains(&path), "{path}");
            let json: serde_json::Value = serde_json::from_str(body).unwrap();
            for (place, digits) in [(1, 5), (2, 64)] {
                let hex = json[place].as_str().unwrap();
                assert_eq!(hex.len(), digits);
                assert!(hex.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hex}");
                assert!(!text::may_be_card_number(hex.as_bytes()), "{hex}");
            }
            *numbers.entry(json[0].as_i64().unwrap()).or_insert(0) += 1;
            *words
                .entry(json[4].as_str().unwrap().to_owned())
                .or_insert(0) += 1;
            assert!(uuids.insert(json[3].as_str().unwrap().to_owned()));
        });
        let total: usize = words.values().sum();
        assert_eq!(words.into_keys().collect::<String>(), "xyz");
        assert_eq!(
            numbers.keys().copied().collect::<Vec<i64>>(),
            [-2, -1, 0, 1, 2, 3]
        );
        for (number, count) in numbers {
            let expected = total / 6;
            assert!(
                count * 5 > expected * 4 && count * 4 < expected * 5,
                "{number}: {count}"
            );
        }
    }

    #[test]
    fn every_place_of_every_request_draws_anew() {
        let source = "${any.hex(16)}";
        let service = service(&format!("/{source}"), &format!("\"{source} {source}\""));
        let mut seen = BTreeSet::new();
        let mut again = Vec::new();
        rendered(&service, |_, _, path, body, _| {
            for value in body.trim_matches('"').split(' ').chain([&path[1..]]) {
                assert!(seen.insert(value.to_owned()), "{value} stands twice");
            }
            again.push(body.to_owned());
        });
        let mut first = again.into_iter();
        rendered(&service, |_, _, _, body, _| {
            assert_eq!(first.next().as_deref(), Some(body));
        });
    }
}
