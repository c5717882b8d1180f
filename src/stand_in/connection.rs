//! One connection: its randomness, its requests, and how it ends when a fault ends it.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::rc::Rc;

use http::Request;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;

use super::audit::RouteTally;
use super::engine::{Engine, Office};
use super::faults::{Fate, Fates};
use super::gate::Passage;
use super::reply::{Refusal, Reply, Writer};
use super::rules::Decision;
use super::seen::Event;
use super::stream::{self, Accepted, Stream, Version};
use super::worker::Worker;
use super::{back_end, null, routes};
use crate::stand_in::config::Role;

/// One connection, as its requests see it.
pub(super) struct Connection {
    worker: Rc<Worker>,
    /// Address of the client, unless it came by way of the file system.
    pub(super) peer: Option<IpAddr>,
    fates: RefCell<Fates>,
    breakage: Cell<Option<Breakage>>,
}

/// How a fault ends a connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Breakage {
    /// With a TCP reset.
    Reset,
    /// With bytes that are not HTTP.
    Garbage,
}

/// The connection ends here, and its request stays without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection ends without an answer")]
pub(super) struct Broken;

/// Neither a status line nor text: control bytes, then bytes that are not UTF-8.
const GARBAGE: &[u8] = b"\x00\x01\x02 not http \xff\xfe\xfd\r\n\r\n";

/// Serves a connection until either side ends it.
pub(super) async fn serve(worker: Rc<Worker>, accepted: Accepted) {
    worker.tally().count(Event::Connection);
    // A client that leaves before it has said anything is served as well as it can be.
    let _ = greet(worker, accepted).await;
}

/// Finds out what a client speaks, and speaks it.
async fn greet(worker: Rc<Worker>, accepted: Accepted) -> io::Result<()> {
    match accepted {
        Accepted::Tcp(stream) => {
            let peer = stream.peer_addr().ok().map(|peer| peer.ip());
            // A socket that refuses the option is slower, not wrong.
            let _ = stream.set_nodelay(true);
            if let Some(tls) = worker.tls() {
                let stream = tls.accept(stream).await?;
                let version = stream::version_of_tls(&stream);
                speak(worker, peer, stream, version).await;
            } else {
                let version = stream::version_of_tcp(&stream).await?;
                speak(worker, peer, stream, version).await;
            }
        }
        Accepted::Unix(stream) => {
            let version = stream::version_of_unix(&stream).await?;
            speak(worker, None, stream, version).await;
        }
    }
    Ok(())
}

async fn speak(worker: Rc<Worker>, peer: Option<IpAddr>, stream: impl Stream, version: Version) {
    match worker.engine().role {
        Role::Null => serve_null(&worker, stream, version).await,
        _ => serve_engine(Connection::new(worker, peer), stream, version).await,
    }
}

async fn serve_engine(connection: Connection, stream: impl Stream, version: Version) {
    let connection = Rc::new(connection);
    let service = service_fn({
        let connection = Rc::clone(&connection);
        move |request| Rc::clone(&connection).answer(request)
    });
    let io = TokioIo::new(stream);
    let worker = &connection.worker;
    if version == Version::Http2 {
        // A breakage ends its stream there, and not the connection.
        let _ = worker.http2().serve_connection(io, service).await;
        return;
    }
    let mut exchange = worker.http1().serve_connection(io, service);
    // However hyper says the connection ended, only a breakage asks for more than closing the socket.
    let _ = pin!(&mut exchange).await;
    if let Some(breakage) = connection.breakage.take() {
        end(exchange.into_parts().io.into_inner(), breakage).await;
    }
}

async fn serve_null(worker: &Rc<Worker>, stream: impl Stream, version: Version) {
    let io = TokioIo::new(stream);
    let service = service_fn({
        let worker = Rc::clone(worker);
        move |request| null::answer(request, Rc::clone(&worker))
    });
    let _ = match version {
        Version::Http1 => worker.http1().serve_connection(io, service).await,
        Version::Http2 => worker.http2().serve_connection(io, service).await,
    };
}

