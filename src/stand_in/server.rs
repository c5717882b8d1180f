//! A running stand-in: starts its threads, tells where it listens and what it has seen, stops.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::net::{TcpListener, TcpSocket, UnixListener};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsAcceptor;

use super::alarm::Alarms;
use super::audit::Audit;
use super::config::StandInConfig;
use super::engine::Engine;
use super::error::Error;
use super::seen::Seen;
use super::stream::Listeners;
use super::tls::Tls;
use super::worker::{Source, Worker};

/// A stand-in that listens and serves on threads of its own until it is stopped or dropped.
pub struct StandIn {
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    /// Removed in the end.
    socket: Option<PathBuf>,
    engine: Arc<Engine>,
    /// Closing this ends the first thread, and with it the others.
    stop: Option<oneshot::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

/// Connections that may wait to be accepted; the system may allow fewer.
const BACKLOG: u32 = 4096;
/// Connections that may wait for a thread they were dealt to.
const DEALT: usize = 64;

impl StandIn {
    /// Starts a stand-in; when this returns, it accepts connections.
    ///
    /// Errors: `NoThreads`, `Shares`, `RulesetKey` and `Tls` for the configuration, `Listen`, `ListenUnix` and `Thread`
    /// for the machine.
    pub fn start(config: StandInConfig) -> Result<Self, Error> {
        if config.threads == 0 {
            return Err(Error::NoThreads);
        }
        let (address, threads) = (config.address, config.threads);
        let not_listening = |source| Error::Listen { address, source };
        let socket = config.socket.clone();
        let tls = config.tls.as_ref().map(Tls::acceptor).transpose()?;
        let engine = Arc::new(Engine::new(config)?);
        let first = runtime(0)?;
        let tcp = listen(&first, address).map_err(not_listening)?;
        let unix = socket
            .as_deref()
            .map(|path| listen_unix(&first, path))
            .transpose()?;
        let (stop, stopped) = oneshot::channel();
        let mut stand_in = Self {
            address: tcp.local_addr().map_err(not_listening)?,
            tls,
            socket,
            engine,
            stop: Some(stop),
            threads: Vec::new(),
        };
        let (others, dealt): (Vec<_>, Vec<_>) = (1..threads).map(|_| mpsc::channel(DEALT)).unzip();
        stand_in.spawn(
            first,
            Source::Listener {
                listeners: Listeners { tcp, unix },
                others,
                stopped,
            },
        )?;
        for (idx, dealt) in dealt.into_iter().enumerate() {
            stand_in.spawn(runtime(idx + 1)?, Source::Dealt(dealt))?;
        }
        Ok(stand_in)
    }

    /// Tells where the stand-in listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives the base URL of the stand-in, without a slash at its end.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Gives the base URL by way of the file system, if the stand-in listens there.
    pub fn unix_url(&self) -> Option<String> {
        let socket = self.socket.as_ref()?;
        Some(format!("unix:{}", socket.display()))
    }

    /// Tells what the stand-in has seen and done so far.
    pub fn seen(&self) -> Seen {
        self.engine.seen()
    }

    /// Gives the instants at which a null target has read its requests so far, if it was told to remember them.
    ///
    /// Units: nanoseconds on the monotonic clock. Shape: ascending.
    pub fn arrival_times(&self) -> Vec<u64> {
        self.engine.arrival_times.sorted()
    }

    /// Tells what the stand-in was asked so far, and how it answered.
    pub fn audit(&self) -> Audit {
        self.engine.audit()
    }

    /// Closes all connections, waits for the threads to end and tells what the stand-in has seen.
    ///
    /// Errors: `Panicked` if one of the threads did not end by itself.
    pub fn stop(mut self) -> Result<Seen, Error> {
        self.join()?;
        Ok(self.seen())
    }

    /// Starts the next thread.
    fn spawn(&mut self, runtime: Runtime, source: Source) -> Result<(), Error> {
        let worker_idx = self.threads.len();
        let failed = |source| Error::Thread { worker_idx, source };
        let alarms = {
            let _inside = runtime.enter();
            Alarms::new().map_err(failed)?
        };
        let (engine, tls) = (Arc::clone(&self.engine), self.tls.clone());
        let thread = thread::Builder::new()
            .name(format!("stand-in-{worker_idx}"))
            .spawn(move || Worker::new(engine, worker_idx, alarms, tls).run(&runtime, source))
            .map_err(failed)?;
        self.threads.push(thread);
        Ok(())
    }

    fn join(&mut self) -> Result<(), Error> {
        drop(self.stop.take());
        let mut outcome = Ok(());
        for (worker_idx, thread) in self.threads.drain(..).enumerate() {
            if thread.join().is_err() {
                outcome = Err(Error::Panicked { worker_idx });
            }
        }
        outcome
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // Whoever wants to know of a panic calls `stop`.
        let _ = self.join();
        if let Some(socket) = &self.socket {
            // Somebody may have been faster.
            let _ = fs::remove_file(socket);
        }
    }
}

fn runtime(worker_idx: usize) -> Result<Runtime, Error> {
    Builder::new_current_thread()
        .enable_io()
        .build()
        .map_err(|source| Error::Thread { worker_idx, source })
}

fn listen_unix(runtime: &Runtime, path: &Path) -> Result<UnixListener, Error> {
    let _inside = runtime.enter();
    UnixListener::bind(path).map_err(|source| Error::ListenUnix {
        path: path.to_owned(),
        source,
    })
}

fn listen(runtime: &Runtime, address: SocketAddr) -> io::Result<TcpListener> {
    let _inside = runtime.enter();
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
