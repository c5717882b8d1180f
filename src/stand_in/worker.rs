//! One thread of a stand-in: a runtime of its own, its connections, its alarm clock.
//!
//! Threads share the [`Engine`] and nothing else. The first thread accepts; with several, it deals the connections out in
//! turn, which spreads them evenly, as listening on one port with every thread would not.

use std::io;
use std::net::TcpStream as StdTcpStream;
use std::rc::Rc;
use std::sync::Arc;

use hyper::server::conn::http1;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local};

use super::alarm::Alarms;
use super::connection;
use super::engine::Engine;
use super::reply::Writer;
use super::seen::Tally;
use crate::clock::{Clock, MonotonicClock};

/// What the connections of one thread share.
pub(super) struct Worker {
    engine: Arc<Engine>,
    idx: usize,
    alarms: Alarms,
    writer: Writer,
    http: http1::Builder,
}

/// Where a thread's connections come from.
pub(super) enum Source {
    /// It accepts them itself, keeps its share, and deals the rest out to the other threads.
    Listener {
        listener: TcpListener,
        others: Vec<mpsc::Sender<StdTcpStream>>,
        stopped: oneshot::Receiver<()>,
    },
    /// The first thread deals them out, for as long as it lives.
    Dealt(mpsc::Receiver<StdTcpStream>),
}

impl Worker {
    pub(super) fn new(engine: Arc<Engine>, idx: usize, alarms: Alarms) -> Self {
        let mut http = http1::Builder::new();
        http.pipeline_flush(true)
            .auto_date_header(false)
            .header_read_timeout(None)
            .writev(false);
        Self {
            engine,
            idx,
            alarms,
            writer: Writer::new(),
            http,
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
            match source {
                Source::Listener {
                    listener,
                    others,
                    stopped,
                } => {
                    tokio::select! {
                        () = accept(&worker, &listener, &others) => {}
                        // A handle that is gone stops the threads as well as one that says so.
                        _ = stopped => {}
                    }
                }
                Source::Dealt(mut dealt) => {
                    while let Some(stream) = dealt.recv().await {
                        if let Ok(stream) = TcpStream::from_std(stream) {
                            spawn_local(connection::serve(Rc::clone(&worker), stream));
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

    pub(super) fn alarms(&self) -> &Alarms {
        &self.alarms
    }

    pub(super) fn writer(&self) -> &Writer {
        &self.writer
    }

    pub(super) fn http(&self) -> &http1::Builder {
        &self.http
    }
}

/// Accepts connections for ever, and deals them out in turn: one for this thread, one for each of the others.
async fn accept(
    worker: &Rc<Worker>,
    listener: &TcpListener,
    others: &[mpsc::Sender<StdTcpStream>],
) {
    const RETRY_NS: u64 = 10_000_000;
    let mut turn = 0;
    loop {
        let Ok((stream, _)) = listener.accept().await else {
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
                spawn_local(connection::serve(Rc::clone(worker), stream));
            }
            Some(other) => {
                turn += 1;
                // A thread that is gone takes its connection with it; the client sees it closed.
                let _ = hand_over(other, stream).await;
            }
        }
    }
}

async fn hand_over(other: &mpsc::Sender<StdTcpStream>, stream: TcpStream) -> io::Result<()> {
    let stream = stream.into_std()?;
    other
        .send(stream)
        .await
        .map_err(|_| io::ErrorKind::BrokenPipe.into())
}
