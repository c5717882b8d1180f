//! Answers with more header lines than hyper takes.
//!
//! hyper keeps room for 100 header lines on the stack; asked for more, it allocates room for all of them twice per answer,
//! whatever the answer has. Answers of more lines exist (cookies, policies, the tracing of several proxies) and are rare,
//! so hyper keeps its 100: the head of an answer is looked at as it passes, and of one that is too long the lines beyond
//! `KEPT` travel in one line of our own, out of which they are taken again behind hyper. Lines that say where the
//! answer ends stay where hyper sees them.
//!
//! An ordinary head arrives in one piece; it is searched for its end, and its lines are counted. One that comes in pieces
//! is held back until it is whole.
//!
//! Source: RFC 9112, sections 2 to 5.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use http::header::{CONNECTION, CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue};
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use memchr::memmem::Finder;
use memchr::{memchr, memchr_iter};

use super::stamped_io::Stamps;

/// Header lines that hyper sees of a long head; room is left for those that it must see.
const KEPT: usize = 90;

/// Lines of a head with at most as many header lines as hyper takes; the first one and the empty one are none.
const SHORT_LINES: usize = 100;

/// The longest head: as much as hyper reads of one.
const LONGEST_HEAD: usize = 400 << 10;

/// What is read at once while a head is expected: as much as hyper begins with.
const PIECE_BYTES: usize = 8 << 10;

/// The line in which the others travel. Each of them has its length before it.
const CARRIER: HeaderName = HeaderName::from_static("tapdeck-carried-headers");

thread_local! {
    /// Where pieces of heads are looked at. Nothing stays in it between two reads, so the connections of a lane share it.
    static PIECE: RefCell<Box<[u8]>> = RefCell::new(vec![0; PIECE_BYTES].into());
}

/// A connection whose answers have heads that hyper takes.
#[derive(Debug)]
pub struct ShortHeads<T> {
    io: T,
    stamps: Rc<Stamps>,
    end_of_head: Finder<'static>,
    is_head_expected: bool,
    /// A head that is not whole yet, and its lines as far as they were read.
    held: Vec<u8>,
    lines: Lines,
    /// What hyper gets next, and how much of it it has got.
    ready: Vec<u8>,
    given: usize,
}

/// Lines of a head as far as they were read.
#[derive(Debug, Default)]
struct Lines {
    /// Where the first one begins that was not.
    at: usize,
    /// The status in the first one.
    status: Option<[u8; 3]>,
}

/// What the pieces of a head amount to.
enum Pieces {
    /// More must come.
    Unfinished,
    /// A head of an interim answer, of so many bytes.
    Interim(usize),
    /// The head of the answer, of so many bytes.
    Final(usize),
    /// No head that we know how to read; hyper says what is wrong with it.
    Unreadable,
}

impl<T> ShortHeads<T> {
    /// Wraps a connection; its stamps tell when an exchange begins.
    pub fn new(io: T, stamps: Rc<Stamps>) -> Self {
        Self {
            io,
            stamps,
            end_of_head: Finder::new(b"\r\n\r\n"),
            is_head_expected: false,
            held: Vec::new(),
            lines: Lines::default(),
            ready: Vec::new(),
            given: 0,
        }
    }

    /// Tells whether a piece holds the whole head of an answer, with no more lines than hyper takes.
    fn is_ordinary(&self, piece: &[u8]) -> bool {
        let is_final = piece.starts_with(b"HTTP/1.") && piece.get(9).is_some_and(|&it| it != b'1');
        is_final
            && self.end_of_head.find(piece).is_some_and(|end| {
                memchr_iter(b'\n', &piece[..end]).count() + "\n\n".len() <= SHORT_LINES
            })
    }

    /// Takes a piece of a head that is not ordinary, or its end; makes ready what hyper can have.
    fn hold(&mut self, piece: &[u8]) {
        self.held.extend_from_slice(piece);
        loop {
            let pieces = self.lines.read(&self.held);
            if !matches!(pieces, Pieces::Unfinished) {
                // The next head begins anew.
                self.lines = Lines::default();
            }
            match pieces {
                Pieces::Interim(length) => drop(self.held.drain(..length)),
                Pieces::Final(length) => {
                    shorten(&self.held[..length], &mut self.ready);
                    self.ready.extend_from_slice(&self.held[length..]);
                    self.held.clear();
                    self.is_head_expected = false;
                    return;
                }
                Pieces::Unfinished if !piece.is_empty() && self.held.len() < LONGEST_HEAD => return,
                Pieces::Unfinished | Pieces::Unreadable => {
                    self.lines = Lines::default();
                    self.ready.append(&mut self.held);
                    self.is_head_expected = false;
                    return;
                }
            }
        }
    }

    /// Gives hyper what is ready.
    fn give(&mut self, mut buf: ReadBufCursor<'_>) {
        let rest = &self.ready[self.given..];
        let count = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..count]);
        self.given += count;
        if self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
        }
    }
}

