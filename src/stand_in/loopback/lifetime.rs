//! Starting, stopping, threads, and the target that does nothing.

use std::net::TcpStream;
use std::sync::Arc;

use super::super::{ErrorKind, Faults, IdWatch, Role, Ruleset, Share, StandIn, StandInConfig};
use super::{AUTH, Client, MONITORING, demo};

#[test]
fn a_stopped_stand_in_is_gone_and_tells_what_it_saw() {
    let stand_in = demo();
    let address = stand_in.address();
    assert_eq!(stand_in.url(), format!("http://{address}"));
    let mut client = Client::new(&stand_in);
    client.post(AUTH, "{}").unwrap();
    client.post(MONITORING, r#"{"decision":"BLOCK"}"#).unwrap();
    let seen = stand_in.stop().unwrap();
    assert_eq!(
        (
            seen.connections,
            seen.auth_requests,
            seen.monitoring_requests
        ),
        (1, 1, 1)
    );
    assert_eq!((seen.approved, seen.declined), (1, 1));
    assert_eq!(client.drain().unwrap(), b"");
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_dropped_stand_in_is_gone_too() {
    let stand_in = StandIn::start(StandInConfig {
        threads: 2,
        ..StandInConfig::default()
    })
    .unwrap();
    let address = stand_in.address();
    drop(stand_in);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn every_thread_serves() {
    let config = StandInConfig {
        threads: 3,
        id_watch: IdWatch::On,
        ..StandInConfig::demo().unwrap()
    };
    let stand_in = StandIn::start(config).unwrap();
    let mut clients: Vec<Client> = (0..7).map(|_| Client::new(&stand_in)).collect();
    for (idx, client) in clients.iter_mut().enumerate() {
        for request in [
            format!(r#"{{"transaction_id":"own-{idx}"}}"#),
            r#"{"transaction_id":"same"}"#.to_owned(),
        ] {
            assert_eq!(client.post(AUTH, &request).unwrap().status, 200);
        }
    }
    let seen = stand_in.stop().unwrap();
    assert_eq!((seen.connections, seen.auth_requests), (7, 14));
    assert_eq!((seen.distinct_ids, seen.repeated_ids), (8, 6));
}

#[test]
fn the_null_target_answers_anything_with_a_constant() {
    let config = StandInConfig {
        role: Role::Null,
        ..StandInConfig::default()
    };
    let stand_in = StandIn::start(config).unwrap();
    let mut client = Client::new(&stand_in);
    let large = "x".repeat(3 * 1024 * 1024);
    for (path, body) in [
        (AUTH, "{}"),
        ("/any/path", "not json"),
        ("/", ""),
        ("/", &large),
    ] {
        let answer = client.post(path, body).unwrap();
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, r#"{"ok":true}"#)
        );
    }
    assert_eq!(stand_in.stop().unwrap().other_requests, 4);
}

#[test]
fn what_cannot_start_says_why() {
    let check = |config: StandInConfig, kind, message: &str| {
        let error = StandIn::start(config).err().expect("the stand-in started");
        assert_eq!(
            (error.kind(), error.to_string()),
            (kind, message.to_owned())
        );
    };
    let none = StandInConfig {
        threads: 0,
        ..StandInConfig::default()
    };
    check(
        none,
        ErrorKind::Usage,
        "a stand-in needs at least one thread, the configuration asks for none",
    );

    let faults = Faults {
        reset: Share::ALL,
        garbage: "0.5%".parse().unwrap(),
        ..Faults::default()
    };
    let shares = StandInConfig {
        faults,
        ..StandInConfig::default()
    };
    check(
        shares,
        ErrorKind::Usage,
        "the fault shares add up to 100.5 %: at most 100 % of the requests can be hit",
    );

    let monitoring = Some(Arc::new(Ruleset::demo_monitoring().unwrap()));
    let swapped = StandInConfig {
        ruleset_auth: monitoring,
        ..StandInConfig::default()
    };
    check(
        swapped,
        ErrorKind::Ruleset,
        "this evaluation path needs a ruleset with the key CARD_AUTH, the one given has CARD_MONITORING",
    );

    let first = demo();
    let taken = StandInConfig {
        address: first.address(),
        ..StandInConfig::default()
    };
    check(
        taken,
        ErrorKind::System,
        &format!("cannot listen on {}", first.address()),
    );
}
