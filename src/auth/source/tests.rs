//! When tokens are made, kept and renewed.

use tapdeck_services::ServiceDefinition;

use super::*;
use crate::auth::fixture::{FakeProvider, answer, token};

fn service(headers: &str) -> ServiceDefinition {
    let source = format!(
        r#"
        name = "s"
        title = "S"
        [target]
        base_url = "http://localhost:1"
        [[endpoints]]
        name = "one"
        method = "GET"
        path = "/"
        event = "authorization"
        headers = {{ {headers} }}
        "#
    );
    ServiceDefinition::parse(&source, "s.toml").unwrap()
}

fn guarded() -> ServiceDefinition {
    service(r#"authorization = "Bearer ${fire.token}""#)
}

fn start(settings: &AuthSettings) -> Result<TokenSource, AuthError> {
    let source = TokenSource::start(AuthMode::Auth0, settings, &guarded())?;
    Ok(source.unwrap())
}

#[test]
fn nobody_asks_for_a_token_that_nobody_sends() {
    let nothing = AuthSettings::default();
    let bare = service("");
    for (mode, service) in [
        (AuthMode::None, &guarded()),
        (AuthMode::Local, &bare),
        (AuthMode::Auth0, &bare),
    ] {
        let source = TokenSource::start(mode, &nothing, service).unwrap();
        assert!(source.is_none(), "{mode:?}");
    }
}

#[test]
fn a_token_is_renewed_ahead_of_its_end() {
    // Its life of a second is over before the test is, so the second token must come by itself.
    let fake = FakeProvider::new([token("first", 1), token("second", 3_600)]);
    let source = start(&fake.settings()).unwrap();
    let feed = source.feed();
    assert_eq!(feed.token().expose(), "first");
    assert_eq!(fake.asked.iter().count(), 2);
    while feed.generation() == 0 {
        thread::yield_now();
    }
    assert_eq!(feed.token().expose(), "second");
    assert_eq!(source.trouble(), None);
}

#[test]
fn a_renewal_that_fails_is_noted_and_tried_again() {
    let fake = FakeProvider::new([
        token("first", 1),
        answer("503 X", "", ""),
        token("second", 3_600),
    ]);
    let source = start(&fake.settings()).unwrap();
    fake.asked.iter().take(2).for_each(drop);
    // It is noted until the next attempt has succeeded.
    let mut troubles = std::iter::repeat_with(|| source.trouble());
    assert!(
        troubles
            .find_map(|trouble| trouble)
            .unwrap()
            .contains("503")
    );
    while source.feed().generation() == 0 {
        thread::yield_now();
    }
    while source.trouble().is_some() {
        thread::yield_now();
    }
}

#[test]
fn a_provider_that_asks_for_patience_gets_some_and_one_that_refuses_none() {
    let busy = || answer("429 X", "retry-after: 0\r\n", "");
    let fake = FakeProvider::new([busy(), busy(), token("third", 3_600)]);
    assert_eq!(
        start(&fake.settings()).unwrap().feed().token().expose(),
        "third"
    );

    for refusal in [
        answer("401 X", "", ""),
        answer("429 X", "retry-after: 86400\r\n", ""),
    ] {
        let fake = FakeProvider::new([refusal, token("never", 3_600)]);
        assert!(matches!(
            start(&fake.settings()),
            Err(AuthError::Provider { .. })
        ));
    }
}

#[test]
fn a_token_is_kept_for_the_next_run_while_it_lasts() {
    let folder = tempfile::tempdir().unwrap();
    let fake = FakeProvider::new([
        token("first", 3_600),
        token("second", 30),
        token("third", 30),
    ]);
    let settings = AuthSettings {
        cache: Some(folder.path().to_owned()),
        ..fake.settings()
    };
    let next = || start(&settings).unwrap().feed().token().expose().to_owned();
    assert_eq!(next(), "first");
    assert_eq!(next(), "first");
    let provider = Provider::new(&settings, None).unwrap();
    let file = provider.file(&settings).unwrap();
    file.forget();
    assert_eq!(next(), "second");
    // What ends within the minute is not worth beginning with.
    assert_eq!(next(), "third");
}

#[test]
fn a_kept_token_that_is_damaged_is_noted_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let fake = FakeProvider::new([token("fresh", 3_600)]);
    let settings = AuthSettings {
        cache: Some(folder.path().to_owned()),
        ..fake.settings()
    };
    let provider = Provider::new(&settings, None).unwrap();
    let file = provider.file(&settings).unwrap();
    std::fs::create_dir_all(file.path().parent().unwrap()).unwrap();
    std::fs::write(file.path(), "{").unwrap();
    let source = start(&settings).unwrap();
    assert_eq!(source.feed().token().expose(), "fresh");
    let notes = source.notes();
    assert!(notes[0].contains("is not used"), "{notes:?}");
    assert_eq!(file.read().unwrap().unwrap().token.expose(), "fresh");
}

