//! One connection for the length of a run: opened again when it closes, idle until a lane gives it an arrival.

mod one_shot;
mod shared;
mod single;

use std::future::poll_fn;
use std::ops::Range;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use tokio::task::spawn_local;

use super::lane::{Lane, Settings};
use super::transport::connector::{OpenError, Pipe};
use super::transport::{Protocol, Reuse};
use crate::clock::{Clock, MonotonicClock};

/// Shortest and longest pause before a closed connection is opened again, nanoseconds; doubled per failure in a row.
const PAUSES_NS: (u64, u64) = (10_000_000, 1_000_000_000);

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Without our doing, or broken.
    Lost,
    /// By us, between exchanges, because of its age.
    Aged,
}

/// Gives the desks that a connection takes: one where it carries one exchange at a time, else one for each stream and
/// one for itself before them.
pub(super) fn desks(settings: &Settings) -> usize {
    match (settings.keeping.reuse, settings.target.protocol) {
        (Reuse::Never, _) | (_, Protocol::Http1) => 1,
        (Reuse::Always, Protocol::Http2 { streams }) => 1 + streams,
    }
}

/// Attends to the desks of all connections, on tasks of their own, until the runtime ends.
pub(super) fn attend_all(lane: &Rc<Lane>, connections: usize, opened: Vec<Pipe>) {
    if lane.settings.keeping.reuse == Reuse::Never {
        for desk_idx in 0..connections {
            spawn_local(one_shot::attend(Rc::clone(lane), desk_idx));
        }
        return;
    }
    let desks = desks(&lane.settings);
    let now_ns = MonotonicClock.now_ns();
    for (idx, pipe) in opened.into_iter().enumerate() {
        // The first lives end one after the other, so that later ones do not all end together.
        let life_ns = lane.settings.keeping.lifetime_ns.unwrap_or(0);
        let expires_ns = life_ns / connections as u64 * (idx as u64 + 1);
        let expires_ns = if life_ns == 0 { 0 } else { now_ns + expires_ns };
        let desks = idx * desks..(idx + 1) * desks;
        spawn_local(attend(Rc::clone(lane), desks, pipe, expires_ns));
    }
}

/// Attends to a connection's desks until the runtime ends; an expiry of 0 never comes.
async fn attend(lane: Rc<Lane>, desks: Range<usize>, first: Pipe, first_expires_ns: u64) {
    let (mut pipe, mut expires_ns) = (first, first_expires_ns);
    loop {
        lane.opened();
        let end = match pipe {
            Pipe::Http1(pipe) => single::serve(&lane, desks.start, *pipe, expires_ns).await,
            Pipe::Http2(pipe) => shared::serve(&lane, &desks, *pipe, expires_ns).await,
        };
        lane.retire(&desks);
        lane.closed(end);
        pipe = reopen(&lane, desks.start).await;
        let lifetime_ns = lane.settings.keeping.lifetime_ns;
        expires_ns = lifetime_ns.map_or(0, |life_ns| MonotonicClock.now_ns() + life_ns);
    }
}

/// Opens the connection again, pausing longer after each failure.
async fn reopen(lane: &Rc<Lane>, desk_idx: usize) -> Pipe {
    let (mut pause_ns, longest_ns) = PAUSES_NS;
    loop {
        match open_in_turn(lane, desk_idx).await {
            Ok(pipe) => return pipe,
            Err(error) => {
                let describe = || crate::error::chain(&error);
                lane.open_failed(MonotonicClock.now_ns(), describe);
            }
        }
        wait(lane, desk_idx, MonotonicClock.now_ns() + pause_ns).await;
        pause_ns = (pause_ns * 2).min(longest_ns);
    }
}

/// Opens a connection when it is this desk's turn, within the request timeout.
async fn open_in_turn(lane: &Rc<Lane>, desk_idx: usize) -> Result<Pipe, OpenError> {
    let now_ns = MonotonicClock.now_ns();
    let turn_ns = lane.connector.turn(now_ns);
    if turn_ns > now_ns {
        wait(lane, desk_idx, turn_ns).await;
    }
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

async fn wait(lane: &Rc<Lane>, desk_idx: usize, until_ns: u64) {
    let desk = &lane.desks[desk_idx];
    desk.set_alarm(until_ns);
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

/// Gives the waker of the task that asks.
async fn task_waker() -> Waker {
    poll_fn(|cx| Poll::Ready(cx.waker().clone())).await
}
