//! One thread of a stand-in: a runtime of its own, its connections, its alarm clock.
//!
//! Threads share the [`Engine`] and nothing else. The first thread accepts; with several, it deals the connections out in
//! turn, which spreads them evenly, as listening on one port with every thread would not.

use std::io;
use std::rc::Rc;
use std::sync::Arc;

use hyper::rt::Executor;
use hyper::server::conn::{http1, http2};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local, yield_now};
use tokio_rustls::TlsAcceptor;

use super::alarm::Alarms;
use super::audit::RouteTally;
use super::config::Waiting;
use super::connection;
use super::engine::Engine;
use super::reply::Writer;
use super::seen::Tally;
use super::stream::{Accepted, Dealt, Listeners};
use crate::clock::{Clock, MonotonicClock};

/// Streams a client may have open at once on an HTTP/2 connection.
const STREAMS: u32 = 1_000;

/// What the connections of one thread share.
pub(super) struct Worker {
    engine: Arc<Engine>,
    idx: usize,
    alarms: Alarms,
    writer: Writer,
    tls: Option<TlsAcceptor>,
    http1: http1::Builder,
    http2: http2::Builder<OnThisThread>,
}

/// Where hyper's HTTP/2 leaves what it cannot do within a connection's own task.
#[derive(Clone, Copy, Debug)]
pub(super) struct OnThisThread;

impl<F: Future<Output: 'static> + 'static> Executor<F> for OnThisThread {
    fn execute(&self, future: F) {
        spawn_local(future);
    }
}

/// Where a thread's connections come from.
pub(super) enum Source {
    /// It accepts them itself, keeps its share, and deals the rest out to the other threads.
    Listener {
        listeners: Listeners,
        others: Vec<mpsc::Sender<Dealt>>,
        stopped: oneshot::Receiver<()>,
    },
    /// The first thread deals them out, for as long as it lives.
    Dealt(mpsc::Receiver<Dealt>),
}

impl Worker {
    pub(super) fn new(
        engine: Arc<Engine>,
        idx: usize,
        alarms: Alarms,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .pipeline_flush(true)
            .auto_date_header(false)
            .header_read_timeout(None)
            .writev(false);
        let mut http2 = http2::Builder::new(OnThisThread);
        http2
            .auto_date_header(false)
            .max_concurrent_streams(STREAMS);
        Self {
            engine,
            idx,
            alarms,
            writer: Writer::new(),
            tls,
            http1,
            http2,
        }
    }

    /// Serves until the source dries up; then all connections of this thread are closed.
    pub(super) fn run(self, runtime: &Runtime, source: Source) {
        let worker = Rc::new(self);
        let connections = LocalSet::new();
        connections.block_on(runtime, async {
            spawn_local({
                let worker = Rc::clone(&worker);
                async move { worker.alarms.run().await }
            });
            if worker.engine.waiting == Waiting::Awake {
                spawn_local(stay_awake());
            }
            match source {
                Source::Listener {
                    listeners,
                    others,
                    stopped,
                } => {
                    tokio::select! {
                        () = accept(&worker, &listeners, &others) => {}
                        // A handle that is gone stops the threads as well as one that says so.
                        _ = stopped => {}
                    }
                }
                Source::Dealt(mut dealt) => {
                    while let Some(dealt) = dealt.recv().await {
                        if let Ok(accepted) = dealt.take() {
                            spawn_local(connection::serve(Rc::clone(&worker), accepted));
                        }
                    }
                }
            }
        });
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.engine.tallies[self.idx]
    }

    pub(super) fn routes(&self) -> &RouteTally {
        &self.engine.routes[self.idx]
    }

    /// Notes that a request has just been read, if anybody wants to know.
    pub(super) fn note_arrival(&self) {
        self.engine.arrival_times.note(self.idx);
    }

    pub(super) fn alarms(&self) -> &Alarms {
        &self.alarms
    }

    pub(super) fn writer(&self) -> &Writer {
        &self.writer
    }

    pub(super) fn tls(&self) -> Option<&TlsAcceptor> {
        self.tls.as_ref()
    }

    pub(super) fn http1(&self) -> &http1::Builder {
        &self.http1
    }

    pub(super) fn http2(&self) -> &http2::Builder<OnThisThread> {
        &self.http2
    }
}

/// Keeps a thread from sleeping: as long as one task is ready, the runtime looks for events without waiting for any.
async fn stay_awake() {
    loop {
        yield_now().await;
    }
}

/// Accepts connections for ever, and deals them out in turn: one for this thread, one for each of the others.
async fn accept(worker: &Rc<Worker>, listeners: &Listeners, others: &[mpsc::Sender<Dealt>]) {
    const RETRY_NS: u64 = 10_000_000;
    let mut turn = 0;
    loop {
        let Ok(accepted) = listeners.accept().await else {
            // Out of file descriptors, most likely: others must close first.
            worker
                .alarms
                .wait_until(MonotonicClock.now_ns() + RETRY_NS)
                .await;
            continue;
        };
        match others.get(turn) {
            None => {
                turn = 0;
                spawn_local(connection::serve(Rc::clone(worker), accepted));
            }
            Some(other) => {
                turn += 1;
                // A thread that is gone takes its connection with it; the client sees it closed.
                let _ = hand_over(other, accepted).await;
            }
        }
    }
}

async fn hand_over(other: &mpsc::Sender<Dealt>, accepted: Accepted) -> io::Result<()> {
    let dealt = accepted.deal()?;
    other
        .send(dealt)
        .await
        .map_err(|_| io::ErrorKind::BrokenPipe.into())
}
