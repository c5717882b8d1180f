//! What hyper itself costs: a closed loop of one body over many connections, and nothing else.
//!
//! The peer that no client on hyper can beat. It keeps no time per request, judges nothing but the status, and prints
//! the figures that `peers.py` reads.
//!
//! `hyper_floor ADDRESS PATH BODY-FILE CONNECTIONS SECONDS`

use std::cell::Cell;
use std::error::Error;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body::Body;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tapdeck::clock::{Clock, MonotonicClock, NS_PER_S};
use tokio::net::TcpStream;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Fault = Box<dyn Error>;

/// What all connections share.
#[derive(Debug)]
struct Load {
    address: String,
    uri: Uri,
    body: Bytes,
    until_ns: u64,
    answers: Cell<u64>,
}

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, path, body, connections, seconds] = arguments.as_slice() else {
        return Err("expected ADDRESS PATH BODY-FILE CONNECTIONS SECONDS".into());
    };
    let started_ns = MonotonicClock.now_ns();
    let load = Rc::new(Load {
        address: address.clone(),
        uri: path.parse()?,
        body: std::fs::read(body)?.into(),
        until_ns: started_ns + seconds.parse::<u64>()? * NS_PER_S,
        answers: Cell::new(0),
    });
    let connections: usize = connections.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build_local(tokio::runtime::LocalOptions::default())?;
    runtime.block_on(async {
        let loops: Vec<_> = (0..connections)
            .map(|_| tokio::task::spawn_local(exchange_until_over(Rc::clone(&load))))
            .collect();
        for exchanges in loops {
            exchanges.await??;
        }
        Ok::<(), Fault>(())
    })?;
    let elapsed_ns = MonotonicClock.now_ns() - started_ns;
    report(load.answers.get(), elapsed_ns as f64 / NS_PER_S as f64);
    Ok(())
}

/// Sends one request after the other on one connection; connection and exchange are polled by one task.
async fn exchange_until_over(load: Rc<Load>) -> Result<(), Fault> {
    let socket = TcpStream::connect(&load.address).await?;
    socket.set_nodelay(true)?;
    let mut builder = http1::Builder::new();
    builder.writev(false);
    let (mut sender, connection) = builder.handshake(TokioIo::new(socket)).await?;
    let mut connection = pin!(connection);
    let mut headers = HeaderMap::with_capacity(16);
    let host = HeaderValue::from_str(&load.address)?;
    while MonotonicClock.now_ns() < load.until_ns {
        poll_fn(|cx| Poll::Ready(connection.as_mut().poll(cx).is_ready())).await;
        headers.insert(header::HOST, host.clone());
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        let mut request = Request::new(Full::new(load.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = load.uri.clone();
        *request.headers_mut() = std::mem::take(&mut headers);
        let mut response = pin!(sender.send_request(request));
        let answer = poll_fn(|cx| {
            // An error comes out of the exchange as well.
            let _gone = connection.as_mut().poll(cx);
            response.as_mut().poll(cx)
        });
        let (parts, mut body) = answer.await?.into_parts();
        if parts.status != StatusCode::OK {
            return Err(format!("the target answered {}", parts.status).into());
        }
        headers = parts.headers;
        headers.clear();
        while !body.is_end_stream() {
            let frame = poll_fn(|cx| {
                let frame = Pin::new(&mut body).poll_frame(cx);
                let _gone = connection.as_mut().poll(cx);
                frame
            });
            frame.await.transpose()?;
        }
        load.answers.set(load.answers.get() + 1);
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "its result is what it prints")]
fn report(answers: u64, seconds: f64) {
    println!(
        r#"{{"requests": {answers}, "errors": 0, "seconds": {seconds}, "p50_us": 0, "p99_us": 0}}"#
    );
}
