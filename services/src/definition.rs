//! A service definition: everything tapdeck has to know about a kind of API, read from one strict TOML file.
//!
//! Owns the validated types and the one way to make them. Knows no transactions, tapes or connections.
//!
//! Invariants: a definition has an endpoint or a session with a weight, names are unique where they are looked up by,
//! every path starts with a slash, every template compiles, and every JSON body stays JSON whatever is filled in.

mod auth;
mod build;
mod checks;
mod document;
mod keys;
mod raw_string;
mod request;
mod rules;
mod scenarios;
mod sessions;

pub use keys::{Key, Need, TABLES, TableKeys};

use std::fmt;

use crate::auth::Auth;
use crate::check::{Check, DecisionRule};
use crate::error::Error;
use crate::header::Header;
use crate::scenario::Scenario;
use crate::session::{Session, Step};
use crate::slo::Slo;
use crate::template::Template;

/// A kind of API under test.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceDefinition {
    /// Lowercase letters, digits and dashes.
    pub name: String,
    /// Other names it is asked for by, in file order, each once.
    pub aliases: Vec<String>,
    /// One line for reports.
    pub title: String,
    /// Where the service is usually found.
    pub target: TargetDefaults,
    /// At least one, names unique: those on their own in file order, then the steps of the sessions, session by session.
    pub endpoints: Vec<Endpoint>,
    /// In file order, names unique.
    pub sessions: Vec<Session>,
    /// Promises every run is judged by unless told otherwise.
    pub slos: Vec<Slo>,
    /// What the service wants of a token; none where no header sends one.
    pub auth: Option<Auth>,
    /// What the service counts requests by in windows of its own clock, in file order.
    pub velocity_keys: Vec<VelocityKey>,
    /// In file order, names unique.
    pub scenarios: Vec<Scenario>,
    /// The TOML as read; a tape carries it, without the scenarios, so that it can be replayed anywhere.
    pub source: String,
}

/// Where a service is usually found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetDefaults {
    /// Scheme, host, port and perhaps a path, without a final slash.
    pub base_url: String,
    /// Environment variables that override `base_url`, most important first.
    pub base_url_env: Vec<String>,
    /// Path that answers 2xx when the target is ready.
    pub health_path: Option<String>,
}

/// One kind of request.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Lowercase letters, digits and dashes; unique in the service. A step's name is `SESSION/STEP`.
    pub name: String,
    /// The HTTP method.
    pub method: Method,
    /// Path and query, starting with a slash.
    pub path: Template,
    /// In file order, names unique without regard to case.
    pub headers: Vec<Header>,
    /// None where the request has no body.
    pub body: Option<Template>,
    /// Which event of a transaction it carries; the authorization for a step.
    pub event: WorldEvent,
    /// Its share of the requests, relative to the other weights; 0 for a step, which comes as often as its session.
    pub weight: u32,
    /// Status codes of a good answer; never empty.
    pub statuses: Vec<u16>,
    /// Where the answer states its decision, if it does.
    pub decision: Option<DecisionRule>,
    /// In file order, names unique.
    pub checks: Vec<Check>,
    /// What makes it a step of a session, if it is one.
    pub step: Option<Step>,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

/// The events a transaction leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorldEvent {
    /// The decision is asked for, before the issuer answers.
    Authorization,
    /// The outcome is reported, after the issuer answered.
    Monitoring,
    /// The decision is put on record, right after it was made.
    DecisionEvent,
}

/// What a service may count requests by, to tell who is busier than people are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VelocityKey {
    /// The card.
    Card,
    /// The device of an online purchase.
    Device,
    /// Its network address.
    Ip,
    /// The merchant.
    Merchant,
}

impl ServiceDefinition {
    /// Reads a definition; `origin` names its source in errors, usually a file name.
    ///
    /// Errors: the first fault in the file, with its line and column.
    pub fn parse(source: &str, origin: &str) -> Result<Self, Error> {
        build::service(source, origin)
    }
}

impl Method {
    /// Every method.
    pub const ALL: &[Self] = &[
        Self::Get,
        Self::Head,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
    ];

    /// Gives the method as HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl WorldEvent {
    /// Every event.
    pub const ALL: &[Self] = &[Self::Authorization, Self::Monitoring, Self::DecisionEvent];

    /// Gives the word a definition uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorization => "authorization",
            Self::Monitoring => "monitoring",
            Self::DecisionEvent => "decision_event",
        }
    }
}

impl VelocityKey {
    /// Every key.
    pub const ALL: &[Self] = &[Self::Card, Self::Device, Self::Ip, Self::Merchant];

    /// Gives the word a definition uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Device => "device",
            Self::Ip => "ip",
            Self::Merchant => "merchant",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for WorldEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
