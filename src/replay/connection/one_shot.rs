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
use crate::replay::exchange::{self, Exchange};
use crate::replay::failure::FailureKind;
use crate::replay::lane::Lane;
use crate::replay::transport::connector::Pipe;
use crate::replay::transport::hyper_http1::LastRequest;
use crate::replay::transport::hyper_http2::StreamSender;
use crate::replay::transport::stamped_io::Stamps;

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
    let mut free_at_ns = MonotonicClock.now_ns();
    loop {
        free_at_ns = attendant.serve_next(free_at_ns).await;
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
    async fn serve_next(&mut self, free_at_ns: u64) -> u64 {
        let (lane, desk) = (self.lane, &self.lane.desks[self.desk_idx]);
        if let Some(job) = lane.next_job(self.desk_idx, free_at_ns) {
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
        let opened = open_in_turn(lane, self.desk_idx).await;
        let opened_ns = MonotonicClock.now_ns();
        let Some(arrival) = desk.take_job() else {
            return opened_ns;
        };
        // Until now it waited for its connection.
        desk.free_at_ns.set(opened_ns);
        match opened {
            Ok(pipe) => {
                let ended_ns = self.exchange_once(arrival, pipe).await;
                ended_ns.unwrap_or_else(|| MonotonicClock.now_ns())
            }
            Err(error) => {
                let kind = FailureKind::of_opening(&error);
                lane.unreachable(&arrival, opened_ns, kind, || crate::error::chain(&error));
                opened_ns
            }
        }
    }

    /// Carries out an exchange on a connection that goes with it; gives its end unless it broke.
    async fn exchange_once(&mut self, arrival: Arrival, pipe: Pipe) -> Option<u64> {
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
            headers: &mut self.headers,
            scratch: &mut self.scratch,
        }
    }
}
