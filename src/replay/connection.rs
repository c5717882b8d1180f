//! One connection for the length of a run: opened again when it closes, idle until a lane gives it an arrival.

mod link;
mod one_shot;
mod pauses;
mod shared;
mod single;

use std::future::poll_fn;
use std::ops::Range;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use tokio::task::spawn_local;

use self::pauses::Pauses;
use super::failure::FailureKind;
use super::lane::{Lane, Settings};
use super::transport::connector::{OpenError, Pipe};
use super::transport::frames::{Peer, Tap};
use super::transport::{Protocol, Reuse};
use crate::clock::{Clock, MonotonicClock};

/// How a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// Without our doing, or broken, after it had carried an answer.
    Lost,
    /// The same, after a request was written on it and before any answer was whole.
    Unanswered,
    /// The same, before a request was ever written on it, and why as far as that can be told.
    Unused(FailureKind, String),
    /// By us, between exchanges, because of its age.
    Aged,
}

impl End {
    /// Says how an HTTP/2 connection ended that takes no more requests.
    fn broken(tap: &Tap, error: Option<hyper::Error>) -> Self {
        match (tap.peer(), error) {
            _ if tap.is_used() => Self::Unanswered,
            (Peer::Broken(fault), _) => {
                let error = OpenError::BrokenHttp2(fault.to_string());
                Self::Unused(FailureKind::of_opening(&error), error.to_string())
            }
            (_, Some(error)) => {
                let error = OpenError::Handshake(error);
                Self::Unused(FailureKind::of_opening(&error), crate::error::chain(&error))
            }
            (_, None) => Self::unused(),
        }
    }

    /// Adds whether the connection has carried an answer.
    fn after(self, is_answered: bool) -> Self {
        match self {
            Self::Unanswered if is_answered => Self::Lost,
            end => end,
        }
    }

    /// Says that a connection was closed before it was used.
    fn unused() -> Self {
        let why = "the target accepts the connection and closes it before a request is sent";
        Self::Unused(FailureKind::Connect, why.to_owned())
    }
}

/// Gives the desks that a connection takes: one where it carries one exchange at a time, else one for each stream and
/// one for itself before them.
pub(super) fn desks(settings: &Settings) -> usize {
    match (settings.keeping.reuse, settings.target.protocol) {
        (Reuse::Never, _) | (_, Protocol::Http1) => 1,
        (Reuse::Always, Protocol::Http2 { streams, .. }) => 1 + streams,
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
    let mut pauses = Pauses::default();
    loop {
        let opened_ns = MonotonicClock.now_ns();
        lane.opened();
        let end = match pipe {
            Pipe::Http1(pipe) => single::serve(&lane, desks.start, *pipe, expires_ns).await,
            Pipe::Http2(pipe) => shared::serve(&lane, &desks, *pipe, expires_ns).await,
        };
        lane.retire(&desks);
        lane.closed(&end);
        match end {
            End::Lost => pauses.reset(),
            End::Aged => {}
            End::Unused(kind, why) if Pauses::is_short(opened_ns, MonotonicClock.now_ns()) => {
                fail_opening(&lane, desks.start, &mut pauses, kind, || why).await;
            }
            // It could be opened, so requests wait until it is open again.
            End::Unused(..) | End::Unanswered => pause(&lane, desks.start, pauses.next_ns()).await,
        }
        pipe = reopen(&lane, desks.start, &mut pauses).await;
        let lifetime_ns = lane.settings.keeping.lifetime_ns;
        expires_ns = lifetime_ns.map_or(0, |life_ns| MonotonicClock.now_ns() + life_ns);
    }
}

/// Opens the connection again, pausing longer after each failure.
async fn reopen(lane: &Rc<Lane>, desk_idx: usize, pauses: &mut Pauses) -> Pipe {
    loop {
        match open_in_turn(lane, desk_idx).await {
            Ok(pipe) => return pipe,
            Err(error) => {
                let kind = FailureKind::of_opening(&error);
                let describe = || crate::error::chain(&error);
                pauses.count();
                fail_opening(lane, desk_idx, pauses, kind, describe).await;
            }
        }
    }
}

/// Tells the lane that a connection could not be opened, or not for long enough to be used, and pauses. The first
/// connection in a row that closes unused is opened again at once: that may have been chance.
async fn fail_opening(
    lane: &Rc<Lane>,
    desk_idx: usize,
    pauses: &mut Pauses,
    kind: FailureKind,
    describe: impl FnOnce() -> String,
) {
    let pause_ns = pauses.next_ns();
    if pause_ns > 0 {
        lane.open_failed(MonotonicClock.now_ns(), kind, describe);
        pause(lane, desk_idx, pause_ns).await;
    }
}

async fn pause(lane: &Rc<Lane>, desk_idx: usize, pause_ns: u64) {
    if pause_ns > 0 {
        wait(lane, desk_idx, MonotonicClock.now_ns() + pause_ns).await;
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
