//! Each way in which a store can be unusable has its own message, and none of them tells a secret.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use secrecy::ExposeSecret;

use super::{Rig, id};
use crate::{Error, ErrorKind, RulesetArtifact, Seeding, Store, StoreConfig, seed};

#[track_caller]
fn check(config: &StoreConfig, expected: &str) -> Error {
    let error = Store::connect(config).unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains(expected), "{text}");
    assert_eq!(error.kind(), ErrorKind::Store);
    for secret in [&config.access_key, &config.secret_key] {
        assert!(!text.contains(secret.expose_secret()), "{text}");
    }
    error
}

#[test]
fn a_store_that_is_down_is_unreachable() {
    let rig = Rig::new();
    let config = rig.embedded.config().clone();
    drop(rig);
    let error = check(&config, "Connection refused");
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
}

#[test]
fn a_store_with_another_secret_does_not_accept_us() {
    let rig = Rig::new();
    let wrong_secret = StoreConfig {
        secret_key: "not-the-secret".into(),
        ..rig.embedded.config().clone()
    };
    let error = check(&wrong_secret, "SignatureDoesNotMatch");
    assert!(matches!(error, Error::Credentials { .. }), "{error}");
    let nobody = StoreConfig {
        access_key: "nobody-known".into(),
        ..rig.embedded.config().clone()
    };
    let error = check(&nobody, "NotSignedUp");
    assert!(matches!(error, Error::Credentials { .. }), "{error}");
}

#[test]
fn a_bucket_that_is_missing_is_named() {
    let rig = Rig::new();
    let config = StoreConfig {
        bucket: "other-bucket".to_owned(),
        ..rig.embedded.config().clone()
    };
    let error = check(&config, "has no bucket other-bucket");
    assert!(matches!(error, Error::BucketMissing { .. }), "{error}");
}

#[test]
fn a_missing_right_names_what_was_tried() {
    let rig = Rig::new();
    rig.gate.close_after(0);
    let error = rig.seed("lt-1").unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("write fraud-gov-artifacts/loadtest/lt-1/journal.json"),
        "{text}"
    );
}

#[test]
fn what_is_no_store_at_all_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let console = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4_096];
        let read = stream.read(&mut request).unwrap();
        assert!(read > 0);
        let page = "<html>404</html>";
        write!(
            stream,
            "HTTP/1.1 404 Not Found\r\ncontent-length: {}\r\n\r\n{page}",
            page.len()
        )
        .unwrap();
    });
    let config = StoreConfig {
        endpoint,
        bucket: "bucket".to_owned(),
        region: "us-east-1".to_owned(),
        access_key: "some-id".into(),
        secret_key: "some-secret".into(),
    };
    let error = check(&config, "not as S3 does");
    assert!(matches!(error, Error::Answer { .. }), "{error}");
    console.join().unwrap();
}

#[test]
fn names_that_are_no_segments_of_keys_are_refused_before_anything_is_written() {
    let rig = Rig::new();
    let found = rig.contents();
    let ruleset = |key: &str| RulesetArtifact {
        key: key.to_owned(),
        version: 1,
        bytes: b"{}".to_vec(),
    };
    for (environment, country, rulesets, expected) in [
        ("lo/cal", "US", vec![ruleset("K")], "the environment"),
        ("local", "..", vec![ruleset("K")], "the country"),
        ("local", "US", vec![ruleset("")], "the ruleset key"),
        (
            "local",
            "US",
            vec![ruleset("K"), ruleset("K")],
            "named twice",
        ),
    ] {
        let seeding = Seeding {
            run_id: &id("lt-1"),
            environment,
            country,
            region: "AMERICAS",
            rulesets: &rulesets,
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        let error = seed(&rig.store, &seeding).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(rig.contents(), found);
    }
}
