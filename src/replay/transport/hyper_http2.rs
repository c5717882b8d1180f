//! HTTP/2 by hyper: one connection, many exchanges at a time.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri, Version};
use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, Connection, SendRequest};
use hyper::rt::Executor;
use hyper_util::rt::TokioIo;
use tokio::task::spawn_local;

use super::connector::OpenError;
use super::frames::{Peer, StreamStamps, Tap};
use super::tapped_io::TappedIo;
use super::wire::Wire;
use super::{Sender, Target};
use crate::replay::payload::PayloadBody;

/// Where hyper leaves what it cannot do within one task: the connection itself, and each wait for an answer.
#[derive(Debug, Clone, Copy)]
pub struct OnThisThread;

impl<F: Future<Output: 'static> + 'static> Executor<F> for OnThisThread {
    fn execute(&self, future: F) {
        spawn_local(future);
    }
}

/// An open connection.
#[derive(Debug)]
pub struct Pipe {
    /// Takes requests, from as many clones as there are streams.
    pub requests: SendRequest<PayloadBody>,
    /// Ends when the connection takes no more requests; those under way go on without it.
    pub connection: Connection<TokioIo<TappedIo>, PayloadBody, OnThisThread>,
    /// What passes on it.
    pub tap: Rc<RefCell<Tap>>,
}

/// Bytes of an answer's headers that are read at most, uncompressed: more than any server sends on purpose.
///
/// hyper's own 16 KiB refuse answers that other clients read.
pub const HEADER_LIST_BYTES: u32 = 1 << 20;

/// Begins to speak HTTP/2 over an open connection and waits until the server has said how many streams it allows.
///
/// Errors: `NotHttp2`, `Closed` or `BrokenHttp2` if it says something else instead.
pub async fn begin(wire: Wire, streams: usize) -> Result<Pipe, OpenError> {
    let tap = Rc::new(RefCell::new(Tap::new(streams)));
    let io = TokioIo::new(TappedIo::new(wire, Rc::clone(&tap)));
    let (requests, mut connection) = Builder::new(OnThisThread)
        .initial_max_send_streams(streams)
        .max_header_list_size(HEADER_LIST_BYTES)
        .handshake(io)
        .await?;
    poll_fn(|cx| {
        if tap.borrow().peer() == Peer::Ready {
            return Poll::Ready(Ok(()));
        }
        tap.borrow_mut().watch(cx.waker());
        let ended = std::task::ready!(Pin::new(&mut connection).poll(cx));
        Poll::Ready(Err(match (tap.borrow().peer(), ended) {
            (Peer::Silent, _) => OpenError::Closed,
            (Peer::Foreign, _) => OpenError::NotHttp2,
            (Peer::Broken(fault), _) => OpenError::BrokenHttp2(fault.to_string()),
            (_, Err(error)) => OpenError::Handshake(error),
            (_, Ok(())) => OpenError::BrokenHttp2("it ends before its settings".to_owned()),
        }))
    })
    .await?;
    Ok(Pipe {
        requests,
        connection,
        tap,
    })
}

/// One stream at a time of a connection.
#[derive(Debug)]
pub struct StreamSender {
    requests: SendRequest<PayloadBody>,
    tap: Rc<RefCell<Tap>>,
    exchange: Rc<StreamStamps>,
    scheme: Scheme,
    authority: Authority,
}

impl StreamSender {
    /// Takes part in a connection to a target; `exchange` is to be stamped.
    pub fn new(pipe: &Pipe, exchange: &Rc<StreamStamps>, target: &Target) -> Self {
        let scheme = if target.tls.is_some() {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        };
        // What can stand in a `host` header can stand here.
        let authority = Authority::try_from(target.authority.as_bytes())
            .unwrap_or_else(|_| Authority::from_static("localhost"));
        Self {
            requests: pipe.requests.clone(),
            tap: Rc::clone(&pipe.tap),
            exchange: Rc::clone(exchange),
            scheme,
            authority,
        }
    }

    /// Ends the exchange; tells whether anything of it was ever written.
    pub fn finish(&self) -> bool {
        self.tap.borrow_mut().forget(&self.exchange)
    }
}

impl Sender for StreamSender {
    fn send(
        &mut self,
        mut request: Request<PayloadBody>,
    ) -> impl Future<Output = hyper::Result<Response<Incoming>>> {
        // What HTTP/1.1 says in a header belongs to the address here (RFC 9113, section 8.3.1).
        request.headers_mut().remove(HOST);
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        // With all three parts there it is one.
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        *request.version_mut() = Version::HTTP_2;
        self.tap.borrow_mut().register(&self.exchange);
        self.requests.send_request(request)
    }
}
