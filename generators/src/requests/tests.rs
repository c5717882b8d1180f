//! The mix of requests and their order in time.

use std::collections::BTreeMap;

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
    let mut timeline = corpus.timeline().unwrap();
    let mut requests = Vec::new();
    while let Some(request) = timeline.next().unwrap() {
        requests.push(request);
    }
    requests
}

fn check_shares(endpoints: &[(&str, u32)], expected: &[f64]) {
    let requests = requests(&service(endpoints), 8_000);
    assert!(requests.len() >= 8_000);
    for (endpoint, share) in (0u16..).zip(expected) {
        let of_endpoint = requests
            .iter()
            .filter(|request| request.endpoint == endpoint);
        let found = of_endpoint.count() as f64 / requests.len() as f64;
        assert!(
            (found - share).abs() < 0.02,
            "{endpoints:?} {endpoint}: {found}"
        );
    }
}

#[test]
fn endpoints_are_fed_by_weight() {
    let (asked, told) = ("authorization", "monitoring");
    check_shares(&[(asked, 70), (told, 30)], &[0.7, 0.3]);
    check_shares(&[(asked, 1), (told, 3)], &[0.25, 0.75]);
    check_shares(&[(told, 5)], &[1.0]);
    check_shares(
        &[(asked, 30), (told, 20), (asked, 10)],
        &[0.5, 0.333, 0.167],
    );
    check_shares(&[(asked, 1), (told, 0)], &[1.0, 0.0]);
}

#[test]
fn requests_are_ordered_and_outcomes_follow_their_authorization() {
    let service = service(&[("authorization", 70), ("monitoring", 30)]);
    let requests = requests(&service, 6_000);
    assert!(requests.is_sorted_by(|a, b| a.order_key() < b.order_key()));
    let mut authorizations = BTreeMap::new();
    let mut outcomes = 0;
    for request in &requests {
        if request.endpoint == 0 {
            assert_eq!(request.at_ms, request.transaction.at_ms);
            assert!(
                authorizations
                    .insert(request.id, request.transaction)
                    .is_none()
            );
        } else {
            outcomes += 1;
            assert_eq!(authorizations.get(&request.id), Some(&request.transaction));
            let delay_ms = request.at_ms - request.transaction.at_ms;
            assert!((200..=2_000).contains(&delay_ms), "{delay_ms}");
        }
    }
    assert!(outcomes > 1_000);
}

#[test]
fn counting_agrees_with_fanning_out() {
    let service = service(&[("authorization", 70), ("monitoring", 30)]);
    let mix = RequestMix::new(&service).unwrap();
    let requests = requests(&service, 3_000);
    let mut by_id: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    for request in &requests {
        let counted = mix.count(request.transaction.dice);
        by_id.entry(request.id).or_insert((0, counted)).0 += 1;
    }
    assert!(by_id.values().all(|(found, counted)| found == counted));
    assert!((mix.requests_per_transaction() - 10.0 / 7.0).abs() < 1e-6);
}

#[test]
fn a_service_without_weights_is_refused() {
    let mut service = service(&[("authorization", 1)]);
    service.endpoints[0].weight = 0;
    let error = RequestMix::new(&service).unwrap_err();
    assert_eq!(
        error.to_string(),
        "service s cannot be generated for: no endpoint has a weight above 0"
    );
}
