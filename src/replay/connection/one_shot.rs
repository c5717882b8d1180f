//! Serves a desk without keeping connections: each exchange opens one of its own, which counts as waiting for it.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use http::HeaderMap;
use tokio::task::spawn_local;

use super::{open_in_turn, task_waker};
use crate::clock::{Clock, MonotonicClock};
use crate::replay::arrivals::Arrival;
use crate::replay::carrier::{Carrier, Passenger};
use crate::replay::exchange::{self, Exchange, Finished};
use crate::replay::failure::FailureKind;
use crate::replay::lane::Lane;
use crate::replay::transport::connector::Pipe;
use crate::replay::transport::hyper_http1::LastRequest;
use crate::replay::transport::hyper_http2::StreamSender;
use crate::replay::transport::stamped_io::Stamps;
use crate::replay::undisturbed::{Connection, End, Freed, FreedBy};

/// Attends to a desk until the runtime ends.
pub(super) async fn attend(lane: Rc<Lane>, desk_idx: usize) {
    // As good as open: whether it can be is for each arrival to find out.
    lane.opened();
    let mut attendant = Attendant {
        lane: &lane,
        desk_idx,
        headers: HeaderMap::with_capacity(exchange::HEADERS_EXPECTED),
        scratch: Vec::with_capacity(exchange::BODY_EXPECTED),
    };
    let mut freed = lane.came_up(desk_idx);
    loop {
        freed = attendant.serve_next(freed).await;
    }
}

struct Attendant<'a> {
    lane: &'a Rc<Lane>,
    desk_idx: usize,
    headers: HeaderMap,
    scratch: Vec<u8>,
}

impl Attendant<'_> {
    /// Waits for an arrival, opens a connection for it and carries it out; gives when the desk came free again.
    async fn serve_next(&mut self, freed: Freed) -> Freed {
        let (lane, desk) = (self.lane, &self.lane.desks[self.desk_idx]);
        if let Some(job) = lane.next_job(self.desk_idx, freed) {
            desk.assign(job);
        }
        // Until there is a connection for it, an arrival stays on the desk, where the end of the run finds it.
        poll_fn(|cx| {
            desk.register(cx);
            if desk.has_job() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        let begun_ns = MonotonicClock.now_ns();
        let opened = open_in_turn(lane, self.desk_idx).await;
        let opened_ns = MonotonicClock.now_ns();
        let Some(arrival) = desk.take_job() else {
            return Freed::opened(opened_ns);
        };
        // Opening takes the target's time, in the undisturbed run as well; what passed before it was begun is our lag.
        let opening_ns = opened_ns - begun_ns;
        let ready_ns = arrival.intended_ns.max(desk.free_at_ns.get());
        desk.free_at_ns.set(ready_ns + opening_ns);
        desk.opening_ns.set(opening_ns);
        match opened {
            Ok(pipe) => {
                let finished = self.exchange_once(arrival, pipe).await;
                finished.map_or_else(
                    || Freed::opened(MonotonicClock.now_ns()),
                    |finished| finished.freed,
                )
            }
            Err(error) => {
                let kind = FailureKind::of_opening(&error);
                lane.unreachable(&arrival, opened_ns, kind, || crate::error::chain(&error));
                let end = End {
                    sent: opened_ns,
                    ..End::default()
                };
                lane.ended(self.desk_idx, end);
                Freed {
                    at_ns: opened_ns,
                    noticed_ns: opened_ns,
                    by: FreedBy::Exchange,
                }
            }
        }
    }

    /// Carries out an exchange on a connection that goes with it; `None` if nothing of it was written.
    async fn exchange_once(&mut self, arrival: Arrival, pipe: Pipe) -> Option<Finished> {
        match pipe {
            Pipe::Http1(pipe) => {
                let connection = pin!(pipe.connection);
                let mut carrier = Carrier::new(connection, &task_waker().await);
                let exchange = self.exchange(arrival, &pipe.stamps);
                exchange
                    .run(&mut LastRequest(pipe.sender), &mut carrier)
                    .await
            }
            Pipe::Http2(pipe) => {
                let stamps = Rc::default();
                let mut sender = StreamSender::new(&pipe, &stamps, &self.lane.settings.target);
                // It ends when there are no senders left.
                spawn_local(pipe.connection);
                let exchange = self.exchange(arrival, &stamps.stamps);
                exchange.run(&mut sender, &mut Passenger).await
            }
        }
    }

    fn exchange<'a>(&'a mut self, arrival: Arrival, stamps: &'a Stamps) -> Exchange<'a> {
        Exchange {
            lane: self.lane,
            desk_idx: self.desk_idx,
            arrival,
            stamps,
            broken_leaves: Connection::Kept,
            headers: &mut self.headers,
            scratch: &mut self.scratch,
        }
    }
}
