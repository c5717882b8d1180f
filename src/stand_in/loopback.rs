//! Tests over real sockets, with a client too simple to hide anything.

mod approvals;
mod faults;
mod gate;
mod lifetime;
mod management;
mod rule_book;
mod shapes;
mod storage;
mod transactions;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use super::{Faults, StandIn, StandInConfig};

/// One connection that sends requests and reads answers, one after another.
struct Client(BufReader<TcpStream>);

/// An answer as it came.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Client {
    fn new(stand_in: &StandIn) -> Self {
        Self(BufReader::new(
            TcpStream::connect(stand_in.address()).unwrap(),
        ))
    }

    fn post(&mut self, path: &str, body: &str) -> io::Result<Answer> {
        self.send("POST", path, "application/json", body)?;
        self.receive()
    }

    fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.send("GET", path, "", "")?;
        self.receive()
    }

    fn send(&mut self, method: &str, path: &str, content_type: &str, body: &str) -> io::Result<()> {
        self.send_with(
            method,
            path,
            &format!("content-type: {content_type}\r\n"),
            body,
        )
    }

    /// Sends a request with header lines of one's own.
    fn send_with(&mut self, method: &str, path: &str, lines: &str, body: &str) -> io::Result<()> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\n{lines}content-length: {}\r\n\r\n",
            body.len()
        );
        self.0
            .get_mut()
            .write_all(format!("{head}{body}").as_bytes())
    }

    fn receive(&mut self) -> io::Result<Answer> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
        let length = field("content-length: ").unwrap().parse().unwrap();
        let status = field("HTTP/1.1 ").unwrap()[..3].parse().unwrap();
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok(Answer {
            status,
            head,
            body: String::from_utf8(body).unwrap(),
        })
    }

    /// Reads whatever comes until the other side ends the connection.
    fn drain(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).map(|_| rest)
    }
}

const AUTH: &str = "/v1/evaluate/auth";
const MONITORING: &str = "/v1/evaluate/monitoring";

fn demo() -> StandIn {
    demo_with(Faults::default())
}

fn demo_with(faults: Faults) -> StandIn {
    StandIn::start(StandInConfig {
        faults,
        ..StandInConfig::demo().unwrap()
    })
    .unwrap()
}
