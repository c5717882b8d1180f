//! Runs with tokens: carried, renewed on the way, and proven before; the gate of the stand-in looks at every one.

use std::sync::Arc;
use std::thread;

use http::HeaderValue;
use tapdeck::auth::preflight::{self, Proof};
use tapdeck::auth::signing::SigningKey;
use tapdeck::auth::{AuthError, AuthMode, AuthSettings, TokenSource};
use tapdeck::exit::Exit;
use tapdeck::harness::play::RunPlan;
use tapdeck::harness::target::{self, Access, HttpVersion};
use tapdeck::patience::Stop;
use tapdeck::replay::token::{Token, TokenFeed};
use tapdeck::stand_in::{Role, StandIn, StandInConfig, TokenRules};
use tapdeck_services::ServiceDefinition;

use crate::common::{Run, guarded_rule_engine, play_through};

const PROBE: Option<&str> = Some("/v1/manage/metrics");

fn settings() -> AuthSettings {
    AuthSettings {
        signing_key: Some("a shared secret of a test".into()),
        ..AuthSettings::default()
    }
}

/// A rule engine that takes tokens signed with the key of the settings.
fn guarded() -> StandIn {
    let rules = TokenRules::of_settings(&settings()).unwrap();
    StandIn::start(StandInConfig {
        tokens: Some(Arc::new(rules)),
        ..StandInConfig::demo().unwrap()
    })
    .unwrap()
}

fn local_token(service: &ServiceDefinition) -> Token {
    let source = TokenSource::start(AuthMode::Local, &settings(), service);
    source.unwrap().unwrap().feed().token()
}

/// A run whose requests carry what a feed gives.
fn plan(target: &StandIn, feed: Option<TokenFeed>) -> RunPlan {
    let run = Run {
        lanes: 2,
        ..Run::at(&target.url(), 300.0)
    };
    let mut plan = RunPlan {
        service: Arc::new(guarded_rule_engine(PROBE)),
        ..run.plan()
    };
    plan.settings.token = feed;
    plan
}

#[test]
fn a_token_opens_the_gate_to_every_request_and_nothing_else_does() {
    let target = guarded();
    let feed = TokenFeed::new(local_token(&guarded_rule_engine(PROBE)));
    let measurements = play_through(&plan(&target, Some(feed))).measurements;
    assert_eq!(measurements.ledger.good, 300);
    assert_eq!((target.seen().tokens, target.seen().turned_away), (1, 0));

    let measurements = play_through(&plan(&target, None)).measurements;
    assert_eq!(measurements.ledger.rejected, 300);
    assert_eq!((target.seen().tokens, target.seen().turned_away), (1, 300));
}

#[test]
fn a_renewed_token_is_taken_over_while_requests_flow() {
    let target = guarded();
    let service = guarded_rule_engine(PROBE);
    let feed = TokenFeed::new(local_token(&service));
    let plan = plan(&target, Some(feed.clone()));
    let measurements = thread::scope(|scope| {
        scope.spawn(|| {
            while target.seen().auth_requests < 50 {
                thread::yield_now();
            }
            feed.publish(local_token(&service));
        });
        play_through(&plan).measurements
    });
    assert_eq!(measurements.ledger.good, 300);
    assert_eq!((target.seen().tokens, target.seen().turned_away), (2, 0));
}

#[test]
fn a_token_fetched_from_the_provider_opens_the_gate() {
    let target = guarded();
    let settings = AuthSettings {
        domain: Some(target.url()),
        audience: Some("local-api".to_owned()),
        client_id: Some("client".to_owned()),
        client_secret: Some("secret".into()),
        ..AuthSettings::default()
    };
    let service = guarded_rule_engine(PROBE);
    let source = TokenSource::start(AuthMode::Auth0, &settings, &service);
    let source = source.unwrap().unwrap();
    let found = target::find(&target.url(), &Access::default()).unwrap();
    let proof = preflight::check(&found, &service, &source.feed().token(), &Stop::default());
    assert_eq!(proof.unwrap(), Proof::Proven);
    let measurements = play_through(&plan(&target, Some(source.feed()))).measurements;
    assert_eq!(measurements.ledger.good, 300);
    let seen = target.seen();
    // The broken one of the proof is turned away.
    assert_eq!(
        (seen.tokens_given, seen.tokens, seen.turned_away),
        (1, 1, 1)
    );
}

