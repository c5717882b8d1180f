//! Serves an HTTP/1.1 connection: one task polls it together with the exchange that it carries.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use http::HeaderMap;

use super::{End, task_waker};
use crate::replay::arrivals::Arrival;
use crate::replay::carrier::{Carrier, Carry};
use crate::replay::exchange::{self, Exchange, Finished};
use crate::replay::lane::Lane;
use crate::replay::transport::hyper_http1::Pipe;
use crate::replay::undisturbed::Connection;

/// Carries out exchanges until the connection is gone, or old enough.
pub(super) async fn serve(lane: &Rc<Lane>, desk_idx: usize, pipe: Pipe, expires_ns: u64) -> End {
    let connection = pin!(pipe.connection);
    let mut carrier = Carrier::new(connection, &task_waker().await);
    let mut sender = pipe.sender;
    let mut headers = HeaderMap::with_capacity(exchange::HEADERS_EXPECTED);
    let mut scratch = Vec::with_capacity(exchange::BODY_EXPECTED);
    let mut job = lane.next_job(desk_idx, lane.came_up(desk_idx));
    let (mut is_used, mut is_answered) = (false, false);
    loop {
        let arrival = match next_arrival(lane, desk_idx, job, &mut carrier, expires_ns).await {
            Ok(arrival) => arrival,
            Err(End::Unanswered) if !is_used => return End::unused(),
            Err(end) => return end.after(is_answered),
        };
        let exchange = Exchange {
            lane,
            desk_idx,
            arrival,
            stamps: &pipe.stamps,
            broken_leaves: Connection::Lost,
            headers: &mut headers,
            scratch: &mut scratch,
        };
        let finished = exchange.run(&mut sender, &mut carrier).await;
        is_used |= pipe.stamps.sent_ns() != 0;
        is_answered |= finished.as_ref().is_some_and(|it| it.is_answered);
        let Some(Finished { freed, .. }) = finished.filter(|finished| finished.is_reusable) else {
            return if is_used {
                End::Unanswered.after(is_answered)
            } else {
                End::unused()
            };
        };
        if expires_ns != 0 && freed.noticed_ns >= expires_ns {
            lane.let_go();
            return End::Aged;
        }
        job = lane.next_job(desk_idx, freed);
    }
}

/// Waits for an arrival, or for the connection's end.
///
/// The carrier is polled before a job is taken: it notices a closed peer, and after an exchange it needs that poll to
/// be ready for the next.
async fn next_arrival(
    lane: &Rc<Lane>,
    desk_idx: usize,
    mut job: Option<Arrival>,
    carrier: &mut Carrier<'_, impl Future>,
    expires_ns: u64,
) -> Result<Arrival, End> {
    let desk = &lane.desks[desk_idx];
    desk.set_alarm(expires_ns);
    let next = poll_fn(move |cx| {
        let is_gone = carrier.at_work(Carrier::settle);
        let arrival = job.take().or_else(|| desk.take_job());
        match arrival {
            Some(arrival) if is_gone => {
                lane.give_back(desk_idx, arrival);
                Poll::Ready(Err(End::Unanswered))
            }
            Some(arrival) => Poll::Ready(Ok(arrival)),
            None if is_gone => Poll::Ready(Err(End::Unanswered)),
            None if desk.has_rung() => Poll::Ready(Err(End::Aged)),
            None => {
                desk.register(cx);
                Poll::Pending
            }
        }
    })
    .await;
    desk.set_alarm(0);
    next
}
