//! A store that is reached under a path: every request goes there and nowhere else.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::{Store, StoreConfig};

/// Requests that a client makes below, each of which has a connection of its own.
const REQUESTS: usize = 8;

/// Answers every request as a store would; gives its first line and, for a copy, its source.
fn answer(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line).unwrap();
    let mut told = line.trim_end().to_owned();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let header = header.trim_end().to_ascii_lowercase();
        match header.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("x-amz-copy-source", value)) => told = format!("{told} from {value}"),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = match told.split_once(' ').unwrap() {
        ("GET", rest) if rest.contains("list-type") => "<ListBucketResult/>",
        ("PUT", rest) if rest.contains(" from ") => "<CopyObjectResult/>",
        ("POST", _) => "<DeleteResult/>",
        _ => "",
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    (&mut &*stream).write_all((head + body).as_bytes()).unwrap();
    told
}

#[test]
fn every_request_goes_under_the_path_of_the_endpoint() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/minio/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let streams = listener.incoming().take(REQUESTS);
        streams
            .map(|stream| answer(&stream.unwrap()))
            .collect::<Vec<String>>()
    });
    let config = StoreConfig::from_variables(|name| match name {
        "S3_ENDPOINT_URL" => Some(endpoint.clone()),
        "S3_BUCKET_NAME" => Some("bucket".to_owned()),
        _ => None,
    });
    let store = Store::connect(&config.unwrap()).unwrap();
    assert_eq!(store.list("a/").unwrap(), []);
    assert_eq!(store.read("a/b").unwrap(), Some(Vec::new()));
    assert!(store.head("a/b").unwrap().is_some());
    store.write("a/b", b"{}".to_vec(), &Vec::new()).unwrap();
    store.copy("a/b", "a/c").unwrap();
    assert_eq!(
        store.delete("a/b", None).unwrap(),
        crate::store::Written::Yes
    );
    store.delete_all(&["a/b".to_owned()]).unwrap();
    let told = server.join().unwrap();
    let paths: Vec<&str> = told
        .iter()
        .map(|line| line.split(['?', ' ']).nth(1).unwrap())
        .collect();
    let (bucket, object) = ("/minio/bucket/", "/minio/bucket/a/b");
    assert_eq!(
        paths,
        [
            bucket,
            bucket,
            object,
            object,
            object,
            "/minio/bucket/a/c",
            object,
            bucket
        ],
        "{told:?}"
    );
    assert!(told[5].ends_with(" from bucket/a/b"), "{told:?}");
}
