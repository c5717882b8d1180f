//! Journals of what a run put into a store: nothing is taken back by a damaged one but keys that name objects.

use serde_json::json;
use tapdeck_fuzz::bounded::within;
use tapdeck_fuzz::edits::Edits;
use tapdeck_stores::{Journal, RunId};

const MOST_BYTES: u64 = 1 << 20;

#[test]
fn a_damaged_journal_names_no_impossible_key() {
    let run_id: RunId = "lt-1".parse().unwrap();
    let sound = json!({
        "format": 1,
        "run_id": "lt-1",
        "at": "2026-01-01T00:00:00Z",
        "entries": [{
            "key": "rulesets/local/CARD_AUTH/manifest.json",
            "sha256": "00",
            "before": {"copy": "tapdeck/lt-1/0", "sha256": "11", "run_id": null},
        }],
    });
    let sound = sound.to_string();
    Journal::parse(sound.as_bytes(), &run_id).unwrap();
    bolero::check!()
        .with_arbitrary::<Edits>()
        .for_each(|edits: &Edits| {
            let tried = edits.apply(sound.as_bytes());
            match within(MOST_BYTES, || Journal::parse(&tried, &run_id)) {
                Ok(journal) => {
                    for key in journal.keys() {
                        let parts: Vec<&str> = key.split('/').collect();
                        assert!(!key.is_empty() && !key.contains('\0'), "{key:?}");
                        assert!(!parts.contains(&"..") && !parts.contains(&"."), "{key:?}");
                    }
                }
                Err(error) => assert!(error.to_string().contains("lt-1"), "{error}"),
            }
        });
}
