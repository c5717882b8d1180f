//! A store that needs no installation: S3's protocol over a folder, on a free port of the loopback interface.
//!
//! It is for demos, tests and runs against stand-ins. Its keys are drawn at the start and known to nobody else, unless
//! somebody states them; its objects stay in the folder, where the next one started there finds them.

mod tidy;

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use rustix::fs::statvfs;
use rustix::io::Errno;
use s3s::auth::{SecretKey, SimpleAuth};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;

use self::tidy::Tidy;
use crate::config::StoreConfig;
use crate::error::Error;

/// Free space without which no store is begun: many times what rulesets and their copies take.
const LEAST_ROOM_BYTES: u64 = 1 << 20;

/// A store that runs until it is dropped.
#[derive(Debug)]
pub struct Embedded {
    config: StoreConfig,
    /// Closing this ends the thread.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Embedded {
    /// Starts a store that keeps its objects in a folder, which is made if need be; it has the one bucket that
    /// everybody expects. When this returns, it answers.
    ///
    /// Errors: `Embedded`.
    pub fn start(folder: &Path) -> Result<Self, Error> {
        Self::start_with(folder, |_| {})
    }

    /// Starts a store with the bucket and the keys of a configuration, at an address in place of its endpoint.
    ///
    /// Errors: `Embedded`.
    pub fn start_at(
        folder: &Path,
        address: SocketAddr,
        config: &StoreConfig,
    ) -> Result<Self, Error> {
        Self::start_as(folder, address, config.clone(), |_| {})
    }

    /// Starts a store on a free port, whose service is set up further by `adjust`.
    pub(crate) fn start_with(
        folder: &Path,
        adjust: impl FnOnce(&mut S3ServiceBuilder),
    ) -> Result<Self, Error> {
        let [access_key, secret_key] =
            drawn_keys().map_err(Begun { folder }.fail("draw its keys"))?;
        let config = StoreConfig {
            endpoint: String::new(),
            bucket: StoreConfig::BUCKET.to_owned(),
            region: StoreConfig::REGION.to_owned(),
            access_key,
            secret_key,
        };
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self::start_as(folder, free, config, adjust)
    }

    fn start_as(
        folder: &Path,
        address: SocketAddr,
        config: StoreConfig,
        adjust: impl FnOnce(&mut S3ServiceBuilder),
    ) -> Result<Self, Error> {
        let begun = Begun { folder };
        let bucket = folder.join(&config.bucket);
        fs::create_dir_all(bucket).map_err(begun.fail("make its bucket"))?;
        check_room(folder).map_err(begun.fail("hold objects"))?;
        let objects = FileSystem::new(folder)
            .map_err(|error| io::Error::other(format!("{error:?}")))
            .map_err(begun.fail("be opened"))?;
        let mut service = S3ServiceBuilder::new(Tidy::new(objects, folder.to_owned()));
        service.set_auth(SimpleAuth::from_single(
            config.access_key.expose_secret(),
            SecretKey::from(config.secret_key.expose_secret()),
        ));
        adjust(&mut service);
        let (listener, address) = listen(address).map_err(begun.fail("listen"))?;
        let runtime = runtime().map_err(begun.fail("start a runtime"))?;
        let (stop, stopped) = oneshot::channel();
        let service = service.build();
        let thread = thread::Builder::new()
            .name("object-store".to_owned())
            .spawn(move || serve(&runtime, listener, &service, stopped))
            .map_err(begun.fail("start a thread"))?;
        Ok(Self {
            config: StoreConfig {
                endpoint: format!("http://{address}"),
                ..config
            },
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Tells how to reach it.
    pub fn config(&self) -> &StoreConfig {
        &self.config
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has been told on standard error.
            let _ = thread.join();
        }
    }
}

/// The folder of a store that is being started, for errors.
struct Begun<'a> {
    folder: &'a Path,
}

impl Begun<'_> {
    fn fail(&self, action: &'static str) -> impl FnOnce(io::Error) -> Error {
        let folder = PathBuf::from(self.folder);
        move |source| Error::Embedded {
            folder,
            action,
            source,
        }
    }
}

/// Makes a runtime with one thread for files that never ends: the runtime panics where it cannot start its first one, and
/// makes do with those there are where it cannot start another.
fn runtime() -> io::Result<Runtime> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .thread_keep_alive(Duration::MAX)
        .build()?;
    // Where a thread can be started and ended, another one can be started.
    let probe = thread::Builder::new().spawn(|| {})?;
    let _ended = probe.join();
    drop(runtime.spawn_blocking(|| {}));
    Ok(runtime)
}

/// Refuses a disk without room: half of an object could be written there, which clients are told of as an internal error.
fn check_room(folder: &Path) -> io::Result<()> {
    let disk = statvfs(folder)?;
    let free_bytes = disk.f_bavail.saturating_mul(disk.f_frsize);
    // Some file systems have no limit of their own and say that they have no blocks at all.
    if disk.f_blocks > 0 && free_bytes < LEAST_ROOM_BYTES {
        return Err(io::Error::from(Errno::NOSPC));
    }
    Ok(())
}

fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn serve(
    runtime: &Runtime,
    listener: TcpListener,
    service: &S3Service,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        // The listener is good: it was bound before this thread began.
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
            return;
        };
        tokio::select! {
            () = accept(&listener, service) => {}
            // A handle that is gone stops the thread as well as one that says so.
            _ = stopped => {}
        }
    });
}

async fn accept(listener: &tokio::net::TcpListener, service: &S3Service) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: others must close first.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        // A socket that refuses the option is slower, not wrong.
        let _ = stream.set_nodelay(true);
        let service = service.clone();
        tokio::spawn(async move {
            let io = TokioIo::new(stream);
            // A client that goes away ends its connection and nothing else.
            let _ = http1::Builder::new().serve_connection(io, service).await;
        });
    }
}

/// Draws an access key and a secret key of 128 bits each.
fn drawn_keys() -> io::Result<[SecretString; 2]> {
    let draw = || -> io::Result<SecretString> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(format!("{:032x}", u128::from_ne_bytes(bytes)).into())
    };
    Ok([draw()?, draw()?])
}
