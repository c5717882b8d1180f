//! HTTP/2 servers that limit, refuse and say goodbye.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, server};
use http::Response;
use tapdeck::harness::target::{self, Access, HttpVersion};
use tapdeck::replay::transport::Protocol;
use tapdeck_services::ServiceDefinition;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::yield_now;

use crate::common::{Run, failures, tape_of};

/// How to behave.
#[derive(Debug, Clone, Copy, Default)]
struct Manners {
    /// Streams allowed at a time.
    allowed: Option<u32>,
    /// One request in so many is refused; 0 for none.
    refuse_every: usize,
    /// A connection says goodbye after so many requests; 0 for never.
    leave_after: usize,
}

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    connections: AtomicUsize,
    requests: AtomicUsize,
    most_at_a_time: AtomicUsize,
}

/// Serves until the process ends.
fn serve(manners: Manners) -> (SocketAddr, Arc<Seen>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Seen::default());
    let counts = Arc::clone(&seen);
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_io().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counts.connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(attend(stream, manners, Arc::clone(&counts)));
            }
        });
    });
    (address, seen)
}

/// Serves a connection; a client that leaves is no fault.
async fn attend(stream: TcpStream, manners: Manners, seen: Arc<Seen>) -> Result<(), h2::Error> {
    let mut builder = server::Builder::new();
    if let Some(allowed) = manners.allowed {
        builder.max_concurrent_streams(allowed);
    }
    let mut connection: server::Connection<_, Bytes> = builder.handshake(stream).await?;
    let at_a_time = Arc::new(AtomicUsize::new(0));
    let mut answered = 0;
    while let Some(request) = connection.accept().await {
        let (_, respond) = request?;
        let number = seen.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let now = at_a_time.fetch_add(1, Ordering::Relaxed) + 1;
        seen.most_at_a_time.fetch_max(now, Ordering::Relaxed);
        let refuse = manners.refuse_every > 0 && number.is_multiple_of(manners.refuse_every);
        tokio::spawn(answer(respond, refuse, Arc::clone(&at_a_time)));
        answered += 1;
        if answered == manners.leave_after {
            connection.graceful_shutdown();
        }
    }
    Ok(())
}

async fn answer(mut respond: SendResponse<Bytes>, refuse: bool, at_a_time: Arc<AtomicUsize>) {
    // Others may come in meanwhile.
    for _ in 0..20 {
        yield_now().await;
    }
    at_a_time.fetch_sub(1, Ordering::Relaxed);
    if refuse {
        respond.send_reset(Reason::REFUSED_STREAM);
        return;
    }
    // The client may be gone.
    if let Ok(mut body) = respond.send_response(Response::new(()), false) {
        let _gone = body.send_data(Bytes::from_static(b"{}"), true);
    }
}

fn service() -> ServiceDefinition {
    let source = "name = \"thing\"\ntitle = \"A thing\"\n[target]\nbase_url = \"http://localhost:1\"\n\
        [[endpoints]]\nname = \"thing\"\nmethod = \"GET\"\npath = \"/thing\"\nevent = \"authorization\"\n";
    ServiceDefinition::parse(source, "a test").unwrap()
}

fn run_at(address: SocketAddr) -> Run {
    Run {
        access: Access {
            http: HttpVersion::Two,
            streams: 16,
            ..Access::default()
        },
        connections: 2,
        ..Run::at(&format!("http://{address}"), 1_000.0)
    }
}

#[test]
fn no_more_streams_are_used_than_the_server_allows() {
    let (address, seen) = serve(Manners {
        allowed: Some(3),
        ..Manners::default()
    });
    let run = run_at(address);
    let tape = tape_of(&service(), 1_000);
    let protocol = run.plan_with(Arc::clone(&tape)).settings.target.protocol;
    let (streams, allowed) = (16, 3);
    assert_eq!(protocol, Protocol::Http2 { streams, allowed });
    assert_eq!(protocol.streams(), 3);
    let measured = run.play_tape(tape);
    assert_eq!(measured.ledger.good, 1_000, "{:?}", measured.failures);
    assert!(seen.most_at_a_time.load(Ordering::Relaxed) <= 3);
    assert_eq!(measured.transport.opened, 2);
}

#[test]
fn a_refused_stream_is_a_failure_of_its_own_and_no_other() {
    let (address, seen) = serve(Manners {
        refuse_every: 4,
        ..Manners::default()
    });
    let measured = run_at(address).play_tape(tape_of(&service(), 1_000));
    assert_eq!(failures(&measured, "reset"), 250, "{:?}", measured.failures);
    assert_eq!(measured.ledger.good, 750);
    let sample = &measured.failures[0].samples[0];
    assert!(sample.contains("refused stream"), "{sample}");
    assert_eq!(measured.transport.opened, 2);
    assert_eq!(measured.transport.lost, 0);
    assert_eq!(seen.requests.load(Ordering::Relaxed), 1_000);
}

#[test]
fn a_server_that_says_goodbye_loses_nothing() {
    let (address, seen) = serve(Manners {
        leave_after: 50,
        ..Manners::default()
    });
    let measured = run_at(address).play_tape(tape_of(&service(), 1_000));
    assert_eq!(measured.ledger.good, 1_000, "{:?}", measured.failures);
    let lost = measured.transport.lost;
    assert!((10..=20).contains(&lost), "{lost}");
    assert_eq!(seen.requests.load(Ordering::Relaxed), 1_000);
    // One more looked at the target before the run, and each of the two may be on its way back as the run ends.
    let beside = seen.connections.load(Ordering::Relaxed) as u64 - measured.transport.opened;
    assert!((1..=3).contains(&beside), "{beside}");
}

#[test]
fn what_does_not_speak_http2_is_found_out_before_the_run() {
    let target = tapdeck::stand_in::StandIn::start(tapdeck::stand_in::StandInConfig::default());
    let target = target.unwrap();
    let (address, _) = serve(Manners::default());
    let access = |http| Access {
        http,
        ..Access::default()
    };
    target::find(&target.url(), &access(HttpVersion::Two)).unwrap();
    let http1 = crate::raw::RawServer::answering(|_| {
        crate::raw::Answer::Last(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())
    });
    let error = target::find(&http1.url(), &access(HttpVersion::Two)).unwrap_err();
    assert_eq!(error.exit(), tapdeck::Exit::TargetUnreachable);
    assert!(error.to_string().contains("try --http 1.1"), "{error}");
    // Without TLS nobody can be asked, so 1.1 it is unless 2 was asked for.
    let found = target::find(&format!("http://{address}"), &access(HttpVersion::Auto)).unwrap();
    assert_eq!(found.protocol, Protocol::Http1);
}
