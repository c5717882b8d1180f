//! So many requests an hour, unless the user is exempt: anonymous callers share one allowance, each user has another.

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::accounts::SignedIn;
use crate::clock::NS_PER_S;
use crate::stand_in::reply::Reply;
use crate::stand_in::throttle::{Limit, Passage, Throttle};
use crate::stand_in::visit::Visit;

const HOUR_NS: u64 = 3_600 * NS_PER_S;

/// Allowances by user; no user is somebody anonymous.
pub(super) struct Allowances {
    limit: Option<Limit>,
    throttle: Throttle<Option<u32>>,
}

impl Allowances {
    pub(super) fn new(hourly_limit: Option<u32>) -> Self {
        let limit = hourly_limit.map(|count| Limit {
            count,
            window_ns: HOUR_NS,
        });
        Self {
            limit,
            throttle: Throttle::default(),
        }
    }

    pub(super) fn refused_count(&self) -> u64 {
        self.throttle.refused_count()
    }

    /// Lets a request pass, or says when the next one will.
    pub(super) fn admit(&self, visit: &Visit<'_>, session: Option<&SignedIn>) -> Result<(), Reply> {
        let user = session.map(|session| session.user);
        let (Some(limit), false) = (self.limit, user.is_some_and(|user| user.is_exempt)) else {
            return Ok(());
        };
        let user = user.map(|user| user.id);
        let Passage::Barred { wait_ns } = self.throttle.pass(user, limit, visit.arrived_ns) else {
            return Ok(());
        };
        let seconds = wait_ns.div_ceil(NS_PER_S);
        let message = format!("Request was throttled. Expected available in {seconds} seconds.");
        Err(visit
            .trouble(StatusCode::TOO_MANY_REQUESTS, &message)
            .with(RETRY_AFTER, &seconds.to_string()))
    }
}
