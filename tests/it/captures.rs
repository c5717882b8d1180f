//! Sessions at a server that answers what a test wants: what is taken out of answers, and what comes of it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use tapdeck_corpora::Tape;
use tapdeck_generators::{GenerateOptions, Outputs, Unwatched, generate};
use tapdeck_reports::Measurements;
use tapdeck_services::ServiceDefinition;

use crate::common::{Run, failures};
use crate::raw::{Answer, Asked, RawServer};

/// A service of one session, given its steps.
fn service(steps: &str) -> ServiceDefinition {
    let source = format!(
        "name = \"thing\"\ntitle = \"A thing\"\n[target]\nbase_url = \"http://localhost:1\"\n\
         [[sessions]]\nname = \"visit\"\n{steps}"
    );
    ServiceDefinition::parse(&source, "a test").unwrap()
}

fn tape(service: &ServiceDefinition) -> Arc<Tape> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("steps.tape");
    let options = GenerateOptions::new(5, 60);
    generate(service, &options, Outputs::tape(&path), &Unwatched).unwrap();
    Arc::new(Tape::open(&path).unwrap())
}

/// What a server was sent: each request line and cookie once.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<BTreeSet<String>>>);

impl Seen {
    fn note(&self, text: &str) {
        self.0.lock().unwrap().insert(text.to_owned());
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().cloned().collect()
    }
}

/// Gives the path of a request.
fn path(asked: &Asked) -> &str {
    asked.head.split(' ').nth(1).unwrap()
}

/// Gives the value of a header of a request.
fn header<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    let mut lines = asked.head.lines().filter_map(|line| line.split_once(": "));
    lines.find_map(|(key, value)| (key == name).then_some(value))
}

fn answer(status: &str, headers: &str, body: &str) -> Answer {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}");
    Answer::Pieces(vec![head.into_bytes()])
}

/// Plays ten sessions at a path of a server.
fn play(server: &RawServer, base_path: &str, service: &ServiceDefinition) -> Measurements {
    let url = format!("{}{base_path}", server.url());
    let run = Run {
        connections: 4,
        ..Run::at(&url, 10.0)
    };
    run.play_tape(tape(service))
}

#[test]
fn captured_numbers_are_sent_as_they_were_written() {
    let seen = Seen::default();
    let noted = seen.clone();
    let server = RawServer::answering(move |asked| {
        noted.note(path(asked));
        answer(
            "200 OK",
            "",
            "\u{feff}{\"a\": 42.50, \"b\": 1E2, \"c\": [{\"d\": 12345678901234567890123}], \"e\": 10.00}",
        )
    });
    let service = service(
        r#"
        [[sessions.steps]]
        name = "make"
        method = "GET"
        path = "/make"
        captures = { a = { pointer = "/a" }, b = { pointer = "/b" }, c = { pointer = "/c/*/d", take = "first" }, e = { pointer = "/e", kind = "number" } }
        [[sessions.steps]]
        name = "use"
        method = "GET"
        path = "/use/${captured.a}/${captured.b}/${captured.c}?e=${captured.e}"
        "#,
    );
    let measured = play(&server, "", &service);
    assert_eq!(measured.ledger.good, 20, "{:?}", measured.failures);
    let expected = ["/make", "/use/42.50/1E2/12345678901234567890123?e=10.00"];
    assert_eq!(seen.all(), expected);
}

#[test]
fn checks_tell_numbers_apart_that_a_float_cannot() {
    // Equal in value or off by one, in the last digit of 64 bits.
    for (read, failed) in [("2733382000000000049.0", 0), ("2733382000000000050", 10)] {
        let server = RawServer::answering(move |asked| {
            let id = match path(asked) {
                "/make" => "2733382000000000049",
                _ => read,
            };
            answer("200 OK", "", &format!("{{\"id\": {id}}}"))
        });
        let service = service(
            r#"
            [[sessions.steps]]
            name = "make"
            method = "GET"
            path = "/make"
            captures = { id = { pointer = "/id" } }
            [[sessions.steps]]
            name = "read"
            method = "GET"
            path = "/read?id=2733382000000000049"
            checks = [
              { name = "captured", equals = { pointer = "/id", captured = "id" } },
              { name = "fixed", equals = { pointer = "/id", value = 2733382000000000049 } },
              { name = "echoed", echoes_parameter = { pointer = "/id", parameter = "id" } },
            ]
            "#,
        );
        let measured = play(&server, "", &service);
        for check in ["check:captured", "check:fixed", "check:echoed"] {
            assert_eq!(failures(&measured, check), failed, "{check} {read}");
        }
    }
}

/// A session that goes to where it was told that its thing is.
const FOLLOWS: &str = r#"
    [[sessions.steps]]
    name = "make"
    method = "GET"
    path = "/things/new?of=a"
    statuses = [201]
    captures = { place = { header = "Location" }, part = { pointer = "/part" } }
    [[sessions.steps]]
    name = "read"
    method = "GET"
    path = "${captured.place}"
    [[sessions.steps]]
    name = "part"
    method = "GET"
    path = "${captured.part}/x?all=${captured.part}"
"#;

