//! Whether targets say that they are ready, asked of all of them at a time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tapdeck_services::ServiceDefinition;

use crate::error::{Error, chain};
use crate::harness::target::errand;
use crate::mask::excerpt;
use crate::patience::{Patience, Stop};
use crate::replay::transport::Target;

/// How long a target may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked for answers, and for an interrupt.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A question to one target.
#[derive(Debug)]
pub struct Check {
    /// The target as typed.
    url: String,
    /// The path that is asked for, the service's own part of it.
    pub path: String,
    target: Target,
    stop: Stop,
}

impl Check {
    /// Prepares to ask a target; nothing where the service names no path for that.
    pub fn new(
        service: &ServiceDefinition,
        target: &Target,
        url: &str,
        stop: Stop,
    ) -> Option<Self> {
        let path = service.target.health_path.clone()?;
        Some(Self {
            url: url.to_owned(),
            path,
            target: target.clone(),
            stop,
        })
    }

    /// Asks.
    fn ask(&self) -> Result<(), Error> {
        let unready = |detail: String| Error::Unready {
            target: self.url.clone(),
            detail,
        };
        let path = format!("{}{}", self.target.base_path, self.path);
        let request = Request::get(&path).body(Bytes::new());
        let request = request.map_err(|error| unready(error.to_string()))?;
        let patience = Patience::begin(PATIENCE, &self.stop);
        match errand::ask(&self.target, &request, &patience)? {
            Ok(answer) if answer.status.is_success() => Ok(()),
            Ok(answer) => Err(unready(format!(
                "GET {path} answered {}, expected 200 ({})",
                answer.status.as_u16(),
                excerpt(&answer.body)
            ))),
            Err(error) => Err(unready(format!("GET {path}: {}", chain(&error)))),
        }
    }
}

/// Asks all targets at a time; returns early once `stop` is set, or one of them is not ready.
///
/// Errors: `Unready`, saying what the target answered.
pub fn all_ready(checks: Vec<Check>, stop: &AtomicBool) -> Result<(), Error> {
    let begin = |check: Check| thread::Builder::new().spawn(move || check.ask());
    let asking: Result<Vec<_>, _> = checks.into_iter().map(begin).collect();
    let mut asking = asking.map_err(|error| {
        Error::OwnLimit(format!(
            "a thread to ask a target cannot be started ({error}); raise `ulimit -u`"
        ))
    })?;
    while !asking.is_empty() && !stop.load(Ordering::Relaxed) {
        let (answered, waiting): (Vec<_>, Vec<_>) = asking
            .into_iter()
            .partition(thread::JoinHandle::is_finished);
        for thread in answered {
            let answer = thread.join();
            answer.unwrap_or_else(|_| {
                let detail = "a thread panicked; its message is above".to_owned();
                Err(Error::Bug(detail))
            })?;
        }
        asking = waiting;
        thread::sleep(LOOK_EVERY);
    }
    // Whoever is still waiting gives up by itself.
    Ok(())
}
