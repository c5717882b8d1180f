//! Engines that load, that do not, and that only say so.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle};

use tapdeck_stores::Embedded;
use tempfile::TempDir;

use super::*;
use crate::exit::Exit;
use crate::harness::target::{self, Access};
use crate::stand_in::{StandIn, StandInConfig, StoredRulesets};

/// A store of its own.
struct Site {
    embedded: Embedded,
    _folder: TempDir,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            embedded: Embedded::start(folder.path()).unwrap(),
            _folder: folder,
        }
    }

    fn store(&self) -> Store {
        Store::connect(self.embedded.config()).unwrap()
    }

    /// A rule engine that reads rulesets of an environment from here.
    fn engine(&self, environment: &str) -> StandIn {
        StandIn::start(StandInConfig {
            storage: Some(Arc::new(StoredRulesets {
                store: self.store(),
                environment: environment.to_owned(),
            })),
            ..StandInConfig::default()
        })
        .unwrap()
    }

    fn seeder(&self, url: &str) -> RulesetSeeder {
        let keys = ["CARD_AUTH", "CARD_MONITORING"].map(str::to_owned).to_vec();
        RulesetSeeder {
            store: self.store(),
            run_id: "lt-1".parse().unwrap(),
            environment: "local".to_owned(),
            country: "US".to_owned(),
            region: "AMERICAS".to_owned(),
            rulesets: demo_rulesets().unwrap(),
            engines: vec![Engine {
                url: url.to_owned(),
                target: target::find(url, &Access::default()).unwrap(),
                keys,
                headers: HeaderMap::new(),
            }],
            stop: Stop::default(),
        }
    }
}

fn seed(seeder: &RulesetSeeder) -> Result<Seeded, Error> {
    seeder.seed(Timestamp::UNIX_EPOCH)
}

/// An engine that gives these answers, in turn.
fn scripted(answers: &'static [(u16, &'static str)]) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = thread::spawn(move || {
        // The first to come only finds out whether anybody listens.
        drop(listener.accept().unwrap());
        for (status, body) in answers {
            let mut stream = BufReader::new(listener.accept().unwrap().0);
            let (mut length, mut line) = (0, String::new());
            while stream.read_line(&mut line).unwrap() > 2 {
                if let Some(text) = line.strip_prefix("content-length: ") {
                    length = text.trim().parse().unwrap();
                }
                line.clear();
            }
            stream.read_exact(&mut vec![0; length]).unwrap();
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}", body.len());
            write!(stream.get_mut(), "{head}\r\n\r\n{body}").unwrap();
        }
    });
    (url, thread)
}

#[track_caller]
fn check(error: &Error, expected: &[&str]) {
    let text = error.to_string();
    for part in expected {
        assert!(text.contains(part), "{part:?} is missing: {text}");
    }
    assert_eq!(error.exit(), Exit::TargetUnreachable);
}

#[test]
fn an_engine_has_what_a_run_needs_and_the_store_is_put_back() {
    let site = Site::new();
    let engine = site.engine("local");
    let mut seeder = site.seeder(&engine.url());
    let seeded = seed(&seeder).unwrap();
    assert_eq!(seeded.objects.len(), 8);
    let wanted = seeder.wanted(&seeder.engines[0], "CARD_AUTH").unwrap();
    wanted.verify().unwrap();
    let torn_down = seeder.teardown().unwrap();
    assert_eq!(torn_down.shared.len(), 8);
    assert!(seeder.store.list("").unwrap().is_empty());
}

#[test]
fn an_engine_of_another_environment_is_told_apart() {
    let site = Site::new();
    let engine = site.engine("staging");
    let mut seeder = site.seeder(&engine.url());
    let error = seed(&seeder).unwrap_err();
    let parts = [
        "does not have the ruleset CARD_AUTH version 1",
        "fraud-gov-artifacts/rulesets/local/CARD_AUTH/v1/ruleset.json",
        "LOAD_FAILED",
        "there is no rulesets/staging/CARD_AUTH/v1/ruleset.json",
        "RULESET_ENVIRONMENT",
    ];
    check(&error, &parts);
    seeder.teardown().unwrap();
    assert!(seeder.store.list("").unwrap().is_empty());
}

#[test]
fn a_ruleset_that_the_engine_refuses_is_named() {
    let site = Site::new();
    let engine = site.engine("local");
    let mut seeder = site.seeder(&engine.url());
    seeder.rulesets[1].bytes = br#"{"ruleset_key":"CARD_MONITORING","rules":3}"#.to_vec();
    let error = seed(&seeder).unwrap_err();
    check(
        &error,
        &["CARD_MONITORING version 1", "expected a list of rules"],
    );
}

#[test]
fn what_an_engine_only_claims_to_have_loaded_is_not_there() {
    const DONE: (u16, &str) = (200, r#"{"success":true}"#);
    const TWO: (u16, &str) = (200, r#"{"totalRulesets":2,"countries":1}"#);
    for (answers, expected) in [
        (
            &[DONE, DONE, (200, r#"{"totalRulesets":0,"countries":0}"#)][..],
            &[
                "CARD_AUTH version 1",
                "registry/status answered 200",
                r#""totalRulesets":0"#,
            ][..],
        ),
        (
            &[
                DONE,
                DONE,
                TWO,
                (200, r#"{"country":"global","rulesetKeys":["OTHER"]}"#),
            ],
            &["CARD_AUTH version 1", "registry/global", "OTHER"],
        ),
        (
            &[(200, r#"{"success":false,"message":"no"}"#)],
            &["rulesets/load answered 200", "no"],
        ),
        (
            &[(200, "<html>")],
            &["rulesets/load answered 200", "<html>"],
        ),
        (&[(404, "nothing here")], &["answered 404 (nothing here)"]),
        (&[(403, "who are you")], &["answered 403"]),
    ] {
        let site = Site::new();
        let (url, thread) = scripted(answers);
        let seeder = site.seeder(&url);
        check(&seed(&seeder).unwrap_err(), expected);
        thread.join().unwrap();
    }
}

#[test]
fn a_key_that_nothing_is_published_under_is_an_error() {
    let site = Site::new();
    let engine = site.engine("local");
    let mut seeder = site.seeder(&engine.url());
    seeder.engines[0].keys.push("CARD_OTHER".to_owned());
    check(
        &seed(&seeder).unwrap_err(),
        &["CARD_OTHER", "nothing of that key"],
    );
}

#[test]
fn an_interrupt_ends_seeding_behind_what_was_published() {
    let site = Site::new();
    let engine = site.engine("local");
    let mut seeder = site.seeder(&engine.url());
    seeder.stop = Stop::of(&Arc::new(AtomicBool::new(true)));
    let seeded = seed(&seeder).unwrap();
    assert_eq!(seeded.objects.len(), 8);
    let wanted = seeder.wanted(&seeder.engines[0], "CARD_AUTH").unwrap();
    assert!(wanted.verify().is_err());
    seeder.teardown().unwrap();
}
