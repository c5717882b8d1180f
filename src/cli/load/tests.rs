use clap::Parser;

use super::*;

#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    load: LoadArgs,
}

fn plan(flags: &str) -> Result<Plan, String> {
    let words = std::iter::once("test").chain(flags.split_whitespace());
    let command = Command::try_parse_from(words).map_err(|error| error.to_string())?;
    let plan = command.load.schedule(None, Duration::from_secs(1));
    plan.map_err(|error| error.to_string())
}

fn times(plan: &Plan) -> Vec<u64> {
    let mut cursor = plan.schedule.cursor();
    std::iter::from_fn(|| cursor.next_ns(0)).collect()
}

#[test]
fn a_rate_and_a_duration_say_the_same_as_a_profile() {
    let held = plan("--rate 1k --duration 30s").unwrap();
    let profile = plan("--rate 1000/30s").unwrap();
    assert_eq!(held.schedule.parameters, profile.schedule.parameters);
    assert_eq!(held.profile_text, "1k/30s");
    assert_eq!(held.measure, Duration::from_secs(30));
    assert_eq!(held.warm_up, Duration::from_secs(1), "the default");
    assert_eq!(held.schedule.parameters.horizon_ns, 31_000_000_000);
    assert_eq!(times(&held), times(&profile));
    assert!(
        plan("--rate 0..1k/30s,1k/1m --duration 90s").is_ok(),
        "the same length twice is no contradiction"
    );
}

#[test]
fn a_warm_up_comes_before_what_is_measured() {
    let plan = plan("--rate 100 --duration 2s --warm-up 3s --arrivals constant").unwrap();
    assert_eq!(
        (plan.warm_up, plan.measure),
        (Duration::from_secs(3), Duration::from_secs(2))
    );
    assert_eq!(times(&plan).len(), 500);
    assert_eq!(plan.profile_text, "100/2s");
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_flag() {
    for (flags, expected) in [
        ("", "--rate: is missing"),
        ("--rate 100", "--rate: says how fast but not how long"),
        ("--rate 0 --duration 1s", "--rate: is zero"),
        ("--rate -5 --duration 1s", "--rate: has rate -5"),
        ("--rate NaN --duration 1s", "--rate: has rate NaN"),
        (
            "--rate 1e12 --duration 1s",
            "--rate: has rate 1000000000000",
        ),
        ("--rate many --duration 1s", "--rate: has no number"),
        (
            "--rate 10m --duration 1s",
            "--rate: has the unknown unit \"m\" in the rate \"10m\"; a rate is a number per second, and k stands for thousands",
        ),
        (
            "--rate 10m/2m",
            "has the unknown unit \"m\" in the rate \"10m\"",
        ),
        ("--rate 0..5 --duration 1s", "lacks its time"),
        ("--rate 0/5s", "zero throughout"),
        ("--rate 5 --duration 0s", "--duration: is zero"),
        ("--rate 5/10s --duration 0s", "--duration: is zero"),
        (
            "--rate 5/10s --duration 11s",
            "--duration: says 11s, but what --rate says lasts 10 s",
        ),
        (
            "--rate 5 --duration ten",
            "invalid value 'ten' for '--duration",
        ),
        (
            "--rate 5 --duration 1s --speed 2",
            "--speed: is the tempo of recorded arrivals",
        ),
        ("--arrivals recorded", "name the tape with --tape"),
        (
            "--arrivals recorded --rate 5",
            "--rate: contradicts --arrivals recorded",
        ),
        (
            "--rate 5 --duration 1s --burst-length 2s",
            "--burst-length: is for bursty arrivals, and these are poisson",
        ),
        (
            "--arrivals bursty --rate 5/1m --burst-factor 8",
            "--burst-factor: is 8, at most 6 is possible here",
        ),
        (
            "--arrivals bursty --rate 5/1m --burst-factor -1",
            "--burst-factor: is -1, expected a number above 1",
        ),
        (
            "--arrivals bursty --rate 5/1m --calm-length 0s",
            "--calm-length: is 0ns, expected at least 1ms",
        ),
        (
            "--arrivals bursty --rate 5/1m --speed 2",
            "--speed: is the tempo of recorded arrivals",
        ),
        (
            "--arrivals recorded --burst-factor 2",
            "--burst-factor: is for bursty arrivals, and these are recorded",
        ),
        ("--rate 3x(5)", "piece \"5\" lacks its time"),
        ("--rate sine:1..2", "lacks its time, as in sine:"),
        (
            "--rate 5/1s --profile-csv load.csv",
            "cannot be used with '--profile-csv",
        ),
        (
            "--profile-csv /no/such/load.csv",
            "cannot read /no/such/load.csv",
        ),
        (
            "--arrivals recorded --profile-csv load.csv",
            "--profile-csv: contradicts --arrivals recorded",
        ),
        (
            "--arrivals sometimes",
            "[possible values: poisson, constant, bursty, recorded]",
        ),
    ] {
        let error = plan(flags).unwrap_err();
        assert!(error.contains(expected), "{flags:?}: {error}");
    }
}

#[test]
fn a_table_of_rates_is_a_profile() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "seconds,rate\n0,0\n30,1000\n90,1000\n").unwrap();
    let table = plan(&format!("--profile-csv {}", file.path().display())).unwrap();
    let typed = plan("--rate 0..1000/30s,1000/1m").unwrap();
    assert_eq!(table.schedule.parameters, typed.schedule.parameters);
    assert_eq!(table.measure, Duration::from_secs(90));
    let name = file.path().file_name().unwrap().to_str().unwrap();
    assert_eq!(table.profile_text, name);

    std::fs::write(&file, "seconds,rate\n0,10\n30,-1000\n").unwrap();
    let error = plan(&format!("--profile-csv {}", file.path().display())).unwrap_err();
    let expected = format!(
        "--profile-csv: {}: line 3 has rate -1000",
        file.path().display()
    );
    assert!(error.contains(&expected), "{error}");
}

#[test]
fn bursts_are_told_with_the_profile() {
    let plan = plan("--arrivals bursty --rate 100/1m --burst-factor 3 --calm-length 6s").unwrap();
    assert_eq!(
        plan.profile_text,
        "100/1m, bursts of 3x for 2s, 0.333x for 6s"
    );
    assert!((plan.schedule.peak() - 300.0).abs() < 1e-9);
}
