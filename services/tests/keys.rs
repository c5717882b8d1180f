//! The key registry and the reader agree: what is listed is read, what is required is missed, examples are accepted.

use std::collections::BTreeSet;

use tapdeck_services::{ErrorKind, Key, Need, ServiceDefinition, TABLES, TableKeys};

/// Every key of every table, each on a line of its own or as the heading of a table.
const FULL: &str = r#"name = "full"
title = "Everything there is"
aliases = ["whole"]
slos = ["errors<=1%"]
velocity_keys = ["card", "ip"]
[target]
base_url = "http://localhost:1"
base_url_env = ["FULL_URL"]
health_path = "/up"
[auth]
audience = "full"
issuer = "me"
scope = "all:things"
permissions = ["thing:read"]
claims = { level = 1 }
probe_path = "/mine"
[[endpoints]]
name = "score"
method = "PUT"
path = "/all?page_size=7"
event = "monitoring"
weight = 1
headers = { accept = "application/json", authorization = "Bearer ${fire.token}" }
body = '${fire.id}'
statuses = [201]
[endpoints.decision]
pointer = "/word"
approve = ["YES"]
decline = ["NO"]
review = ["MAYBE"]
[[endpoints.checks]]
name = "echoed"
echoes_id = "/id"
[[endpoints.checks]]
name = "quiet"
header_absent = "x-noise"
[[endpoints.checks]]
name = "filled"
present = "/items/0"
[[endpoints.checks]]
name = "paged"
[endpoints.checks.echoes_parameter]
pointer = "/page_size"
parameter = "page_size"
[[endpoints.checks]]
name = "normal"
[endpoints.checks.equals]
pointer = "/mode"
value = "NORMAL"
[[sessions]]
name = "chain"
weight = 2
[[sessions.steps]]
name = "open"
method = "POST"
path = "/open"
body = 'please'
once = false
[sessions.steps.captures.csrf]
cookie = "token"
[sessions.steps.captures.id]
header = "Location"
[sessions.steps.captures.ids]
pointer = "/ids/*"
kind = "text"
take = "last"
[[sessions.steps]]
name = "read"
method = "GET"
path = "/read/${captured.ids}"
headers = { x-csrf = "${captured.csrf} ${fire.token}" }
statuses = [202]
think = "1s"
over = "ids"
at_most = 3
[[sessions.steps.checks]]
name = "same"
[sessions.steps.checks.equals]
pointer = "/id"
captured = "id"
[[scenarios]]
name = "steady"
rate = 5
duration = "2m"
slos = ["p99<1s"]
[[scenarios]]
name = "crowd"
users = 7
spawn_rate = 2.5
run_time = "3m"
ramp_down = "1s"
think = "2s"
mix = { score = 3 }
"#;

/// Keys whose value is a table stand in `FULL` as headings.
const HEADINGS: &[&str] = &[
    "target",
    "auth",
    "endpoints",
    "decision",
    "checks",
    "equals",
    "echoes_parameter",
    "sessions",
    "steps",
    "captures",
    "scenarios",
];

#[test]
fn the_full_definition_holds_every_listed_key() {
    let listed: BTreeSet<_> = TABLES
        .iter()
        .flat_map(|table| table.keys.iter().map(|key| (table.table, key.name)))
        .filter(|(_, key)| !HEADINGS.contains(key))
        .collect();
    let held: BTreeSet<_> = lines()
        .map(|(table, key, _)| (table.table, key.name))
        .collect();
    assert_eq!(held, listed);
    assert!(parse(FULL).is_ok());
}

#[test]
fn no_listed_key_is_ignored() {
    // No key takes a date, so only one that nobody reads would let it pass.
    for (table, key, line) in lines() {
        let dated = FULL.replacen(line, &format!("{} = 1979-05-27", key.name), 1);
        assert_eq!(
            parse(&dated),
            Err(ErrorKind::Shape),
            "{}: {line}",
            table.table
        );
    }
}

#[test]
fn required_keys_are_missed_and_others_are_not() {
    for (table, key, line) in lines() {
        let lacks = format!("{} lacks the key {:?}", table.table, key.name);
        let without = FULL.replacen(&format!("{line}\n"), "", 1);
        let error = ServiceDefinition::parse(&without, "full.toml").err();
        let is_missed = error.is_some_and(|error| error.to_string().ends_with(&lacks));
        assert_eq!(
            is_missed,
            key.need == Need::Required,
            "{}: {line}",
            table.table
        );
    }
}

#[test]
fn examples_are_accepted_and_explained() {
    for (table, key, line) in lines() {
        let example = FULL.replacen(line, &format!("{} = {}", key.name, key.example), 1);
        assert_eq!(parse(&example), Ok(()), "{}: {}", table.table, key.example);
    }
    for key in TABLES.iter().flat_map(|table| table.keys) {
        let document = format!("{} = {}", key.name, key.example);
        assert!(toml::de::DeTable::parse(&document).is_ok(), "{document}");
        assert!(!key.help.is_empty(), "{} needs help text", key.name);
    }
}

/// Gives the lines of `FULL` that set a key, with what the registry says of them.
///
/// Names stand in several tables, so a line is only good for replacing if it is unique; `FULL` takes care of that.
fn lines() -> impl Iterator<Item = (&'static TableKeys, &'static Key, &'static str)> {
    let mut table = TABLES[0];
    FULL.lines().filter_map(move |line| {
        if line.starts_with('[') {
            // The checks of a step are those of an endpoint.
            let heading = line.replace("[sessions.steps.checks", "[endpoints.checks");
            let heading = match heading.strip_prefix("[sessions.steps.captures.") {
                Some(_) => "[sessions.steps.captures.NAME]",
                None => &heading,
            };
            table = find(TABLES.iter().copied(), |table| table.table == heading, line);
            return None;
        }
        let name = line.split(" = ").next();
        let key = find(table.keys.iter(), |key| Some(key.name) == name, line);
        assert_eq!(FULL.matches(line).count(), 1, "{line}");
        Some((table, key, line))
    })
}

fn find<T>(mut items: impl Iterator<Item = T>, is_wanted: impl Fn(&T) -> bool, line: &str) -> T {
    match items.find(is_wanted) {
        Some(item) => item,
        None => panic!("the registry does not list {line}"),
    }
}

fn parse(source: &str) -> Result<(), ErrorKind> {
    let parsed = ServiceDefinition::parse(source, "full.toml");
    parsed.map(|_| ()).map_err(|error| error.kind())
}
