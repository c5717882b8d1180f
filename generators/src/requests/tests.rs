//! The mix of requests and their order in time.

use std::collections::BTreeMap;

use tapdeck_services::ServiceDefinition;

use super::*;
use crate::corpus::Corpus;
use crate::options::GenerateOptions;
use crate::progress::Unwatched;

/// Builds a service with one endpoint per (event, weight).
fn service(endpoints: &[(&str, u32)]) -> ServiceDefinition {
    let head =
        "name = \"s\"\ntitle = \"S\"\nslos = []\n[target]\nbase_url = \"http://localhost:1\"\n";
    let tables = (0u32..).zip(endpoints).map(|(number, (event, weight))| {
        format!(
            "[[endpoints]]\nname = \"e{number}\"\nmethod = \"POST\"\npath = \"/{number}\"\nevent = \"{event}\"\n\
             weight = {weight}\nstatuses = [200]\n"
        )
    });
    let source: String = std::iter::once(head.to_owned()).chain(tables).collect();
    ServiceDefinition::parse(&source, "s.toml").unwrap()
}

fn requests(service: &ServiceDefinition, count: u64) -> Vec<Request> {
    let options = GenerateOptions {
        days: 10,
        ..GenerateOptions::new(17, count)
    };
    let corpus = Corpus::build(service, &options, &std::env::temp_dir(), &Unwatched).unwrap();
    requests_of(&corpus)
}

/// Gives all requests of a corpus in their order.
pub(crate) fn requests_of(corpus: &Corpus) -> Vec<Request> {
    let (mut truths, mut timeline) = (corpus.truths().unwrap(), corpus.timeline());
    let mut requests = Vec::new();
    while let Some(row) = truths.next().unwrap() {
        timeline.admit(&row, &mut requests);
    }
    timeline.finish(&mut requests);
    requests
}

/// Checks the number of requests of every endpoint against the number that its share of the weights asks for.
fn check_mix(endpoints: &[(&str, u32)], expected: &[f64]) {
    let requests = requests(&service(endpoints), 8_000);
    assert!(requests.len() >= 8_000);
    for (endpoint, share) in (0u16..).zip(expected) {
        let of_endpoint = requests
            .iter()
            .filter(|request| request.endpoint == endpoint);
        let (found, wanted) = (of_endpoint.count() as f64, share * requests.len() as f64);
        assert!(
            (found - wanted).abs() < 3.0,
            "{endpoints:?} {endpoint}: {found}, expected {wanted}"
        );
    }
}

#[test]
fn endpoints_are_fed_by_weight() {
    let (asked, told, recorded) = ("authorization", "monitoring", "decision_event");
    check_mix(&[(asked, 70), (told, 30)], &[0.7, 0.3]);
    check_mix(&[(asked, 1), (told, 3)], &[0.25, 0.75]);
    check_mix(&[(told, 5)], &[1.0]);
    check_mix(
        &[(asked, 30), (told, 20), (asked, 10)],
        &[1.0 / 2.0, 1.0 / 3.0, 1.0 / 6.0],
    );
    check_mix(&[(asked, 1), (told, 0)], &[1.0, 0.0]);
    check_mix(
        &[(asked, 50), (told, 20), (recorded, 20), (recorded, 10)],
        &[0.5, 0.2, 0.2, 0.1],
    );
}

#[test]
fn any_window_of_requests_is_mixed() {
    let service = service(&[
        ("authorization", 50),
        ("authorization", 20),
        ("monitoring", 30),
    ]);
    let requests = requests(&service, 6_000);
    for (endpoint, weight) in [(0, 50), (1, 20), (2, 30)] {
        // Hundredths of a request by which the endpoint is ahead of its share; a window is off by what changes in it.
        let (mut ahead, mut least, mut most) = (0_i64, 0, 0);
        for request in &requests {
            ahead += i64::from(request.endpoint == endpoint) * 100 - weight;
            (least, most) = (ahead.min(least), ahead.max(most));
        }
        assert!(most - least <= 600, "{endpoint}: from {least} to {most}");
    }
}

#[test]
fn the_events_of_a_transaction_follow_each_other() {
    let service = service(&[
        ("monitoring", 30),
        ("authorization", 50),
        ("decision_event", 40),
    ]);
    let requests = requests(&service, 6_000);
    assert!(requests.is_sorted_by(|a, b| a.order_key() < b.order_key()));
    let mut authorizations = BTreeMap::new();
    let (mut outcomes, mut decisions) = (0, 0);
    for request in &requests {
        let delay_ms = request.at_ms - request.transaction.at_ms;
        let range = match request.endpoint {
            0 => {
                outcomes += 1;
                200..=2_000
            }
            1 => {
                let before = authorizations.insert(request.id, request.transaction);
                assert_eq!(before, None);
                0..=0
            }
            _ => {
                decisions += 1;
                20..=199
            }
        };
        assert!(range.contains(&delay_ms), "{delay_ms}");
        assert_eq!(authorizations.get(&request.id), Some(&request.transaction));
    }
    assert!(outcomes > 1_000 && decisions > 1_000);
}

