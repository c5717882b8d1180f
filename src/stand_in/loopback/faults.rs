//! What a stand-in does wrong when told to.

use std::io::ErrorKind;
use std::thread;
use std::time::Duration;

use super::super::{DelayLaw, Faults, Seen, Share, Shed, Stall, StandIn, StandInConfig};
use super::{AUTH, Client, MONITORING, demo_with};
use crate::clock::{Clock, MonotonicClock};

const REQUEST: &str = r#"{"transaction_id":"t-7"}"#;

/// Waits, without a deadline of its own, for something that is bound to happen.
fn wait_for(stand_in: &StandIn, happened: impl Fn(Seen) -> bool) {
    while !happened(stand_in.seen()) {
        thread::yield_now();
    }
}

fn ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap()
}

#[test]
fn resets_reach_the_client_as_resets() {
    let stand_in = demo_with(Faults {
        reset: Share::ALL,
        ..Faults::default()
    });
    let error = Client::new(&stand_in).post(AUTH, REQUEST).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(stand_in.stop().unwrap().resets, 1);
}

#[test]
fn garbage_is_not_http_and_ends_the_connection() {
    let stand_in = demo_with(Faults {
        garbage: Share::ALL,
        ..Faults::default()
    });
    let mut client = Client::new(&stand_in);
    client
        .send("POST", AUTH, "application/json", REQUEST)
        .unwrap();
    let received = client.drain().unwrap();
    assert!(!received.is_empty() && !received.starts_with(b"HTTP"));
    assert!(String::from_utf8(received).is_err());
    assert_eq!(stand_in.stop().unwrap().garbage, 1);
}

#[test]
fn hanging_requests_get_nothing_until_the_stand_in_stops() {
    let stand_in = demo_with(Faults {
        hang: Share::ALL,
        ..Faults::default()
    });
    let mut client = Client::new(&stand_in);
    client
        .send("POST", AUTH, "application/json", REQUEST)
        .unwrap();
    wait_for(&stand_in, |seen| seen.hangs == 1);
    client.0.get_ref().set_nonblocking(true).unwrap();
    assert_eq!(client.drain().unwrap_err().kind(), ErrorKind::WouldBlock);
    client.0.get_ref().set_nonblocking(false).unwrap();
    assert_eq!(stand_in.stop().unwrap().approved, 0);
    assert_eq!(client.drain().unwrap(), b"");
}

