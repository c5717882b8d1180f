//! Fixtures as a user gets them, and as services take them.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use tapdeck::stand_in::Ruleset;

use crate::command::{run, tapdeck};

const KINDS: [&str; 4] = ["transactions", "users", "rules", "rulesets"];

/// Prints a fixture and reads it.
fn printed(line: &str) -> Vec<Value> {
    let words = ["fixtures"].into_iter().chain(line.split_whitespace());
    let text = run(words.chain(["-o", "-"])).good();
    let Ok(Value::Array(items)) = serde_json::from_str(&text) else {
        panic!("no JSON array: {text}");
    };
    assert_eq!(
        text.lines().count(),
        items.len() + 2,
        "one element per line"
    );
    items
}

fn names(item: &Value) -> Vec<&str> {
    let Value::Object(members) = item else {
        panic!("no object: {item}");
    };
    members.keys().map(String::as_str).collect()
}

#[test]
fn fixtures_are_functions_of_their_flags() {
    for kind in KINDS {
        let of_seed = |seed: &str| printed(&format!("{kind} --count 12 --seed {seed}"));
        let fixture = of_seed("7");
        assert_eq!(fixture.len(), 12);
        assert_eq!(fixture, of_seed("7"), "{kind}");
        assert_ne!(fixture, of_seed("8"), "{kind}");
    }
}

#[test]
fn the_usual_files_are_made_where_the_command_runs() {
    let folder = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let output = tapdeck()
            .current_dir(folder.path())
            .args(["fixtures", kind, "--count", "3"])
            .output()
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let file = format!("fixtures/{kind}.json");
        assert!(told.starts_with(&format!("{file}: 3 {kind}, ")), "{told}");
        let text = fs::read_to_string(folder.path().join(&file)).unwrap();
        let items: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(items, printed(&format!("{kind} --count 3")));
    }
    let made = fs::read_dir(folder.path().join("fixtures")).unwrap();
    assert_eq!(made.count(), KINDS.len());
}

#[test]
fn transactions_are_what_the_rule_engine_reads() {
    let all = printed("transactions --count 2000");
    let mut cards = BTreeSet::new();
    for transaction in &all {
        for name in [
            "transaction_id",
            "card_hash",
            "currency",
            "merchant_id",
            "merchant_category_code",
            "transaction_type",
            "entry_mode",
            "country_code",
            "timestamp",
            "occurred_at",
            "card_network",
            "card_bin",
            "card_id",
            "mcc",
            "country",
            "risk_level",
        ] {
            assert!(transaction[name].is_string(), "{name}: {transaction}");
        }
        assert!(transaction["amount"].is_number());
        assert!(transaction["card_present"].is_boolean());
        let decision = transaction["decision"].as_str().unwrap();
        assert!(["APPROVE", "DECLINE"].contains(&decision));
        assert_eq!(transaction["card_id"], transaction["card_hash"]);
        cards.insert(transaction["card_id"].as_str().unwrap());
    }
    assert!(cards.len() < all.len() / 10, "cards come back");
    let at = |transaction: &Value| transaction["timestamp"].as_str().map(str::to_owned);
    assert!(all.is_sorted_by_key(at));
}

#[test]
fn the_distribution_decides_levels_and_amounts() {
    let bounds = [
        ("normal", 100.0, 5_000.0),
        ("high", 5_000.0, 50_000.0),
        ("suspicious", 50_000.0, 500_000.0),
    ];
    let all = printed("transactions --count 3000 --distribution normal:1,high:2,suspicious:1");
    for ((level, least, most), share) in bounds.into_iter().zip([0.25, 0.5, 0.25]) {
        let of_level = all.iter().filter(|row| row["risk_level"] == level);
        let found = of_level.clone().count() as f64 / all.len() as f64;
        assert!((found - share).abs() < 0.04, "{level}: {found}");
        for row in of_level.filter(|row| row["currency"] == "USD") {
            let amount = row["amount"].as_f64().unwrap();
            assert!((least..=most).contains(&amount), "{row}");
        }
    }
    let high = printed("transactions --count 50 --distribution high:1");
    assert!(high.iter().all(|row| row["risk_level"] == "high"));
}

#[test]
fn users_hold_the_cards_of_the_same_world() {
    let users = printed("users --count 400 --seed 3");
    let holders: BTreeSet<&str> = users
        .iter()
        .filter_map(|user| user["card_id"].as_str())
        .collect();
    assert_eq!(holders.len(), users.len());
    for transaction in printed("transactions --count 500 --seed 3") {
        let card = transaction["card_id"].as_str().unwrap();
        let holder = users.iter().find(|user| user["card_id"] == card).unwrap();
        assert_eq!(transaction["email"], holder["email"]);
    }
    let french = printed("users --count 20 --country FR");
    assert!(french.iter().all(|user| user["country"] == "FR"));
}

