//! How long a wait may take, and who may end it early. Whatever is waited for outside of a load has both.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use tokio::time::sleep;

use crate::clock::{Clock, MonotonicClock};
use crate::units::nanoseconds;

/// How often a wait looks whether it is to stop.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The wish to stop, as far as anybody can utter it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Option<Arc<AtomicBool>>);

/// How long something may take, counted from when it begins, and what ends it before.
#[derive(Debug, Clone)]
pub struct Patience {
    limit: Duration,
    until_ns: u64,
    stop: Stop,
}

/// Why a wait ended without what was waited for.
#[derive(Debug, thiserror::Error)]
pub enum Impatience {
    /// It took longer than allowed.
    #[error("no whole answer within {} s", .0.as_secs_f64())]
    Late(Duration),
    /// The user does not want it any more.
    #[error("interrupted")]
    Stopped,
    /// There is no thread to wait for it.
    #[error("a thread cannot be started; raise the limit of processes (`ulimit -u`)")]
    NoThread(#[source] io::Error),
}

impl Stop {
    /// Heeds a flag.
    pub fn of(flag: &Arc<AtomicBool>) -> Self {
        Self(Some(Arc::clone(flag)))
    }

    /// Tells whether it is time to stop.
    pub fn is_raised(&self) -> bool {
        let flag = self.0.as_ref();
        flag.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Ends once it is time to stop.
    async fn raised(&self) {
        while !self.is_raised() {
            sleep(LOOK_EVERY).await;
        }
    }
}

impl Patience {
    /// Begins a wait.
    pub fn begin(limit: Duration, stop: &Stop) -> Self {
        let now_ns = MonotonicClock.now_ns();
        Self {
            limit,
            until_ns: now_ns.saturating_add(nanoseconds(limit)),
            stop: stop.clone(),
        }
    }

    /// Gives the time left.
    pub fn left(&self) -> Duration {
        Duration::from_nanos(self.until_ns.saturating_sub(MonotonicClock.now_ns()))
    }

    /// Does work that waits for others.
    ///
    /// Errors: `Late`, `Stopped`.
    pub async fn bound<T>(&self, work: impl Future<Output = T>) -> Result<T, Impatience> {
        tokio::select! {
            biased;
            () = self.stop.raised() => Err(Impatience::Stopped),
            outcome = work => Ok(outcome),
            () = sleep(self.left()) => Err(Impatience::Late(self.limit)),
        }
    }

    /// Does work that blocks and cannot be called off; it goes on by itself where nobody waits for it any more.
    ///
    /// Errors: `Late`, `Stopped`, `NoThread`.
    pub fn bound_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Impatience> {
        let (sender, receiver) = mpsc::channel();
        thread::Builder::new()
            .spawn(move || sender.send(work()))
            .map_err(Impatience::NoThread)?;
        loop {
            self.look()?;
            match receiver.recv_timeout(LOOK_EVERY.min(self.left())) {
                Ok(outcome) => return Ok(outcome),
                Err(RecvTimeoutError::Timeout) => {}
                // The thread panicked, and told so.
                Err(RecvTimeoutError::Disconnected) => return Err(Impatience::Late(self.limit)),
            }
        }
    }

    /// Pauses, if there is time for it.
    ///
    /// Errors: `Late` at once if there is not, `Stopped`.
    pub fn pause(&self, pause: Duration) -> Result<(), Impatience> {
        if pause > self.left() {
            return Err(Impatience::Late(self.limit));
        }
        let end_ns = MonotonicClock.now_ns().saturating_add(nanoseconds(pause));
        loop {
            self.look()?;
            let left = Duration::from_nanos(end_ns.saturating_sub(MonotonicClock.now_ns()));
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(left.min(LOOK_EVERY));
        }
    }

    fn look(&self) -> Result<(), Impatience> {
        if self.stop.is_raised() {
            return Err(Impatience::Stopped);
        }
        if self.left().is_zero() {
            return Err(Impatience::Late(self.limit));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    const SHORT: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_hours(1);

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(work)
    }

    fn raised() -> Stop {
        Stop::of(&Arc::new(AtomicBool::new(true)))
    }

    #[test]
    fn waits_end_with_their_time() {
        let patience = Patience::begin(SHORT, &Stop::default());
        let ended = block_on(patience.bound(pending::<()>())).unwrap_err();
        assert_eq!(ended.to_string(), "no whole answer within 0.001 s");
        let (_sender, never) = mpsc::channel::<()>();
        let patience = Patience::begin(SHORT, &Stop::default());
        let ended = patience.bound_blocking(move || never.recv());
        assert!(matches!(ended, Err(Impatience::Late(SHORT))));
    }

    #[test]
    fn waits_end_with_a_stop() {
        let patience = Patience::begin(LONG, &raised());
        let ended = block_on(patience.bound(pending::<()>()));
        assert!(matches!(ended, Err(Impatience::Stopped)));
        let (_sender, never) = mpsc::channel::<()>();
        let ended = patience.bound_blocking(move || never.recv());
        assert!(matches!(ended, Err(Impatience::Stopped)));
        let ended = patience.pause(LONG / 2);
        assert!(matches!(ended, Err(Impatience::Stopped)));
    }

    #[test]
    fn what_is_there_in_time_is_given() {
        let patience = Patience::begin(LONG, &Stop::default());
        assert_eq!(block_on(patience.bound(ready(7))).unwrap(), 7);
        assert_eq!(patience.bound_blocking(|| 7).unwrap(), 7);
        patience.pause(SHORT).unwrap();
    }

    #[test]
    fn a_pause_for_which_there_is_no_time_is_not_begun() {
        let patience = Patience::begin(SHORT, &Stop::default());
        let ended = patience.pause(LONG);
        assert!(matches!(ended, Err(Impatience::Late(SHORT))));
    }
}
