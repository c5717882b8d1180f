//! Waits for an absolute time, more exactly than a runtime's own timer does.
//!
//! The runtime's timer counts in milliseconds, so a timerfd on the monotonic clock does the waiting: its expiry arrives
//! through the same epoll call as the sockets' readiness.

use std::io;
use std::os::fd::OwnedFd;
use std::task::{Context, Poll};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::clock::NS_PER_S;

/// A timer of nanosecond resolution within a runtime.
#[derive(Debug)]
pub struct Timer {
    fd: AsyncFd<OwnedFd>,
    /// What the timer is set to; zero when it has expired or was never set.
    armed_ns: u64,
}

impl Timer {
    /// Makes an unset timer; needs a runtime around it.
    ///
    /// Errors: the kernel's.
    #[expect(
        deprecated,
        reason = "deprecated for types whose descriptor may change or close under it; an OwnedFd is the one it owns, \
                  and the replacement is an unsafe call, which this crate forbids"
    )]
    pub fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let fd = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        Ok(Self {
            fd: AsyncFd::with_interest(fd, Interest::READABLE)?,
            armed_ns: 0,
        })
    }

    /// Sets the timer to an instant of the monotonic clock, unless it is set to it already. Setting it discards an
    /// earlier expiry, so the expiry count never has to be read.
    ///
    /// Errors: the kernel's.
    pub fn arm(&mut self, at_ns: u64) -> io::Result<()> {
        if self.armed_ns == at_ns {
            return Ok(());
        }
        self.armed_ns = at_ns;
        // Zero would disarm it; an instant in the past expires at once.
        let at_ns = at_ns.max(1);
        let setting = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: Timespec {
                tv_sec: i64::try_from(at_ns / NS_PER_S).unwrap_or(i64::MAX),
                tv_nsec: i64::try_from(at_ns % NS_PER_S).unwrap_or(0),
            },
        };
        timerfd_settime(self.fd.get_ref(), TimerfdTimerFlags::ABSTIME, &setting)?;
        Ok(())
    }

    /// Becomes ready when the timer has expired.
    pub fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.fd.poll_read_ready(cx) {
            Poll::Ready(Ok(mut guard)) => {
                guard.clear_ready();
                self.armed_ns = 0;
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }
}
