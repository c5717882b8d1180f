//! One exchange: the request out, the answer in, judged and recorded.
//!
//! Where a connection carries one exchange at a time, one task polls both together, and the answer's parts are polled
//! with a waker that does nothing: they only ever change when the connection is polled, right here.

mod timing;
mod trouble;

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{LOCATION, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Response, Version};
use http_body::Body;
use hyper::body::Incoming;
use tapdeck_corpora::Record;

use self::timing::in_time;
use self::trouble::Interruption;
use super::arrivals::Arrival;
use super::carrier::Carry;
use super::coding::Codings;
use super::failure::FailureKind;
use super::judge::HeadJudgment;
use super::lane::Lane;
use super::outcome::{Ending, Outcome};
use super::stamp;
use super::transport::Sender;
use super::transport::stamped_io::Stamps;
use super::undisturbed::{Connection, Freed, FreedBy};
use crate::clock::{Clock, MonotonicClock};
use crate::mask;

/// Headers an answer usually has at most; more grow the map once.
pub(super) const HEADERS_EXPECTED: usize = 16;

/// Bytes a body in several pieces usually has at most; more grow the buffer once.
pub(super) const BODY_EXPECTED: usize = 16 << 10;

/// Bytes that the buffer for bodies may have grown to before a longer one is given back. Bodies of this size are no exception
/// worth an allocation each; one of a megabyte would otherwise be kept by every connection that ever met one.
const BODY_ROOM: usize = 128 << 10;

/// Bytes of a body that are kept for judging. A longer one is read to its end, but fails the checks that look into it.
const BODY_KEPT: usize = 1 << 20;

/// What one exchange works with.
pub(super) struct Exchange<'a> {
    pub(super) lane: &'a Rc<Lane>,
    pub(super) desk_idx: usize,
    pub(super) arrival: Arrival,
    pub(super) stamps: &'a Stamps,
    /// What becomes of its connection or stream if it breaks.
    pub(super) broken_leaves: Connection,
    /// Recycled: hyper empties it into the wire and hands it back with the answer.
    pub(super) headers: &'a mut HeaderMap,
    /// Recycled: holds bodies that come in several pieces.
    pub(super) scratch: &'a mut Vec<u8>,
}

/// The part of an answer that has arrived.
struct Answer {
    status: u16,
    /// Where a redirect points; it is not followed.
    location: Option<HeaderValue>,
    head: HeadJudgment,
    /// How the body is compressed, if it is.
    codings: Codings,
    incoming: Incoming,
    /// The body, as long as it is in one piece.
    single: Option<Bytes>,
    body_bytes: u64,
    is_asked_for: bool,
}

/// An exchange that was begun and has ended.
pub(super) struct Finished {
    /// When its connection or stream came free.
    pub(super) freed: Freed,
    /// Whether that can be used again.
    pub(super) is_reusable: bool,
    /// Whether the whole answer came.
    pub(super) is_answered: bool,
}

/// How far an exchange has come.
#[derive(Default)]
struct Progress {
    answer: Option<Answer>,
    is_gone: bool,
}

