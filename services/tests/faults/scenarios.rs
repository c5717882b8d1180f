//! Scenarios that cannot be played.

use tapdeck_services::{ErrorKind, Mix, ScenarioLoad, ServiceDefinition};

use super::{SOUND, check_in};

/// A sound definition with a scenario of each kind.
fn sound() -> String {
    format!(
        "{SOUND}[[scenarios]]\nname = \"calm\"\nrate = 12.5\nduration = \"90s\"\nslos = [\"p99<5ms\"]\n\
         [[scenarios]]\nname = \"crowd\"\nusers = 9\nspawn_rate = 3\nrun_time = \"1m\"\nramp_down = \"10s\"\n\
         think = \"1s\"\nmix = {{ score = 2 }}\n"
    )
}

#[test]
fn scenarios_say_who_sends_and_what_is_promised() {
    let service = ServiceDefinition::parse(&sound(), "card-engine.toml").unwrap();
    let [calm, crowd] = &service.scenarios[..] else {
        panic!("{:?}", service.scenarios);
    };
    let seconds = std::time::Duration::from_secs;
    assert_eq!((calm.name.as_str(), calm.slos.len()), ("calm", 1));
    assert_eq!(
        calm.load,
        ScenarioLoad::Rate {
            rate: 12.5,
            duration: Some(seconds(90))
        }
    );
    assert!(calm.mix.is_empty());
    let ScenarioLoad::Users {
        users,
        spawn_rate,
        run_time,
        ramp_down,
        ..
    } = crowd.load
    else {
        panic!("{crowd:?}");
    };
    assert_eq!((users, spawn_rate), (9, Some(3.0)));
    assert_eq!(
        (run_time, ramp_down),
        (Some(seconds(60)), Some(seconds(10)))
    );
    assert_eq!(crowd.mix, Mix::parse("score=2").unwrap());
}

#[test]
fn values_that_break_a_rule() {
    check_in(
        &sound(),
        ErrorKind::Value,
        r#"
"crowd" => "calm"
    33:8: scenario "calm" stands twice; each needs its own
rate = 12.5 => rate = 0
    29:8: "rate" must be a number above 0, found 0
duration = "90s" => duration = "90"
    30:12: "duration" must be a time above 0 and up to a year, such as "5m", "90s" or "1h20m", found "90"
users = 9 => users = 0
    34:9: "users" must be a whole number from 1 and below 2^32, found 0
users = 9\n => 
    34:14: "spawn_rate" needs users, whom it is about
rate = 12.5\n => 
    29:12: "duration" needs rate, which it is the length of
users = 9 => users = 9\nrate = 5
    34:9: "users" needs a scenario without a rate
{ score = 2 } => { socre = 2 }
    39:9: no endpoint or session is called "socre"; did you mean "score"?
{ score = 2 } => { score = 0 }
    39:7: every part of the mix has weight 0, so none would be called; give one a weight
"#,
    );
}

#[test]
fn misspelled_and_mistyped_keys() {
    check_in(
        &sound(),
        ErrorKind::Shape,
        r#"
rate = 12.5 => rates = 12.5
    29:1: unknown key "rates" in [[scenarios]]; did you mean "rate"?
rate = 12.5 => rate = "fast"
    29:8: "rate" must be a number above 0, found a string
name = "crowd" => title = "crowd"
    33:1: unknown key "title" in [[scenarios]]; known: name, rate, duration, users, spawn_rate, run_time, ramp_down, think, mix, slos
"#,
    );
}