#[test]
fn rules_are_what_rule_management_takes() {
    for (flags, expected) in [
        ("--rule-type PREAUTH", &["AUTH"][..]),
        ("--rule-type auth", &["AUTH"]),
        ("--rule-type POSTAUTH", &["MONITORING"]),
        ("--rule-type MONITORING", &["MONITORING"]),
        ("", &["AUTH", "MONITORING"]),
    ] {
        let rules = printed(&format!("rules --count 60 {flags}"));
        let types: BTreeSet<&str> = rules
            .iter()
            .filter_map(|rule| rule["rule_type"].as_str())
            .collect();
        assert!(types.iter().eq(expected), "{flags}: {types:?}");
        for rule in &rules {
            let members = [
                "action",
                "condition_tree",
                "description",
                "priority",
                "rule_name",
                "rule_type",
            ];
            assert_eq!(names(rule), members);
            assert_eq!(rule["condition_tree"]["type"], "AND");
            assert_ne!(
                (&rule["rule_type"], &rule["action"]),
                (&"AUTH".into(), &"REVIEW".into())
            );
        }
    }
}

#[test]
fn the_stand_in_loads_every_ruleset() {
    let rulesets = printed("rulesets --count 8 --rules-per-set 15");
    for (idx, ruleset) in rulesets.iter().enumerate() {
        let compiled = Ruleset::parse(&ruleset.to_string(), "fixture").unwrap();
        let key = ["CARD_AUTH", "CARD_MONITORING"][idx % 2];
        assert_eq!((compiled.key(), compiled.rule_count()), (key, 15));
        assert_eq!(ruleset["ruleset_version"], idx / 2 + 1);
    }
}

#[test]
fn rulesets_choose_among_the_rules_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.json");
    let path = file.to_str().unwrap();
    run([
        "fixtures", "rules", "--count", "30", "--seed", "9", "--quiet", "-o", path,
    ])
    .good();
    let rules: Vec<Value> = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let line = format!("rulesets --count 4 --rules-per-set 6 --rules-file {path}");
    for ruleset in printed(&line) {
        for member in ruleset["rules"].as_array().unwrap() {
            let rule = rules
                .iter()
                .find(|rule| rule["rule_name"] == member["rule_id"]);
            assert_eq!(rule.unwrap()["condition_tree"], member["condition"]);
        }
        Ruleset::parse(&ruleset.to_string(), "fixture").unwrap();
    }

    let refused = |line: &str| {
        let outcome = run(["fixtures", "rulesets", "-o", "-"]
            .into_iter()
            .chain(line.split(' ')));
        assert_eq!(
            (outcome.code, outcome.stdout.contains('}')),
            (Some(2), false)
        );
        outcome.stderr
    };
    let few = refused(&format!("--rules-file {path} --rules-per-set 16"));
    assert!(
        few.contains("has 15 rules of type AUTH, each set is to have 16"),
        "{few}"
    );
    let missing = refused("--rules-file no-such.json");
    assert!(
        missing.contains("cannot read no-such.json: No such file"),
        "{missing}"
    );
    fs::write(&file, "[{\"rule_name\": 3}]").unwrap();
    let broken = refused(&format!("--rules-file {path}"));
    assert!(
        broken.contains("is no list of rules") && broken.contains("line 1 column"),
        "{broken}"
    );
}

#[test]
fn impossible_wishes_leave_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.json");
    for (line, expected) in [
        (
            "transactions --count 0",
            "count is 0, expected 1 to 1000000",
        ),
        (
            "transactions --distribution low:1",
            "names no level of risk",
        ),
        ("users --country XX", "country is XX, expected one of US"),
        ("users --count 2000000", "count is 2000000, expected 1 to"),
        ("rules --count 0", "--count: is 0"),
        (
            "rules --rule-type LATER",
            "possible values: AUTH, MONITORING",
        ),
        ("rulesets --rules-per-set 0", "--rules-per-set: is 0"),
        ("users -o /dev/null", "no regular file"),
    ] {
        let words = ["fixtures"].into_iter().chain(line.split(' '));
        let place = if line.contains("-o") {
            vec![]
        } else {
            vec!["-o", path.to_str().unwrap()]
        };
        let outcome = run(words.chain(place));
        assert_eq!(outcome.code, Some(2), "{line}: {outcome:?}");
        assert!(outcome.stderr.contains(expected), "{line}: {outcome:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{line}");
    }
}
