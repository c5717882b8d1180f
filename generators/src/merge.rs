//! All transactions of a world in one order: sorted runs merged as they are read, and amended by what fraud changes
//! about them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::error::Error;
use crate::fraud::Amendments;
use crate::spill::{Run, RunReader, Spill};
use crate::transaction::Transaction;

/// Merges the runs of a spill file.
#[derive(Debug)]
pub(crate) struct Merge<'s> {
    spill: &'s Spill,
    amendments: &'s Amendments,
    readers: Vec<RunReader>,
    /// The next transaction of every run that has one.
    heads: Vec<Option<Transaction>>,
    /// Runs by the key of their next transaction.
    queue: BinaryHeap<Reverse<(u128, usize)>>,
}

impl<'s> Merge<'s> {
    pub(crate) fn new(
        spill: &'s Spill,
        runs: &[Run],
        amendments: &'s Amendments,
    ) -> Result<Self, Error> {
        let mut readers: Vec<RunReader> = runs.iter().copied().map(RunReader::new).collect();
        let heads: Vec<Option<Transaction>> = readers
            .iter_mut()
            .map(|reader| reader.next(spill))
            .collect::<Result<_, _>>()?;
        let queue = heads
            .iter()
            .enumerate()
            .filter_map(|(run, head)| Some(Reverse((head.as_ref()?.order_key(), run))))
            .collect();
        Ok(Self {
            spill,
            amendments,
            readers,
            heads,
            queue,
        })
    }

    /// Gives the next transaction that happens, until there is none.
    pub(crate) fn next(&mut self) -> Result<Option<Transaction>, Error> {
        while let Some(mut transaction) = self.next_unamended()? {
            if self.amendments.apply(&mut transaction) {
                return Ok(Some(transaction));
            }
        }
        Ok(None)
    }

    fn next_unamended(&mut self) -> Result<Option<Transaction>, Error> {
        let Some(mut first) = self.queue.peek_mut() else {
            return Ok(None);
        };
        let Reverse((_, run)) = *first;
        let following = self.readers[run].next(self.spill)?;
        match &following {
            // Replaced in place: one way down the heap instead of two.
            Some(transaction) => *first = Reverse((transaction.order_key(), run)),
            None => {
                std::collections::binary_heap::PeekMut::pop(first);
            }
        }
        Ok(std::mem::replace(&mut self.heads[run], following))
    }
}
