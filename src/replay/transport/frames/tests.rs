//! What a tap tells of made-up frames.

use super::*;
use crate::replay::transport::frame_reader::HEAD_BYTES;

fn frame(kind: u8, stream: u32, payload: usize) -> Vec<u8> {
    let length = u32::try_from(payload).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, 0];
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.resize(HEAD_BYTES + payload, 0xee);
    bytes
}

fn at(at_ns: u64) -> ReadCall {
    ReadCall {
        at_ns,
        ..ReadCall::default()
    }
}

fn instants(exchange: &StreamStamps) -> [u64; 3] {
    let stamps = &exchange.stamps;
    [
        stamps.sent_ns(),
        stamps.first_read().at_ns,
        stamps.last_read().at_ns,
    ]
}

#[test]
fn each_exchange_gets_the_calls_that_carried_its_own_frames() {
    let exchanges: Vec<_> = (0..3).map(|_| Rc::new(StreamStamps::default())).collect();
    let mut tap = Tap::new(3);
    tap.written(&[0; PREFACE_BYTES], 1);
    tap.written(&frame(SETTINGS, 0, 18), 2);
    for exchange in &exchanges {
        tap.register(exchange);
    }
    // Two leave in one call, the third in another.
    let two = [
        frame(HEADERS, 1, 40),
        frame(DATA, 1, 9),
        frame(HEADERS, 3, 8),
    ];
    tap.written(&two.concat(), 10);
    tap.written(&frame(HEADERS, 5, 8), 20);
    // The answers come in another order, the first in two reads.
    tap.has_read(&frame(HEADERS, 3, 5), at(30));
    tap.has_read(&frame(HEADERS, 1, 5), at(31));
    let data = frame(DATA, 1, 100);
    tap.has_read(&data[..50], at(40));
    assert!(tap.forget(&exchanges[1]));
    tap.has_read(&data[50..], at(50));
    tap.has_read(&frame(DATA, 3, 5), at(60));
    assert_eq!(instants(&exchanges[0]), [10, 31, 50]);
    assert_eq!(instants(&exchanges[1]), [10, 30, 30]);
    assert_eq!(instants(&exchanges[2]), [20, 0, 0]);
}

#[test]
fn what_was_never_written_is_told_when_it_is_forgotten() {
    let (one, two) = (Rc::new(StreamStamps::default()), Rc::default());
    let mut tap = Tap::new(2);
    tap.register(&one);
    tap.register(&two);
    assert!(!tap.forget(&one));
    tap.written(&[0; PREFACE_BYTES], 1);
    tap.written(&frame(HEADERS, 1, 3), 2);
    assert!(tap.forget(&two));
    assert_eq!(instants(&two), [2, 0, 0]);
    assert_eq!(instants(&one), [0, 0, 0]);
}

fn flagged(kind: u8, stream: u32, flags: u8) -> Vec<u8> {
    let mut bytes = frame(kind, stream, 4);
    bytes[4] = flags;
    bytes
}

fn limit(streams: u32) -> Vec<u8> {
    let mut bytes = frame(SETTINGS, 0, 6);
    let [.., v0, v1, v2, v3] = &mut bytes[..] else {
        unreachable!("it has a head");
    };
    [*v0, *v1, *v2, *v3] = streams.to_be_bytes();
    bytes[HEAD_BYTES..HEAD_BYTES + 2].copy_from_slice(&[0, 3]);
    bytes
}

fn begun(streams: u32) -> Tap {
    let mut tap = Tap::new(4);
    tap.written(&[0; PREFACE_BYTES], 1);
    tap.has_read(&limit(streams), at(2));
    assert_eq!(tap.limit(), (streams as usize, 2));
    tap
}

fn handed_over(tap: &mut Tap) -> Rc<StreamStamps> {
    let exchange = Rc::default();
    tap.register(&exchange);
    exchange
}

#[test]
fn a_request_without_a_stream_waits_for_the_read_that_made_room() {
    let mut tap = begun(1);
    let exchanges: Vec<_> = (0..4).map(|_| handed_over(&mut tap)).collect();
    tap.written(&flagged(HEADERS, 1, END_STREAM), 10);
    // The answer's head leaves the stream open, its end does not.
    tap.has_read(&frame(HEADERS, 1, 4), at(20));
    tap.has_read(&flagged(DATA, 1, END_STREAM), at(30));
    tap.written(&flagged(HEADERS, 3, END_STREAM), 35);
    tap.has_read(&frame(RST_STREAM, 3, 4), at(40));
    tap.written(&flagged(HEADERS, 5, END_STREAM), 45);
    tap.has_read(&limit(2), at(50));
    tap.written(&flagged(HEADERS, 7, END_STREAM), 55);
    let permitted = exchanges.iter().map(|it| it.stamps.permitted().at_ns);
    assert_eq!(permitted.collect::<Vec<_>>(), [0, 30, 40, 50]);
}

#[test]
fn a_limit_that_falls_takes_back_what_was_permitted_and_not_used() {
    let mut tap = begun(2);
    let one = handed_over(&mut tap);
    tap.written(&flagged(HEADERS, 1, END_STREAM), 10);
    let two = handed_over(&mut tap);
    tap.has_read(&limit(1), at(20));
    tap.has_read(&limit(0), at(25));
    tap.has_read(&flagged(HEADERS, 1, END_STREAM), at(30));
    assert_eq!(two.stamps.permitted().at_ns, 0);
    tap.has_read(&limit(7), at(40));
    tap.written(&flagged(HEADERS, 3, END_STREAM), 50);
    assert_eq!(one.stamps.permitted().at_ns, 0);
    assert_eq!(
        (two.stamps.permitted().at_ns, two.stamps.sent_ns()),
        (40, 50)
    );
}

#[test]
fn a_stream_that_we_reset_makes_room_as_the_reset_is_written() {
    let mut tap = begun(1);
    let one = handed_over(&mut tap);
    tap.written(&frame(HEADERS, 1, 4), 10);
    let two = handed_over(&mut tap);
    tap.forget(&one);
    let both = [frame(RST_STREAM, 1, 4), flagged(HEADERS, 3, END_STREAM)];
    tap.written(&both.concat(), 20);
    assert_eq!(
        (two.stamps.permitted().at_ns, two.stamps.sent_ns()),
        (20, 20)
    );
}

#[test]
fn a_request_behind_a_full_socket_waits_for_the_peer_to_read() {
    let mut tap = begun(4);
    tap.blocked();
    let one = handed_over(&mut tap);
    tap.written(&flagged(HEADERS, 1, END_STREAM), 20);
    let two = handed_over(&mut tap);
    tap.written(&flagged(HEADERS, 3, END_STREAM), 30);
    assert_eq!(
        (one.stamps.permitted().at_ns, one.stamps.sent_ns()),
        (20, 20)
    );
    assert_eq!(
        (two.stamps.permitted().at_ns, two.stamps.sent_ns()),
        (0, 30)
    );
}

#[test]
fn what_a_peer_says_first_tells_what_it_speaks() {
    let first = |bytes: &[u8]| {
        let mut tap = Tap::new(1);
        tap.has_read(bytes, at(1));
        tap.peer()
    };
    assert_eq!(first(b""), Peer::Silent);
    assert_eq!(first(b"HTTP/1.1 400 Bad Request"), Peer::Foreign);
    assert_eq!(first(&frame(SETTINGS, 0, 0)), Peer::Ready);
    assert_eq!(first(&limit(5)[..11]), Peer::Begun);
    assert_eq!(
        first(&frame(SETTINGS, 0, 5)),
        Peer::Broken(SettingsFault::Length(5))
    );
}
