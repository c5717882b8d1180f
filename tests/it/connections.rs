//! How long connections are kept, and what opening them takes, on every way to a target.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tapdeck::error::Error;
use tapdeck::events::Nobody;
use tapdeck::exit::Exit;
use tapdeck::harness::play::play;
use tapdeck::replay::transport::{Keeping, Reuse, Stamping};
use tapdeck::stand_in::{StandIn, StandInConfig};

use crate::common::{MS, Run, S, check_balance, failures};
use crate::ledger::StopAt;
use crate::ways::{Way, on_every_way};

on_every_way! {
    openings_are_measured,
    a_connection_for_each_request_is_part_of_its_response_time,
    without_connections_of_their_own_requests_fail_and_are_counted,
    old_connections_are_closed_between_exchanges,
}

const FOR_ONE: Keeping = Keeping {
    reuse: Reuse::Never,
    lifetime_ns: None,
    connect_gap_ns: 0,
    stamps: Stamping::Kernel,
};

fn openings_are_measured(way: Way) {
    let target = way.to(StandInConfig::demo().unwrap());
    let measured = target.at(200.0).play();
    let transport = &measured.transport;
    let opened = if way.is_shared() { 4 } else { 16 };
    assert_eq!(transport.opened, opened);
    assert_eq!(transport.connect.len(), opened);
    assert!(transport.connect.min() > 0);
    assert_eq!(
        (transport.lost, transport.aged, transport.failed),
        (0, 0, 0)
    );
    assert_eq!(transport.protocol == "HTTP/2", way.is_shared());
    let tls = transport.tls.as_ref();
    assert_eq!(tls.is_some(), way.is_encrypted());
    assert!(tls.is_none_or(|tls| tls.verified), "{tls:?}");
    let handshakes = if way.is_encrypted() { opened } else { 0 };
    assert_eq!(transport.handshake.len(), handshakes);
    assert_eq!(transport.addresses.len(), 1);
}

fn a_connection_for_each_request_is_part_of_its_response_time(way: Way) {
    let target = way.to(StandInConfig::demo().unwrap());
    let run = Run {
        keeping: FOR_ONE,
        ..target.at(200.0)
    };
    let measured = run.play();
    assert_eq!(measured.ledger.good, 200, "{:?}", measured.failures);
    let transport = &measured.transport;
    assert_eq!(transport.opened, 200);
    assert!(!transport.keep_alive);
    // The wait for a connection is the target's doing, and nobody gets around it.
    assert_eq!(measured.ledger.deferred, 200);
    assert!(measured.connection_wait.min() >= transport.connect.min());
    let response = measured
        .endpoints
        .iter()
        .map(|endpoint| endpoint.response.min());
    assert!(response.min() > Some(transport.connect.min() + transport.handshake.min()));
    // One more looked at the target before the run, over HTTP/1.1 without saying anything.
    let seen = target.stand_in.stop().unwrap();
    assert_eq!(seen.connections, 201);
}

fn without_connections_of_their_own_requests_fail_and_are_counted(way: Way) {
    let target = way.to(StandInConfig::demo().unwrap());
    let run = Run {
        keeping: FOR_ONE,
        measure_ns: 2 * S,
        ..target.at(300.0)
    };
    let (plan, stop) = (run.plan(), Arc::new(AtomicBool::new(false)));
    let played = play(&plan, &stop, &mut StopAt(Some(target))).unwrap();
    let measured = played.measurements;
    check_balance(&measured);
    assert_eq!(measured.ledger.planned, 600);
    assert!(measured.ledger.good > 0, "{:?}", measured.ledger);
    let unconnected = failures(&measured, "connect");
    assert!(unconnected > 0, "{:?}", measured.failures);
    // One connection for each request; one that the target closed before it was written to counts as opened.
    let transport = &measured.transport;
    assert_eq!(transport.opened + transport.failed, 600);
    assert!(transport.failed > 0, "{:?}", measured.failures);
}

#[test]
fn a_run_called_off_while_connections_are_opened_sends_nothing() {
    let stand_in = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let run = Run {
        keeping: Keeping {
            connect_gap_ns: 3_600 * S,
            ..Keeping::default()
        },
        ..Run::at(&stand_in.url(), 200.0)
    };
    let (plan, stop) = (run.plan(), Arc::new(AtomicBool::new(true)));
    let error = play(&plan, &stop, &mut Nobody).unwrap_err();
    assert!(matches!(error, Error::Interrupted), "{error:?}");
    assert_eq!(error.exit(), Exit::Interrupted);
    let seen = stand_in.stop().unwrap();
    assert_eq!(seen.auth_requests + seen.monitoring_requests, 0);
}

fn old_connections_are_closed_between_exchanges(way: Way) {
    let target = way.to(StandInConfig::demo().unwrap());
    let run = Run {
        keeping: Keeping {
            lifetime_ns: Some(200 * MS),
            ..Keeping::default()
        },
        ..target.at(500.0)
    };
    let measured = run.play();
    assert_eq!(measured.ledger.good, 500, "{:?}", measured.failures);
    let transport = &measured.transport;
    // Four lives of at most a fifth of the run each end in it, for every connection.
    assert!(transport.aged >= 3 * 4, "{}", transport.aged);
    assert_eq!(transport.lost, 0);
    assert!(measured.notes.is_empty(), "{:?}", measured.notes);
}

#[test]
fn connections_go_round_the_addresses() {
    let [one, two] = [(); 2].map(|()| Way::Http1.to(StandInConfig::demo().unwrap()));
    let run = one.at(400.0);
    let mut plan = run.plan();
    let other = two.at(1.0).plan().settings.target.addresses.remove(0);
    plan.settings.target.addresses.push(other);
    let stop = Arc::new(AtomicBool::new(false));
    let measured = play(&plan, &stop, &mut Nobody).unwrap().measurements;
    assert_eq!(measured.ledger.good, 400);
    assert_eq!(measured.transport.addresses.len(), 2);
    // Eight each, and one before the run.
    for target in [one, two] {
        let seen = target.stand_in.stop().unwrap();
        assert_eq!(seen.connections, 9);
        assert!(seen.auth_requests > 100, "{seen:?}");
    }
}

#[test]
fn an_ipv6_address_is_a_target_like_any_other() {
    let address: SocketAddr = "[::1]:0".parse().unwrap();
    if TcpListener::bind(address).is_err() {
        // A machine without IPv6 has nothing to show.
        return;
    }
    let target = StandIn::start(StandInConfig {
        address,
        ..StandInConfig::demo().unwrap()
    })
    .unwrap();
    assert!(target.url().starts_with("http://[::1]:"));
    let measured = Run::at(&target.url(), 200.0).play();
    assert_eq!(measured.ledger.good, 200);
}
