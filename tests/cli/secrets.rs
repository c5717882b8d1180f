//! No secret comes out of a run: nothing that is written or printed holds one, whatever goes wrong.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use secrecy::ExposeSecret;
use tapdeck::auth::AuthSettings;
use tapdeck::auth::signing::SigningKey;
use tapdeck::stand_in::{StandIn, StandInConfig, TokenRules};

use crate::command::{Outcome, run, tapdeck};

const CLIENT_SECRET: &str = "planted-client-secret-5f0c";
const SHARED_SECRET: &str = "planted-signing-secret-77ab";
const AWS_KEY: &str = "AKIAPLANTED0000EXAMPLE";
const AWS_SECRET: &str = "planted/aws/secret/9d1e";

/// Whether the service names a path at which a token can be tried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Probe {
    There,
    Missing,
}

/// A folder with everything a run leaves behind.
struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    /// Makes a tape for a rule engine that wants tokens; `probe` says whether there is a path to try one at.
    fn new(probe: Probe) -> Self {
        let stage = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let built_in = tapdeck_services::registry::find("rule-engine").unwrap();
        let lines = built_in.source.lines();
        let kept = lines.filter(|line| probe == Probe::There || !line.starts_with("probe_path"));
        let source: String = kept.flat_map(|line| [line, "\n"]).collect();
        fs::write(stage.path("guarded.toml"), source).unwrap();
        let (service, tape) = (stage.text("guarded.toml"), stage.text("out/guarded.tape"));
        fs::create_dir(stage.path("out")).unwrap();
        let flags = ["--count", "2000", "--seed", "1", "--quiet", "-o", &tape];
        run(["generate", "--service", &service].into_iter().chain(flags)).good();
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Replays the tape with every secret there is in the environment.
    fn replay(&self, url: &str, flags: &[&str], variables: &[(&str, &str)]) -> Outcome {
        let output = tapdeck()
            .args(["replay", &self.text("out/guarded.tape"), "--target", url])
            .args(["--rate", "50", "--duration", "1s", "--warm-up", "0s"])
            .args(["--out", &self.text("out/report")])
            .args(flags)
            .env("TAPDECK_CACHE", self.path("cache"))
            .env("AUTH0_CLIENT_ID", "the-client")
            .env("AUTH0_CLIENT_SECRET", CLIENT_SECRET)
            .env("AUTH0_AUDIENCE", "local-api")
            .env("LOCAL_SIGNING_KEY", SHARED_SECRET)
            .env("AWS_ACCESS_KEY_ID", AWS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", AWS_SECRET)
            .env("S3_SECRET_ACCESS_KEY", AWS_SECRET)
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let outcome = Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        self.assert_clean(&outcome, &[]);
        outcome
    }

    /// Looks for every secret in what was printed and in every file but the cache.
    fn assert_clean(&self, outcome: &Outcome, tokens: &[&str]) {
        let fixed = [CLIENT_SECRET, SHARED_SECRET, AWS_KEY, AWS_SECRET];
        let mut texts = vec![
            ("stdout".to_owned(), outcome.stdout.clone().into_bytes()),
            ("stderr".to_owned(), outcome.stderr.clone().into_bytes()),
        ];
        read_all(&self.path("out"), &mut texts);
        assert!(texts.len() > 2, "the tape, at least");
        for secret in fixed.iter().chain(tokens) {
            for (name, bytes) in &texts {
                let mut windows = bytes.windows(secret.len());
                let is_there = windows.any(|window| window == secret.as_bytes());
                assert!(!is_there, "{name} holds {secret}");
            }
        }
        // No other token, either: each begins with a JSON object in base64.
        for (name, bytes) in &texts {
            let mut windows = bytes.windows(6);
            let is_token = |window: &[u8]| window == b"eyJ0eX" || window == b"eyJhbG";
            assert!(!windows.any(is_token), "{name}");
        }
    }

    /// Gives the token of the cache; there is one.
    fn kept_token(&self) -> String {
        let files = fs::read_dir(self.path("cache/tokens")).unwrap();
        let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        assert_eq!(fs::metadata(&files[0]).unwrap().mode() & 0o777, 0o600);
        let stored: serde_json::Value =
            serde_json::from_slice(&fs::read(&files[0]).unwrap()).unwrap();
        stored["access_token"].as_str().unwrap().to_owned()
    }
}

fn read_all(folder: &Path, texts: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, texts);
        } else {
            let bytes = fs::read(&path).unwrap();
            texts.push((path.display().to_string(), bytes));
        }
    }
}

fn guarded(settings: &AuthSettings) -> StandIn {
    StandIn::start(StandInConfig {
        tokens: Some(Arc::new(TokenRules::of_settings(settings).unwrap())),
        ..StandInConfig::demo().unwrap()
    })
    .unwrap()
}

/// A run over; on a busy machine it may be invalid.
fn assert_over(outcome: &Outcome) {
    assert!(matches!(outcome.code, Some(0 | 5)), "{outcome:?}");
}

