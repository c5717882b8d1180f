//! Numbers of threads, as typed.

use std::num::NonZeroUsize;

/// Most threads that one command starts: more than any machine of today has cores, and few enough for one user of it.
const MOST_THREADS: usize = 512;

/// Reads a number of threads.
///
/// Errors: says what may stand there.
pub(super) fn parse_threads(text: &str) -> Result<NonZeroUsize, String> {
    let threads = text.trim().parse().ok();
    threads
        .filter(|threads: &NonZeroUsize| threads.get() <= MOST_THREADS)
        .ok_or_else(|| format!("expected a number from 1 to {MOST_THREADS}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_that_make_sense_are_taken() {
        let read = |text| parse_threads(text).map(NonZeroUsize::get);
        assert_eq!([read("1"), read("512")], [Ok(1), Ok(512)]);
        for text in ["0", "513", "-1", "2x", "", "99999999999999999999"] {
            assert_eq!(read(text).unwrap_err(), "expected a number from 1 to 512");
        }
    }
}
