//! Stores that never come to an end: silent ones, endless answers, endless announcements of one. Each wait is bounded.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::{Error, ErrorKind, Store, StoreConfig};

/// Listens as a store would, and does to each connection whatever `answer` does once a request has come. Its thread ends with
/// the test's process.
fn listen(answer: impl Fn(TcpStream) + Send + Clone + 'static) -> StoreConfig {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let answer = answer.clone();
            thread::spawn(move || {
                let mut stream = stream.unwrap();
                assert!(stream.read(&mut [0; 4_096]).unwrap() > 0);
                answer(stream);
            });
        }
    });
    StoreConfig {
        endpoint,
        bucket: "bucket".to_owned(),
        region: "us-east-1".to_owned(),
        access_key: "some-id".into(),
        secret_key: "some-secret".into(),
    }
}

/// Sends the same over and over, until nobody listens any more.
fn repeat(stream: &mut TcpStream, text: &str) {
    let many = text.repeat(1 + 65_536 / text.len());
    while stream.write_all(many.as_bytes()).is_ok() {}
}

/// Holds a connection until the other side ends it.
fn hold(mut stream: TcpStream) {
    while stream.read(&mut [0; 4_096]).is_ok_and(|read| read > 0) {}
}

#[test]
fn an_endless_answer_is_broken_off() {
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\n\r\n<ListBucketResult>",
        "HTTP/1.1 500 Oh\r\ncontent-type: application/xml\r\n\r\n<Error>",
    ] {
        let config = listen(move |mut stream| {
            stream.write_all(head.as_bytes()).unwrap();
            repeat(&mut stream, "<Contents><Key>a</Key></Contents>");
        });
        let error = Store::connect(&config).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("more than 8 MiB"), "{text}");
        assert_eq!(error.kind(), ErrorKind::Store);
    }
}

#[test]
fn an_endless_object_is_broken_off() {
    let config = listen(|mut stream| {
        let list = "<ListBucketResult></ListBucketResult>";
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length";
        write!(stream, "{head}: {}\r\n\r\n{list}", list.len()).unwrap();
    });
    let mut store = Store::connect(&config).unwrap();
    let endless = listen(|mut stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        repeat(&mut stream, "a");
    });
    store.move_to(&endless);
    let text = store.read("key").unwrap_err().to_string();
    assert!(text.contains("could not read bucket/key"), "{text}");
    assert!(text.contains("more than 8 MiB"), "{text}");
}

#[test]
fn a_store_that_is_silent_or_only_announces_an_answer_is_given_up() {
    let silent = listen(hold);
    let announcing = listen(|mut stream| repeat(&mut stream, "HTTP/1.1 102 Processing\r\n\r\n"));
    let waiting = [silent, announcing]
        .map(|config| thread::spawn(move || Store::connect(&config).unwrap_err()));
    for waiting in waiting {
        let error = waiting.join().unwrap();
        assert!(matches!(error, Error::Slow { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.contains("within 10 s (list bucket/loadtest/)"),
            "{text}"
        );
    }
}

#[test]
fn a_listing_without_an_end_is_broken_off() {
    let page = |token: usize| {
        let contents = format!("<Contents><Key>loadtest/{token}</Key></Contents>").repeat(1_000);
        format!(
            "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>{contents}</ListBucketResult>"
        )
    };
    let pages = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let config = listen(move |mut stream| {
        let page = page(pages.fetch_add(1, Ordering::Relaxed));
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length";
        write!(stream, "{head}: {}\r\n\r\n{page}", page.len()).unwrap();
    });
    let store = Store::connect(&config).unwrap();
    let text = store.list("loadtest/").unwrap_err().to_string();
    assert!(text.contains("more than 100000 objects"), "{text}");
}

#[test]
fn a_stop_ends_the_wait_unless_it_is_to_be_ignored() {
    let stop = Arc::new(AtomicBool::new(false));
    let config = {
        let stop = Arc::clone(&stop);
        listen(move |stream| {
            stop.store(true, Ordering::Relaxed);
            hold(stream);
        })
    };
    let error = Store::connect_until(&config, Arc::clone(&stop)).unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error}");
    assert_eq!(error.kind(), ErrorKind::Interrupted);

    let rig = super::Rig::new();
    stop.store(false, Ordering::Relaxed);
    let mut store = Store::connect_until(rig.embedded.config(), Arc::clone(&stop)).unwrap();
    stop.store(true, Ordering::Relaxed);
    let error = store.list("").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    store.ignore_stop();
    assert_eq!(store.list("").unwrap(), []);
}
