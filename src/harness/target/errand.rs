//! One request outside of any run: asks, reads a short answer, and leaves.
//!
//! It goes to the addresses that were checked when the target was found, and to no others; redirects are not followed.

use std::error::Error as StdError;

use bytes::Bytes;
use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, Request, StatusCode, Uri, Version};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http2;
use hyper_util::rt::TokioIo;
use tokio::task::spawn_local;

use super::knock;
use crate::error::{Error, chain};
use crate::patience::{Impatience, Patience};
use crate::replay::coding::Codings;
use crate::replay::transport::connector::{OpenError, connect, encrypt};
use crate::replay::transport::hyper_http1::lenient;
use crate::replay::transport::hyper_http2::{HEADER_LIST_BYTES, OnThisThread};
use crate::replay::transport::{Address, Protocol, Target};

/// No answer that an errand is run for is longer.
const MOST_BYTES: usize = 1 << 20;

/// Nor has any more header lines.
const MOST_HEADERS: usize = 10_000;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum ErrandError {
    /// No address of the target could be connected to.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The connection broke, or carried no HTTP.
    #[error("the exchange broke off")]
    Http(#[from] hyper::Error),
    /// The body is longer than any that makes sense.
    #[error("its answer has more than {} MiB", MOST_BYTES >> 20)]
    TooLong,
    /// The body broke off.
    #[error("its body cannot be read: {0}")]
    Body(String),
    /// The target has no address.
    #[error("it has no address")]
    Nowhere,
    /// It took too long, or nobody wants it any more.
    #[error(transparent)]
    Ended(#[from] Impatience),
}

/// Sends a request to a target, whose path is all that its URI has, and reads the answer.
///
/// Errors: `OwnLimit` if a limit of ours is the reason, `Bug` where no runtime can be made; inside, why else nothing came
/// back.
pub fn ask(
    target: &Target,
    request: &Request<Bytes>,
    patience: &Patience,
) -> Result<Result<Answer, ErrandError>, Error> {
    let asking = patience.bound(at_any_address(target, request));
    let outcome = knock::runtime()?.block_on(asking);
    match outcome.unwrap_or_else(|ended| Err(ended.into())) {
        Err(ErrandError::Open(error)) if error.own_limit().is_some() => {
            Err(Error::OwnLimit(chain(&error)))
        }
        outcome => Ok(outcome),
    }
}

/// Asks at the first address that can be connected to.
async fn at_any_address(target: &Target, request: &Request<Bytes>) -> Result<Answer, ErrandError> {
    let mut refusal = ErrandError::Nowhere;
    for address in &target.addresses {
        match exchange(target, address, request).await {
            Err(ErrandError::Open(error @ OpenError::Connect { .. })) => refusal = error.into(),
            outcome => return outcome,
        }
    }
    Err(refusal)
}

async fn exchange(
    target: &Target,
    address: &Address,
    request: &Request<Bytes>,
) -> Result<Answer, ErrandError> {
    let wire = encrypt(connect(address, None).await?, address, target.tls.as_ref()).await?;
    let io = TokioIo::new(wire);
    let request = addressed(target, request.clone().map(Full::new));
    let response = match target.protocol {
        Protocol::Http1 => {
            let mut client = lenient();
            client.max_headers(MOST_HEADERS).max_buf_size(MOST_BYTES);
            let (mut sender, connection) = client.handshake(io).await?;
            spawn_local(connection);
            sender.send_request(request).await?
        }
        Protocol::Http2 { .. } => {
            let (mut sender, connection) = http2::Builder::new(OnThisThread)
                .max_header_list_size(HEADER_LIST_BYTES)
                .handshake(io)
                .await?;
            spawn_local(connection);
            sender.send_request(request).await?
        }
    };
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MOST_BYTES).collect().await;
    let body = body.map_err(|error| broken_off(error.as_ref()))?.to_bytes();
    // Nobody asks for compression here, which does not keep everybody from it.
    let codings = Codings::of(&head.headers);
    let body = if codings.is_plain() {
        body
    } else {
        let decoded = codings.decode(&body, body.len() as u64, MOST_BYTES);
        Bytes::from(decoded.body.into_owned())
    };
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body,
    })
}

/// Says why a body was not read to its end.
fn broken_off(error: &(dyn StdError + 'static)) -> ErrandError {
    if error.is::<LengthLimitError>() {
        return ErrandError::TooLong;
    }
    ErrandError::Body(chain(error))
}

/// Says to whom a request goes: in a header, or in HTTP/2 as a part of its address.
fn addressed<B>(target: &Target, mut request: Request<B>) -> Request<B> {
    let Protocol::Http2 { .. } = target.protocol else {
        let headers = request.headers_mut();
        headers.insert(HOST, target.authority.clone());
        return request;
    };
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    let is_plain = target.tls.is_none();
    parts.scheme = Some(if is_plain {
        Scheme::HTTP
    } else {
        Scheme::HTTPS
    });
    // What can stand in a `host` header can stand here.
    parts.authority = Authority::try_from(target.authority.as_bytes()).ok();
    *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    *request.version_mut() = Version::HTTP_2;
    request
}
