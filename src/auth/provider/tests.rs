//! What a provider is asked, and what becomes of everything it may say.

use serde_json::{Value, json};

use super::*;
use crate::auth::fixture::{FakeProvider, answer, token};
use crate::patience::Stop;

fn patience() -> Patience {
    Patience::begin(Duration::from_mins(1), &Stop::default())
}

/// Fetches from a provider that answers so.
fn fetch(answer: String) -> Result<Kept, Denied> {
    let fake = FakeProvider::new([answer]);
    let provider = Provider::new(&fake.settings(), None).unwrap();
    provider.fetch(1_000, &patience())
}

#[test]
fn a_token_is_asked_for_with_client_credentials() {
    let fake = FakeProvider::new([token("abc.def", 90)]);
    let provider = Provider::new(&fake.settings(), Some("of the service")).unwrap();
    let kept = provider.fetch(1_000, &patience()).unwrap();
    assert_eq!((kept.token.expose(), kept.expires_s), ("abc.def", 1_090));
    let asked = fake.asked.recv().unwrap();
    let (line, body) = asked.split_once('\n').unwrap();
    assert_eq!(line, "POST /oauth/token HTTP/1.1");
    let expected = json!({
        "grant_type": "client_credentials",
        "client_id": "the-client",
        "client_secret": "planted-secret",
        "audience": "the-audience",
    });
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), expected);
    assert!(!format!("{provider:?}").contains("planted"));
}

