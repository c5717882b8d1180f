//! What is said when bytes of a mapped file are gone.
//!
//! A tape is read through a map of its file. Where no lease keeps others from cutting the file short, a thread that
//! touches what is gone gets SIGBUS, again and again: it cannot go on. Ending the process from within the signal is all that
//! can be done there, and saying why takes another thread.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process;
use std::thread;

use signal_hook::consts::SIGBUS;
use signal_hook::low_level::pipe;

use crate::exit::Exit;

/// Has the process end with a message and the exit code of an unreadable tape when bytes of a mapped file are gone.
///
/// Where the system has no thread or no pair of sockets for it, SIGBUS does what it always did.
pub(super) fn explain() {
    let Ok((mut caught, raising)) = UnixStream::pair() else {
        return;
    };
    let waiting = thread::Builder::new().name("lost-pages".into());
    let waits = waiting.spawn(move || {
        if caught.read_exact(&mut [0]).is_ok() {
            let _unread = writeln!(
                std::io::stderr(),
                "tapdeck: error: a file was cut short while it was read: bytes of a tape, or of the program itself, are \
                 gone (SIGBUS); nothing can be reported; replace a tape with mv, never in place; what `tapdeck run` put \
                 into a store is taken back by `tapdeck cleanup`"
            );
            process::exit(Exit::TapeUnreadable as i32);
        }
    });
    if waits.is_ok() {
        let _as_ever = pipe::register(SIGBUS, raising);
    }
}