#[test]
fn the_place_of_what_was_made_is_the_next_path() {
    for (location, expected) in [
        ("/things/42/v1?x=%2F", "/things/42/v1?x=%2F"),
        ("http://HOST/api/things/42", "/api/things/42"),
        ("//HOST/api/things/42#top", "/api/things/42"),
        ("42", "/api/things/42"),
        ("../42/.", "/api/42/"),
        ("?of=b", "/api/things/new?of=b"),
    ] {
        let seen = Seen::default();
        let noted = seen.clone();
        let server = RawServer::answering(move |asked| {
            noted.note(path(asked));
            let host = header(asked, "host").unwrap();
            let location = location.replace("HOST", host);
            let headers = format!("location: {location}\r\n");
            if path(asked) == "/api/things/new?of=a" {
                answer("201 Created", &headers, r#"{"part":"/p/1"}"#)
            } else {
                answer("200 OK", "", "")
            }
        });
        let measured = play(&server, "/api", &service(FOLLOWS));
        assert_eq!(measured.ledger.good, 30, "{:?}", measured.failures);
        let mut all = vec![
            "/api/things/new?of=a".to_owned(),
            "/p/1/x?all=%2Fp%2F1".to_owned(),
            expected.to_owned(),
        ];
        all.sort();
        assert_eq!(seen.all(), all, "{location}");
    }
}

#[test]
fn a_place_elsewhere_is_a_failure_and_nothing_is_sent_there() {
    let elsewhere = RawServer::answering(|_| answer("200 OK", "", ""));
    let url = elsewhere.url();
    let https = url.replace("http:", "https:");
    for (location, expected) in [
        (url.clone(), "leads to another place than the target"),
        (https, "leads to another place than the target"),
        ("urn:thing:42".to_owned(), "leads to another place"),
        ("/things/4 2".to_owned(), "its path is no path"),
    ] {
        let place = location.clone();
        let server = RawServer::answering(move |asked| {
            let headers = format!("location: {place}\r\n");
            match path(asked) {
                "/things/new?of=a" => answer("201 Created", &headers, r#"{"part":"/p/1"}"#),
                _ => answer("200 OK", "", ""),
            }
        });
        let measured = play(&server, "", &service(FOLLOWS));
        assert_eq!(failures(&measured, "protocol"), 10, "{location}");
        let sample = &measured.failures[0].samples[0];
        assert!(sample.contains(expected), "{sample}");
        assert_eq!(server.requests(), 20, "the other steps are taken");
        assert_eq!((elsewhere.connections(), elsewhere.requests()), (0, 0));
    }
}

#[test]
fn cookies_go_back_as_their_attributes_say() {
    let seen = Seen::default();
    let noted = seen.clone();
    let server = RawServer::answering(move |asked| {
        if path(asked) == "/shop/login" {
            let headers = [
                "id=1; Path=/; Max-Age=3600",
                "past=1; Path=/; Expires=Wed, 01 Jan 2020 00:00:00 GMT",
                "ahead=1; Path=/; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
                "own=1",
                "deep=1; Path=/shop/basket",
                "other=1; Path=/admin",
                "foreign=1; Path=/; Domain=example.com",
                "secure=1; Path=/; Secure",
            ];
            let headers = headers.map(|cookie| format!("set-cookie: {cookie}\r\n"));
            return answer("200 OK", &headers.concat(), "");
        }
        let cookie = header(asked, "cookie").unwrap_or("none");
        noted.note(&format!("{}: {cookie}", path(asked)));
        answer("200 OK", "", "")
    });
    let service = service(
        r#"
        [[sessions.steps]]
        name = "login"
        method = "GET"
        path = "/login"
        [[sessions.steps]]
        name = "basket"
        method = "GET"
        path = "/basket?item=1"
        [[sessions.steps]]
        name = "look"
        method = "GET"
        path = "/look"
        "#,
    );
    let measured = play(&server, "/shop", &service);
    assert_eq!(measured.ledger.good, 30, "{:?}", measured.failures);
    let expected = [
        "/shop/basket?item=1: deep=1; own=1; id=1; ahead=1",
        "/shop/look: own=1; id=1; ahead=1",
    ];
    assert_eq!(seen.all(), expected);
}

#[test]
fn what_a_session_was_given_is_not_shown_when_it_is_repeated() {
    const COOKIE: &str = "Zq8Xr71Kw0mLpT5v";
    const TOKEN: &str = "Hy6Bc93Jf4gQuE7aRi1o";
    let server = RawServer::answering(|asked| {
        let cookie = header(asked, "cookie").unwrap_or("none");
        let (cookie, path) = (cookie.trim_start_matches("sid="), path(asked));
        if path == "/enter" {
            let body = format!("{{\"key\": \"{TOKEN}\", \"id\": \"order-4711-0815-42\"}}");
            let cookie = format!("set-cookie: sid={COOKIE}\r\n");
            return answer("200 OK", &cookie, &body);
        }
        let body = format!("got {cookie} at {path} by {TOKEN}");
        answer("400 Bad", "", &body)
    });
    let service = service(
        r#"
        [[sessions.steps]]
        name = "enter"
        method = "GET"
        path = "/enter"
        captures = { csrf = { pointer = "/key" }, order = { pointer = "/id" } }
        [[sessions.steps]]
        name = "act"
        method = "GET"
        path = "/act/${captured.order}"
        headers = { x-csrf-token = "${captured.csrf}" }
        captures = { next = { pointer = "/next" } }
        "#,
    );
    let measured = play(&server, "", &service);
    assert_eq!(measured.ledger.rejected, 10, "{:?}", measured.failures);
    let mut shown: Vec<String> = measured
        .failures
        .iter()
        .flat_map(|it| it.samples.clone())
        .collect();
    let captures = measured
        .sessions
        .iter()
        .flat_map(|session| &session.captures);
    shown.extend(captures.filter_map(|capture| capture.sample.clone()));
    let expected = "got *** at /act/order-4711-0815-42 by ***";
    let told = shown.iter().filter(|sample| sample.contains(expected));
    assert!(told.count() >= 2, "{shown:?}");
    for secret in [COOKIE, TOKEN] {
        assert!(
            shown.iter().all(|sample| !sample.contains(secret)),
            "{shown:?}"
        );
    }
}
