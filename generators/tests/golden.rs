//! The digest of a small tape of every built-in service, the same for any number of threads, in debug and release.
//!
//! A digest changes with the service's definition, the world's tables, its rules or the tape's format. Each of these
//! is meant to be noticed: replace the constant in a commit of its own that says why.

use tapdeck_generators::{GenerateOptions, Outputs, Unwatched, generate};
use tapdeck_services::registry;

const SEED: u64 = 42;
const COUNT: u64 = 20_000;

/// Built-in services and the digests of their tapes.
const GOLDEN: &[(&str, &str)] = &[(
    "rule-engine",
    "0efb2b4f585b9982f44afda22030162e7f5c1cb0c12a7301120d62d2904b95f1",
)];

#[test]
fn digests_are_golden_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    for builtin in registry::BUILTIN {
        let service = registry::find(builtin.name).unwrap();
        let expected = GOLDEN.iter().find(|(name, _)| *name == builtin.name);
        for threads in [1, 2, 16] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let path = folder.path().join(format!("{threads}.tape"));
            let options = GenerateOptions::new(SEED, COUNT);
            let summary = pool
                .unwrap()
                .install(|| generate(&service, &options, Outputs::tape(&path), &Unwatched))
                .unwrap();
            let found = (builtin.name, summary.tape.unwrap().digest.to_string());
            assert_eq!(
                expected.map(|&(name, digest)| (name, digest.to_owned())),
                Some(found),
                "{threads} threads"
            );
        }
    }
}