/// Tries a token on a target before a run.
fn check(
    url: &str,
    http: HttpVersion,
    probe: Option<&str>,
    token: &Token,
) -> Result<Proof, AuthError> {
    let access = Access {
        http,
        ..Access::default()
    };
    let target = target::find(url, &access).unwrap();
    preflight::check(
        &target,
        &guarded_rule_engine(probe),
        token,
        &Stop::default(),
    )
}

#[test]
fn a_target_that_checks_tokens_is_told_from_every_other() {
    let (guarded, open) = (
        guarded(),
        StandIn::start(StandInConfig::demo().unwrap()).unwrap(),
    );
    let good = local_token(&guarded_rule_engine(PROBE));
    let stranger = SigningKey::from_secret(&"another secret".into());
    let claims = serde_json::json!({"iss": "load-test-local", "planted": "claim"});
    let foreign = stranger.sign(claims.as_object().unwrap()).unwrap();
    for http in [HttpVersion::One, HttpVersion::Two] {
        let ask = |target: &StandIn, probe, token| check(&target.url(), http, probe, token);
        assert_eq!(ask(&guarded, PROBE, &good).unwrap(), Proof::Proven);
        assert_eq!(ask(&open, None, &good).unwrap(), Proof::Unproven);
        for (target, probe, token, expected) in [
            (
                &guarded,
                PROBE,
                &foreign,
                "the target refuses the token: GET /v1/manage/metrics was answered with 401",
            ),
            (
                &guarded,
                Some("/v1/evaluate/health"),
                &good,
                "the target takes a token with a broken signature",
            ),
            (
                &open,
                PROBE,
                &good,
                "the target takes a token with a broken signature",
            ),
            (
                &guarded,
                Some("/none"),
                &good,
                "GET /none was answered with 404",
            ),
            (
                &open,
                Some("/none"),
                &good,
                "which says nothing about the token",
            ),
        ] {
            let error = ask(target, probe, token).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(expected), "{text}");
            assert!(!text.contains(token.expose()), "{text}");
            assert_eq!(error.exit(), Exit::TargetUnreachable);
        }
    }
}

#[test]
fn every_service_that_takes_tokens_is_proven_against_its_stand_in() {
    for (name, role) in [
        ("rule-engine", Role::RuleEngine),
        ("transaction-management", Role::TransactionManagement),
        ("rule-management", Role::RuleManagement),
    ] {
        let target = StandIn::start(StandInConfig {
            role,
            tokens: Some(Arc::new(TokenRules::of_settings(&settings()).unwrap())),
            ..StandInConfig::default()
        });
        let target = target.unwrap();
        let service = tapdeck_services::registry::find(name).unwrap();
        let found = target::find(&target.url(), &Access::default()).unwrap();
        let proof = preflight::check(&found, &service, &local_token(&service), &Stop::default());
        assert_eq!(proof.unwrap(), Proof::Proven, "{name}");
    }
}

#[test]
fn a_right_that_is_missing_is_told_from_a_token_that_is_bad() {
    let target = guarded();
    let mut service = guarded_rule_engine(PROBE);
    if let Some(auth) = &mut service.auth {
        auth.scope = Some("something:else".to_owned());
    }
    let error = check(
        &target.url(),
        HttpVersion::One,
        PROBE,
        &local_token(&service),
    )
    .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("403") && text.contains("lacks a right"),
        "{text}"
    );
}

#[test]
fn connections_are_opened_again_to_addresses_that_were_checked_and_to_no_name() {
    let mut config = StandInConfig::demo().unwrap();
    config.faults.reset = "10%".parse().unwrap();
    let target = StandIn::start(config).unwrap();
    let mut plan = Run::at(&target.url(), 300.0).plan();
    // Whoever looked this name up would find nothing.
    plan.settings.target.authority = HeaderValue::from_static("nowhere.invalid:1");
    let measurements = play_through(&plan).measurements;
    assert!(target.seen().connections > 20, "{:?}", target.seen());
    assert!(measurements.ledger.good > 200, "{:?}", measurements.ledger);
    assert_eq!(crate::common::failures(&measurements, "connect"), 0);
}