impl<T: Read + Unpin> Read for ShortHeads<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.is_head_expected && this.ready.is_empty() {
            let is_given = PIECE.with_borrow_mut(|piece| {
                let room = piece.len().min(buf.remaining());
                let mut piece = ReadBuf::new(&mut piece[..room]);
                ready!(Pin::new(&mut this.io).poll_read(cx, piece.unfilled()))?;
                let piece = piece.filled();
                if this.held.is_empty() && (piece.is_empty() || this.is_ordinary(piece)) {
                    this.is_head_expected = false;
                    buf.put_slice(piece);
                    return Poll::Ready(Ok::<_, io::Error>(true));
                }
                this.hold(piece);
                Poll::Ready(Ok(false))
            });
            if ready!(is_given)? {
                return Poll::Ready(Ok(()));
            }
        }
        if this.ready.is_empty() {
            return Pin::new(&mut this.io).poll_read(cx, buf);
        }
        this.give(buf);
        Poll::Ready(Ok(()))
    }
}

impl<T: Write + Unpin> Write for ShortHeads<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        // The first write of an exchange; what answers it begins with a head.
        if self.stamps.sent_ns() == 0 {
            self.is_head_expected = true;
        }
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl Lines {
    /// Reads on as far as the lines of a head have come.
    fn read(&mut self, held: &[u8]) -> Pieces {
        const BEGINNING: &[u8] = b"HTTP/1.";
        while let Some(line) = line_at(held, self.at) {
            let text = text_of(line);
            match (self.status, text) {
                // Empty lines before the first one are passed over; blanks begin the rest of a line.
                (None, []) | (Some(_), [b' ' | b'\t', ..]) => {}
                (None, _) => {
                    let status = text.get(9..12).and_then(|status| status.try_into().ok());
                    let status: Option<[u8; 3]> = status;
                    let is_number =
                        status.is_some_and(|status| status.iter().all(u8::is_ascii_digit));
                    if !text.starts_with(BEGINNING) || !is_number {
                        return Pieces::Unreadable;
                    }
                    self.status = status;
                }
                (Some([b'1', rest @ ..]), []) if rest != *b"01" => {
                    return Pieces::Interim(self.at + line.len());
                }
                (Some(_), []) => return Pieces::Final(self.at + line.len()),
                (Some(_), _) if memchr(b':', text).is_none() => return Pieces::Unreadable,
                (Some(_), _) => {}
            }
            self.at += line.len();
        }
        let rest = &held[self.at..];
        let known = rest.len().min(BEGINNING.len());
        let is_other = self.status.is_none() && rest[..known] != BEGINNING[..known];
        if is_other && rest != b"\r" {
            Pieces::Unreadable
        } else {
            Pieces::Unfinished
        }
    }
}

/// Copies a whole head; of one with too many lines, those that hyper need not see go into the carrier.
fn shorten(head: &[u8], out: &mut Vec<u8>) {
    let mut carried = Vec::new();
    let mut at = 0;
    for number in 0.. {
        let Some(field) = field_at(head, at) else {
            break;
        };
        at += field.len();
        if text_of(field).is_empty() && number > 0 && !carried.is_empty() {
            out.extend_from_slice(CARRIER.as_str().as_bytes());
            out.push(b':');
            out.append(&mut carried);
            out.extend_from_slice(b"\r\n");
        }
        match named(field).filter(|_| number > KEPT) {
            Some((name, value)) => {
                let length = name.as_str().len() + 1 + value.len();
                carried.extend_from_slice(length.to_string().as_bytes());
                carried.push(b' ');
                carried.extend_from_slice(name.as_str().as_bytes());
                carried.push(b':');
                carried.extend_from_slice(value.as_bytes());
            }
            None => out.extend_from_slice(field),
        }
    }
}

/// Puts the lines back that a carrier holds; for all other answers a comparison of two numbers.
pub fn unpack(headers: &mut HeaderMap) {
    if headers.len() <= KEPT {
        return;
    }
    let Some(carrier) = headers.remove(CARRIER) else {
        return;
    };
    let mut rest = carrier.as_bytes();
    while let Some((field, after)) = next_carried(rest) {
        if let Some((name, value)) = named(field) {
            headers.append(name, value);
        }
        rest = after;
    }
}

fn next_carried(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr(b' ', rest)?;
    let length: usize = std::str::from_utf8(&rest[..end]).ok()?.parse().ok()?;
    rest[end + 1..].split_at_checked(length)
}

/// Gives the line that begins at a byte, with its end.
fn line_at(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let rest = &bytes[at..];
    memchr(b'\n', rest).map(|end| &rest[..=end])
}

/// Gives a line with those that continue it, which begin with a blank.
fn field_at(head: &[u8], at: usize) -> Option<&[u8]> {
    let mut end = at + line_at(head, at)?.len();
    while matches!(head.get(end), Some(b' ' | b'\t')) {
        end += line_at(head, end)?.len();
    }
    Some(&head[at..end])
}

fn text_of(line: &[u8]) -> &[u8] {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    text.strip_suffix(b"\r").unwrap_or(text)
}

/// Reads a header that hyper need not see; ends of lines in its value become spaces.
fn named(field: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = memchr(b':', field)?;
    let name = HeaderName::from_bytes(field[..colon].trim_ascii_end()).ok()?;
    if [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].contains(&name) {
        return None;
    }
    let value = field[colon + 1..].trim_ascii();
    let value = if memchr(b'\n', value).is_none() {
        HeaderValue::from_bytes(value)
    } else {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let lines = value.split(is_end).map(<[u8]>::trim_ascii);
        let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
        HeaderValue::from_bytes(&lines.join(&b' '))
    };
    Some((name, value.ok()?))
}

#[cfg(test)]
mod tests;
