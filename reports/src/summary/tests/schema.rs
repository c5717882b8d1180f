//! The serialized form against its schema, and the schema against its documentation.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Measurements;
use crate::fixture::{gate, healthy};
use crate::measurements::{CaptureMeasurements, ConfusionRow, Ending, GateSubject, LimitHit};
use crate::summary::{JSON_SCHEMA, Summary};

/// Runs that together reach every branch of the schema.
fn specimens() -> Vec<Measurements> {
    let mut broken = healthy();
    broken.ending = Ending::Aborted;
    broken.ledger.cut = 3;
    broken.samples[0].lanes[0].run_delay_ns = None;
    broken.lanes[0].cpu_share = 1.01;
    broken.identity.tape_seed = None;
    broken.seconds[3] = crate::measurements::SecondMeasurements::default();
    broken.confusion.push(ConfusionRow::default());
    broken.notes = vec!["A remark.".to_owned()];
    (broken.endpoints[0].withheld, broken.endpoints[0].held_up) = (3, 4);
    broken.own_limits = vec![LimitHit {
        limit: "open files (EMFILE)".to_owned(),
        count: 3,
    }];
    broken.stamps.read = 1;
    broken.endpoints[0].session = Some("review".to_owned());
    broken.sessions[0].captures = vec![CaptureMeasurements {
        name: "id".to_owned(),
        looked: 3,
        sample: Some("{}".to_owned()),
        ..CaptureMeasurements::default()
    }];
    broken.gates = vec![
        gate("p99.99<1s", GateSubject::ResponseQuantile(0.9999), 1e9),
        gate("achieved>90%", GateSubject::AchievedShare, 0.9),
        gate("sessions>=90%", GateSubject::SessionShare, 0.9),
        gate("p50<9s", GateSubject::ResponseQuantile(0.5), 9e9),
        gate("errors<1%", GateSubject::ErrorShare, 0.01),
    ];
    vec![healthy(), broken, Measurements::default()]
}

#[test]
fn every_summary_fits_its_schema() {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for measurements in specimens() {
        let summary = serde_json::to_value(Summary::from_measurements(&measurements)).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(&summary)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert_eq!(faults, Vec::<String>::new());
    }
}

#[test]
fn what_was_added_later_is_always_written() {
    let [_, broken, _] = <[_; 3]>::try_from(specimens()).unwrap();
    let summary = serde_json::to_value(Summary::from_measurements(&broken)).unwrap();
    for key in [
        "/seconds/3/read_lag_ms",
        "/generator/held_up",
        "/sessions/0/captures/0/source",
        "/latency/response_ms/upper_bounds",
        "/endpoints/1/response_ms/upper_bounds",
    ] {
        assert!(summary.pointer(key).is_some(), "{key}");
    }
}

/// Keys that earlier summaries of this version lack, so that a reader cannot require them: where they stand, and each.
const ADDED_LATER: [(&str, &str); 4] = [
    ("/seconds[]", "read_lag_ms"),
    ("/generator", "held_up"),
    ("/sessions[]/captures[]", "source"),
    ("/$defs/response_ms", "upper_bounds"),
];

/// Walks every schema in a schema and checks that it is closed, complete and described.
fn check_described(path: &str, schema: &Value) {
    let Some(schema) = schema.as_object() else {
        return;
    };
    if let Some(Value::Object(properties)) = schema.get("properties") {
        assert_eq!(schema["additionalProperties"], Value::Bool(false), "{path}");
        let required = schema["required"].as_array().unwrap();
        let required = required.iter().map(|key| key.as_str().unwrap());
        let later = ADDED_LATER.iter().filter(|(place, _)| *place == path);
        let known: BTreeSet<&str> = required.chain(later.map(|(_, key)| *key)).collect();
        let keys: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        assert_eq!(known, keys, "{path}: required, unless it was added later");
        for (key, property) in properties {
            let description = property["description"].as_str().unwrap_or_default();
            assert!(
                description.ends_with('.'),
                "{path}/{key} lacks a description"
            );
            check_described(&format!("{path}/{key}"), property);
        }
    }
    for (name, definition) in schema
        .get("$defs")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        check_described(&format!("{path}/$defs/{name}"), definition);
    }
    check_described(
        &format!("{path}[]"),
        schema.get("items").unwrap_or(&Value::Null),
    );
    for choice in schema
        .get("anyOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        check_described(path, choice);
    }
}

#[test]
fn the_schema_is_closed_and_describes_every_key() {
    check_described("", &serde_json::from_str(JSON_SCHEMA).unwrap());
}

#[test]
fn the_documentation_names_every_key() {
    /// Collects the keys of a schema and of all schemas in it.
    fn keys(schema: &Value, found: &mut BTreeSet<String>) {
        match schema {
            Value::Object(members) => {
                for (name, member) in members {
                    if let ("properties", Value::Object(properties)) = (name.as_str(), member) {
                        found.extend(properties.keys().cloned());
                    }
                    keys(member, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
            _ => {}
        }
    }
    let documentation = include_str!("../../../../docs/metrics.md");
    let mut found = BTreeSet::new();
    keys(&serde_json::from_str(JSON_SCHEMA).unwrap(), &mut found);
    let missing: Vec<&String> = found
        .iter()
        .filter(|key| !documentation.contains(&format!("`{key}`")))
        .collect();
    assert_eq!(missing, Vec::<&String>::new(), "not in docs/metrics.md");
}
