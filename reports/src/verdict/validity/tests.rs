//! What holds for the rules together.

use std::collections::BTreeSet;

use super::*;
use crate::fixture::{MS, healthy};
use crate::summary::Summary;
use crate::verdict::Verdict;
use crate::verdict::tests::late_in;

#[test]
fn rules_have_distinct_names_and_find_nothing_in_a_healthy_run() {
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
    let summary = Summary::from_measurements(&healthy());
    assert_eq!(summary.generator.findings, []);
}

#[test]
fn a_cause_without_harm_is_told_but_is_no_reason() {
    let mut run = healthy();
    late_in(&mut run, &[4]);
    run.samples[4].stolen_ns = Some(200 * MS);
    run.samples[4].lanes[0].major_faults = 3;
    let summary = Summary::from_measurements(&run);
    assert_eq!(summary.verdict.verdict, Verdict::Pass);
    assert_eq!(summary.verdict.reasons.len(), 1, "{:?}", summary.verdict);
    let found: Vec<_> = summary
        .generator
        .findings
        .iter()
        .map(|finding| (finding.rule, finding.weight))
        .collect();
    assert_eq!(
        found,
        [("stolen", Weight::Cause), ("page_faults", Weight::Cause)]
    );
}

#[test]
fn many_lanes_are_listed_in_part() {
    let lanes = |count: usize| (0..count).map(|idx| idx.to_string()).collect::<Vec<_>>();
    assert_eq!(listed(&lanes(3)), "0, 1, 2");
    assert_eq!(listed(&lanes(7)), "0, 1, 2 and 4 more");
}

#[test]
fn every_rule_is_documented() {
    let documentation = include_str!("../../../../docs/metrics.md");
    for rule in RULES {
        let named = format!("| `{}` |", rule.name);
        assert!(documentation.contains(&named), "{} is missing", rule.name);
    }
}
