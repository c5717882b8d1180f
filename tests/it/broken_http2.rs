//! HTTP/2 servers that break the rules, or keep them in ways that few do: each is told by what it did.

use std::net::SocketAddr;

use tapdeck::Exit;
use tapdeck::harness::target::{self, Access, HttpVersion};
use tapdeck_reports::measurements::Measurements;
use tapdeck_services::ServiceDefinition;

use crate::common::{Run, failures, tape_of};
use crate::raw_http2::{
    CONTINUATION, Client, DATA, ENABLE_PUSH, END_HEADERS, END_STREAM, GOAWAY, HEADERS,
    INITIAL_WINDOW_SIZE, SETTINGS, Seen, answer, field, frame, serve, setting, status,
};

fn access() -> Access {
    Access {
        http: HttpVersion::Two,
        streams: 4,
        ..Access::default()
    }
}

fn play(address: SocketAddr) -> Measurements {
    play_with(address, access(), 100.0)
}

/// Requests in the second of a run, few enough that each is sent in spite of the pauses between connections.
const FEW: f64 = 20.0;

fn play_slowly(address: SocketAddr) -> Measurements {
    play_with(address, access(), FEW)
}

fn play_with(address: SocketAddr, access: Access, rate: f64) -> Measurements {
    let source = "name = \"thing\"\ntitle = \"A thing\"\n[target]\nbase_url = \"http://localhost:1\"\n\
        [[endpoints]]\nname = \"thing\"\nmethod = \"GET\"\npath = \"/thing\"\nevent = \"authorization\"\n";
    let service = ServiceDefinition::parse(source, "a test").unwrap();
    let run = Run {
        access,
        connections: 2,
        ..Run::at(&format!("http://{address}"), rate)
    };
    run.play_tape(tape_of(&service, 1_000))
}

