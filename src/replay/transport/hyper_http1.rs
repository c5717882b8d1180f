//! HTTP/1.1 by hyper.

use std::rc::Rc;

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};

use super::Sender;
use super::long_head::{ShortHeads, unpack};
use super::stamped_io::{StampedIo, Stamps};
use super::wire::Wire;
use crate::replay::payload::PayloadBody;

/// An open connection: the sending half, the half that moves bytes, and the stamps of its exchange.
#[derive(Debug)]
pub struct Pipe {
    /// Takes requests.
    pub sender: SendRequest<PayloadBody>,
    /// Must be polled for anything to happen.
    pub connection: Connection<ShortHeads<StampedIo>, PayloadBody>,
    /// When the exchange was written and answered.
    pub stamps: Rc<Stamps>,
}

/// Begins to speak HTTP/1.1 over an open connection; nothing is written yet.
///
/// The body is copied behind the head into one buffer and leaves in one write call (hyper's flattening): for the few
/// hundred bytes of a typical body the copy is cheaper than gathering a dozen pieces, see `docs/decisions/`.
///
/// Errors: what hyper reports.
pub async fn begin(wire: Wire) -> hyper::Result<Pipe> {
    let stamps = Rc::new(Stamps::default());
    let io = StampedIo::new(wire, Rc::clone(&stamps));
    let io = ShortHeads::new(io, Rc::clone(&stamps));
    let (sender, connection) = lenient().writev(false).handshake(io).await?;
    Ok(Pipe {
        sender,
        connection,
        stamps,
    })
}

/// Begins to set up a client that reads what other clients read: headers over several lines, which it must (RFC 9112,
/// section 5.2), and blanks before the colon.
pub fn lenient() -> Builder {
    let mut builder = Builder::new();
    builder
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true);
    builder
}

impl Sender for SendRequest<PayloadBody> {
    async fn send(&mut self, request: Request<PayloadBody>) -> hyper::Result<Response<Incoming>> {
        let mut response = self.send_request(request).await?;
        unpack(response.headers_mut());
        Ok(response)
    }
}

/// Takes one request, and tells the target that it is the last.
#[derive(Debug)]
pub struct LastRequest(pub SendRequest<PayloadBody>);

impl Sender for LastRequest {
    async fn send(
        &mut self,
        mut request: Request<PayloadBody>,
    ) -> hyper::Result<Response<Incoming>> {
        request
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
        self.0.send(request).await
    }
}
