//! One connection for the length of a run: opened again when it closes, idle until a lane gives it an arrival.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::arrivals::Arrival;
use super::carrier::{Carrier, Carry};
use super::exchange::{self, Exchange};
use super::lane::Lane;
use super::transport::connector::OpenError;
use super::transport::hyper_http1::Pipe;
use crate::clock::{Clock, MonotonicClock};
use http::HeaderMap;

/// Shortest and longest pause before a closed connection is opened again, nanoseconds; doubled per failure in a row.
const PAUSES_NS: (u64, u64) = (10_000_000, 1_000_000_000);

/// Attends to one desk of the lane until the runtime ends.
pub(super) async fn attend(lane: Rc<Lane>, desk_idx: usize, first: Pipe) {
    let mut pipe = first;
    loop {
        lane.opened();
        serve(&lane, desk_idx, pipe).await;
        lane.closed(desk_idx);
        pipe = reopen(&lane, desk_idx).await;
    }
}

/// Carries out exchanges until the connection is gone.
async fn serve(lane: &Rc<Lane>, desk_idx: usize, pipe: Pipe) {
    let connection = pin!(pipe.connection);
    let task = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
    let mut carrier = Carrier::new(connection, &task);
    let mut sender = pipe.sender;
    let mut headers = HeaderMap::with_capacity(exchange::HEADERS_EXPECTED);
    let mut scratch = Vec::with_capacity(exchange::BODY_EXPECTED);
    let mut job = lane.next_job(desk_idx, MonotonicClock.now_ns());
    loop {
        let Some(arrival) = next_arrival(lane, desk_idx, job, &mut carrier).await else {
            return;
        };
        let exchange = Exchange {
            lane,
            desk_idx,
            arrival,
            stamps: &pipe.stamps,
            headers: &mut headers,
            scratch: &mut scratch,
        };
        match exchange.run(&mut sender, &mut carrier).await {
            Some(free_at_ns) => job = lane.next_job(desk_idx, free_at_ns),
            None => return,
        }
    }
}

/// Waits for an arrival; `None` when the connection closes first.
///
/// The carrier is polled before a job is taken: it notices a closed peer, and after an exchange it needs that poll to
/// be ready for the next.
async fn next_arrival(
    lane: &Rc<Lane>,
    desk_idx: usize,
    mut job: Option<Arrival>,
    carrier: &mut Carrier<'_, impl Future>,
) -> Option<Arrival> {
    let desk = &lane.desks[desk_idx];
    poll_fn(move |cx| {
        let is_gone = carrier.at_work(Carrier::settle);
        let arrival = job.take().or_else(|| desk.take_job());
        match arrival {
            Some(arrival) if is_gone => {
                lane.give_back(arrival);
                Poll::Ready(None)
            }
            Some(arrival) => Poll::Ready(Some(arrival)),
            None if is_gone => Poll::Ready(None),
            None => {
                desk.register(cx);
                Poll::Pending
            }
        }
    })
    .await
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
