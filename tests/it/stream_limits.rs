//! HTTP/2 servers that permit few streams, other numbers of them as the run goes on, or few bytes: the wait is theirs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tapdeck::harness::target::{Access, HttpVersion};
use tapdeck::replay::transport::{Keeping, Reuse};
use tapdeck_reports::histogram::Histogram;
use tapdeck_reports::measurements::Measurements;
use tapdeck_services::ServiceDefinition;

use crate::common::{MS, Run, tape_of};
use crate::raw_http2::{
    Client, GOAWAY, INITIAL_WINDOW_SIZE, MAX_CONCURRENT_STREAMS, SETTINGS, Seen, WINDOW_UPDATE,
    answer, frame, serve, setting,
};

/// How long the servers take for an answer, or for giving way.
const TAKES: Duration = Duration::from_millis(20);

fn run_at(address: SocketAddr, rate: f64, connections: u32) -> Run {
    Run {
        access: Access {
            http: HttpVersion::Two,
            streams: 16,
            ..Access::default()
        },
        connections,
        ..Run::at(&format!("http://{address}"), rate)
    }
}

fn play(run: &Run) -> Measurements {
    let source = "name = \"thing\"\ntitle = \"A thing\"\n[target]\nbase_url = \"http://localhost:1\"\n\
        [[endpoints]]\nname = \"thing\"\nmethod = \"GET\"\npath = \"/thing\"\nevent = \"authorization\"\n";
    let service = ServiceDefinition::parse(source, "a test").unwrap();
    run.play_tape(tape_of(&service, 1_000))
}

/// A server that permits so many streams, and only one from the first request of a connection on; it notes how many are
/// open at a time.
fn one_at_a_time(initially: u32, most: &Arc<AtomicUsize>) -> SocketAddr {
    let most = Arc::clone(most);
    serve(move || {
        let (most, open) = (Arc::clone(&most), Arc::<AtomicUsize>::default());
        let mut is_limited = initially == 1;
        move |client: &Client, seen| match seen {
            Seen::Begun => client.send(&setting(MAX_CONCURRENT_STREAMS, initially)),
            Seen::Request(id) => {
                if !is_limited {
                    is_limited = true;
                    client.send(&setting(MAX_CONCURRENT_STREAMS, 1));
                }
                let now = open.fetch_add(1, Ordering::Relaxed) + 1;
                most.fetch_max(now, Ordering::Relaxed);
                let open = Arc::clone(&open);
                client.after(TAKES, move |client| {
                    open.fetch_sub(1, Ordering::Relaxed);
                    client.send(&answer(id));
                });
            }
            _ => {}
        }
    })
}

/// The wait for streams is that of the target: it shows as such, and not as our lag.
fn check_wait_is_theirs(measured: &Measurements) {
    let p90 = |histogram: &Histogram| histogram.quantile(0.9);
    let (wait, lag) = (p90(&measured.connection_wait), p90(&measured.send_lag));
    assert!(wait > 200 * MS, "{wait}");
    assert!(lag < wait / 4, "{lag} of {wait}");
    let service = measured.endpoints[0].service.quantile(0.9);
    assert!(service < wait / 2, "{service} of {wait}");
}

#[test]
fn waiting_for_the_only_stream_is_connection_wait_whenever_the_limit_falls() {
    for initially in [1, 16] {
        let most = Arc::<AtomicUsize>::default();
        let address = one_at_a_time(initially, &most);
        // A hundred requests of 20 ms each in a second, one after the other.
        let measured = play(&run_at(address, 100.0, 1));
        assert_eq!(measured.ledger.good, 100, "{:?}", measured.failures);
        check_wait_is_theirs(&measured);
        let most = most.load(Ordering::Relaxed);
        assert!(most <= initially as usize, "{most} of {initially}");
    }
}

#[test]
fn a_connection_opened_later_has_the_limit_that_it_is_told() {
    // Closed and opened again after every fifth answer.
    let address = serve(|| {
        let mut answered = 0;
        move |client: &Client, seen| match seen {
            Seen::Begun => client.send(&setting(MAX_CONCURRENT_STREAMS, 1)),
            Seen::Request(id) => {
                answered += 1;
                let mut bytes = answer(id);
                if answered == 5 {
                    // Before the answer, so that no other request can have left by then.
                    let last = [&id.to_be_bytes()[..], &[0; 4]].concat();
                    bytes = [frame(GOAWAY, 0, 0, &last), bytes].concat();
                }
                client.after(TAKES, move |client| client.send(&bytes));
            }
            _ => {}
        }
    });
    let measured = play(&run_at(address, 100.0, 1));
    assert_eq!(measured.ledger.good, 100, "{:?}", measured.failures);
    assert!(
        measured.transport.opened >= 20,
        "{}",
        measured.transport.opened
    );
    check_wait_is_theirs(&measured);
}

