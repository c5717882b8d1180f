//! Service definitions: what is refused names its place, what is taken reads the same from a tape.

use tapdeck_fuzz::bounded::within;
use tapdeck_fuzz::edits::Edits;
use tapdeck_services::{ServiceDefinition, registry};

const MOST_BYTES: u64 = 64 << 20;

fn try_source(source: &str) {
    match within(MOST_BYTES, || {
        ServiceDefinition::parse(source, "tried.toml")
    }) {
        Ok(definition) => {
            let on_tape = definition.source_on_tape();
            let again = ServiceDefinition::parse(&on_tape, "the tape").unwrap();
            assert_eq!(again.source_on_tape(), on_tape);
            assert_eq!(again.name, definition.name);
            assert_eq!(again.endpoints.len(), definition.endpoints.len());
        }
        Err(error) => {
            let told = error.to_string();
            assert!(told.contains("tried.toml"), "{told}");
        }
    }
}

#[test]
fn damaged_definitions_are_refused_with_their_place() {
    bolero::check!()
        .with_arbitrary::<(u8, Edits)>()
        .for_each(|(which, edits): &(u8, Edits)| {
            let source = registry::BUILTIN[usize::from(*which) % registry::BUILTIN.len()].source;
            let tried = edits.apply(source.as_bytes());
            try_source(&String::from_utf8_lossy(&tried));
        });
}
