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

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use s3s::auth::{SecretKey, SimpleAuth};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;

use self::tidy::Tidy;
use crate::config::StoreConfig;
use crate::error::Error;

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
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(begun.fail("start a runtime"))?;
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
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
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
