//! Plays several services at a time, each on threads of its own, and tells when all of them have come to the next phase.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::phases::Phase;
use crate::error::Error;
use crate::events::{self, Event, Watcher};
use crate::harness::play::{Played, RunPlan, play};
use crate::replay::lane::run::LaneError;

/// How often it is looked where everybody is: seldom, since each look may take a core from a lane.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Passes on what a watcher sees, and keeps the phase where others can look.
struct Marked {
    watcher: Box<dyn Watcher + Send>,
    phase: Arc<AtomicU8>,
}

impl Watcher for Marked {
    fn see(&mut self, event: &Event) {
        if let Event::Tick { phase, .. } = event {
            let mark = match phase {
                events::Phase::WarmUp => 1,
                events::Phase::Measure => 2,
                events::Phase::Drain => 3,
            };
            self.phase.store(mark, Ordering::Relaxed);
        }
        self.watcher.see(event);
    }
}

/// Plays all plans until the last has ended, or until `stop` is set or one of them could not begin.
///
/// `begins` is told of each phase once all have come to it. Shape: a result for each plan, in order.
pub fn play_all(
    plans: Vec<(RunPlan, Box<dyn Watcher + Send>)>,
    stop: &AtomicBool,
    begins: &mut dyn FnMut(Phase),
) -> Vec<Result<Played, Error>> {
    let halt = Arc::new(AtomicBool::new(false));
    let (mut threads, mut marks) = (Vec::new(), Vec::new());
    for (plan, watcher) in plans {
        // Without a warm-up there is nothing to announce before the measure phase.
        let phase = Arc::new(AtomicU8::new(0));
        let halt = Arc::clone(&halt);
        let mut marked = Marked {
            watcher,
            phase: Arc::clone(&phase),
        };
        marks.push(phase);
        let thread = thread::Builder::new().name(format!("run-{}", plan.service.name));
        threads.push(thread.spawn(move || {
            let played = play(&plan, &halt, &mut marked);
            if played.is_err() {
                halt.store(true, Ordering::Relaxed);
            }
            played
        }));
    }
    let mut at = 0;
    while !threads.iter().all(is_over) {
        if stop.load(Ordering::Relaxed) {
            halt.store(true, Ordering::Relaxed);
        }
        at = announce(&threads, &marks, at, begins);
        thread::sleep(LOOK_EVERY);
    }
    threads.into_iter().map(result).collect()
}

type Playing = std::io::Result<JoinHandle<Result<Played, Error>>>;

/// Announces the phases that all have come to since the last look.
fn announce(
    threads: &[Playing],
    marks: &[Arc<AtomicU8>],
    at: u8,
    begins: &mut dyn FnMut(Phase),
) -> u8 {
    let under_way = threads.iter().zip(marks);
    let under_way = under_way.filter(|(thread, _)| !is_over(thread));
    let everybody = under_way.map(|(_, mark)| mark.load(Ordering::Relaxed));
    let Some(least) = everybody.min() else {
        return at;
    };
    for mark in at + 1..=least {
        match mark {
            // Passed over unless it is where they are.
            1 if least > 1 => {}
            1 => begins(Phase::WarmUp),
            2 => begins(Phase::Measure),
            _ => begins(Phase::Drain),
        }
    }
    at.max(least)
}

fn is_over(thread: &Playing) -> bool {
    thread.as_ref().map_or(true, JoinHandle::is_finished)
}

fn result(thread: Playing) -> Result<Played, Error> {
    match thread {
        Ok(handle) => handle
            .join()
            .unwrap_or_else(|_| Err(Error::Bug("a thread panicked; its message is above".into()))),
        Err(source) => Err(LaneError::Setup(source).into()),
    }
}