#[test]
fn a_token_without_an_end_lasts_an_hour() {
    let kept = fetch(answer("200 OK", "", r#"{"access_token":"x"}"#)).unwrap();
    assert_eq!(kept.expires_s, 4_600);
}

#[test]
fn a_lifetime_may_be_text_or_a_decimal_number() {
    for (written, expected) in [
        ("3599", 4_599),
        ("\"3599\"", 4_599),
        ("3599.0", 4_599),
        ("null", 4_600),
    ] {
        let body = format!(r#"{{"access_token":"x","expires_in":{written}}}"#);
        let kept = fetch(answer("200 OK", "", &body)).unwrap();
        assert_eq!(kept.expires_s, expected, "{written}");
    }
}

#[test]
fn an_answer_is_read_behind_its_byte_order_mark() {
    let kept = fetch(answer("200 OK", "", "\u{feff}{\"access_token\":\"x\"}")).unwrap();
    assert_eq!(kept.token.expose(), "x");
}

#[test]
fn refusals_are_explained_and_hide_secrets() {
    let denied = r#"{"error":"access_denied","error_description":"Unauthorized planted-secret"}"#;
    let page = "<html>planted-token</html>";
    for (status, headers, body, expected, again_after_s) in [
        (
            "401 X",
            "",
            denied,
            "does not know us: 401 (access_denied: Unauthorized ***)",
            None,
        ),
        (
            "403 X",
            "",
            denied,
            "gives us no token: 403 (access_denied: Unauthorized ***); authorize the client for the audience \"the-audience\"",
            None,
        ),
        (
            "429 X",
            "retry-after: 7\r\n",
            "",
            "is asked too often: 429; try again in 7 s",
            Some(7),
        ),
        ("429 X", "", denied, "try again later", Some(1)),
        ("503 X", "", page, "is in trouble: 503", Some(1)),
        (
            "302 X",
            "location: /login\r\n",
            "",
            "answers 302; is AUTH0_DOMAIN right?",
            None,
        ),
        (
            "200 OK",
            "",
            page,
            "answers 200 with a body that is no JSON object (26 bytes)",
            None,
        ),
        (
            "200 OK",
            "",
            r#"{"token":"planted-token"}"#,
            "answers 200 without an access_token",
            None,
        ),
        (
            "200 OK",
            "",
            r#"{"access_token":"planted-token","expires_in":"soon"}"#,
            "says that the token expires in \"soon\", which is no number of seconds",
            None,
        ),
        (
            "400 X",
            "",
            r#"{"error":"invalid_request","error_description":"The access token is expired, the client secret is wrong"}"#,
            "(invalid_request: The access token is expired, the client secret is wrong)",
            None,
        ),
        (
            "400 X",
            "",
            r#"{"error":{"code":"no","client_secret":"planted-secret"}}"#,
            r#"({"client_secret":"***","code":"no"})"#,
            None,
        ),
        (
            "200 OK",
            "",
            r#"{"access_token":"planted token"}"#,
            "gives an access_token, but it is empty, or holds characters that no token has",
            None,
        ),
    ] {
        let denied = fetch(answer(status, headers, body)).unwrap_err();
        let text = chain(&denied.error);
        assert!(text.contains(expected), "{status}: {text}");
        assert!(text.starts_with("no token: http://127.0.0.1:"), "{text}");
        assert!(!text.contains("planted"), "{text}");
        let again_after = again_after_s.map(Duration::from_secs);
        assert_eq!(denied.again_after, again_after, "{status}");
        assert_eq!(denied.error.exit(), crate::exit::Exit::TargetUnreachable);
    }
}

#[test]
fn what_is_no_http_and_what_is_nowhere_is_told_apart() {
    let nonsense = fetch("nonsense\r\n\r\n".to_owned()).unwrap_err();
    assert!(
        chain(&nonsense.error).contains("cannot be reached"),
        "{nonsense:?}"
    );

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let settings = AuthSettings {
        domain: Some(format!("http://{address}/")),
        ..FakeProvider::new([]).settings()
    };
    let denied = Provider::new(&settings, None)
        .unwrap()
        .fetch(0, &patience())
        .unwrap_err();
    assert!(chain(&denied.error).contains("does not accept connections"));

    let settings = AuthSettings {
        domain: Some("nowhere.invalid".to_owned()),
        ..settings
    };
    let denied = Provider::new(&settings, None)
        .unwrap()
        .fetch(0, &patience())
        .unwrap_err();
    let text = chain(&denied.error);
    assert!(
        text.contains("https://nowhere.invalid cannot be found"),
        "{text}"
    );

    // Somebody listens there who speaks no TLS.
    let plain = FakeProvider::new([String::new()]);
    let settings = AuthSettings {
        domain: Some(plain.url.replace("http://", "https://")),
        ..settings
    };
    let denied = Provider::new(&settings, None)
        .unwrap()
        .fetch(0, &patience())
        .unwrap_err();
    let text = chain(&denied.error);
    assert!(
        text.contains("TLS") || text.contains("trusts no authority"),
        "{text}"
    );
    assert!(!text.contains("planted"), "{text}");
}

#[test]
fn all_that_is_missing_is_named_at_once() {
    let error = Provider::new(&AuthSettings::default(), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "auth mode auth0 needs AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET, AUTH0_AUDIENCE; set these environment variables"
    );
    assert_eq!(error.exit(), crate::exit::Exit::Usage);
    let settings = AuthSettings {
        client_secret: None,
        ..FakeProvider::new([]).settings()
    };
    let error = Provider::new(&settings, None).unwrap_err().to_string();
    assert!(error.contains("needs AUTH0_CLIENT_SECRET;"), "{error}");
}

#[test]
fn a_secret_never_leaves_the_machine_in_the_clear() {
    for (domain, expected) in [
        ("tenant.eu.auth0.com", Some("https://tenant.eu.auth0.com")),
        ("https://tenant.test/", Some("https://tenant.test")),
        ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
        ("http://[::1]:8080/", Some("http://[::1]:8080")),
        ("http://localhost:1", Some("http://localhost:1")),
        ("http://tenant.test", None),
        ("http://10.0.0.1", None),
        ("http://127.0.0.1.tenant.test", None),
        ("ftp://127.0.0.1", None),
        ("user:pw@tenant.test", None),
        ("tenant.test/path", None),
        ("tenant.test:80811", None),
        ("tenant.test:", None),
        ("tenant.test.", None),
        ("https://tenant.test:44e", None),
        ("http://2130706433", None),
        ("http://127.1", None),
        ("tenant.test ", None),
    ] {
        let settings = AuthSettings {
            domain: Some(domain.to_owned()),
            ..FakeProvider::new([]).settings()
        };
        let url = Provider::new(&settings, None).map(|provider| provider.url());
        match (url, expected) {
            (Ok(url), Some(expected)) => assert_eq!(url, expected),
            (Err(error), None) => {
                let text = error.to_string();
                assert!(text.starts_with("AUTH0_DOMAIN: "), "{text}");
                assert!(!text.contains("pw"), "{text}");
            }
            (url, _) => panic!("{domain}: {url:?}"),
        }
    }
}