/// What a target says that trusts one token only.
fn trusts(trusted: &'static str) -> impl Fn(&Token) -> Result<(), AuthError> {
    move |token: &Token| {
        if token.expose() == trusted {
            return Ok(());
        }
        Err(AuthError::TokenRefused {
            probe: "GET /".to_owned(),
            answer: "401".to_owned(),
            advice: "look".to_owned(),
        })
    }
}

#[test]
fn a_kept_token_that_is_refused_is_dropped_and_fetched_anew_once() {
    for (fetched, trusted, expected) in [
        (&["kept", "fresh"][..], "kept", Ok("kept")),
        (&["kept", "fresh"], "fresh", Ok("fresh")),
        (
            &["kept", "fresh", "never"],
            "never",
            Err("so was a token kept by an earlier run"),
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let fake = FakeProvider::new(fetched.iter().map(|text| token(text, 3_600)));
        let settings = AuthSettings {
            cache: Some(folder.path().to_owned()),
            ..fake.settings()
        };
        start(&settings).unwrap();
        let service = guarded();
        let again =
            TokenSource::start_proven(AuthMode::Auth0, &settings, &service, trusts(trusted));
        match (again, expected) {
            (Ok(source), Ok(expected)) => {
                let source = source.unwrap();
                assert_eq!(source.feed().token().expose(), expected);
                let is_noted = source
                    .notes()
                    .iter()
                    .any(|note| note.contains("was dropped"));
                assert_eq!(is_noted, expected == "fresh", "{:?}", source.notes());
                let provider = Provider::new(&settings, None).unwrap();
                let kept = provider.file(&settings).unwrap().read().unwrap().unwrap();
                assert_eq!(kept.token.expose(), expected);
            }
            (Err(error), Err(expected)) => {
                assert!(error.to_string().contains(expected), "{error}");
                assert_eq!(fake.asked.try_iter().count(), 2);
            }
            (again, _) => panic!("{trusted}: {again:?}"),
        }
    }
}

#[test]
fn a_token_just_fetched_that_is_refused_is_not_fetched_again() {
    let fake = FakeProvider::new([token("first", 3_600), token("second", 3_600)]);
    let refused = TokenSource::start_proven(
        AuthMode::Auth0,
        &fake.settings(),
        &guarded(),
        trusts("second"),
    );
    let error = refused.unwrap_err().to_string();
    assert!(error.ends_with("; look"), "{error}");
    assert_eq!(fake.asked.try_iter().count(), 1);
}

#[test]
fn the_lead_is_a_minute_or_a_tenth_of_a_life() {
    let s = NS_PER_S;
    for (now_ns, expires_s, expected_ns) in [
        (0, 3_600, 3_540 * s),
        (100 * s, 200, 90 * s),
        (0, 1, 9 * s / 10),
        (50 * s, 50, 0),
        (60 * s, 50, 0),
        (0, u64::MAX, u64::MAX - 60 * s),
    ] {
        assert_eq!(time_left_ns(now_ns, expires_s), expected_ns);
    }
}
