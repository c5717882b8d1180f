//! One request as a back end sees it.

use http::StatusCode;
use http::request::Parts;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::connection::Connection;
use super::faults::Fate;
use super::reply::Reply;
use super::uuid::Uuid;

/// A wall-clock time, told as RFC 3339.
#[derive(Clone, Copy)]
pub(super) struct Moment(pub(super) Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// One request.
#[derive(Clone, Copy)]
pub(super) struct Visit<'a> {
    pub(super) connection: &'a Connection,
    pub(super) head: &'a Parts,
    pub(super) body: &'a [u8],
    /// The caller's name for the request, or a new one.
    pub(super) request_id: &'a str,
    /// Who its token says the caller is; nobody where none is asked for.
    pub(super) caller: Option<&'a str>,
    pub(super) arrived_ns: u64,
    pub(super) fate: Fate,
}

impl<'a> Visit<'a> {
    /// Gives the wall-clock time.
    pub(super) fn now(&self) -> Moment {
        Moment(self.connection.engine().wall_time(self.arrived_ns))
    }

    /// Draws a new id.
    pub(super) fn new_id(&self) -> Uuid {
        Uuid::from_random(self.connection.next_id())
    }

    /// Gives an id as it is told; a fault may tell a wrong one.
    pub(super) fn told(&self, id: Uuid) -> Uuid {
        match self.fate {
            Fate::WrongId => id.mistaken(),
            _ => id,
        }
    }

    /// Gives a header that came along.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// Gives a parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&'a str> {
        let mut pairs = self.head.uri.query()?.split('&');
        pairs.find_map(|pair| {
            let (found, value) = pair.split_once('=')?;
            (found == name && !value.is_empty()).then_some(value)
        })
    }

    pub(super) fn ok(&self, body: &impl Serialize) -> Reply {
        self.answer(StatusCode::OK, body)
    }

    pub(super) fn answer(&self, status: StatusCode, body: &impl Serialize) -> Reply {
        Reply {
            status,
            body: self.connection.writer().json(body),
            headers: Vec::new(),
        }
    }

    /// Tells what the stand-in was asked so far.
    pub(super) fn audit(&self) -> Reply {
        self.ok(&self.connection.engine().audit())
    }
}
