//! Where batches come from: the truth row by row, and the requests it yields until there are enough.

use std::ops::Range;

use tapdeck_corpora::RECORDS_PER_BLOCK;

use crate::corpus::Corpus;
use crate::error::Error;
use crate::requests::{Request, Timeline, whole_arrivals};
use crate::truth::columns::ExportRow;
use crate::truth::{Truths, Velocities};

/// Blocks of a batch for every thread; whole ones, so that where a block ends does not depend on batches.
const BLOCKS_PER_THREAD: usize = 4;

/// What is written at a time.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) requests: Vec<Request>,
    /// Rows of the truth, if it is exported.
    pub(super) rows: Vec<ExportRow>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }
}

/// Hands out batches.
#[derive(Debug)]
pub(super) struct Source<'c> {
    truths: Truths<'c>,
    timeline: Timeline<'c>,
    /// Counts for the rows of the truth, if it is exported.
    velocities: Option<Velocities>,
    /// When rows of the truth are shown; those outside only count.
    shown: Range<u64>,
    /// Requests still wanted.
    rest: u64,
    /// Requests of a full batch.
    batch: usize,
    /// Requests that belong to the next batch, and rows of which no request was handed out yet.
    later: Batch,
    /// Rows up to the last one of which a request was handed out.
    settled: u64,
}

impl<'c> Source<'c> {
    pub(super) fn new(corpus: &'c Corpus, requests: u64, with_truth: bool) -> Result<Self, Error> {
        Ok(Self {
            truths: corpus.truths()?,
            timeline: corpus.timeline(),
            velocities: with_truth.then(Velocities::new),
            shown: corpus.window(),
            rest: requests,
            batch: BLOCKS_PER_THREAD * rayon::current_num_threads() * RECORDS_PER_BLOCK,
            later: Batch::default(),
            settled: 0,
        })
    }

    /// Fills a batch with what comes next, with nothing at the end; keeps its memory, which is several times faster
    /// than asking for fresh pages every time.
    pub(super) fn refill(&mut self, batch: &mut Batch) -> Result<(), Error> {
        let wanted = usize::try_from(self.rest).unwrap_or(usize::MAX);
        let wanted = wanted.min(self.batch);
        batch.requests.clear();
        batch.requests.append(&mut self.later.requests);
        batch.rows.clear();
        batch.rows.append(&mut self.later.rows);
        while batch.requests.len() < wanted {
            let Some(row) = self.truths.next()? else {
                self.timeline.finish(&mut batch.requests);
                break;
            };
            self.timeline.admit(&row, &mut batch.requests);
            if let Some(velocities) = &mut self.velocities {
                let velocity = velocities.pass(&row.transaction);
                if self.shown.contains(&row.transaction.at_ms) {
                    let truth = row;
                    batch.rows.push(ExportRow { truth, velocity });
                }
            }
        }
        self.end_with_whole_sessions(batch);
        let handed_out = wanted.min(batch.requests.len());
        self.later
            .requests
            .extend(batch.requests.drain(handed_out..));
        self.rest -= handed_out as u64;
        let ends = batch.requests.iter().map(|request| request.ordinal + 1);
        self.settled = ends.fold(self.settled, u64::max);
        let is_settled = |row: &ExportRow| row.truth.ordinal < self.settled;
        let settled = batch.rows.partition_point(is_settled);
        self.later.rows.extend(batch.rows.drain(settled..));
        Ok(())
    }

    /// Leaves out what is beyond the requests still wanted, and the session that they would cut in two. A session that
    /// has begun in an earlier batch is never the one: it was there as a whole when that batch was filled.
    fn end_with_whole_sessions(&mut self, batch: &mut Batch) {
        let wanted = usize::try_from(self.rest).unwrap_or(usize::MAX);
        if batch.requests.len() > wanted {
            batch
                .requests
                .truncate(whole_arrivals(&batch.requests, wanted));
            self.rest = batch.requests.len() as u64;
        }
    }
}
