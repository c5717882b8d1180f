//! Turns a panic of the Parquet library into an error. It panics over some damaged files, and that is no bug of ours that
//! users should be shown a message of.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static IS_EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Does what may panic; gives the panic's message if it does, which is not printed.
pub(super) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static QUIETED: Once = Once::new();
    QUIETED.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_EXPECTED.get() {
                usual(panic);
            }
        }));
    });
    IS_EXPECTED.set(true);
    // What it leaves half done is dropped with the export.
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    IS_EXPECTED.set(false);
    outcome.map_err(|panic| message(panic.as_ref()))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::panic, reason = "that is what is to be caught")]
    fn panics_become_messages() {
        assert_eq!(catch(|| 7), Ok(7));
        assert_eq!(catch(|| panic!("fixed")), Err::<(), _>("fixed".to_owned()));
        let number = 3;
        assert_eq!(
            catch(|| panic!("made {number}")),
            Err::<(), _>("made 3".to_owned())
        );
    }
}