/// SETTINGS that break the rules, and what is to be said of them.
fn damaged() -> [(Vec<u8>, &'static str); 4] {
    [
        (frame(SETTINGS, 0, 0, &[0; 5]), "SETTINGS frame of 5 bytes"),
        (setting(ENABLE_PUSH, 7), "SETTINGS_ENABLE_PUSH is 7"),
        (
            setting(INITIAL_WINDOW_SIZE, 1 << 31),
            "SETTINGS_INITIAL_WINDOW_SIZE is 2147483648",
        ),
        (frame(SETTINGS, 0, 1, b""), "SETTINGS frame on stream 1"),
    ]
}

#[test]
fn damaged_settings_before_the_run_are_named() {
    for (settings, expected) in damaged() {
        let address = serve(move || {
            let settings = settings.clone();
            move |client: &Client, seen| {
                if seen == Seen::Begun {
                    client.send(&settings);
                }
            }
        });
        let error = target::find(&format!("http://{address}"), &access()).unwrap_err();
        assert_eq!(error.exit(), Exit::TargetUnreachable, "{error}");
        let error = error.to_string();
        assert!(error.contains("breaks the rules of HTTP/2"), "{error}");
        assert!(error.contains(expected), "{error}");
    }
}

/// A server whose first two connections of a run answer one request each; later ones send damaged settings, at once or
/// after sound ones.
fn damaged_later(settings: Vec<u8>, is_sound_first: bool) -> SocketAddr {
    let sound = frame(SETTINGS, 0, 0, b"");
    serve(move || {
        let (sound, damaged) = (sound.clone(), settings.clone());
        move |client: &Client, seen| match seen {
            Seen::Begun if client.number > 2 && !is_sound_first => client.send(&damaged),
            Seen::Begun => client.send(&sound),
            Seen::Acknowledged if client.number > 2 => client.send(&damaged),
            Seen::Request(id) => {
                let last = [&id.to_be_bytes()[..], &[0; 4]].concat();
                client.send(&[frame(GOAWAY, 0, 0, &last), answer(id)].concat());
            }
            _ => {}
        }
    })
}

#[test]
fn damaged_settings_of_connections_opened_later_are_failures_of_the_protocol() {
    // One exchange at a time: another one could be under way when its connection takes leave.
    let one_at_a_time = Access {
        streams: 1,
        ..access()
    };
    for (settings, expected) in damaged() {
        for is_sound_first in [false, true] {
            let address = damaged_later(settings.clone(), is_sound_first);
            let measured = play_with(address, one_at_a_time.clone(), FEW);
            let ledger = measured.ledger;
            assert_eq!((ledger.completed, ledger.unsent), (2, 0), "{ledger:?}");
            let kinds: Vec<_> = measured.failures.iter().map(|it| &it.kind[..]).collect();
            assert_eq!(kinds, ["protocol"], "{:?}", measured.failures);
            assert_eq!(failures(&measured, "protocol"), 18);
            let samples = measured.failures[0].samples.join("\n");
            assert!(samples.contains(expected), "{samples}");
        }
    }
}

#[test]
fn damaged_settings_fail_the_requests_under_way() {
    let address = serve(|| {
        move |client: &Client, seen| match seen {
            Seen::Begun => client.send(&frame(SETTINGS, 0, 0, b"")),
            Seen::Request(_) => client.send(&setting(ENABLE_PUSH, 7)),
            _ => {}
        }
    });
    let measured = play_slowly(address);
    assert_eq!(measured.ledger.completed, 0);
    assert_eq!(measured.ledger.unsent, 0, "{:?}", measured.ledger);
    assert_eq!(
        failures(&measured, "protocol"),
        20,
        "{:?}",
        measured.failures
    );
}

#[test]
fn a_server_that_hangs_up_at_once_is_not_dialed_without_a_pause() {
    let address = serve(|| {
        move |client: &Client, seen| {
            if seen == Seen::Begun {
                client.send(&frame(SETTINGS, 0, 0, b""));
                if client.number > 0 {
                    client.hang_up();
                }
            }
        }
    });
    let measured = play(address);
    assert_eq!(measured.ledger.unsent, 0, "{:?}", measured.ledger);
    assert_eq!(
        failures(&measured, "connect"),
        100,
        "{:?}",
        measured.failures
    );
    // Pauses of 0, 10, 20, 40 .. ms on each of two connections.
    assert!(
        measured.transport.opened < 30,
        "{}",
        measured.transport.opened
    );
}

#[test]
fn a_goodbye_with_an_error_resets_what_was_not_answered() {
    let address = serve(|| {
        move |client: &Client, seen| match seen {
            Seen::Begun => client.send(&frame(SETTINGS, 0, 0, b"")),
            // ENHANCE_YOUR_CALM, before anything was processed.
            Seen::Request(_) => client.send(&frame(GOAWAY, 0, 0, &[0, 0, 0, 0, 0, 0, 0, 11])),
            _ => {}
        }
    });
    let measured = play_slowly(address);
    let ledger = measured.ledger;
    assert_eq!((ledger.completed, ledger.unsent), (0, 0), "{ledger:?}");
    assert_eq!(failures(&measured, "reset"), 20, "{:?}", measured.failures);
}

#[test]
fn long_header_lists_and_interim_answers_are_read() {
    // 700 fields of about 100 bytes, in frames of at most 16 KiB.
    let address = serve(|| {
        move |client: &Client, seen| match seen {
            Seen::Begun => client.send(&frame(SETTINGS, 0, 0, b"")),
            Seen::Request(id) => {
                let hint = [status(103), field("link", "</style.css>")].concat();
                let mut block = status(200);
                for number in 0..700 {
                    block.extend(field(&format!("x-field-{number}"), &"v".repeat(80)));
                }
                let pieces: Vec<_> = block.chunks(16_000).collect();
                let mut bytes = frame(HEADERS, END_HEADERS, id, &hint);
                for (place, piece) in pieces.iter().enumerate() {
                    let kind = if place == 0 { HEADERS } else { CONTINUATION };
                    let is_last = place + 1 == pieces.len();
                    let flags = if is_last { END_HEADERS } else { 0 };
                    bytes.extend(frame(kind, flags, id, piece));
                }
                bytes.extend(frame(DATA, END_STREAM, id, b"{}"));
                client.send(&bytes);
            }
            _ => {}
        }
    });
    let measured = play(address);
    assert_eq!(measured.ledger.good, 100, "{:?}", measured.failures);
    assert_eq!(measured.endpoints[0].statuses, [(200, 100)]);
}