#[test]
fn a_run_with_a_fetched_token_leaves_no_secret_behind() {
    let stage = Stage::new(Probe::There);
    let target = guarded(&AuthSettings {
        client_id: Some("the-client".to_owned()),
        client_secret: Some(CLIENT_SECRET.into()),
        ..AuthSettings::default()
    });
    let domain = [("AUTH0_DOMAIN", &*target.url())];
    let outcome = stage.replay(&target.url(), &["--auth-mode", "auth0"], &domain);
    assert_over(&outcome);
    let token = stage.kept_token();
    stage.assert_clean(&outcome, &[&token]);
    let signature = token.rsplit('.').next().unwrap();
    stage.assert_clean(&outcome, &[signature]);

    // The next run uses it again; the provider is not asked.
    let variables = [("AUTH0_DOMAIN", &*target.url()), ("AUTH_MODE", "auth0")];
    let outcome = stage.replay(&target.url(), &[], &variables);
    assert_over(&outcome);
    let seen = target.stop().unwrap();
    assert_eq!((seen.tokens_given, seen.tokens), (1, 1));
    // The broken one of each run's proof.
    assert_eq!(seen.turned_away, 2);
}

#[test]
fn a_run_with_local_tokens_leaves_no_secret_behind() {
    let stage = Stage::new(Probe::There);
    let shared = AuthSettings {
        signing_key: Some(SHARED_SECRET.into()),
        ..AuthSettings::default()
    };
    let target = guarded(&shared);
    let outcome = stage.replay(&target.url(), &["--auth-mode", "local"], &[]);
    assert_over(&outcome);
    assert_eq!(target.stop().unwrap().turned_away, 1);

    let pem = SigningKey::generate_pem().unwrap();
    fs::write(stage.path("key.pem"), pem.expose_secret()).unwrap();
    let target = guarded(&AuthSettings {
        key_file: Some(stage.path("key.pem")),
        ..AuthSettings::default()
    });
    let key = stage.text("key.pem");
    let flags = ["--auth-mode", "local", "--auth-key", &key];
    let outcome = stage.replay(&target.url(), &flags, &[]);
    assert_over(&outcome);
    let middle = pem.expose_secret().lines().nth(5).unwrap().to_owned();
    stage.assert_clean(&outcome, &[&middle]);
    assert_eq!(target.stop().unwrap().turned_away, 1);
}

#[test]
fn what_goes_wrong_with_tokens_ends_before_the_load_and_shows_none() {
    let stage = Stage::new(Probe::There);
    let open = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let guarded = guarded(&AuthSettings {
        client_id: Some("the-client".to_owned()),
        client_secret: Some("another".into()),
        ..AuthSettings::default()
    });
    let domain = [("AUTH0_DOMAIN", &*guarded.url())];
    let local = ["--auth-mode", "local"];
    let auth0 = ["--auth-mode", "auth0"];
    let not_local = ["--auth-key", "key.pem"];
    let no_key = ["--auth-mode", "local", "--auth-key", "none.pem"];
    let with_password = "http://user:planted/aws/secret/9d1e@127.0.0.1:1";
    for (url, flags, variables, code, expected) in [
        (
            &*open.url(),
            &local[..],
            &domain[..],
            3,
            "takes a token with a broken signature",
        ),
        (&*guarded.url(), &local, &domain, 3, "refuses the token"),
        (
            &*guarded.url(),
            &auth0,
            &domain,
            3,
            "does not know us: 401 (access_denied: Unauthorized)",
        ),
        (
            &*guarded.url(),
            &auth0,
            &[],
            2,
            "auth mode auth0 needs AUTH0_DOMAIN;",
        ),
        (&*open.url(), &not_local, &[], 2, "--auth-mode local"),
        (&*open.url(), &no_key, &[], 2, "cannot be read"),
        (
            &*open.url(),
            &[],
            &[("AUTH_MODE", "oauth")],
            2,
            "AUTH_MODE: \"oauth\"",
        ),
        (with_password, &local, &[], 2, "--target"),
        (
            &*open.url(),
            &[],
            &[("APP_ENV", "prod")],
            2,
            "--i-know-this-is-not-production",
        ),
    ] {
        let outcome = stage.replay(url, flags, variables);
        assert_eq!(outcome.code, Some(code), "{expected}: {outcome:?}");
        assert!(outcome.stderr.contains(expected), "{expected}: {outcome:?}");
    }
    assert_eq!(open.stop().unwrap().auth_requests, 0);
    assert_eq!(guarded.stop().unwrap().auth_requests, 0);
}

#[test]
fn a_target_that_repeats_tokens_in_its_errors_does_not_give_them_away() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            // Connections that are only tried end here.
            thread::spawn(move || repeat_tokens(BufReader::new(stream.unwrap())));
        }
    });
    for probe in [Probe::Missing, Probe::There] {
        let stage = Stage::new(probe);
        let outcome = stage.replay(&url, &["--auth-mode", "local"], &[]);
        let shown = format!("{}{}", outcome.stdout, outcome.stderr);
        let report = fs::read_to_string(stage.path("out/report/summary.json"));
        assert!(
            shown.contains("***") || report.unwrap().contains("***"),
            "{outcome:?}"
        );
    }
}

/// Answers every request with 400 and what its `Authorization` header said.
fn repeat_tokens(mut stream: BufReader<std::net::TcpStream>) {
    loop {
        let (mut bearer, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            let (name, value) = line.split_once(": ").unwrap_or((&line, ""));
            match name.to_ascii_lowercase().as_str() {
                "authorization" => value.trim().clone_into(&mut bearer),
                "content-length" => length = value.trim().parse().unwrap(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        let token = bearer.trim_start_matches("Bearer ");
        let said = format!("{{\"got\":\"{bearer}\",\"bare\":\"{token}\"}}");
        let answer = format!(
            "HTTP/1.1 400 X\r\nlocation: /{token}\r\ncontent-length: {}\r\n\r\n{said}",
            said.len()
        );
        if stream.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}
