//! The memory that this process may have: too little of it ends a Rust program in the middle of whatever it does, without a
//! word about why, so it is looked at before anything is begun.

use rustix::process::{Resource, Rlimit, getrlimit};

use crate::error::Error;

/// Address space that every command has enough with. Most of it is never touched: stacks of threads, mapped tapes, what the
/// allocator sets aside.
const ENOUGH_BYTES: u64 = 1 << 30;

/// Refuses a limit of address space under which a run could end in the middle.
///
/// Errors: `OwnLimit`.
pub fn check() -> Result<(), Error> {
    check_limit(getrlimit(Resource::As))
}

fn check_limit(limit: Rlimit) -> Result<(), Error> {
    let Some(bytes) = limit.current.filter(|&bytes| bytes < ENOUGH_BYTES) else {
        return Ok(());
    };
    Err(Error::OwnLimit(format!(
        "this process may have {} MiB of address space (RLIMIT_AS), and needs up to {} MiB: start it after `ulimit -v {}`, or \
         limit its memory otherwise",
        bytes >> 20,
        ENOUGH_BYTES >> 20,
        ENOUGH_BYTES >> 10
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_limit_below_what_is_needed_is_refused() {
        let limit = |current| Rlimit {
            current,
            maximum: None,
        };
        assert!(check_limit(limit(None)).is_ok());
        assert!(check_limit(limit(Some(ENOUGH_BYTES))).is_ok());
        let error = check_limit(limit(Some(400_000_000))).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("may have 381 MiB"), "{text}");
        assert!(text.contains("`ulimit -v 1048576`"), "{text}");
        assert_eq!(error.exit(), crate::exit::Exit::Usage);
    }
}
