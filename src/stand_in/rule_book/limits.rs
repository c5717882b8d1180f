//! Rate limits: by the caller's address, and by the exact path with its method.

use std::net::{IpAddr, Ipv4Addr};

use http::{HeaderName, Method, StatusCode};
use serde::Serialize;

use super::routes::Route;
use crate::clock::NS_PER_S;
use crate::stand_in::config::RateLimits;
use crate::stand_in::reply::Reply;
use crate::stand_in::throttle::{Limit, Passage, Throttle};
use crate::stand_in::visit::Visit;

const MINUTE_NS: u64 = 60 * NS_PER_S;

/// The limits, and who has used how much of them.
pub(super) struct Limits {
    rate_limits: RateLimits,
    throttle: Throttle<(IpAddr, Method, Box<str>)>,
}

/// What a caller is told who asks too often.
#[derive(Serialize)]
struct Exceeded {
    error: &'static str,
    message: String,
    limit: u32,
    /// Seconds.
    window: u64,
}

impl Limits {
    pub(super) fn new(rate_limits: RateLimits) -> Self {
        Self {
            rate_limits,
            throttle: Throttle::default(),
        }
    }

    pub(super) fn refused_count(&self) -> u64 {
        self.throttle.refused_count()
    }

    /// Lets a request pass, or says when the next one will.
    pub(super) fn admit(&self, visit: &Visit<'_>, route: Route<'_>) -> Result<(), Reply> {
        if self.rate_limits == RateLimits::Off {
            return Ok(());
        }
        let limit = limit_of(route);
        // Whoever comes by way of the file system is on this machine.
        let caller = visit.connection.peer.unwrap_or(Ipv4Addr::LOCALHOST.into());
        let head = visit.head;
        let key = (caller, head.method.clone(), head.uri.path().into());
        let Passage::Barred { wait_ns } = self.throttle.pass(key, limit, visit.arrived_ns) else {
            return Ok(());
        };
        let window = limit.window_ns / NS_PER_S;
        let count = limit.count;
        let free_at = visit
            .connection
            .engine()
            .wall_time(visit.arrived_ns + wait_ns);
        let body = Exceeded {
            error: "RateLimitExceeded",
            message: format!("Rate limit exceeded: {count} requests per {window} seconds"),
            limit: count,
            window,
        };
        let header = |name| HeaderName::from_static(name);
        Err(visit
            .answer(StatusCode::TOO_MANY_REQUESTS, &body)
            .with(header("x-ratelimit-limit"), &count.to_string())
            .with(header("x-ratelimit-remaining"), "0")
            .with(
                header("x-ratelimit-reset"),
                &(free_at.as_second() + 1).to_string(),
            ))
    }
}

fn limit_of(route: Route<'_>) -> Limit {
    let (count, window_ns) = match route {
        Route::Create => (60, MINUTE_NS),
        Route::CreateRuleset => (30, MINUTE_NS),
        Route::List | Route::Rulesets => (200, MINUTE_NS),
        _ => (1_000, 60 * MINUTE_NS),
    };
    Limit { count, window_ns }
}
