//! A provider for tests: it says what it is told to, and remembers what it was asked.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use super::settings::AuthSettings;

/// A provider that answers so many requests as it was given answers, one after the other.
pub(crate) struct FakeProvider {
    pub(crate) url: String,
    /// The body of each request as it comes; closed after the last.
    pub(crate) asked: Receiver<String>,
}

/// An answer with a status line, headers and a body, as bytes of HTTP.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The answer that holds a token.
pub(crate) fn token(text: &str, lifetime_s: u64) -> String {
    let body = format!(r#"{{"access_token":"{text}","expires_in":{lifetime_s}}}"#);
    answer("200 OK", "content-type: application/json\r\n", &body)
}

impl FakeProvider {
    pub(crate) fn new(answers: impl IntoIterator<Item = String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers: Vec<String> = answers.into_iter().collect();
        let (heard, asked) = mpsc::channel();
        thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let request = read(&mut BufReader::new(&stream));
                // A test that has seen enough hears no more.
                let _enough = heard.send(request);
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { url, asked }
    }

    /// What a client of it knows.
    pub(crate) fn settings(&self) -> AuthSettings {
        AuthSettings {
            domain: Some(self.url.clone()),
            audience: Some("the-audience".to_owned()),
            client_id: Some("the-client".to_owned()),
            client_secret: Some("planted-secret".into()),
            ..AuthSettings::default()
        }
    }
}

/// Gives the request line and the body of a request.
fn read(stream: &mut impl BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(stream.read_line(&mut head).unwrap() > 0, "{head}");
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    let line = head.lines().next().unwrap();
    format!("{line}\n{}", String::from_utf8(body).unwrap())
}
