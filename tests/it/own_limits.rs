//! Limits of this process: what fails by them is not the target's failure.
//!
//! A limit holds for a whole process, so the run that meets it is played by this very binary in a process of its own.

use std::env;
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use tapdeck::error::Error;
use tapdeck::events::Nobody;
use tapdeck::exit::Exit;
use tapdeck::harness::play::play;
use tapdeck::replay::transport::{Keeping, Reuse};

use crate::common::{Run, S, failures, play_through};
use crate::raw::{Answer, RawServer};

/// Tells the process of its own where the server is.
const URL: &str = "TAPDECK_TEST_LIMITED_URL";

/// Plays this test in a process of its own, at a server in this one.
fn play_apart(test: &str, url: &str) {
    let name = format!("{}::{test}", module_path!().trim_start_matches("it::"));
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture"])
        .env(URL, url)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("1 passed"), "{name}: {output:?}");
}

/// Lets this process open so many more files.
fn leave_files(more: u64) {
    let open = std::fs::read_dir("/proc/self/fd").unwrap().count() as u64;
    let limit = Some(open + more);
    let limit = Rlimit {
        current: limit,
        maximum: limit,
    };
    setrlimit(Resource::Nofile, limit).unwrap();
}

fn for_each_request(url: &str) -> Run {
    Run {
        keeping: Keeping {
            reuse: Reuse::Never,
            ..Keeping::default()
        },
        connections: 100,
        ..Run::at(url, 200.0)
    }
}

#[test]
fn requests_without_a_file_for_their_connection_fail_by_a_limit_of_ours() {
    let Ok(url) = env::var(URL) else {
        // Each answer takes a second: two hundred connections at a time, were there files for them.
        let server = RawServer::answering(|_| {
            std::thread::sleep(Duration::from_secs(1));
            Answer::Last(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec())
        });
        play_apart(
            "requests_without_a_file_for_their_connection_fail_by_a_limit_of_ours",
            &server.url(),
        );
        return;
    };
    let plan = for_each_request(&url).plan();
    // Enough for what every run opens, and for some of its connections.
    leave_files(30);
    let measured = play_through(&plan).measurements;
    let local = failures(&measured, "local");
    assert!(local > 50, "{:?}", measured.failures);
    let ledger = measured.ledger;
    assert!(ledger.completed > 0, "{ledger:?}");
    assert_eq!(ledger.dropped, local, "{:?}", measured.failures);
    assert_eq!(failures(&measured, "connect"), 0);
    let [hit] = &measured.own_limits[..] else {
        panic!("{:?}", measured.own_limits);
    };
    assert_eq!(hit.limit, "open files of this process (EMFILE)");
    assert_eq!(hit.count, local);
    let failure = measured.failures.iter().find(|it| it.kind == "local");
    let sample = &failure.unwrap().samples[0];
    assert!(sample.contains("must raise the hard limit"), "{sample}");
}

#[test]
fn a_run_that_cannot_open_its_connections_is_not_the_targets_fault() {
    let Ok(url) = env::var(URL) else {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        play_apart(
            "a_run_that_cannot_open_its_connections_is_not_the_targets_fault",
            &url,
        );
        return;
    };
    let plan = Run {
        connections: 100,
        timeout_ns: 30 * S,
        ..Run::at(&url, 1.0)
    }
    .plan();
    leave_files(30);
    let error = play(&plan, &Arc::default(), &mut Nobody).unwrap_err();
    assert!(matches!(error, Error::Lane(_)), "{error:?}");
    assert_eq!(error.exit(), Exit::Usage);
    let chain = tapdeck::error::chain(&error);
    assert!(
        chain.contains("open files of this process (EMFILE)"),
        "{chain}"
    );
    assert!(chain.contains("must raise the hard limit"), "{chain}");
}

#[test]
fn a_target_that_closes_every_connection_fails_each_request_once() {
    let accepted = Arc::<AtomicU64>::default();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::clone(&accepted);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            drop(stream);
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    for reuse in [Reuse::Always, Reuse::Never] {
        accepted.store(0, Ordering::Relaxed);
        let keeping = Keeping {
            reuse,
            ..Keeping::default()
        };
        let run = Run {
            keeping,
            connections: 8,
            ..Run::at(&url, 100.0)
        };
        let measured = run.play();
        let ledger = measured.ledger;
        assert_eq!((ledger.completed, ledger.unsent), (0, 0), "{ledger:?}");
        // Whether a byte was written before the end was seen is chance.
        let broken = failures(&measured, "connect") + failures(&measured, "reset");
        assert_eq!(broken, 100, "{:?}", measured.failures);
        // A connection for each request, or pauses of 0, 10, 20, 40 .. ms on each of eight.
        let accepted = accepted.load(Ordering::Relaxed);
        assert!(accepted <= 120, "{accepted}");
    }
}
