//! Checks the tape's blocks ahead of the lanes and keeps their pages in memory.
//!
//! One thread runs ahead of the foremost lane by a fixed number of blocks: it compares checksums, validates structure
//! and touches every page, so that a lane meets neither an unchecked block nor a page fault. It writes nothing that a
//! lane waits for except the checked flag of a block.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tapdeck_corpora::{Error, Tape};

/// Blocks kept ready ahead of the lanes: at 4,096 records each, seconds of the highest rates.
const BLOCKS_AHEAD: u64 = 24;

/// How often the thread looks where the lanes are: seldom, because each look may take a lane's core from it, and a
/// lead of some hundred thousand requests lasts much longer at any rate.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How far each lane has come, in blocks since the start counted over all passes. Each entry is written by its lane
/// once per block.
#[derive(Debug)]
pub struct Progress {
    lanes: Vec<AtomicU64>,
    finished: AtomicBool,
}

impl Progress {
    /// Starts with every lane at the first block.
    pub fn new(lanes: u32) -> Self {
        Self {
            lanes: (0..lanes).map(|_| AtomicU64::new(0)).collect(),
            finished: AtomicBool::new(false),
        }
    }

    /// Notes that a lane has come to a block.
    pub fn reached(&self, lane_idx: u32, block: u64) {
        self.lanes[lane_idx as usize].store(block, Ordering::Relaxed);
    }

    /// Lets the thread end.
    pub fn finish(&self) {
        self.finished.store(true, Ordering::Relaxed);
    }

    fn frontier(&self) -> u64 {
        let places = self.lanes.iter().map(|lane| lane.load(Ordering::Relaxed));
        places.max().unwrap_or(0)
    }
}

/// Checks the first blocks, so that a run starts with its lead.
///
/// Errors: `DamagedBlock`.
pub fn check_lead(tape: &Tape) -> Result<(), Error> {
    let lead = tape
        .directory()
        .len()
        .min(usize::try_from(BLOCKS_AHEAD).unwrap_or(usize::MAX));
    (0..lead).try_for_each(|block_idx| tape.check_block(block_idx))
}

/// Runs ahead of the lanes until they finish; meant for a thread of its own.
///
/// Errors: `DamagedBlock`; the block stays closed, so no lane can send from it. `Changed` if the file is not what it was.
pub fn run_ahead(tape: &Arc<Tape>, progress: &Progress) -> Result<(), Error> {
    let blocks = tape.directory().len() as u64;
    // What the lead has checked was touched by checking it.
    let mut ahead = BLOCKS_AHEAD.min(blocks);
    while !progress.finished.load(Ordering::Relaxed) {
        tape.check_unchanged()?;
        let goal = progress.frontier() + BLOCKS_AHEAD;
        if ahead >= goal {
            std::thread::sleep(LOOK_EVERY);
            continue;
        }
        let block_of = |position: u64| usize::try_from(position % blocks).unwrap_or(0);
        tape.expect_block(block_of(ahead + 1));
        let block_idx = block_of(ahead);
        if tape.is_checked(block_idx) {
            // A later pass: the bytes are known to be good, but their pages may have gone.
            std::hint::black_box(tape.touch_block(block_idx));
        } else {
            tape.check_block(block_idx)?;
        }
        ahead += 1;
    }
    Ok(())
}