async fn end(mut stream: impl Stream, breakage: Breakage) {
    // The client may have left first; then there is nothing left to break.
    let _ = match breakage {
        Breakage::Reset => stream.reset_at_end(),
        Breakage::Garbage => {
            async {
                stream.write_all(GARBAGE).await?;
                stream.flush().await
            }
            .await
        }
    };
}

impl Connection {
    fn new(worker: Rc<Worker>, peer: Option<IpAddr>) -> Self {
        let engine = worker.engine();
        let fates = Fates::new(engine.seed, engine.next_connection_idx());
        Self {
            worker,
            peer,
            fates: RefCell::new(fates),
            breakage: Cell::new(None),
        }
    }

    async fn answer(
        self: Rc<Self>,
        request: Request<Incoming>,
    ) -> Result<http::Response<Full<Bytes>>, Broken> {
        let (head, mut body) = request.into_parts();
        let mut bearer = None;
        if let Some(gate) = self.engine().gate() {
            (body, bearer) = match gate.meet(&self, &head, body).await? {
                Passage::On(body, bearer) => (body, bearer),
                Passage::Answered(reply) => return Ok(reply.into_response(head.headers)),
            };
        }
        let caller = bearer.as_ref().map(|bearer| bearer.sub.as_str());
        match &self.engine().office {
            Office::Approvals(office) => {
                back_end::answer(&self, office.as_ref(), head, body, caller).await
            }
            Office::Transactions(office) => {
                back_end::answer(&self, office.as_ref(), head, body, caller).await
            }
            Office::RuleBook(office) => {
                back_end::answer(&self, office.as_ref(), head, body, caller).await
            }
            Office::None => {
                let reply = routes::dispatch(&self, &head, body).await?;
                Ok(reply.into_response(head.headers))
            }
        }
    }

    pub(super) fn engine(&self) -> &Engine {
        self.worker.engine()
    }

    pub(super) fn writer(&self) -> &Writer {
        self.worker.writer()
    }

    pub(super) fn routes(&self) -> &RouteTally {
        self.worker.routes()
    }

    pub(super) fn count(&self, event: Event) {
        self.worker.tally().count(event);
    }

    pub(super) fn count_decision(&self, decision: Decision) {
        self.count(match decision {
            Decision::Approve => Event::Approved,
            Decision::Decline => Event::Declined,
            Decision::Review => Event::Reviewed,
        });
    }

    /// Counts a request that meets a fault; all but those answered as they should be.
    pub(super) fn count_fate(&self, fate: Fate) {
        self.count(match fate {
            Fate::Answer => return,
            Fate::Shed => Event::Shed,
            Fate::FailOpen => Event::FailurePlayed,
            Fate::WrongId => Event::WrongId,
            Fate::Reset => Event::Reset,
            Fate::Garbage => Event::Garbage,
            Fate::Hang => Event::Hang,
        });
    }

    pub(super) fn refuse(&self, refusal: Refusal) -> Reply {
        self.count(Event::Refused);
        refusal.reply(self.writer())
    }

    pub(super) fn next_fate(&self) -> Fate {
        self.fates.borrow_mut().next_fate(&self.engine().ladder)
    }

    /// Draws 128 bits to name something with.
    pub(super) fn next_id(&self) -> u128 {
        self.fates.borrow_mut().next_id()
    }

    /// Draws a delay and tells when the answer to a request that has just arrived may leave.
    pub(super) fn release_ns(&self, arrived_ns: u64) -> u64 {
        let engine = self.engine();
        let delay_ns = self.fates.borrow_mut().next_delay_ns(&engine.ladder);
        let due_ns = engine.due_ns(arrived_ns, delay_ns);
        let release_ns = engine.release_ns(arrived_ns, due_ns);
        if release_ns > due_ns {
            self.count(Event::Stalled);
        }
        release_ns
    }

    pub(super) async fn wait_until(&self, due_ns: u64) {
        self.worker.alarms().wait_until(due_ns).await;
    }

    /// Ends the connection in place of an answer.
    pub(super) fn end_with(&self, breakage: Breakage) -> Broken {
        self.breakage.set(Some(breakage));
        Broken
    }
}
