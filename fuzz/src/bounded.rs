//! Holds a parser to a limit of memory.

/// Runs a parser and makes sure that it never held more than so many bytes at a time.
///
/// Panics if it did.
#[track_caller]
#[expect(clippy::expect_used, reason = "what is measured has run")]
pub fn within<T>(bytes: u64, parse: impl FnOnce() -> T) -> T {
    let mut parsed = None;
    let counted = allocation_counter::measure(|| parsed = Some(parse()));
    assert!(
        counted.bytes_max <= bytes,
        "held {} bytes at a time, at most {bytes} were expected",
        counted.bytes_max
    );
    parsed.expect("measuring runs what it measures")
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn little_memory_is_let_pass() {
        assert_eq!(within(1_000, || vec![1_u8; 900].len()), 900);
    }

    #[test]
    #[should_panic(expected = "bytes at a time")]
    fn much_memory_is_told() {
        within(1_000, || vec![1_u8; 1_100].len());
    }
}
