//! Finds out about a target by connecting to it, before a run or after one in which nothing came back.

use std::net::Ipv4Addr;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::AsyncReadExt;
use tokio::runtime::{self, LocalOptions, LocalRuntime};
use tokio::time::timeout;

use super::{Access, HttpVersion};
use crate::error::Error;
use crate::harness::trust::{Authorities, Trust};
use crate::patience::{Patience, Stop};
use crate::replay::transport::connector::{OpenError, connect, encrypt};
use crate::replay::transport::own_limit::OwnLimit;
use crate::replay::transport::tls::{self, Session, Tls};
use crate::replay::transport::wire::Wire;
use crate::replay::transport::{Address, Protocol, Target, hyper_http2};

/// How long finding out about an address may take.
const PREFLIGHT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a server gets to refuse our certificate, or the lack of one: in TLS 1.3 it only looks at it after the
/// client's handshake is over.
const SECOND_THOUGHTS: Duration = Duration::from_millis(300);

/// Connects once, finds out what the target speaks, and leaves again.
pub(super) fn knock(
    runtime: &LocalRuntime,
    address: &Address,
    tls: Option<&Tls>,
    access: &Access,
) -> Result<(Option<Session>, Protocol), OpenError> {
    runtime.block_on(async {
        let patience = Patience::begin(PREFLIGHT_TIMEOUT, &access.stop);
        let found = patience.bound(find_out(address, tls, access)).await;
        found.unwrap_or(Err(OpenError::Timeout))
    })
}

async fn find_out(
    address: &Address,
    tls: Option<&Tls>,
    access: &Access,
) -> Result<(Option<Session>, Protocol), OpenError> {
    let mut wire = encrypt(connect(address, None).await?, address, tls).await?;
    if tls.is_some_and(|tls| tls.identity.was_asked_for()) {
        hear_out(address, &mut wire).await?;
        wire = encrypt(connect(address, None).await?, address, tls).await?;
    }
    let session = wire.session();
    let is_http2 = session
        .as_ref()
        .map_or(access.http == HttpVersion::Two, Session::is_http2);
    if !is_http2 {
        let any = Protocol::Http2 {
            streams: 1,
            allowed: 1,
        };
        let expected = any.name();
        return match access.http {
            HttpVersion::Two => Err(OpenError::OtherVersion {
                address: address.clone(),
                expected,
            }),
            _ => Ok((session, Protocol::Http1)),
        };
    }
    let streams = access.streams as usize;
    let pipe = hyper_http2::begin(wire, streams).await?;
    let (allowed, _) = pipe.tap.borrow().limit();
    Ok((session, Protocol::Http2 { streams, allowed }))
}

/// Gives a server that asked for a certificate the time to refuse what it got.
async fn hear_out(address: &Address, wire: &mut Wire) -> Result<(), OpenError> {
    match timeout(SECOND_THOUGHTS, wire.read(&mut [0])).await {
        Ok(Err(source)) => Err(OpenError::Tls {
            address: address.clone(),
            source,
        }),
        // It said something, or nothing: either way it did not object.
        Ok(Ok(_)) | Err(_) => Ok(()),
    }
}

/// Explains a run in which nothing came back: does a target that was spoken to in the clear speak TLS?
///
/// Not asked before the run: a plain server would have to be told something that is not on the tape.
pub fn speaks_tls(url: &str, target: &Target, stop: &Stop) -> Result<Option<Error>, Error> {
    let (None, Some(address @ Address::Tcp(_))) = (&target.tls, target.addresses.first()) else {
        return Ok(None);
    };
    let anybody = Trust {
        authorities: Authorities::Anybody,
        client: None,
    };
    let nobody = ServerName::from(Ipv4Addr::LOCALHOST);
    let tls = anybody.tls(nobody, HttpVersion::Auto.offers())?;
    let handshake = async { encrypt(connect(address, None).await?, address, Some(&tls)).await };
    let patience = Patience::begin(PREFLIGHT_TIMEOUT, stop);
    let outcome = runtime()?.block_on(patience.bound(handshake));
    let speaks = match outcome {
        Ok(Ok(_)) => true,
        Ok(Err(OpenError::Tls { source, .. })) => tls::is_refusal(&source),
        Ok(Err(_)) | Err(_) => false,
    };
    Ok(speaks.then(|| Error::Unreachable {
        target: url.to_owned(),
        detail: "it speaks TLS; write https:// in --target".into(),
    }))
}

/// Makes a runtime for a little while.
pub(super) fn runtime() -> Result<LocalRuntime, Error> {
    runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())
        .map_err(|error| match OwnLimit::of(&error) {
            Some(limit) => Error::OwnLimit(format!(
                "a thread cannot be set up: this machine has reached its limit of {limit}; {}",
                limit.advice()
            )),
            None => Error::Bug(format!("no runtime: {error}")),
        })
}
