//! Tapes: every byte is covered by a digest, so damage is always found, with the file named.

use std::fs;
use std::path::Path;

use tapdeck_corpora::{Error, Tape};
use tapdeck_fuzz::bounded::within;
use tapdeck_fuzz::edits::Edits;
use tapdeck_generators::{GenerateOptions, Outputs, Unwatched};
use tapdeck_services::registry;

/// Memory that opening a small tape takes at most, its copy included.
const MOST_BYTES: u64 = 4 << 20;

/// A tape of a few hundred requests.
fn sound(folder: &Path) -> Vec<u8> {
    let path = folder.join("sound.tape");
    let service = registry::find("rule-engine").unwrap();
    let options = GenerateOptions::new(1, 300);
    tapdeck_generators::generate(&service, &options, Outputs::tape(&path), &Unwatched).unwrap();
    fs::read(path).unwrap()
}

/// Reads everything there is on a tape.
fn read(path: &Path) -> Result<usize, Error> {
    let tape = Tape::open(path)?;
    tape.check_all_blocks()?;
    let blocks = 0..tape.directory().len();
    let blocks = blocks.map(|block_idx| tape.block(block_idx).unwrap());
    Ok(blocks
        .flat_map(|block| (0..block.len()).map(move |idx| block.record(idx).unwrap().body().len()))
        .sum())
}

#[test]
fn damage_to_a_tape_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let sound = sound(folder.path());
    let path = folder.path().join("tried.tape");
    bolero::check!()
        .with_arbitrary::<Edits>()
        .for_each(|edits: &Edits| {
            let tried = edits.apply(&sound);
            // Not written over the last one: that would be open to whoever has it open.
            fs::remove_file(&path).ok();
            fs::write(&path, &tried).unwrap();
            match within(MOST_BYTES, || read(&path)) {
                Ok(bytes) => assert!(tried == sound && bytes > 0),
                Err(error) => {
                    assert!(tried != sound, "{error}");
                    assert!(error.to_string().contains("tried.tape"), "{error}");
                }
            }
        });
}
