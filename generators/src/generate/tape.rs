//! A tape being written: blocks are rendered on all threads and appended in their order.

use std::path::Path;

use rayon::prelude::*;
use tapdeck_corpora::{
    BlockBuffer, EncodedBlock, ManifestDraft, RECORDS_PER_BLOCK, TapeSummary, TapeWriter,
};

use crate::error::Error;
use crate::render::{Press, Renderer};
use crate::requests::Request;
use crate::shelf::Shelf;

/// A tape under construction; dropping it leaves no file.
#[derive(Debug)]
pub(super) struct TapeFile {
    writer: TapeWriter,
    /// Blocks that are appended next.
    ready: Vec<EncodedBlock>,
    presses: Shelf<Press>,
    buffers: Shelf<BlockBuffer>,
}

impl TapeFile {
    /// Begins a tape that will appear at `path`.
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        Ok(Self {
            writer: TapeWriter::create(path).map_err(Error::Tape)?,
            ready: Vec::new(),
            presses: Shelf::default(),
            buffers: Shelf::default(),
        })
    }

    /// Takes the next requests, whole blocks of them until the last ones.
    pub(super) fn write(
        &mut self,
        renderer: &Renderer<'_>,
        requests: &[Request],
    ) -> Result<(), Error> {
        // The blocks of the last call go to the disk while these are rendered.
        let ready = std::mem::take(&mut self.ready);
        let Self {
            writer,
            presses,
            buffers,
            ..
        } = self;
        let (appended, rendered) = rayon::join(
            || append(writer, ready, buffers),
            || render(renderer, requests, presses, buffers),
        );
        appended?;
        self.ready = rendered?;
        Ok(())
    }

    /// Completes the tape and gives it its name.
    pub(super) fn finish(mut self, manifest: ManifestDraft) -> Result<TapeSummary, Error> {
        append(&mut self.writer, self.ready, &self.buffers)?;
        self.writer.finish(manifest).map_err(Error::Tape)
    }
}

fn render(
    renderer: &Renderer<'_>,
    requests: &[Request],
    presses: &Shelf<Press>,
    buffers: &Shelf<BlockBuffer>,
) -> Result<Vec<EncodedBlock>, Error> {
    let render_block = |requests: &[Request]| {
        let mut press = presses.take();
        let blocks = renderer.render(requests, &mut press, buffers);
        presses.put(press);
        blocks
    };
    let blocks: Vec<Vec<EncodedBlock>> = requests
        .par_chunks(RECORDS_PER_BLOCK)
        .map(render_block)
        .collect::<Result<_, _>>()?;
    Ok(blocks.into_iter().flatten().collect())
}

fn append(
    writer: &mut TapeWriter,
    blocks: Vec<EncodedBlock>,
    buffers: &Shelf<BlockBuffer>,
) -> Result<(), Error> {
    for block in blocks {
        writer.append(&block).map_err(Error::Tape)?;
        buffers.put(block.into_buffer());
    }
    Ok(())
}
