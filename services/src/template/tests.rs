use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::placeholder::ValueKind;
use crate::session::Known;

type Compile = fn(&str) -> Result<Template, Located>;

/// The places a template can stand at, in an endpoint on its own.
fn json(source: &str) -> Result<Template, Located> {
    Template::json(source, Scope::Endpoint)
}

fn plain(source: &str) -> Result<Template, Located> {
    Template::plain(source, Scope::Endpoint)
}

fn path(source: &str) -> Result<Template, Located> {
    Template::path(source, Scope::Endpoint)
}

fn header(source: &str) -> Result<Vec<HeaderPiece>, Located> {
    header_value(source, Scope::Endpoint)
}

/// Writes a template on one line: literals as they are, placeholders as `<name as encoding>`.
fn sketch(template: &Template) -> String {
    let sketch = |segment: &Segment| match segment {
        Segment::Literal(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Segment::World { field, encoding } => format!("<{} as {encoding:?}>", field.name()),
        Segment::Fire { field } => format!("<{}>", field.name()),
        Segment::Drawn { draw, encoding } => format!("<{draw} as {encoding:?}>"),
        Segment::Captured { variable, encoding } => format!("<#{variable} as {encoding:?}>"),
    };
    template.segments().iter().map(sketch).collect()
}

fn check(compile: Compile, source: &str, expected: &str) {
    let template = compile(source).unwrap();
    assert_eq!(sketch(&template), expected, "{source}");
    check_invariants(&template);
}

fn check_invariants(template: &Template) {
    let is_literal = |segment: &Segment| matches!(segment, Segment::Literal(_));
    let empty = Segment::Literal(Box::default());
    assert!(!template.segments().contains(&empty));
    for pair in template.segments().windows(2) {
        assert!(!pair.iter().all(is_literal), "two literals meet: {pair:?}");
    }
}

#[test]
fn the_place_of_a_placeholder_decides_its_encoding() {
    let rows: &[(Compile, &str, &str)] = &[
        (
            json,
            "{ \"a\" : ${txn.amount},\n\t\"b c\": \"x ${card.token} y\" }\r\n",
            "{\"a\":<txn.amount as JsonValue>,\"b c\":\"x <card.token as JsonText> y\"}",
        ),
        (
            json,
            r#"[${txn.card_present}, "\"${txn.at}", ${ip.address}]"#,
            r#"[<txn.card_present as JsonValue>,"\"<txn.at as JsonText>",<ip.address as JsonValue>]"#,
        ),
        (
            json,
            r#"{"${card.bin}": {"at": ${fire.sent_at}, "id": "a-${fire.id}"}}"#,
            r#"{"<card.bin as JsonText>":{"at":"<fire.sent_at>","id":"a-<fire.id>"}}"#,
        ),
        (json, "${card.token}", "<card.token as JsonValue>"),
        (json, r#""$${fire.id}""#, r#""${fire.id}""#),
        (
            plain,
            "a=${txn.amount}\n b=${fire.id}",
            "a=<txn.amount as Plain>\n b=<fire.id>",
        ),
        (plain, "$ {}} $${x} $$${y} $", "$ {}} ${x} $${y} $"),
        (plain, "", ""),
        (
            path,
            "/m/${merchant.id}/t?c=${txn.currency}",
            "/m/<merchant.id as PathSegment>/t?c=<txn.currency as PathSegment>",
        ),
    ];
    for (compile, source, expected) in rows {
        check(*compile, source, expected);
    }
}

#[test]
fn drawn_values_are_written_as_their_place_asks_for() {
    let rows: &[(Compile, &str, &str)] = &[
        (
            json,
            r#"{"a": ${any.number(1, 5)}, "b": ${any.word(x, y)}, "c": "${any.word(x)}-${any.hex(8)}"}"#,
            r#"{"a":<any.number(1, 5) as JsonValue>,"b":<any.word(x, y) as JsonValue>,"c":"<any.word(x) as JsonText>-<any.hex(8) as JsonText>"}"#,
        ),
        (path, "/a/${any.uuid}", "/a/<any.uuid as PathSegment>"),
        (
            plain,
            "n=${any.number(-1,1)}",
            "n=<any.number(-1, 1) as Plain>",
        ),
    ];
    for (compile, source, expected) in rows {
        check(*compile, source, expected);
    }
    let number = with_variables(|scope| Template::path("/${session.number}", scope)).unwrap();
    assert_eq!(sketch(&number), "/<session.number as PathSegment>");
    let what = "the number of a session";
    assert_eq!(
        path("/${session.number}"),
        Err(Fault::OutsideSession { what }.at(1))
    );
    let name = "any.hex";
    let refused = Err(Fault::PlaceholderInHeader { name }.at(2));
    assert_eq!(header("a ${any.hex(4)}"), refused);
}

#[test]
fn neighbors_are_joined_into_one_literal() {
    let template = json(r#"{"a": ${fire.id} , "b":1}"#).unwrap();
    let literals = [&br#"{"a":""#[..], &br#"","b":1}"#[..]];
    let expected = [
        Segment::Literal(literals[0].into()),
        Segment::Fire {
            field: FireField::Id,
        },
        Segment::Literal(literals[1].into()),
    ];
    assert_eq!(template.segments(), expected);
    assert!(template.stamps(FireField::Id) && !template.stamps(FireField::SentAt));
}

#[test]
fn faults_point_at_the_byte_that_shows_them() {
    let rows: &[(Compile, &str, usize)] = &[
        (plain, "é${", 2),
        (plain, "${a ${txn.id}", 0),
        (plain, "${txn.id}${txn.id }", 9),
        (plain, "x${ip.address}", 1),
        (plain, "x${any.number(2, 1)}", 14),
        (plain, "x${any.word}", 11),
        (path, "/${device.id}", 1),
        (path, "/a/${fire.id}", 3),
        (json, r#"{"a": "${ip.address}"}"#, 7),
        (json, r#"{"a": ${txn.amount} 1}"#, 20),
        (json, "[1,\n${txn.amount},\n]", 19),
        (json, "{${card.token}: 1}", 1),
        (json, r#""\${card.token}"""#, 2),
        (json, r#""\u12${card.token}""#, 18),
        (json, "\"a\nb\"", 2),
        (json, "1 2", 2),
        (json, r#""\ud800""#, 7),
    ];
    for (compile, source, offset) in rows {
        let located = compile(source).unwrap_err();
        assert_eq!(located.offset, *offset, "{source}: {}", located.fault);
    }
}

#[test]
fn headers_take_literals_captured_values_and_the_token_only() {
    let text = |text: &str| HeaderPiece::Text(text.to_owned());
    assert_eq!(header("a $${b}").unwrap(), [text("a ${b}")]);
    assert_eq!(header("").unwrap(), []);
    let bearer = [text("Bearer "), HeaderPiece::Token];
    assert_eq!(header("Bearer ${fire.token}").unwrap(), bearer);
    for compile in [plain, path, json] {
        let refused = Err(Fault::TokenOutsideHeader.at(1));
        assert_eq!(compile("/${fire.token}"), refused);
    }
    let name = "txn.id";
    let refused = Err(Fault::PlaceholderInHeader { name }.at(2));
    assert_eq!(header("a ${txn.id}"), refused);

    let captured = with_variables(|scope| header_value("a ${captured.id}$${${captured.n}", scope));
    let expected = [
        text("a "),
        HeaderPiece::Captured(0),
        text("${"),
        HeaderPiece::Captured(1),
    ];
    assert_eq!(captured.unwrap(), expected);
    assert_eq!(
        header("${captured.id}"),
        Err(Fault::OutsideSession {
            what: "a captured value"
        }
        .at(0))
    );
}

/// Hands out the second step of a session, of which the first captured text, a number, a boolean and a list.
fn with_variables<T>(compile: impl FnOnce(Scope<'_>) -> T) -> T {
    let known = |(name, kind, is_list): (&str, ValueKind, bool)| Known {
        name: name.to_owned(),
        kind,
        is_list,
        take: None,
        by: (0, "first".to_owned()),
    };
    let variables = [
        ("id", ValueKind::Text, false),
        ("n", ValueKind::Number, false),
        ("on", ValueKind::Boolean, false),
        ("all", ValueKind::Text, true),
    ];
    compile(Scope::Step {
        variables: &variables.map(known),
        number: 1,
        over: None,
        captures: &[],
    })
}

#[test]
fn a_pattern_names_placeholders_without_their_group() {
    let variable = |name: &str| Variable {
        name: name.to_owned(),
        kind: ValueKind::Text,
        take: crate::session::Take::First,
    };
    for (source, pattern) in [
        ("/plain", "/plain"),
        ("/a/${captured.id}/b?n=${captured.n}", "/a/{id}/b?n={n}"),
        ("/a/${any.uuid}", "/a/{uuid}"),
    ] {
        let template = with_variables(|scope| Template::path(source, scope)).unwrap();
        let variables = [variable("id"), variable("n")];
        assert_eq!(template.pattern(&variables), pattern);
    }
}

#[test]
fn captured_values_are_written_as_their_kind_and_place_ask_for() {
    type InScope = fn(&str, Scope<'_>) -> Result<Template, Located>;
    let rows: &[(InScope, &str, &str)] = &[
        (
            Template::json,
            r#"{"a": ${captured.id}, "b": "x-${captured.n}", "c": [${captured.n}, ${captured.on}]}"#,
            r#"{"a":"<#0 as JsonText>","b":"x-<#1 as JsonText>","c":[<#1 as JsonValue>,<#2 as JsonValue>]}"#,
        ),
        (
            Template::plain,
            "id=${captured.id}&n=${captured.n}",
            "id=<#0 as Plain>&n=<#1 as Plain>",
        ),
        (
            Template::path,
            "/a/${captured.id}?n=${captured.n}",
            "/a/<#0 as PathSegment>?n=<#1 as PathSegment>",
        ),
    ];
    for (compile, source, expected) in rows {
        let template = with_variables(|scope| compile(source, scope)).unwrap();
        assert_eq!(sketch(&template), *expected, "{source}");
        check_invariants(&template);
        let order: Vec<u8> = template.captured().map(|(variable, _)| variable).collect();
        assert_eq!(order, [0, 1, 1, 2][..order.len()]);
    }
    let name = "all".to_owned();
    let refused = with_variables(|scope| Template::path("/${captured.all}", scope));
    assert_eq!(refused, Err(Fault::TakeMissing { name }.at(1)));
}

/// Fills a template the way the generator and the replayer do, with `text` for every text that may be anything.
fn fill(template: &Template, text: &str) -> String {
    let quoted = Value::from(text).to_string();
    let inner = &quoted[1..quoted.len() - 1];
    let fill = |segment: &Segment| match segment {
        Segment::Literal(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Segment::Fire { field } => field.info().example.to_owned(),
        Segment::Drawn { draw, encoding } => match (encoding, draw.info().kind) {
            (Encoding::JsonValue, ValueKind::Text) => format!("\"{}\"", draw.info().example),
            _ => draw.info().example.to_owned(),
        },
        Segment::Captured { encoding, .. } => match encoding {
            Encoding::JsonValue => "-1.5e3".to_owned(),
            _ => inner.to_owned(),
        },
        Segment::World { field, encoding } => match (encoding, field.kind()) {
            (Encoding::JsonValue, ValueKind::Text) if field.info().presence == Presence::Always => {
                quoted.clone()
            }
            (Encoding::JsonValue, ValueKind::Text) => "null".to_owned(),
            (Encoding::JsonText, ValueKind::Text) => inner.to_owned(),
            _ => field.info().example.to_owned(),
        },
    };
    template.segments().iter().map(fill).collect()
}

/// Any placeholder that can stand in an endpoint on its own.
fn spelled() -> impl Strategy<Value = String> {
    let world = crate::WORLD_FIELDS.iter().map(|info| info.name);
    let fire = crate::FIRE_FIELDS.iter().map(|info| info.name);
    let drawn = crate::DRAWS.iter().map(|info| info.usage);
    let drawn = drawn.filter(|&usage| usage != "session.number");
    let all: Vec<_> = world.chain(fire).chain(drawn).collect();
    prop::sample::select(all).prop_map(|name| format!("${{{name}}}"))
}

fn anything_like_a_template() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        ".{0,3}",
        "[{}\\[\\]:,\"\\\\ \n$]",
        Just("${".to_owned()),
        Just("$${".to_owned()),
        spelled(),
    ];
    prop::collection::vec(fragment, 0..8).prop_map(|fragments| fragments.concat())
}

/// JSON text with blanks between its tokens and placeholders among its values and inside its strings.
fn json_template() -> impl Strategy<Value = String> {
    let blank = "[ \n\t]{0,2}";
    let text = (
        prop::sample::select(vec!["", "a ", "\\\" ", "é\\n"]),
        0..18usize,
    )
        .prop_map(|(prefix, idx)| format!("\"{prefix}${{{}}} \"", crate::WORLD_FIELDS[idx].name));
    let bare = spelled();
    let leaf = prop_oneof![
        Just("-1.5e3".to_owned()),
        Just("null".to_owned()),
        text.clone(),
        bare
    ];
    leaf.prop_recursive(3, 16, 3, move |inner| {
        let item = (blank, inner.clone(), blank).prop_map(|(a, item, b)| format!("{a}{item}{b}"));
        let pair = (text.clone(), item.clone()).prop_map(|(key, item)| format!("{key}:{item}"));
        prop_oneof![
            prop::collection::vec(item, 1..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(pair, 1..4).prop_map(|pairs| format!("{{{}}}", pairs.join(","))),
        ]
    })
}

fn json_value() -> impl Strategy<Value = Value> {
    let text = "(.|[ \"\\\\\n${]){0,6}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 3, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(text, inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<Value>()),
        ]
    })
}

proptest! {
    #[test]
    fn compiling_never_panics_and_faults_lie_inside(source in anything_like_a_template()) {
        let compilers: [Compile; 3] = [json, plain, path];
        for compile in compilers {
            match compile(&source) {
                Ok(template) => check_invariants(&template),
                Err(located) => prop_assert!(located.offset <= source.len()),
            }
        }
        let _ = header(&source);
    }

    #[test]
    fn escaped_text_comes_back_as_one_literal(text in "(.|\\$|\\{|\n){1,12}") {
        let template = plain(&text.replace("${", "$${")).unwrap();
        prop_assert_eq!(template.segments(), [Segment::Literal(text.as_bytes().into())]);
    }

    #[test]
    fn whatever_compiles_is_json_when_filled(source in anything_like_a_template(), text in ".*") {
        if let Ok(template) = json(&source) {
            let filled = fill(&template, &text);
            prop_assert!(serde_json::from_str::<Value>(&filled).is_ok(), "{filled}");
        }
    }

    #[test]
    fn json_with_placeholders_in_sound_places_compiles(source in json_template(), text in ".*") {
        let filled = fill(&json(&source).unwrap(), &text);
        prop_assert!(serde_json::from_str::<Value>(&filled).is_ok(), "{filled}");
    }

    #[test]
    fn indented_json_compiles_to_its_compact_form(value in json_value()) {
        let indented = serde_json::to_string_pretty(&value).unwrap().replace("${", "$${");
        let compact = value.to_string();
        let template = json(&indented).unwrap();
        prop_assert_eq!(template.segments(), [Segment::Literal(compact.as_bytes().into())]);
    }
}
