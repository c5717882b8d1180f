//! The manual of definitions, `docs/services.md`, says what the registries say, and its examples are sound.

use tapdeck_services::{
    DRAWS, DrawInfo, Encoding, FIRE_FIELDS, FireFieldInfo, Key, Need, Presence, ServiceDefinition,
    TABLES, TOKEN_FIELD, TokenFieldInfo, WORLD_FIELDS, WorldFieldInfo, slo,
};

const MANUAL: &str = include_str!("../../docs/services.md");

#[test]
fn every_key_and_placeholder_has_its_row() {
    let keys = TABLES.iter().flat_map(|table| table.keys).map(key_row);
    let world = WORLD_FIELDS.iter().map(world_row);
    let fire = FIRE_FIELDS.iter().map(fire_row);
    let drawn = DRAWS.iter().map(draw_row);
    let missing: Vec<_> = keys
        .chain(world)
        .chain(fire)
        .chain(drawn)
        .chain([token_row(&TOKEN_FIELD)])
        .filter(|row| !MANUAL.contains(row))
        .collect();
    assert!(missing.is_empty(), "add or mend:\n{}", missing.concat());
}

#[test]
fn every_table_has_its_heading() {
    for table in TABLES {
        let heading = format!("\n### `{}`\n", table.table);
        let plain = heading.replace('`', "");
        assert!(
            MANUAL.contains(&heading) || MANUAL.contains(&plain),
            "{heading}"
        );
    }
}

#[test]
fn whole_examples_are_sound_definitions() {
    let examples: Vec<_> = blocks("toml")
        .filter(|toml| toml.starts_with("name"))
        .collect();
    assert!(!examples.is_empty());
    for example in examples {
        let parsed = ServiceDefinition::parse(example, "docs/services.md");
        assert!(parsed.is_ok(), "{parsed:?}\n{example}");
    }
}

#[test]
fn examples_of_slos_parse() {
    let slos: Vec<_> = blocks("slo").flat_map(str::lines).collect();
    assert!(!slos.is_empty());
    for example in slos {
        assert!(slo::parse_list(example).is_ok(), "{example}");
    }
}

#[test]
fn every_encoding_is_explained() {
    for encoding in [
        Encoding::JsonValue,
        Encoding::JsonText,
        Encoding::PathSegment,
        Encoding::Reference,
        Encoding::Plain,
    ] {
        assert!(MANUAL.contains(&format!("`{encoding:?}`")), "{encoding:?}");
    }
}

/// Gives the insides of the fenced blocks of one language.
fn blocks(language: &str) -> impl Iterator<Item = &'static str> {
    let opening = format!("```{language}\n");
    let mut rest = MANUAL;
    std::iter::from_fn(move || {
        let start = rest.find(&opening)? + opening.len();
        let length = rest[start..].find("```")?;
        let block = &rest[start..start + length];
        rest = &rest[start + length + 3..];
        Some(block)
    })
}

fn key_row(key: &Key) -> String {
    let need = match key.need {
        Need::Required => "required",
        Need::Optional => "optional",
    };
    format!(
        "| `{}` | {need} | {} | `{}` |\n",
        key.name, key.help, key.example
    )
}

fn world_row(info: &WorldFieldInfo) -> String {
    let kind = info.kind.as_str();
    let absent = match info.presence {
        Presence::Always => "",
        Presence::Optional => " or absent",
    };
    format!(
        "| `${{{}}}` | {kind}{absent} | {} | `{}` |\n",
        info.name, info.help, info.example
    )
}

fn draw_row(info: &DrawInfo) -> String {
    format!(
        "| `${{{}}}` | {} | {} | `{}` |\n",
        info.usage,
        info.kind.as_str(),
        info.help,
        info.example
    )
}

fn token_row(info: &TokenFieldInfo) -> String {
    format!(
        "| `${{{}}}` | any | {} | `{}` |\n",
        info.name, info.help, info.example
    )
}

fn fire_row(info: &FireFieldInfo) -> String {
    format!(
        "| `${{{}}}` | {} bytes | {} | `{}` |\n",
        info.name, info.width, info.help, info.example
    )
}
