//! So many requests an hour, unless the user is exempt: anonymous callers share one allowance, each user has another.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::accounts::SignedIn;
use super::answer::Answer;
use super::visit::Visit;
use crate::clock::NS_PER_S;

const HOUR_NS: u64 = 3_600 * NS_PER_S;

/// Instants of the requests of the last hour, by user; no user is somebody anonymous.
pub(super) struct Throttle {
    limit: Option<u32>,
    passed: Mutex<HashMap<Option<u32>, VecDeque<u64>>>,
    refused_count: AtomicU64,
}

impl Throttle {
    pub(super) fn new(limit: Option<u32>) -> Self {
        Self {
            limit,
            passed: Mutex::default(),
            refused_count: AtomicU64::new(0),
        }
    }

    pub(super) fn refused_count(&self) -> u64 {
        self.refused_count.load(Ordering::Relaxed)
    }

    /// Lets a request pass, or says when the next one will.
    pub(super) fn admit(
        &self,
        visit: &Visit<'_>,
        session: Option<&SignedIn>,
    ) -> Result<(), Answer> {
        let user = session.map(|session| session.user);
        let (Some(limit), false) = (self.limit, user.is_some_and(|user| user.is_exempt)) else {
            return Ok(());
        };
        let user = user.map(|user| user.id);
        let Err(wait_ns) = self.pass(user, limit, visit.arrived_ns) else {
            return Ok(());
        };
        self.refused_count.fetch_add(1, Ordering::Relaxed);
        let seconds = wait_ns.div_ceil(NS_PER_S);
        let message = format!("Request was throttled. Expected available in {seconds} seconds.");
        Err(visit
            .trouble(StatusCode::TOO_MANY_REQUESTS, &message)
            .with(RETRY_AFTER, &seconds.to_string()))
    }

    fn pass(&self, user: Option<u32>, limit: u32, now_ns: u64) -> Result<(), u64> {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = passed.entry(user).or_default();
        while passed.front().is_some_and(|&at| at + HOUR_NS <= now_ns) {
            passed.pop_front();
        }
        if passed.len() < limit as usize {
            passed.push_back(now_ns);
            return Ok(());
        }
        let oldest = passed.front().copied().unwrap_or(now_ns);
        Err((oldest + HOUR_NS).saturating_sub(now_ns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_an_allowance_for_any_hour() {
        let throttle = Throttle::new(Some(2));
        let pass = |user, seconds| throttle.pass(user, 2, seconds * NS_PER_S);
        assert_eq!(pass(None, 0), Ok(()));
        assert_eq!(pass(None, 10), Ok(()));
        assert_eq!(pass(None, 20), Err(3_580 * NS_PER_S));
        assert_eq!(pass(Some(4), 20), Ok(()));
        assert_eq!(pass(None, 3_599), Err(NS_PER_S));
        assert_eq!(pass(None, 3_600), Ok(()));
        assert_eq!(pass(None, 3_601), Err(9 * NS_PER_S));
    }
}
