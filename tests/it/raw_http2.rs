//! An HTTP/2 server made of raw frames, which does what no well-behaved library would do.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Types of frames (RFC 9113, section 6).
pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

/// Flags.
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
const ACK: u8 = 1;

/// Settings.
pub(crate) const ENABLE_PUSH: u16 = 2;
pub(crate) const MAX_CONCURRENT_STREAMS: u16 = 3;
pub(crate) const INITIAL_WINDOW_SIZE: u16 = 4;

const PREFACE_BYTES: usize = 24;

/// Writes a frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, l0, l1, l2] = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![l0, l1, l2, kind, flags];
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// Writes a SETTINGS frame of one setting.
pub(crate) fn setting(name: u16, value: u32) -> Vec<u8> {
    let payload = [&name.to_be_bytes()[..], &value.to_be_bytes()].concat();
    frame(SETTINGS, 0, 0, &payload)
}

/// Encodes a header field as a literal without index (RFC 7541, section 6.2.2); both parts shorter than 127 bytes.
pub(crate) fn field(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| {
        let length = u8::try_from(text.len()).unwrap();
        assert!(length < 127, "{text}");
        [&[length], text.as_bytes()].concat()
    };
    [vec![0], text(name), text(value)].concat()
}

/// Encodes a status.
pub(crate) fn status(code: u16) -> Vec<u8> {
    let digits = code.to_string();
    [&[8, 3], digits.as_bytes()].concat()
}

/// Writes a whole answer: status 200 and an empty JSON object.
pub(crate) fn answer(stream: u32) -> Vec<u8> {
    [
        frame(HEADERS, END_HEADERS, stream, &status(200)),
        frame(DATA, END_STREAM, stream, b"{}"),
    ]
    .concat()
}

/// What a client did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Opened the connection.
    Begun,
    /// Acknowledged settings.
    Acknowledged,
    /// Sent the headers of a request, with a body to follow.
    Headers(u32),
    /// Sent the end of a request.
    Request(u32),
    /// Reset a stream.
    Reset(u32),
}

/// A connection as its server sees it.
#[derive(Clone)]
pub(crate) struct Client {
    /// Its number, from 0; that of the preflight.
    pub(crate) number: usize,
    stream: Arc<Mutex<TcpStream>>,
}

impl Client {
    /// Sends bytes; a client that has left is no fault.
    pub(crate) fn send(&self, bytes: &[u8]) {
        let _gone = self.stream.lock().unwrap().write_all(bytes);
    }

    /// Closes the connection.
    pub(crate) fn hang_up(&self) {
        let _gone = self.stream.lock().unwrap().shutdown(Shutdown::Both);
    }

    /// Does something later: what a server takes for it.
    pub(crate) fn after(&self, delay: Duration, act: impl FnOnce(&Self) + Send + 'static) {
        let client = self.clone();
        thread::spawn(move || {
            thread::sleep(delay);
            act(&client);
        });
    }
}

/// Serves on a free port until the process ends; `react` is called in turn for all that the client of a connection does.
pub(crate) fn serve<R>(react: impl Fn() -> R + Send + 'static) -> SocketAddr
where
    R: FnMut(&Client, Seen) + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let (stream, react) = (stream.unwrap(), react());
            thread::spawn(move || attend(number, stream, react));
        }
    });
    address
}

/// Attends to a client until it leaves.
fn attend(
    number: usize,
    mut stream: TcpStream,
    mut react: impl FnMut(&Client, Seen),
) -> Option<()> {
    stream.set_nodelay(true).unwrap();
    let client = Client {
        number,
        stream: Arc::new(Mutex::new(stream.try_clone().unwrap())),
    };
    let mut preface = [0; PREFACE_BYTES];
    stream.read_exact(&mut preface).ok()?;
    react(&client, Seen::Begun);
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).ok()?;
        let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, l0, l1, l2]) as usize];
        stream.read_exact(&mut payload).ok()?;
        let id = u32::from_be_bytes([s0, s1, s2, s3]);
        match kind {
            SETTINGS if flags & ACK == 0 => client.send(&frame(SETTINGS, ACK, 0, b"")),
            SETTINGS => react(&client, Seen::Acknowledged),
            PING if flags & ACK == 0 => client.send(&frame(PING, ACK, 0, &payload)),
            HEADERS | DATA if flags & END_STREAM != 0 => react(&client, Seen::Request(id)),
            HEADERS => react(&client, Seen::Headers(id)),
            RST_STREAM => react(&client, Seen::Reset(id)),
            _ => {}
        }
    }
}
