//! Targets that repeat what they were sent, or send what a terminal or a page obeys: nothing of it comes through.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tapdeck_reports::printable::is_obeyed;

use crate::command::{Outcome, tapdeck};

const TOKEN: &str = "Zq8Xr71Kw0mLpT5vNs2d";
const NEXT_TOKEN: &str = "Hy6Bc93Jf4gQuE7aRi1o";
const CLIENT_SECRET: &str = "hush-planted-client-9d1e";
const API_KEY: &str = "planted+api/key=77ab5f0c";

/// A synthetic card number, as answers write it.
const CARDS: &str = "4111\u{a0}1111\u{a0}1111\u{a0}1111 4111.1111.1111.1111";

/// A service that wants a token and sends a key of its own; `probe` is the path to try a token at.
fn service(probe: Option<&str>) -> String {
    let probe = probe.map_or(String::new(), |path| format!("probe_path = {path:?}\n"));
    format!(
        r#"
name = "thing"
title = "A thing"
[target]
base_url = "http://localhost:1"
[auth]
audience = "thing"
{probe}
[[endpoints]]
name = "thing"
method = "GET"
path = "/thing"
event = "authorization"
headers = {{ authorization = "Bearer ${{fire.token}}", x-api-key = "{API_KEY}" }}
"#
    )
}

/// A request as a target sees it.
struct Asked {
    line: String,
    headers: BTreeMap<String, String>,
}

impl Asked {
    fn token(&self) -> &str {
        let header = self.headers.get("authorization");
        header.map_or("", |value| value.trim_start_matches("Bearer "))
    }
}

/// Answers every request by a rule: status line, more header lines, body.
fn serve(answer: impl Fn(&Asked) -> (u16, String, String) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let answer = Arc::clone(&answer);
            // Connections that are only tried end here.
            thread::spawn(move || talk(BufReader::new(stream.unwrap()), &*answer));
        }
    });
    url
}

fn talk(mut stream: BufReader<TcpStream>, answer: &impl Fn(&Asked) -> (u16, String, String)) {
    while let Some(asked) = read(&mut stream) {
        let (status, headers, body) = answer(&asked);
        let length = body.len();
        let said =
            format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}");
        if stream.get_mut().write_all(said.as_bytes()).is_err() {
            return;
        }
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let headers: BTreeMap<String, String> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length");
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    Some(Asked {
        line: lines[0].clone(),
        headers,
    })
}

