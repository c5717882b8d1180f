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
use common::{Run, S, guarded_rule_engine, tape};
use http::{HeaderMap, HeaderValue, Request, Uri, header};
use http_body::Body;
use http_body_util::Full;
use hyper::client::conn::{http1, http2};
use hyper::rt::Executor;
use hyper_util::rt::TokioIo;
use tapdeck::clock::{Clock, MonotonicClock};
use tapdeck::harness::target::HttpVersion;
use tapdeck::replay::arrivals::Window;
use tapdeck::replay::interval::intervals;
use tapdeck::replay::json_pick::{Found, Picks};
use tapdeck::replay::lane::run::{self as lane, LanePlan};
use tapdeck::replay::prefetch::{Progress, check_lead};
use tapdeck::replay::token::{Token, TokenFeed};
use tapdeck::replay::walk::Share;
use tapdeck::stand_in::{StandIn, StandInConfig};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::oneshot;
use tokio::task::spawn_local;

/// A request as the tape's, for the bare loop.
const BODY: &[u8] = br#"{"transaction_id":"t0000000000000000-00000000","card_hash":"tok_1","amount":12.50,"currency":"USD","timestamp":"2025-01-06T00:00:00.000Z"}"#;

/// Allocations per request above the floor that are put down to buffers that grow once in a while.
const TOLERANCE: f64 = 0.02;

#[test]
fn a_lane_allocates_no_more_than_bare_hyper() {
    check(bare_http1, HttpVersion::One, 4, None);
}

#[test]
fn a_token_costs_no_allocation() {
    check(bare_http1, HttpVersion::One, 4, Some(&token()));
}

#[test]
fn a_token_costs_no_allocation_over_http2() {
    check(bare_http2, HttpVersion::Two, 1, Some(&token()));
}

#[test]
fn a_lane_allocates_no_more_than_bare_hyper_over_http2() {
    // One stream, as in the bare loop: what h2 allocates when answers overlap is not ours.
    check(bare_http2, HttpVersion::Two, 1, None);
}

#[test]
fn looking_into_an_answer_costs_no_allocation() {
    let mut picks = Picks::default();
    for name in ["id", "amount", "mode"] {
        picks.add(&[name.to_owned()]).unwrap();
    }
    let answer = "\u{feff}{\"id\": 2733382000000000049, \"amount\": 42.50, \"mode\": \"NORMAL\"}";
    let look = || {
        let picked = picks.pick(answer.as_bytes()).unwrap();
        assert_eq!(picked[1], Found::Number("42.50"));
    };
    assert_eq!(allocation_counter::measure(look).count_total, 0);
}

/// A token as long as they usually are.
fn token() -> TokenFeed {
    let text = format!("eyJhbGciOiJSUzI1NiJ9.{}.c2ln", "x".repeat(800));
    TokenFeed::new(Token::new(text.into()).unwrap())
}

fn check(
    bare: fn(&StandIn, u64),
    http: HttpVersion,
    connections: usize,
    token: Option<&TokenFeed>,
) {
    let target = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let floor = per_request(|requests| bare(&target, requests));
    let ours = per_request(|requests| lane_run(&target, (http, connections), token, requests));
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
fn lane_run(
    target: &StandIn,
    (http, connections): (HttpVersion, usize),
    token: Option<&TokenFeed>,
    requests: u64,
) {
    let mut run = Run::at(&target.url(), requests as f64);
    run.access.http = http;
    run.access.streams = 1;
    // A busy machine may take its time, but not leave anything out.
    run.timeout_ns = 60 * S;
    let plan = run.plan_with(tape(2_000));
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
    settings.token = token.cloned();
    let lane_plan = LanePlan {
        tape: plan.tape,
        service: Arc::new(guarded_rule_engine(None)),
        load: plan.load,
        share: Share {
            lane_idx: 0,
            lanes: 1,
        },
        settings,
        connections,
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

/// A request as ours are, in a recycled header map.
fn bare_request(uri: &Uri, mut headers: HeaderMap) -> Request<Full<Bytes>> {
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    let mut request = Request::new(Full::new(Bytes::from_static(BODY)));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = uri.clone();
    *request.headers_mut() = headers;
    request
}

fn runtime() -> LocalRuntime {
    Builder::new_current_thread()
        .enable_io()
        .build_local(LocalOptions::default())
        .unwrap()
}

/// Sends that many requests one after the other with hyper and nothing else, recycling the header map as we do.
fn bare_http1(target: &StandIn, requests: u64) {
    runtime().block_on(async {
        let socket = TcpStream::connect(target.address()).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
        let mut connection = pin!(connection);
        let uri = Uri::from_static("/v1/evaluate/auth");
        let mut headers = HeaderMap::with_capacity(16);
        for _ in 0..requests {
            poll_fn(|cx| {
                assert!(connection.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            headers.insert(header::HOST, HeaderValue::from_static("localhost"));
            let mut response = pin!(sender.send_request(bare_request(&uri, headers)));
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

#[derive(Clone)]
struct OnThisThread;

impl<F: Future<Output: 'static> + 'static> Executor<F> for OnThisThread {
    fn execute(&self, future: F) {
        spawn_local(future);
    }
}

/// As over HTTP/1.1; hyper spawns a task for each answer, which is part of the floor.
fn bare_http2(target: &StandIn, requests: u64) {
    runtime().block_on(async {
        let socket = TcpStream::connect(target.address()).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let io = TokioIo::new(socket);
        let (mut sender, connection) = http2::handshake(OnThisThread, io).await.unwrap();
        spawn_local(connection);
        let uri = Uri::from_static("http://localhost/v1/evaluate/auth");
        let mut headers = HeaderMap::with_capacity(16);
        for _ in 0..requests {
            let request = bare_request(&uri, headers);
            let (parts, mut body) = sender.send_request(request).await.unwrap().into_parts();
            assert_eq!(parts.status, 200);
            while !body.is_end_stream() {
                let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
                assert!(frame.is_none_or(|frame| frame.is_ok()));
            }
            headers = parts.headers;
            headers.clear();
        }
    });
}
