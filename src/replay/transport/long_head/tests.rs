//! Heads of every length, in pieces of every size.

use std::task::Waker;

use proptest::prelude::*;

use super::*;

/// A peer that sends what it is given, piece by piece, and then nothing more.
struct Peer(Vec<Vec<u8>>);

impl Read for Peer {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.0.is_empty() {
            let piece = self.0.remove(0);
            assert!(piece.len() <= buf.remaining());
            buf.put_slice(&piece);
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Peer {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Sends a request and gives what hyper would read of the answer.
fn through(answer: &[u8], piece_bytes: usize) -> Vec<u8> {
    let pieces = answer.chunks(piece_bytes).map(<[u8]>::to_vec).collect();
    let mut io = ShortHeads::new(Peer(pieces), Rc::default());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut io).poll_write(&mut cx, b"GET").is_ready());
    let mut all = Vec::new();
    loop {
        let mut room = [0; 10_000];
        let mut buf = ReadBuf::new(&mut room);
        let read = Pin::new(&mut io).poll_read(&mut cx, buf.unfilled());
        assert!(matches!(read, Poll::Ready(Ok(()))));
        if buf.filled().is_empty() {
            return all;
        }
        all.extend_from_slice(buf.filled());
    }
}

/// Parses a head as hyper does, as far as it takes it, and puts the rest back.
fn headers(answer: &[u8]) -> (HeaderMap, Vec<u8>) {
    let end = Finder::new(b"\r\n\r\n").find(answer).unwrap();
    let mut headers = HeaderMap::new();
    let lines = &answer[..end + 2];
    let mut at = line_at(lines, 0).unwrap().len();
    while let Some(line) = line_at(lines, at) {
        at += line.len();
        let (name, value) = line.split_at(memchr(b':', line).unwrap());
        let name = HeaderName::from_bytes(name).unwrap();
        headers.append(
            name,
            HeaderValue::from_bytes(value[1..].trim_ascii()).unwrap(),
        );
    }
    assert!(headers.len() <= 100, "{} lines for hyper", headers.len());
    unpack(&mut headers);
    (headers, answer[end + 4..].to_vec())
}

fn long_head(cookies: usize) -> String {
    let cookies: Vec<String> = (0..cookies)
        .map(|idx| format!("set-cookie: c{idx}={idx}; Path=/\r\n"))
        .collect();
    let cookies = cookies.concat();
    format!("HTTP/1.1 200 OK\r\nx-first: 1\r\n{cookies}Content-Length: 4\r\n\r\nbody")
}

#[test]
fn a_short_answer_passes_as_it_is() {
    for cookies in [0, 1, 96] {
        let answer = long_head(cookies);
        assert_eq!(through(answer.as_bytes(), 8_000), answer.as_bytes());
        assert_eq!(
            through(answer.as_bytes(), 7).len(),
            through(answer.as_bytes(), 999).len()
        );
    }
}

#[test]
fn every_line_of_a_long_head_arrives() {
    for cookies in [88, 99, 100, 150, 500, 2_000] {
        for piece_bytes in [1, 100, 999] {
            let read = through(long_head(cookies).as_bytes(), piece_bytes);
            let (headers, body) = headers(&read);
            assert_eq!(body, b"body");
            assert_eq!(headers.len(), cookies + 2);
            assert_eq!(headers["content-length"], "4");
            let values = headers.get_all("set-cookie").iter().enumerate();
            for (idx, value) in values {
                assert_eq!(*value, format!("c{idx}={idx}; Path=/"));
            }
        }
    }
}

#[test]
fn what_is_carried_is_read_as_hyper_reads_it() {
    let before = "x: 1\r\n".repeat(KEPT + 10);
    let answer = format!(
        "HTTP/1.1 200 OK\r\n{before}Folded: a\r\n b\r\n\tc\r\nblank : d\r\nempty:\r\nbytes: \u{e9}\r\n\
         connection: close\r\nkept: 12 a:b\r\n\r\n"
    );
    let (headers, _) = headers(&through(answer.as_bytes(), 999));
    for (name, value) in [
        ("folded", "a b c"),
        ("blank", "d"),
        ("empty", ""),
        ("bytes", "\u{e9}"),
        ("connection", "close"),
        ("kept", "12 a:b"),
    ] {
        assert_eq!(headers[name].as_bytes(), value.as_bytes(), "{name}");
    }
    let read = through(answer.as_bytes(), 999);
    assert!(
        Finder::new(b"\r\nconnection: close\r\n")
            .find(&read)
            .is_some()
    );
}

#[test]
fn interim_answers_are_passed_over_whatever_their_length() {
    let hint = format!(
        "HTTP/1.1 103 Early Hints\r\n{}\r\n",
        "link: </a>\r\n".repeat(200)
    );
    let interim = format!("HTTP/1.1 100 Continue\r\n\r\n{}", hint.repeat(300));
    let answer = long_head(3);
    let whole = format!("{interim}{answer}");
    assert_eq!(through(whole.as_bytes(), 999), answer.as_bytes());
    // A change of protocols is the last of its kind.
    let switch = "HTTP/1.1 101 Switching Protocols\r\n\r\nraw";
    assert_eq!(through(switch.as_bytes(), 3), switch.as_bytes());
}

#[test]
fn what_is_no_head_is_not_held_back() {
    for answer in [
        "garbage",
        "HTTP/2.0 200 OK\r\n",
        "HTTP/1.1 2x0 OK\r\n",
        "HTTP/1.1\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n",
        "\r\n\r\nSMTP",
    ] {
        let pieces = vec![answer.as_bytes().to_vec()];
        let mut io = ShortHeads::new(Peer(pieces), Rc::default());
        io.is_head_expected = true;
        io.hold(answer.as_bytes());
        assert_eq!(io.ready, answer.as_bytes(), "{answer}");
    }
    // At the end of the connection everything is let go.
    for answer in ["HTTP/1.1 200 OK\r\nx: 1\r\n", "HT", "\r", ""] {
        assert_eq!(through(answer.as_bytes(), 2), answer.as_bytes());
    }
    let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "a".repeat(2 * LONGEST_HEAD));
    assert_eq!(through(endless.as_bytes(), 999), endless.as_bytes());
}

proptest! {
    /// Any bytes pass: those that are no long head as they are, whatever the pieces.
    #[test]
    fn any_bytes_pass(text in "(HTTP/1.1 200 OK\r\n)?([a-c]{0,2}[: \r\n]{0,3}){0,12}", piece_bytes in 1..40_usize) {
        prop_assert_eq!(through(text.as_bytes(), piece_bytes), text.as_bytes());
    }
}