fn given(token: &str) -> (u16, String, String) {
    let body = format!(r#"{{"access_token":"{token}","expires_in":"3599"}}"#);
    (200, String::new(), body)
}

/// Makes a tape of a service and plays it at a target that is the provider of its tokens, too.
fn replay(folder: &Path, probe: Option<&str>, url: &str, mode: &str) -> Outcome {
    let text = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    fs::write(folder.join("thing.toml"), service(probe)).unwrap();
    let tape = text("thing.tape");
    let made = [
        "generate",
        "--service",
        &text("thing.toml"),
        "--count",
        "100",
        "--quiet",
        "-o",
        &tape,
    ];
    assert!(tapdeck().args(made).output().unwrap().status.success());
    let output = tapdeck()
        .args(["replay", &tape, "--target", url, "--auth-mode", mode])
        .args([
            "--rate",
            "50",
            "--duration",
            "1s",
            "--warm-up",
            "0s",
            "--out",
            &text("out"),
        ])
        .env("TAPDECK_CACHE", folder.join("cache"))
        .env("AUTH0_DOMAIN", url)
        .env("AUTH0_CLIENT_ID", "the-client")
        .env("AUTH0_CLIENT_SECRET", CLIENT_SECRET)
        .env("AUTH0_AUDIENCE", "thing")
        .output()
        .unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Everything that was written into the report, and printed.
fn texts(folder: &Path, outcome: &Outcome) -> Vec<(String, String)> {
    let mut texts = vec![
        ("stdout".to_owned(), outcome.stdout.clone()),
        ("stderr".to_owned(), outcome.stderr.clone()),
    ];
    for entry in fs::read_dir(folder.join("out")).unwrap() {
        let path = entry.unwrap().path();
        texts.push((
            path.display().to_string(),
            fs::read_to_string(path).unwrap(),
        ));
    }
    texts
}

#[test]
fn nothing_that_a_target_repeats_comes_through() {
    let url = serve(|asked| {
        if asked.line.starts_with("POST /oauth/token") {
            return given(TOKEN);
        }
        let token = asked.token();
        let key = asked.headers.get("x-api-key").map_or("", String::as_str);
        let coded = base64_simd::STANDARD.encode_to_string(format!("u:{token}"));
        let percent = utf8_percent_encode(key, NON_ALPHANUMERIC);
        let body = format!(
            "got {token} or {coded}, {} and {key} {percent} {CLIENT_SECRET} {CARDS} \u{1b}[2J\u{9b}1m\u{202e} | <img src=x> [y](z)",
            &token[4..18],
        );
        let location = format!("location: /{token}?code=abcdefghij\r\n");
        (302, location, body)
    });
    let folder = tempfile::tempdir().unwrap();
    let outcome = replay(folder.path(), None, &url, "auth0");
    assert!(matches!(outcome.code, Some(1 | 5)), "{outcome:?}");
    let texts = texts(folder.path(), &outcome);
    assert!(
        texts.iter().any(|(_, text)| text.contains("got *** or ")),
        "{outcome:?}"
    );
    for (name, text) in &texts {
        for secret in [TOKEN, CLIENT_SECRET, API_KEY] {
            for from in 0..=secret.len() - 12 {
                let piece = &secret[from..from + 12];
                assert!(!text.contains(piece), "{name} holds {piece}: {text}");
            }
        }
        assert!(!text.contains("code=abc"), "{name}: {text}");
        assert!(
            !text.contains("1111\u{a0}1111\u{a0}1111") && !text.contains("1111.1111.1111"),
            "{name}"
        );
        let is_obeyed = |letter: char| is_obeyed(letter) && !matches!(letter, '\n' | '\t' | '\r');
        assert!(!text.contains(is_obeyed), "{name}: {text:?}");
    }
    let page = |name: &str| fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    for name in ["index.html", "results.md"] {
        assert!(page(name).contains("&lt;img src=x&gt;"), "{name}");
        assert!(!page(name).contains("<img src=x>"), "{name}");
    }
    assert!(page("results.md").contains(r"\| &lt;img src=x&gt; \[y\](z)"));
}

#[test]
fn a_kept_token_that_the_target_refuses_is_fetched_anew() {
    let trusted = Arc::new(Mutex::new(TOKEN));
    let told = Arc::clone(&trusted);
    let url = serve(move |asked| {
        let trusted = *told.lock().unwrap();
        if asked.line.starts_with("POST /oauth/token") {
            return given(trusted);
        }
        let status = if asked.token() == trusted { 200 } else { 401 };
        (status, String::new(), "{}".to_owned())
    });
    let folder = tempfile::tempdir().unwrap();
    let first = replay(folder.path(), Some("/probe"), &url, "auth0");
    assert!(matches!(first.code, Some(0 | 5)), "{first:?}");
    assert!(!first.stderr.contains("was dropped"), "{first:?}");
    *trusted.lock().unwrap() = NEXT_TOKEN;
    let second = replay(folder.path(), Some("/probe"), &url, "auth0");
    assert!(matches!(second.code, Some(0 | 5)), "{second:?}");
    let said = "note: the token kept by an earlier run was dropped and another one fetched: the target refuses the token";
    assert!(second.stderr.contains(said), "{second:?}");
    for secret in [TOKEN, NEXT_TOKEN] {
        assert!(!second.stderr.contains(secret), "{second:?}");
    }
}

#[test]
fn a_target_that_wants_a_token_is_sent_nothing_without_one() {
    for (status, code) in [(401, 3), (403, 3)] {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&asked);
        let url = serve(move |asked| {
            seen.lock().unwrap().push(asked.line.clone());
            (status, String::new(), r#"{"error":"no token"}"#.to_owned())
        });
        let folder = tempfile::tempdir().unwrap();
        let outcome = replay(folder.path(), Some("/probe"), &url, "none");
        assert_eq!(outcome.code, Some(code), "{outcome:?}");
        let said = format!(
            "the target wants a token and none is sent: GET /probe was answered with {status}"
        );
        assert!(outcome.stderr.contains(&said), "{outcome:?}");
        assert!(
            outcome.stderr.contains("--auth-mode local or auth0"),
            "{outcome:?}"
        );
        assert_eq!(*asked.lock().unwrap(), ["GET /probe HTTP/1.1"]);
    }
}

#[test]
fn secrets_of_the_command_line_and_of_definitions_are_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    let definition = folder.path().join("thing.toml");
    fs::write(&definition, service(None)).unwrap();
    let output = tapdeck()
        .args(["services".as_ref(), "show".as_ref(), definition.as_os_str()])
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(
        shown.contains("x-api-key: ***") && !shown.contains(API_KEY),
        "{shown}"
    );
    assert!(shown.contains("Bearer ${fire.token}"), "{shown}");

    for (url, said) in [
        ("http://127.0.0.1:1/?key=abc-planted", "has a query"),
        ("http://?key=abc-planted", "names no host"),
        ("ftp://h?key=abc-planted", "must begin with http://"),
        ("unix:/run/x.sock:/v1?key=abc-planted", "has a query"),
    ] {
        let outcome = replay(folder.path(), None, url, "none");
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(outcome.stderr.contains(said), "{outcome:?}");
        assert!(!outcome.stderr.contains("planted"), "{outcome:?}");
    }
}