#[test]
fn wrong_ids_are_answered_with_status_200() {
    let stand_in = demo_with(Faults {
        wrong_id: Share::ALL,
        ..Faults::default()
    });
    let mut client = Client::new(&stand_in);
    let auth = client.post(AUTH, REQUEST).unwrap();
    let expected = r#"{"transaction_id":"t-0","decision":"APPROVE","engine_mode":"NORMAL","engine_error_code":null}"#;
    assert_eq!((auth.status, auth.body.as_str()), (200, expected));
    let monitoring = client
        .post(MONITORING, r#"{"transaction_id":"t-7","decision":"ALLOW"}"#)
        .unwrap();
    assert!(
        monitoring
            .body
            .contains(r#","transaction_id":"t-0","evaluation_type""#)
    );
    assert_eq!(stand_in.stop().unwrap().wrong_ids, 2);
}

#[test]
fn played_failures_look_like_real_ones() {
    let stand_in = demo_with(Faults {
        fail_open: Share::ALL,
        ..Faults::default()
    });
    let mut client = Client::new(&stand_in);
    let auth = client.post(AUTH, REQUEST).unwrap();
    let expected = r#"{"transaction_id":"t-7","decision":"APPROVE","engine_mode":"FAIL_OPEN","engine_error_code":"INTERNAL_ERROR"}"#;
    assert_eq!((auth.status, auth.body.as_str()), (200, expected));
    let monitoring = client.post(MONITORING, r#"{"decision":"ALLOW"}"#).unwrap();
    assert!(
        monitoring
            .body
            .contains(r#""engine_mode":"DEGRADED","engine_error_code":"INTERNAL_ERROR""#)
    );
    let seen = stand_in.stop().unwrap();
    assert_eq!(
        (seen.fail_open, seen.degraded, seen.failures_played),
        (1, 1, 2)
    );
}

#[test]
fn a_limit_sheds_what_arrives_while_it_is_reached() {
    let stand_in = demo_with(Faults {
        shed: Shed::Above(1),
        hang: Share::ALL,
        ..Faults::default()
    });
    let mut first = Client::new(&stand_in);
    first
        .send("POST", AUTH, "application/json", REQUEST)
        .unwrap();
    wait_for(&stand_in, |seen| seen.hangs == 1);
    let mut second = Client::new(&stand_in);
    assert!(
        second
            .post(AUTH, REQUEST)
            .unwrap()
            .head
            .contains("x-load-shed: true")
    );
    // The place comes free when the first client leaves; the next request then hangs in its stead.
    drop(first);
    let mut third = Client::new(&stand_in);
    while stand_in.seen().hangs < 2 {
        third
            .send("POST", AUTH, "application/json", REQUEST)
            .unwrap();
        let before = stand_in.seen();
        wait_for(&stand_in, |seen| {
            seen.hangs + seen.shed > before.hangs + before.shed || seen.hangs == 2
        });
    }
}

#[test]
fn management_paths_meet_no_fault() {
    let stand_in = demo_with(Faults {
        reset: Share::ALL,
        ..Faults::default()
    });
    let answer = Client::new(&stand_in).get("/v1/evaluate/health").unwrap();
    assert_eq!(answer.status, 200);
}

#[test]
fn the_same_seed_hits_the_same_requests() {
    let shed_pattern = |seed| {
        let faults = Faults {
            shed: "50%".parse().unwrap(),
            ..Faults::default()
        };
        let config = StandInConfig {
            faults,
            seed,
            ..StandInConfig::demo().unwrap()
        };
        let stand_in = StandIn::start(config).unwrap();
        let mut client = Client::new(&stand_in);
        (0..64)
            .map(|_| {
                client
                    .post(AUTH, REQUEST)
                    .unwrap()
                    .head
                    .contains("x-load-shed")
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(shed_pattern(1), shed_pattern(1));
    assert_ne!(shed_pattern(1), shed_pattern(2));
}

#[test]
fn fixed_delays_are_never_short_and_hardly_long() {
    let delay = Duration::from_millis(3);
    let stand_in = demo_with(Faults {
        delay: DelayLaw::Fixed(delay),
        ..Faults::default()
    });
    let mut client = Client::new(&stand_in);
    let excess_ns = (0..40).map(|_| {
        let sent_ns = MonotonicClock.now_ns();
        client.post(AUTH, REQUEST).unwrap();
        let taken_ns = MonotonicClock.now_ns() - sent_ns;
        taken_ns
            .checked_sub(ns(delay))
            .expect("an answer left before its time")
    });
    // A busy machine makes single answers late, hardly all of them.
    assert!(excess_ns.min().unwrap() < 500_000);
}

#[test]
fn a_stall_holds_every_answer_until_its_end() {
    let length = Duration::from_millis(120);
    let stall = Some(Stall {
        after: Duration::ZERO,
        length,
    });
    let stand_in = demo_with(Faults {
        stall,
        ..Faults::default()
    });
    let begin_ns = MonotonicClock.now_ns();
    let mut clients: Vec<Client> = (0..5).map(|_| Client::new(&stand_in)).collect();
    for client in &mut clients {
        client
            .send("POST", AUTH, "application/json", REQUEST)
            .unwrap();
    }
    for client in &mut clients {
        assert_eq!(client.receive().unwrap().status, 200);
        assert!(MonotonicClock.now_ns() - begin_ns >= ns(length));
    }
    clients[0].post(AUTH, REQUEST).unwrap();
    assert_eq!(stand_in.stop().unwrap().stalled, 5);
}
