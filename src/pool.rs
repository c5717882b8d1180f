//! Threads for work on all cores: started for it, because the pool that rayon starts by itself panics where it cannot.

use std::num::NonZeroUsize;

use crate::error::Error;

/// Does work on as many threads as asked for; one per core unless asked.
///
/// Errors: `OwnLimit` if they cannot be started.
pub fn in_pool<T: Send>(
    threads: Option<NonZeroUsize>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, Error> {
    // Rayon's own word for one thread per core is zero.
    let asked = threads.map_or(0, NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(asked).build();
    let pool = pool.map_err(|error| {
        let number = threads.map_or("one thread per core".to_owned(), |threads| {
            format!("{threads} threads")
        });
        Error::OwnLimit(format!(
            "{number} cannot be started ({error}): this user or machine has too many; raise `ulimit -u`, or ask for fewer"
        ))
    })?;
    Ok(pool.install(work))
}
