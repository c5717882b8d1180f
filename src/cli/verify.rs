//! `tapdeck verify`: every byte of a tape against its checksums.

use std::path::PathBuf;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tapdeck_corpora::{Error as TapeError, Tape};
use tapdeck_reports::counted;

use super::output::{end, print};
use super::progress::{Bar, Visibility};
use crate::error::{self, Error};
use crate::exit::Exit;
use crate::pool::in_pool;
use crate::units::{show_bytes, show_count};

/// Check every byte of a tape
///
/// Compares the checksum of every block and validates its structure. Names each damaged block, not only the first, and
/// then ends with exit code 4.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Tape to check
    #[arg(value_name = "TAPE")]
    tape: PathBuf,

    /// Digest the tape must have, as `generate` and `inspect` print it
    #[arg(long, value_name = "HEX", value_parser = parse_digest)]
    digest: Option<String>,
}

/// Checks the tape.
///
/// Errors: `Tape` if it cannot be opened.
pub fn run(args: &Args) -> Result<Exit, Error> {
    let tape = Tape::open(&args.tape)?;
    let digest = tape.digest().to_string();
    if let Some(expected) = args.digest.as_ref().filter(|expected| **expected != digest) {
        let printed = print(|out| {
            writeln!(
                out,
                "{} is another tape than expected",
                tape.path().display()
            )?;
            writeln!(out, "  its digest  {digest}")?;
            writeln!(out, "  expected    {expected}")
        });
        return end(printed, Exit::TapeUnreadable);
    }
    let damage = damage_of(&tape)?;
    if damage.is_empty() {
        print(|out| {
            writeln!(
                out,
                "{} is good: {} in {}, {}",
                tape.path().display(),
                counted(tape.record_count(), "record"),
                counted(tape.directory().len() as u64, "block"),
                show_bytes(tape.file_bytes()),
            )?;
            writeln!(out, "digest {digest}")
        })?;
        return Ok(Exit::Pass);
    }
    let printed = print(|out| {
        for error in &damage {
            writeln!(out, "{}", error::chain(error))?;
        }
        writeln!(
            out,
            "damaged: {} of {}",
            show_count(damage.len() as u64),
            counted(tape.directory().len() as u64, "block")
        )
    });
    end(printed, Exit::TapeUnreadable)
}

/// Checks all blocks, in no particular order, and gives what is wrong with them in the order of the file.
fn damage_of(tape: &Tape) -> Result<Vec<TapeError>, Error> {
    let bar = Bar::new(Visibility::OnTerminal);
    bar.start("checking", tape.record_count(), "records");
    let damage = |block_idx: usize| {
        let checked = tape.check_block(block_idx);
        bar.advance(tape.directory()[block_idx].records);
        checked.err()
    };
    let blocks = 0..tape.directory().len();
    in_pool(None, || blocks.into_par_iter().filter_map(damage).collect())
}

fn parse_digest(text: &str) -> Result<String, String> {
    let digits = text.trim().to_ascii_lowercase();
    if digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        Ok(digits)
    } else {
        Err(format!(
            "expected 64 hexadecimal digits, found {} characters",
            digits.chars().count()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_64_hexadecimal_digits() {
        let digest = "0123456789abcdef".repeat(4);
        assert_eq!(parse_digest(&digest.to_uppercase()), Ok(digest.clone()));
        for text in ["", "abc", &digest[1..], &digest.replace('0', "g")] {
            assert!(
                parse_digest(text).unwrap_err().contains("64 hexadecimal"),
                "{text}"
            );
        }
    }
}