impl Exchange<'_> {
    /// Sends, receives, judges and records; `None` if nothing of it was written, so that it has yet to begin.
    pub(super) async fn run(
        mut self,
        sender: &mut impl Sender,
        carrier: &mut impl Carry,
    ) -> Option<Finished> {
        let lane = Rc::clone(self.lane);
        let record = lane.record(&self.arrival)?;
        let begun_ns = MonotonicClock.now_ns();
        let stamps = stamp::Stamps {
            salt: lane.salt(&self.arrival),
            sent_at: lane.time_of_day.borrow_mut().at(begun_ns),
        };
        let headers = std::mem::take(self.headers);
        let request = lane.request(&self.arrival, &record, stamps, headers);
        let overlapped = lane.in_flight.enter(record.affinity());
        let desk = &lane.desks[self.desk_idx];
        desk.set_alarm(begun_ns + lane.settings.timeout_ns);
        self.stamps.reset();
        let (ending, is_reusable) = match request {
            Ok(request) => {
                let response = pin!(sender.send(request));
                match self.receive(response, carrier).await {
                    Ok(answer) => self.conclude(answer, &record, &stamps),
                    Err(Interruption::Ended(ending)) => (ending, false),
                    Err(Interruption::NothingWritten) => {
                        desk.set_alarm(0);
                        lane.in_flight.leave(record.affinity());
                        lane.give_back(self.desk_idx, self.arrival);
                        return None;
                    }
                }
            }
            Err(error) => {
                let describe = || mask::foreign(&crate::error::chain(&error));
                lane.recorder
                    .borrow_mut()
                    .sample(FailureKind::Protocol, describe);
                (Ending::Failed(FailureKind::Protocol), true)
            }
        };
        desk.set_alarm(0);
        lane.in_flight.leave(record.affinity());
        let (instants, witness) = self.instants(begun_ns, ending);
        let (ending, is_reusable) = in_time(&lane, &instants, ending, is_reusable);
        let outcome = Outcome {
            arrival: self.arrival,
            instants,
            ending,
            overlapped,
            witness,
        };
        let end = self.undisturbed_end(&outcome, record.endpoint(), is_reusable);
        lane.ended(self.desk_idx, end);
        lane.finished(&outcome);
        let freed = Freed {
            at_ns: instants.ended_ns,
            noticed_ns: instants.read_ns,
            by: FreedBy::Exchange,
        };
        Some(Finished {
            freed,
            is_reusable,
            is_answered: matches!(ending, Ending::Completed { .. }),
        })
    }

    /// Drives the connection until the whole answer is here; gives whether the connection outlived it.
    async fn receive<C: Carry>(
        &mut self,
        mut response: Pin<&mut impl Future<Output = hyper::Result<Response<Incoming>>>>,
        carrier: &mut C,
    ) -> Result<(Answer, bool), Interruption> {
        let mut progress = Progress::default();
        let ended = poll_fn(|cx| {
            let desk = &self.lane.desks[self.desk_idx];
            desk.register(cx);
            let mut parts = Context::from_waker(C::waker_of_parts(cx.waker()));
            let step = carrier.at_work(|carrier| {
                self.advance(response.as_mut(), carrier, &mut progress, &mut parts)
            });
            // What has arrived is read before the alarm is heard: it may have been there in time.
            if step.is_pending() && desk.has_rung() {
                return Poll::Ready(Err(Interruption::Ended(if self.lane.is_cutting() {
                    Ending::Cut
                } else {
                    Ending::Failed(FailureKind::Timeout)
                })));
            }
            step
        })
        .await;
        match (ended, progress.answer) {
            (Ok(()), Some(answer)) => Ok((answer, !progress.is_gone)),
            (Ok(()), None) => Err(Interruption::failed(FailureKind::Protocol)),
            (Err(interruption), _) => Err(interruption),
        }
    }

    /// Goes on as far as what has arrived allows.
    fn advance(
        &mut self,
        mut response: Pin<&mut impl Future<Output = hyper::Result<Response<Incoming>>>>,
        carrier: &mut impl Carry,
        progress: &mut Progress,
        parts: &mut Context<'_>,
    ) -> Poll<Result<(), Interruption>> {
        loop {
            progress.is_gone = progress.is_gone || carrier.is_gone();
            if progress.answer.is_none() {
                match response.as_mut().poll(parts) {
                    Poll::Ready(Ok(response)) => {
                        progress.answer = Some(self.begin_answer(response));
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(self.broken(&error))),
                    Poll::Pending => {}
                }
            }
            let reading = match &mut progress.answer {
                Some(answer) => self.read_body(answer, parts),
                None => Ok(Reading::Wait),
            };
            match reading {
                Ok(Reading::Done) => return Poll::Ready(Ok(())),
                Ok(Reading::Again) => {}
                Ok(Reading::Wait) if progress.is_gone => {
                    return Poll::Ready(Err(Interruption::failed(FailureKind::Reset)));
                }
                Ok(Reading::Wait) if carrier.wants_look() => {}
                Ok(Reading::Wait) => return Poll::Pending,
                Err(error) => return Poll::Ready(Err(self.broken(&error))),
            }
        }
    }

    /// Takes an answer's head, judges it and keeps the header map for the next request.
    fn begin_answer(&mut self, response: Response<Incoming>) -> Answer {
        let (mut parts, incoming) = response.into_parts();
        let status = parts.status.as_u16();
        let endpoints = self.lane.endpoints.borrow();
        let endpoint = self
            .lane
            .record(&self.arrival)
            .map(|record| record.endpoint());
        let head = endpoint.map(|endpoint| endpoints[endpoint].judge.head(status, &parts.headers));
        self.lane.note_head(&self.arrival, &parts.headers);
        let location = parts
            .status
            .is_redirection()
            .then(|| parts.headers.remove(LOCATION))
            .flatten();
        let codings = Codings::of(&parts.headers);
        let has_length =
            incoming.size_hint().exact().is_some() || parts.headers.contains_key(TRANSFER_ENCODING);
        if !has_length && parts.version < Version::HTTP_2 {
            self.stamps.lasts_to_end();
        }
        parts.headers.clear();
        *self.headers = parts.headers;
        self.scratch.clear();
        if self.scratch.capacity() > BODY_ROOM {
            self.scratch.shrink_to(BODY_EXPECTED);
        }
        Answer {
            status,
            location,
            head: head.unwrap_or_default(),
            codings,
            incoming,
            single: None,
            body_bytes: 0,
            is_asked_for: false,
        }
    }

    /// Reads what has arrived of the body.
    fn read_body(&mut self, answer: &mut Answer, cx: &mut Context<'_>) -> hyper::Result<Reading> {
        // The first look at a body is what makes hyper begin to deliver it.
        let mut reading = if std::mem::replace(&mut answer.is_asked_for, true) {
            Reading::Wait
        } else {
            Reading::Again
        };
        while !answer.incoming.is_end_stream() {
            match Pin::new(&mut answer.incoming).poll_frame(cx) {
                Poll::Ready(Some(frame)) => {
                    if let Ok(data) = frame?.into_data() {
                        keep(answer, self.scratch, data);
                    }
                    reading = Reading::Again;
                }
                Poll::Ready(None) => return Ok(Reading::Done),
                Poll::Pending => return Ok(reading),
            }
        }
        Ok(Reading::Done)
    }

    /// Judges a whole answer.
    fn conclude(
        &self,
        (answer, is_reusable): (Answer, bool),
        record: &Record<'_>,
        stamps: &stamp::Stamps,
    ) -> (Ending, bool) {
        let body = answer.single.as_deref().unwrap_or(self.scratch);
        // It has arrived, and when it did is noted: what follows is in nobody's time but ours.
        let decoded = if self.is_looked_into(&answer, record) {
            answer.codings.decode(body, answer.body_bytes, BODY_KEPT)
        } else {
            answer.codings.leave(body)
        };
        let body = &decoded.body;
        self.lane.note_body(&self.arrival, body);
        let judgment = self
            .lane
            .judge(&self.arrival, answer.head, body, record, stamps);
        if !judgment.is_good() {
            self.sample(record.endpoint(), &answer, judgment, &decoded);
        }
        let ending = Ending::Completed {
            status: answer.status,
            body_bytes: answer.body_bytes,
            judgment,
        };
        (ending, is_reusable)
    }

    /// Tells whether anything in the body of an answer matters.
    fn is_looked_into(&self, answer: &Answer, record: &Record<'_>) -> bool {
        let endpoint = &self.lane.endpoints.borrow()[record.endpoint()];
        let is_step = !self.arrival.ticket.is_none();
        is_step || endpoint.judge.reads_body() || !answer.head.is_good()
    }
}

/// How far the reading of a body has come.
enum Reading {
    /// To its end.
    Done,
    /// As far as possible before the connection is polled again.
    Again,
    /// As far as the peer has sent.
    Wait,
}

/// Keeps a piece of a body: the first one as it is, more of them copied together.
fn keep(answer: &mut Answer, scratch: &mut Vec<u8>, data: Bytes) {
    answer.body_bytes += data.len() as u64;
    if answer.single.is_none() && scratch.is_empty() {
        answer.single = Some(data);
        return;
    }
    if let Some(first) = answer.single.take() {
        scratch.extend_from_slice(&first);
    }
    let room = BODY_KEPT.saturating_sub(scratch.len());
    scratch.extend_from_slice(&data[..data.len().min(room)]);
}
