//! Targets that take a connection and then let go of it: each is opened again at a pace that falls, however it was lost.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::common::{Run, S};
use crate::raw::{Answer, RawServer};

const CONNECTIONS: u32 = 4;

/// The most that one connection is opened in a run of a second and a timeout of a second: pauses of 0, 10, 20, 40 .. ms,
/// then of a second.
const OPENINGS: u64 = 12;

/// A target that does something to each connection, and how many it was asked for.
fn target(with: impl Fn(TcpStream) + Send + Sync + 'static) -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let accepted = Arc::<AtomicU64>::default();
    let count = Arc::clone(&accepted);
    let with = Arc::new(with);
    thread::spawn(move || {
        for stream in listener.incoming() {
            count.fetch_add(1, Ordering::Relaxed);
            let (stream, with) = (stream.unwrap(), Arc::clone(&with));
            thread::spawn(move || with(stream));
        }
    });
    (url, accepted)
}

/// Reads a request; whether it came whole does not matter.
fn read_some(stream: &mut TcpStream) {
    let mut room = [0; 4_096];
    // A client that leaves early has nothing more to say.
    let _count = stream.read(&mut room).unwrap_or(0);
}

/// Plays two thousand requests in a second.
fn play(url: &str) {
    let run = Run {
        connections: CONNECTIONS,
        timeout_ns: S,
        ..Run::at(url, 2_000.0)
    };
    let ledger = run.play().ledger;
    assert_eq!(ledger.completed, 0, "{ledger:?}");
}

fn assert_opened_with_pauses(with: impl Fn(TcpStream) + Send + Sync + 'static) {
    let (url, accepted) = target(with);
    play(&url);
    // The preflight opens one.
    let most = 1 + u64::from(CONNECTIONS) * OPENINGS;
    let accepted = accepted.load(Ordering::Relaxed);
    assert!(accepted <= most, "{accepted} connections, at most {most}");
}

#[test]
fn a_target_that_hangs_up_on_every_request_is_not_dialed_for_each() {
    assert_opened_with_pauses(|mut stream| read_some(&mut stream));
}

#[test]
fn a_target_that_hangs_up_a_moment_later_is_not_dialed_for_each_request() {
    assert_opened_with_pauses(|_stream| thread::sleep(Duration::from_millis(10)));
}

#[test]
fn a_target_that_only_listens_is_not_dialed_for_each_request() {
    assert_opened_with_pauses(|mut stream| {
        stream.shutdown(Shutdown::Write).unwrap();
        while stream.read(&mut [0; 4_096]).is_ok_and(|count| count > 0) {}
    });
}

#[test]
fn a_target_that_breaks_off_its_answers_is_not_dialed_for_each_request() {
    assert_opened_with_pauses(|mut stream| {
        read_some(&mut stream);
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{";
        // The client may be gone.
        stream.write_all(head).ok();
    });
}

#[test]
fn a_target_that_answers_once_per_connection_is_dialed_for_each_request() {
    // Without a word of closing: whoever answers is worth being dialed at once.
    let server = RawServer::answering(|_| {
        Answer::Last(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec())
    });
    let run = Run {
        connections: CONNECTIONS,
        ..Run::at(&server.url(), 200.0)
    };
    let ledger = run.play().ledger;
    // One that left just as the target closed its connection is reset, and so is that connection.
    assert!(ledger.completed > 150, "{ledger:?}");
    assert!(server.connections() > 150, "{}", server.connections());
}
