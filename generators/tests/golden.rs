//! The digest of a small tape of every built-in service, the same for any number of threads, in debug and release.
//!
//! A digest changes with the service's definition, the world's tables, its rules or the tape's format. Each of these
//! is meant to be noticed: replace the constant in a commit of its own that says why.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use tapdeck_generators::{GenerateOptions, Outputs, Slice, Unwatched, generate};
use tapdeck_services::registry;

const SEED: u64 = 42;
const COUNT: u64 = 20_000;

/// Built-in services and the digests of their tapes.
const GOLDEN: &[(&str, &str)] = &[
    (
        "rule-engine",
        "0c2cca7dad6c41a461c6021d1b5ce00dbd061ff50afe06cd86d8eea4550f7ec8",
    ),
    (
        "transaction-management",
        "264f173f0499b0c25cfe6df6beb1f803f7ae07cc64d374bdec6be2485dc8ddb5",
    ),
    (
        "rule-management",
        "39c8d86b338aedbbe40271bcc6d602945f9d528c5e74751ac59b30c9071294d6",
    ),
    (
        "approvals",
        "6309d793fdb658f861f2f5072ba688ce4604869cb5279355d7ef380540aa6d1a",
    ),
];

/// The digest of a slice for the rule engine, whose cards are drawn another way than those of whole lives.
const GOLDEN_SLICE: &str = "222af94cfdbab350c307388a4aa54660b30b595a7d090b134c7e2bcd1f1142d5";

/// Checks the digest of a tape made by 1, 2 and 16 threads.
fn check(name: &str, options: &GenerateOptions, digest: &str) {
    let folder = tempfile::tempdir().unwrap();
    let service = registry::find(name).unwrap();
    for threads in [1, 2, 16] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let path = folder.path().join(format!("{threads}.tape"));
        let summary = pool
            .unwrap()
            .install(|| generate(&service, options, Outputs::tape(&path), &Unwatched))
            .unwrap();
        let found = summary.tape.unwrap().digest.to_string();
        assert_eq!(digest, found, "{name}, {threads} threads");
    }
}

#[test]
fn digests_are_golden_for_any_number_of_threads() {
    for builtin in registry::BUILTIN {
        let golden = GOLDEN.iter().find(|(name, _)| *name == builtin.name);
        let digest = golden.map_or("none", |(_, digest)| digest);
        check(builtin.name, &GenerateOptions::new(SEED, COUNT), digest);
    }
}

#[test]
fn the_digest_of_a_slice_is_golden_for_any_number_of_threads() {
    let slice = Slice {
        natural_rate: 200.0,
        span_ms: 30_000,
        at: "2025-03-07T18:00:00Z".parse().unwrap(),
    };
    let options = GenerateOptions {
        slice: Some(slice),
        ..GenerateOptions::new(SEED, COUNT)
    };
    check("rule-engine", &options, GOLDEN_SLICE);
}
