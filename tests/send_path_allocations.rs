//! The send path allocates nothing of its own: per request, a lane allocates as often as a bare hyper loop does.
//!
//! Both run on the test's thread, where allocations are counted; the target has its own. Each is run with two lengths,
//! and the difference, divided by the difference in requests, is what a request costs: setting up cancels out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "it/common.rs"]
#[expect(dead_code, reason = "this test needs only a part of the common ground")]
mod common;

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::Poll;

use bytes::Bytes;
use common::{Run, S, tape};
use http::{HeaderMap, HeaderValue, Request, header};
use http_body::Body;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tapdeck::clock::{Clock, MonotonicClock};
use tapdeck::replay::arrivals::Window;
use tapdeck::replay::interval::intervals;
use tapdeck::replay::lane::run::{self as lane, LanePlan};
use tapdeck::replay::prefetch::{Progress, check_lead};
use tapdeck::replay::walk::Share;
use tapdeck::stand_in::{StandIn, StandInConfig};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// A request as the tape's, for the bare loop.
const BODY: &[u8] = br#"{"transaction_id":"t0000000000000000-00000000","card_hash":"tok_1","amount":12.50,"currency":"USD","timestamp":"2025-01-06T00:00:00.000Z"}"#;

/// Allocations per request above the floor that are put down to buffers that grow once in a while.
const TOLERANCE: f64 = 0.02;

#[test]
fn a_lane_allocates_no_more_than_bare_hyper() {
    let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let floor = per_request(|requests| bare_loop(&target, requests));
    let ours = per_request(|requests| lane_run(&target, requests));
    assert!(
        floor > 3.0,
        "the counter counts: {floor} per exchange of bare hyper"
    );
    assert!(
        ours <= floor + TOLERANCE,
        "{ours} allocations per request, bare hyper has {floor}"
    );
}

fn per_request(run: impl Fn(u64)) -> f64 {
    let (few, many) = (1_000, 5_000);
    // Once without counting: lazily made things are made.
    run(few);
    let count = |requests| allocation_counter::measure(|| run(requests)).count_total;
    let (count_few, count_many) = (count(few), count(many));
    (count_many as f64 - count_few as f64) / (many - few) as f64
}

/// Plays that many evenly spaced requests in a second, on this thread.
fn lane_run(target: &StandIn, requests: u64) {
    let rate = requests as f64;
    let plan = Run::at(&target.url(), rate).plan_with(tape(2_000));
    check_lead(&plan.tape).unwrap();
    let (intervals, _reader) = intervals();
    let (start, window) = oneshot::channel();
    let epoch_ns = MonotonicClock.now_ns() + 50_000_000;
    start
        .send(Window {
            epoch_ns,
            measure_from_ns: epoch_ns,
            measure_to_ns: epoch_ns + S,
        })
        .unwrap();
    let mut settings = plan.settings.clone();
    settings.in_flight_cap = 10_000;
    let lane_plan = LanePlan {
        tape: plan.tape,
        service: plan.service,
        load: plan.load,
        share: Share {
            lane_idx: 0,
            lanes: 1,
        },
        settings,
        connections: 4,
        pacing: plan.pacing,
        progress: Arc::new(Progress::new(1)),
        stop: Arc::new(AtomicBool::new(false)),
        intervals,
        polled_ns: Arc::default(),
    };
    let result = lane::run(lane_plan, || {}, window).unwrap();
    let good: u64 = result
        .recorder
        .endpoints
        .iter()
        .map(|endpoint| endpoint.ledger.good)
        .sum();
    assert_eq!(good, requests);
}

/// Sends that many requests one after the other with hyper and nothing else, recycling the header map as we do.
fn bare_loop(target: &StandIn, requests: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    runtime.block_on(async {
        let socket = TcpStream::connect(target.address()).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
        let mut connection = pin!(connection);
        let mut headers = HeaderMap::with_capacity(16);
        for _ in 0..requests {
            poll_fn(|cx| {
                assert!(connection.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            headers.insert(header::HOST, HeaderValue::from_static("localhost"));
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            let mut request = Request::new(Full::new(Bytes::from_static(BODY)));
            *request.method_mut() = http::Method::POST;
            *request.uri_mut() = http::Uri::from_static("/v1/evaluate/auth");
            *request.headers_mut() = std::mem::take(&mut headers);
            let mut response = pin!(sender.send_request(request));
            let response = poll_fn(|cx| {
                assert!(connection.as_mut().poll(cx).is_pending());
                response.as_mut().poll(cx)
            });
            let (parts, mut body) = response.await.unwrap().into_parts();
            assert_eq!(parts.status, 200);
            headers = parts.headers;
            headers.clear();
            while !body.is_end_stream() {
                let frame = poll_fn(|cx| {
                    let frame = Pin::new(&mut body).poll_frame(cx);
                    assert!(connection.as_mut().poll(cx).is_pending());
                    frame
                });
                assert!(frame.await.is_none_or(|frame| frame.is_ok()));
            }
        }
    });
}