#[test]
fn streams_forbidden_for_a_while_are_used_again_when_they_are_permitted() {
    // None from the first request on, for a third of the second; sixteen again then.
    let most = Arc::<AtomicUsize>::default();
    let highest = Arc::clone(&most);
    let address = serve(move || {
        let highest = Arc::clone(&highest);
        let mut requests = 0;
        move |client: &Client, seen| match seen {
            Seen::Begun => client.send(&frame(SETTINGS, 0, 0, b"")),
            Seen::Request(id) => {
                requests += 1;
                if requests == 1 {
                    client.send(&setting(MAX_CONCURRENT_STREAMS, 0));
                    client.after(Duration::from_millis(333), |client| {
                        client.send(&setting(MAX_CONCURRENT_STREAMS, 16));
                    });
                }
                highest.fetch_max(requests, Ordering::Relaxed);
                client.send(&answer(id));
            }
            _ => {}
        }
    });
    let measured = play(&run_at(address, 200.0, 1));
    assert_eq!(measured.ledger.good, 200, "{:?}", measured.failures);
    let (wait, lag) = (
        measured.connection_wait.max(),
        measured.send_lag.quantile(0.9),
    );
    assert!(wait > 250 * MS, "{wait}");
    assert!(lag < wait / 4, "{lag} of {wait}");
    // All that could be opened were answered on the one connection there is.
    assert_eq!(most.load(Ordering::Relaxed), 200);
    assert_eq!(measured.transport.lost, 0);
}

#[test]
fn a_stream_of_another_connection_is_taken_where_one_permits_none() {
    // The first connection of the run never permits a stream again.
    let address = serve(|| {
        move |client: &Client, seen| match seen {
            Seen::Begun if client.number == 1 => client.send(&setting(MAX_CONCURRENT_STREAMS, 0)),
            Seen::Begun => client.send(&frame(SETTINGS, 0, 0, b"")),
            Seen::Request(id) => client.send(&answer(id)),
            _ => {}
        }
    });
    let measured = play(&run_at(address, 200.0, 2));
    assert_eq!(measured.ledger.good, 200, "{:?}", measured.failures);
}

#[test]
fn a_request_with_a_connection_of_its_own_is_ready_when_its_stream_is_permitted() {
    let address = serve(|| {
        move |client: &Client, seen| match seen {
            Seen::Begun => {
                client.send(&setting(MAX_CONCURRENT_STREAMS, 0));
                client.after(10 * TAKES, |client| {
                    client.send(&setting(MAX_CONCURRENT_STREAMS, 1));
                });
            }
            Seen::Request(id) => client.send(&answer(id)),
            _ => {}
        }
    });
    let run = Run {
        keeping: Keeping {
            reuse: Reuse::Never,
            ..Keeping::default()
        },
        ..run_at(address, 50.0, 64)
    };
    let measured = play(&run);
    assert_eq!(measured.ledger.good, 50, "{:?}", measured.failures);
    let (wait, lag) = (
        measured.connection_wait.min(),
        measured.send_lag.quantile(0.9),
    );
    assert!(wait > 150 * MS, "{wait}");
    assert!(lag < wait / 4, "{lag} of {wait}");
}

#[test]
fn a_window_that_stays_shut_is_service_time() {
    let address = serve(|| {
        move |client: &Client, seen| match seen {
            Seen::Begun => client.send(&setting(INITIAL_WINDOW_SIZE, 0)),
            Seen::Headers(id) => {
                let opened = frame(WINDOW_UPDATE, 0, id, &10_000_u32.to_be_bytes());
                client.after(5 * TAKES, move |client| client.send(&opened));
            }
            Seen::Request(id) => client.send(&answer(id)),
            Seen::Acknowledged | Seen::Reset(_) => {}
        }
    });
    // Authorizations with bodies, few enough for all to be open at a time.
    let measured = run_at(address, 100.0, 4).play();
    assert_eq!(measured.ledger.completed, 100, "{:?}", measured.failures);
    let service = measured.endpoints[0].service.min();
    let lag = measured.send_lag.quantile(0.9);
    assert!(service >= 95 * MS, "{service}");
    assert!(lag < service / 4, "{lag} of {service}");
    assert_eq!(measured.ledger.deferred, 0);
}
