//! A tape being written: blocks are rendered on all threads and appended in their order.

use std::path::Path;

use rayon::prelude::*;
use tapdeck_corpora::{EncodedBlock, ManifestDraft, RECORDS_PER_BLOCK, TapeSummary, TapeWriter};

use crate::error::Error;
use crate::render::Renderer;
use crate::requests::Request;

/// A tape under construction; dropping it leaves no file.
#[derive(Debug)]
pub(super) struct TapeFile {
    writer: TapeWriter,
    /// Blocks that are appended next.
    ready: Vec<EncodedBlock>,
}

impl TapeFile {
    /// Begins a tape that will appear at `path`.
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        Ok(Self {
            writer: TapeWriter::create(path).map_err(Error::Tape)?,
            ready: Vec::new(),
        })
    }

    /// Takes the next requests, whole blocks of them until the last ones.
    pub(super) fn write(
        &mut self,
        renderer: &Renderer<'_>,
        requests: &[Request],
    ) -> Result<(), Error> {
        let Self { writer, ready } = self;
        // The blocks of the last call go to the disk while these are rendered.
        let (appended, rendered) =
            rayon::join(|| append(writer, ready), || render(renderer, requests));
        appended?;
        *ready = rendered?;
        Ok(())
    }

    /// Completes the tape and gives it its name.
    pub(super) fn finish(mut self, manifest: ManifestDraft) -> Result<TapeSummary, Error> {
        append(&mut self.writer, &self.ready)?;
        self.writer.finish(manifest).map_err(Error::Tape)
    }
}

fn render(renderer: &Renderer<'_>, requests: &[Request]) -> Result<Vec<EncodedBlock>, Error> {
    let blocks: Vec<Vec<EncodedBlock>> = requests
        .par_chunks(RECORDS_PER_BLOCK)
        .map(|chunk| renderer.render(chunk))
        .collect::<Result<_, _>>()?;
    Ok(blocks.into_iter().flatten().collect())
}

fn append(writer: &mut TapeWriter, blocks: &[EncodedBlock]) -> Result<(), Error> {
    blocks
        .iter()
        .try_for_each(|block| writer.append(block).map_err(Error::Tape))
}
