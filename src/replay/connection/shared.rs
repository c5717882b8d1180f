//! Serves an HTTP/2 connection: a task for each stream, with a desk of its own, and one that keeps them together.
//!
//! No more streams take arrivals than the peer permits at the time; the others are at rest until it permits more.

use std::future::poll_fn;
use std::ops::Range;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use http::HeaderMap;
use tokio::task::spawn_local;

use super::End;
use super::link::Link;
use crate::clock::{Clock, MonotonicClock};
use crate::replay::arrivals::Arrival;
use crate::replay::carrier::Passenger;
use crate::replay::exchange::{self, Exchange};
use crate::replay::lane::Lane;
use crate::replay::transport::frames::StreamStamps;
use crate::replay::transport::hyper_http2::{Pipe, StreamSender};
use crate::replay::undisturbed::{Connection, Freed};

/// Carries out exchanges until the connection takes no more, or is old enough, and the last of them has ended.
pub(super) async fn serve(
    lane: &Rc<Lane>,
    desks: &Range<usize>,
    pipe: Pipe,
    expires_ns: u64,
) -> End {
    let streams = desks.start + 1..desks.end;
    let link = Rc::new(Link::new(&pipe.tap, streams.clone()));
    for desk_idx in streams.clone() {
        let stream = Stream::new(lane, desks.start, desk_idx, &pipe, &link);
        spawn_local(stream.attend());
    }
    let Pipe {
        connection,
        requests,
        tap,
    } = pipe;
    // The streams have theirs.
    drop(requests);
    let mut connection = pin!(Some(connection));
    let (mut is_told, mut end) = (false, None);
    let own_desk = &lane.desks[desks.start];
    own_desk.set_alarm(expires_ns);
    poll_fn(|cx| {
        own_desk.register(cx);
        tap.borrow_mut().watch(cx.waker());
        let ended = match connection.as_mut().as_pin_mut() {
            Some(connection) => connection.poll(cx),
            None => Poll::Pending,
        };
        if let Poll::Ready(ended) = ended {
            // Requests that it was handed and did not get to are only let go of with it.
            connection.set(None);
            link.is_retired.set(true);
            end.get_or_insert_with(|| End::broken(&tap.borrow(), ended.err()));
        }
        if own_desk.has_rung() && !link.is_retired.replace(true) {
            end = Some(End::Aged);
        }
        if !link.is_retired.get() {
            link.adjust(lane);
        }
        if link.is_retired.get() && !is_told {
            is_told = true;
            lane.retire(desks);
            for desk in &lane.desks[streams.clone()] {
                desk.wake();
            }
        }
        if link.streams.get() == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    own_desk.set_alarm(0);
    end.unwrap_or(End::Unanswered).after(link.is_answered.get())
}

/// A place on a connection for one exchange at a time.
struct Stream {
    lane: Rc<Lane>,
    link: Rc<Link>,
    connection_desk_idx: usize,
    desk_idx: usize,
    sender: StreamSender,
    exchange: Rc<StreamStamps>,
}

impl Stream {
    fn new(
        lane: &Rc<Lane>,
        connection_desk_idx: usize,
        desk_idx: usize,
        pipe: &Pipe,
        link: &Rc<Link>,
    ) -> Self {
        let exchange = Rc::default();
        Self {
            sender: StreamSender::new(pipe, &exchange, &lane.settings.target),
            lane: Rc::clone(lane),
            link: Rc::clone(link),
            connection_desk_idx,
            desk_idx,
            exchange,
        }
    }

    /// Carries out exchanges until the connection takes no more.
    async fn attend(mut self) {
        let lane = Rc::clone(&self.lane);
        let mut headers = HeaderMap::with_capacity(exchange::HEADERS_EXPECTED);
        let mut scratch = Vec::with_capacity(exchange::BODY_EXPECTED);
        let mut job = self.link.enter(&lane, self.desk_idx);
        while let Some(arrival) = self.next_arrival(job).await {
            let exchange = Exchange {
                lane: &lane,
                desk_idx: self.desk_idx,
                arrival,
                stamps: &self.exchange.stamps,
                broken_leaves: Connection::Kept,
                headers: &mut headers,
                scratch: &mut scratch,
            };
            let finished = exchange.run(&mut self.sender, &mut Passenger).await;
            if finished.as_ref().is_some_and(|it| it.is_answered) {
                self.link.is_answered.set(true);
            }
            if !self.sender.finish() {
                // It ended without ever being written, so from here on it would be guesswork which stream is whose.
                self.link.is_retired.set(true);
            }
            if self.link.is_retired.get() {
                if finished.is_some() {
                    lane.let_go();
                }
                break;
            }
            // What breaks a stream leaves the connection as it is.
            let freed = finished.map_or_else(
                || Freed::opened(MonotonicClock.now_ns()),
                |finished| finished.freed,
            );
            job = self.link.next_job(&lane, self.desk_idx, freed);
        }
        self.link.streams.set(self.link.streams.get() - 1);
        lane.desks[self.connection_desk_idx].wake();
    }

    /// Waits for an arrival; `None` when the connection takes no more.
    async fn next_arrival(&self, mut job: Option<Arrival>) -> Option<Arrival> {
        let desk = &self.lane.desks[self.desk_idx];
        poll_fn(move |cx| {
            let arrival = job.take().or_else(|| desk.take_job());
            match arrival {
                Some(arrival) if self.link.is_retired.get() => {
                    self.lane.give_back(self.desk_idx, arrival);
                    Poll::Ready(None)
                }
                Some(arrival) => Poll::Ready(Some(arrival)),
                None if self.link.is_retired.get() => Poll::Ready(None),
                None => {
                    desk.register(cx);
                    Poll::Pending
                }
            }
        })
        .await
    }
}
