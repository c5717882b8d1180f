//! A server that sends whatever bytes a test wants, right or wrong.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// What to send for a request.
pub(crate) enum Answer {
    /// These pieces, each in a write call of its own.
    Pieces(Vec<Vec<u8>>),
    /// These bytes, and then the end of the connection.
    Last(Vec<u8>),
}

/// A request without a body.
pub(crate) struct Asked {
    /// Its number on its connection, from 0.
    pub(crate) number: u64,
    /// Its head as it came.
    pub(crate) head: String,
}

/// A server on a free port of the loopback interface.
pub(crate) struct RawServer {
    address: SocketAddr,
    requests: Arc<AtomicU64>,
    connections: Arc<AtomicU64>,
}

impl RawServer {
    /// Starts to answer; the threads end when their clients have left, the first one with the process.
    pub(crate) fn answering(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            connections: Arc::default(),
        };
        let (requests, connections) = (server.requests.clone(), server.connections.clone());
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, requests) = (Arc::clone(&answer), requests.clone());
                connections.fetch_add(1, Ordering::Relaxed);
                // A client that leaves in the middle is no fault of the server.
                thread::spawn(move || serve(stream.unwrap(), &*answer, &requests).ok());
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests read.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Connections accepted, that of the preflight among them.
    pub(crate) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }
}

fn serve(
    stream: TcpStream,
    answer: &(dyn Fn(&Asked) -> Answer + Send + Sync),
    requests: &AtomicU64,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    for number in 0.. {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        requests.fetch_add(1, Ordering::Relaxed);
        match answer(&Asked { number, head }) {
            Answer::Pieces(pieces) => {
                for piece in pieces {
                    stream.get_mut().write_all(&piece)?;
                }
            }
            Answer::Last(bytes) => return stream.get_mut().write_all(&bytes),
        }
    }
    Ok(())
}