#[test]
fn counting_agrees_with_dealing_out() {
    let service = service(&[
        ("authorization", 70),
        ("monitoring", 30),
        ("decision_event", 7),
    ]);
    let mix = RequestMix::new(&service).unwrap();
    let requests = requests(&service, 3_000);
    let rows = requests.iter().map(|request| request.ordinal + 1).max();
    assert_eq!(requests.len() as u64, mix.requests(rows.unwrap()));
    assert!((mix.requests_per_transaction() - 107.0 / 70.0).abs() < 1e-12);
}

#[test]
fn a_service_without_weights_is_refused() {
    let mut service = service(&[("authorization", 1)]);
    service.endpoints[0].weight = 0;
    let error = RequestMix::new(&service).unwrap_err();
    assert_eq!(
        error.to_string(),
        "service s cannot be generated for: no endpoint or session has a weight above 0"
    );
}

/// Builds a service with authorizations of some weight, and one session per (weight, steps).
fn service_with_sessions(weight: u32, sessions: &[(u32, usize)]) -> ServiceDefinition {
    use std::fmt::Write as _;

    let mut source = service(&[("authorization", weight), ("monitoring", 1)]).source;
    for (number, (weight, steps)) in sessions.iter().enumerate() {
        write!(
            source,
            "[[sessions]]\nname = \"s{number}\"\nweight = {weight}\n"
        )
        .unwrap();
        for step in 0..*steps {
            let name = format!("name = \"t{step}\"");
            let table = format!("[[sessions.steps]]\n{name}\nmethod = \"GET\"\npath = \"/\"\n");
            source.push_str(&table);
        }
    }
    ServiceDefinition::parse(&source, "s.toml").unwrap()
}

#[test]
fn sessions_are_whole_and_numbered_as_they_begin() {
    let service = service_with_sessions(3, &[(2, 4), (1, 1), (0, 2)]);
    let requests = requests(&service, 4_000);
    let mut arrivals = Vec::new();
    let mut rest = requests.as_slice();
    let mut number = 0;
    while let Some(first) = rest.first() {
        let length = match first.endpoint {
            0 | 1 | 6 => 1,
            2 => 4,
            other => panic!("endpoint {other} begins nothing"),
        };
        let (arrival, after) = rest.split_at(length);
        number += u64::from(first.endpoint > 1);
        for (step, request) in (0..).zip(arrival) {
            let session = if first.endpoint > 1 { number } else { 0 };
            assert_eq!((request.session, request.step), (session, step));
            assert_eq!(request.endpoint, first.endpoint + step);
            assert_eq!(request.transaction, first.transaction);
        }
        arrivals.push(*first);
        rest = after;
    }
    assert!(arrivals.is_sorted_by(|a, b| a.order_key() < b.order_key()));
    assert!(number > 500);
}

#[test]
fn sessions_and_requests_are_mixed_by_weight_over_any_stretch() {
    let service = service_with_sessions(6, &[(2, 3), (1, 2)]);
    let requests = requests(&service, 9_000);
    let begins = |request: &&Request| request.step == 0;
    let arrivals: Vec<u16> = requests
        .iter()
        .filter(begins)
        .map(|it| it.endpoint)
        .collect();
    for stretch in arrivals.chunks_exact(500) {
        for (endpoint, weight) in [(0, 6), (1, 1), (2, 2), (5, 1)] {
            let found = stretch.iter().filter(|&&found| found == endpoint).count();
            assert!(found.abs_diff(weight * 50) <= 4, "{endpoint}: {found}");
        }
    }
}

#[test]
fn counting_agrees_with_dealing_out_sessions() {
    let mix = RequestMix::new(&service_with_sessions(0, &[(5, 4), (2, 1), (3, 2)])).unwrap();
    assert_eq!(mix.longest_arrival(), 4);
    // Of ten transactions each begins a session, and one has a request besides.
    assert!((mix.requests_per_transaction() - 2.9).abs() < 1e-12);
    assert_eq!(mix.requests(30), 87);
    let service = service_with_sessions(7, &[(5, 4), (2, 1), (3, 2)]);
    let mix = RequestMix::new(&service).unwrap();
    let requests = requests(&service, 3_000);
    let rows = requests.iter().map(|request| request.ordinal + 1).max();
    assert_eq!(requests.len() as u64, mix.requests(rows.unwrap()));
}

#[test]
fn what_is_cut_off_is_cut_between_sessions() {
    let service = service_with_sessions(1, &[(1, 3)]);
    let requests = requests(&service, 100);
    for wanted in 0..=requests.len() {
        let end = whole_arrivals(&requests, wanted);
        assert!(end <= wanted && wanted - end < 3, "{wanted} {end}");
        assert!(requests.get(end).is_none_or(|next| next.step == 0));
    }
}
