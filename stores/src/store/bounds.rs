//! How long a store may take and how much it may say: whatever answers at the endpoint, no wait and no answer is endless.

use std::error::Error as StdError;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::SdkBody;
use http_body_util::{LengthLimitError, Limited};
use tokio::time::sleep;

/// Longest wait for a whole answer, attempts that fail on the way included.
pub(crate) const ANSWER_TIME: Duration = Duration::from_secs(10);

/// Longest wait for all pages of a listing.
pub(crate) const LISTING_TIME: Duration = Duration::from_mins(1);

/// Longest answer. A page of a listing has at most a thousand keys of a kilobyte each, and rulesets are far shorter.
pub(crate) const MOST_BYTES: usize = 8 << 20;

/// Most objects of a listing.
pub(crate) const MOST_LISTED: usize = 100_000;

/// How often a wait looks whether it is to stop.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The wish to stop, where it is heeded.
pub(super) type Stop = Option<Arc<AtomicBool>>;

/// Why a wait ended without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It took so long.
    Late(Duration),
    /// A stop was asked for.
    Stopped,
}

/// Waits for an answer, so long at most, and no longer once a stop is asked for.
pub(super) async fn bounded<T>(
    most: Duration,
    stop: &Stop,
    work: impl Future<Output = T>,
) -> Result<T, Ended> {
    tokio::select! {
        biased;
        () = stopped(stop) => Err(Ended::Stopped),
        outcome = work => Ok(outcome),
        () = sleep(most) => Err(Ended::Late(most)),
    }
}

/// Ends once a stop is asked for; never where nobody can.
async fn stopped(stop: &Stop) {
    while !stop
        .as_ref()
        .is_some_and(|stop| stop.load(Ordering::Relaxed))
    {
        sleep(LOOK_EVERY).await;
    }
}

/// Breaks off answers that are too long; the SDK would gather them whole, however long they are.
#[derive(Debug)]
pub(super) struct Shortener;

impl Intercept for Shortener {
    fn name(&self) -> &'static str {
        "Shortener"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().body_mut();
        let whole = std::mem::replace(body, SdkBody::taken());
        *body = SdkBody::from_body_1_x(Limited::new(whole, MOST_BYTES));
        Ok(())
    }
}

/// Tells whether an answer was broken off for its length.
pub(super) fn is_too_long(error: &(dyn StdError + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |&error| error.source());
    causes.any(<dyn StdError>::is::<LengthLimitError>)
}
