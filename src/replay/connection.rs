//! One connection for the length of a run: opened again when it closes, idle until a lane gives it an arrival.

mod shared;
mod single;

use std::future::poll_fn;
use std::ops::Range;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::lane::Lane;
use super::transport::Protocol;
use super::transport::connector::{OpenError, Pipe};
use crate::clock::{Clock, MonotonicClock};

/// Shortest and longest pause before a closed connection is opened again, nanoseconds; doubled per failure in a row.
const PAUSES_NS: (u64, u64) = (10_000_000, 1_000_000_000);

/// Gives the desks that a connection takes: one where it carries one exchange at a time, else one for each stream and
/// one for itself before them.
pub(super) fn desks(protocol: Protocol) -> usize {
    match protocol {
        Protocol::Http1 => 1,
        Protocol::Http2 { streams } => 1 + streams,
    }
}

/// Attends to a connection's desks until the runtime ends.
pub(super) async fn attend(lane: Rc<Lane>, desks: Range<usize>, first: Pipe) {
    let mut pipe = first;
    loop {
        lane.opened();
        match pipe {
            Pipe::Http1(pipe) => single::serve(&lane, desks.start, *pipe).await,
            Pipe::Http2(pipe) => shared::serve(&lane, &desks, *pipe).await,
        }
        lane.retire(&desks);
        lane.closed();
        pipe = reopen(&lane, desks.start).await;
    }
}

/// Opens the connection again, pausing longer after each failure.
async fn reopen(lane: &Rc<Lane>, desk_idx: usize) -> Pipe {
    let (mut pause_ns, longest_ns) = PAUSES_NS;
    loop {
        match open_in_time(lane, desk_idx).await {
            Ok(pipe) => return pipe,
            Err(error) => {
                let describe = || crate::error::chain(&error);
                lane.open_failed(MonotonicClock.now_ns(), describe);
            }
        }
        wait(lane, desk_idx, pause_ns).await;
        pause_ns = (pause_ns * 2).min(longest_ns);
    }
}

async fn open_in_time(lane: &Rc<Lane>, desk_idx: usize) -> Result<Pipe, OpenError> {
    let desk = &lane.desks[desk_idx];
    let mut opening = pin!(lane.connector.open());
    desk.set_alarm(MonotonicClock.now_ns() + lane.settings.timeout_ns);
    let result = poll_fn(|cx| {
        desk.register(cx);
        if desk.has_rung() {
            return Poll::Ready(Err(OpenError::Timeout));
        }
        opening.as_mut().poll(cx)
    })
    .await;
    desk.set_alarm(0);
    result
}

async fn wait(lane: &Rc<Lane>, desk_idx: usize, pause_ns: u64) {
    let desk = &lane.desks[desk_idx];
    desk.set_alarm(MonotonicClock.now_ns() + pause_ns);
    poll_fn(|cx| {
        desk.register(cx);
        if desk.has_rung() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    desk.set_alarm(0);
}
