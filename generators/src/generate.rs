//! From options to a finished tape.
//!
//! Requests leave the merge one by one, are rendered chunk by chunk on all threads, and are appended in order. Each
//! chunk is a block of the tape, so neither the number of threads nor their timing leaves a trace in it. Memory is
//! bounded by a few batches of chunks, whatever the size of the tape.

use std::path::Path;

use rayon::prelude::*;
use tapdeck_corpora::{
    EncodedBlock, ManifestDraft, Origin, RECORDS_PER_BLOCK, TapeSummary, TapeWriter,
};
use tapdeck_services::ServiceDefinition;

use crate::corpus::Corpus;
use crate::error::Error;
use crate::fraud;
use crate::options::GenerateOptions;
use crate::progress::{Progress, Stage};
use crate::render::Renderer;
use crate::requests::{Request, Timeline};
use crate::seed::RNG_NAME;

/// Blocks that are rendered side by side.
const BLOCKS_PER_BATCH: usize = 16;

/// Label of everything that is no fraud.
const LEGITIMATE: &str = "legitimate";

/// Generates a corpus for a service and writes it to a tape.
///
/// Uses the current rayon pool; the bytes do not depend on it. Errors: whatever [`Corpus::build`] and the tape say;
/// on any error nothing new is left under `path`, nor beside it.
///
/// ```
/// use tapdeck_generators::{GenerateOptions, Unwatched, generate};
///
/// let service = tapdeck_services::registry::find("rule-engine")?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("small.tape");
/// let summary = generate(&service, &GenerateOptions::new(42, 100), &path, &Unwatched)?;
/// assert_eq!(summary.records, 100);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn generate(
    service: &ServiceDefinition,
    options: &GenerateOptions,
    path: &Path,
    progress: &(dyn Progress + Sync),
) -> Result<TapeSummary, Error> {
    options.validate()?;
    // First of all, so that a path that cannot be written is not found out after all the work.
    let mut writer = TapeWriter::create(path).map_err(Error::Tape)?;
    let corpus = Corpus::build(service, options, folder_of(path), progress)?;
    let renderer = Renderer::new(corpus.world(), service);
    progress.stage(Stage::Rendering, corpus.requests());
    let mut source = Source {
        timeline: corpus.timeline()?,
        rest: corpus.requests(),
    };
    let mut batch = source.take_batch()?;
    let mut rendered: Vec<EncodedBlock> = Vec::new();
    while !(batch.is_empty() && rendered.is_empty()) {
        if progress.cancelled() {
            return Err(Error::Cancelled);
        }
        // Three stages at once: take the next batch, render this one, append the one before.
        let (next_batch, (next_rendered, appended)) = rayon::join(
            || source.take_batch(),
            || {
                rayon::join(
                    || render(&renderer, &batch),
                    || append(&mut writer, &rendered),
                )
            },
        );
        progress.advance(appended?);
        rendered = next_rendered?;
        batch = next_batch?;
    }
    writer
        .finish(manifest(service, options)?)
        .map_err(Error::Tape)
}

/// Hands out requests until there are enough.
struct Source<'c> {
    timeline: Timeline<'c>,
    rest: u64,
}

impl Source<'_> {
    fn take_batch(&mut self) -> Result<Vec<Request>, Error> {
        let most = BLOCKS_PER_BATCH * RECORDS_PER_BLOCK;
        let wanted = usize::try_from(self.rest).map_or(most, |rest| rest.min(most));
        let mut batch = Vec::with_capacity(wanted);
        while batch.len() < wanted
            && let Some(request) = self.timeline.next()?
        {
            batch.push(request);
        }
        self.rest -= batch.len() as u64;
        Ok(batch)
    }
}

fn render(renderer: &Renderer<'_>, batch: &[Request]) -> Result<Vec<EncodedBlock>, Error> {
    let blocks: Vec<Vec<EncodedBlock>> = batch
        .par_chunks(RECORDS_PER_BLOCK)
        .map(|chunk| renderer.render(chunk))
        .collect::<Result<_, _>>()?;
    Ok(blocks.into_iter().flatten().collect())
}

/// Appends blocks and gives the number of records in them.
fn append(writer: &mut TapeWriter, blocks: &[EncodedBlock]) -> Result<u64, Error> {
    let before = writer.records();
    for block in blocks {
        writer.append(block).map_err(Error::Tape)?;
    }
    Ok(writer.records() - before)
}

fn manifest(
    service: &ServiceDefinition,
    options: &GenerateOptions,
) -> Result<ManifestDraft, Error> {
    let names = fraud::typologies().map(|typology| typology.name);
    Ok(ManifestDraft {
        service_name: service.name.clone(),
        service_source: service.source.clone(),
        endpoints: service
            .endpoints
            .iter()
            .map(|endpoint| endpoint.name.clone())
            .collect(),
        labels: [LEGITIMATE]
            .into_iter()
            .chain(names)
            .map(str::to_owned)
            .collect(),
        origin: Origin {
            generator: env!("CARGO_PKG_NAME").to_owned(),
            generator_version: env!("CARGO_PKG_VERSION").to_owned(),
            rng: RNG_NAME.to_owned(),
            seed: Some(options.seed),
            parameters: options.parameters()?,
        },
        event_epoch: options.start.to_string(),
    })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
