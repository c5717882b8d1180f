//! From options to finished files: a tape, the truth about it, or both.
//!
//! Transactions leave the merge one by one; batches of them become requests and rows, which all threads render chunk
//! by chunk and append in order. Where a chunk ends depends on its content alone, so neither the number of threads nor
//! their timing leaves a trace. Memory is bounded by a few batches, whatever the size of the files.

mod source;
mod tape;

use std::path::Path;

use tapdeck_corpora::{ManifestDraft, Origin, TapeSummary};
use tapdeck_services::ServiceDefinition;

use self::source::{Batch, Source};
use self::tape::TapeFile;
use crate::corpus::Corpus;
use crate::error::Error;
use crate::event_time::EventTime;
use crate::fraud;
use crate::options::GenerateOptions;
use crate::progress::{Progress, Stage};
use crate::render::Renderer;
use crate::seed::RNG_NAME;
use crate::truth::export::{Export, ExportSummary};

/// Label of everything that is no fraud.
const LEGITIMATE: &str = "legitimate";

/// Where the results go; at least one of them is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outputs<'p> {
    /// File for the requests.
    pub tape: Option<&'p Path>,
    /// File for the truth, one row per transaction; its name ends in `.csv` or `.parquet`.
    pub truth: Option<&'p Path>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The tape, if one was asked for.
    pub tape: Option<TapeSummary>,
    /// The truth, if it was asked for.
    pub truth: Option<ExportSummary>,
}

impl<'p> Outputs<'p> {
    /// Asks for a tape alone.
    pub const fn tape(path: &'p Path) -> Self {
        Self {
            tape: Some(path),
            truth: None,
        }
    }

    /// Asks for the truth alone.
    pub const fn truth(path: &'p Path) -> Self {
        Self {
            tape: None,
            truth: Some(path),
        }
    }
}

/// Generates a corpus for a service and writes it to a tape, the truth about it to a table, or both.
///
/// The truth is that of the tape, whether or not the tape is written: it ends with the last transaction that has a
/// request on it. Uses the current rayon pool; the bytes do not depend on it. Errors: `Option` if nothing is asked for
/// or the truth's name asks for no format, and whatever [`Corpus::build`] and the files say; on any error nothing new is
/// left under the paths, nor beside them.
///
/// ```
/// use tapdeck_generators::{GenerateOptions, Outputs, Unwatched, generate};
///
/// let service = tapdeck_services::registry::find("rule-engine")?;
/// let folder = tempfile::tempdir()?;
/// let (tape, truth) = (folder.path().join("small.tape"), folder.path().join("small.csv"));
/// let outputs = Outputs { tape: Some(&tape), truth: Some(&truth) };
/// let generated = generate(&service, &GenerateOptions::new(42, 100), outputs, &Unwatched)?;
/// assert_eq!(generated.tape.map(|tape| tape.records), Some(100));
/// // Seven in ten requests of this service are the first of their transaction.
/// assert_eq!(generated.truth.map(|truth| truth.rows), Some(70));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn generate(
    service: &ServiceDefinition,
    options: &GenerateOptions,
    outputs: Outputs<'_>,
    progress: &(dyn Progress + Sync),
) -> Result<Generated, Error> {
    options.validate()?;
    let service = &options.weigh(service)?;
    let Some(folder) = outputs.tape.or(outputs.truth).map(folder_of) else {
        return Err(Error::Option {
            option: "outputs",
            found: "none".to_owned(),
            expected: "a tape, the truth or both".to_owned(),
        });
    };
    // First of all, so that a path that cannot be written is not found out after all the work.
    let mut tape = outputs.tape.map(TapeFile::create).transpose()?;
    let mut truth = outputs.truth.map(Export::create).transpose()?;
    let corpus = Corpus::build(service, options, folder, progress)?;
    let world = corpus.world();
    let renderer = Renderer::new(world, service);
    progress.stage(Stage::Rendering, corpus.expected_requests());
    let mut source = Source::new(&corpus, corpus.most_requests(), outputs.truth.is_some())?;
    let (mut batch, mut next) = (Batch::default(), Batch::default());
    source.refill(&mut batch)?;
    while !batch.is_empty() {
        if progress.cancelled() {
            return Err(Error::Cancelled);
        }
        let write_tape = || match &mut tape {
            Some(tape) => tape.write(&renderer, &batch.requests),
            None => Ok(()),
        };
        let write_truth = || match &mut truth {
            Some(truth) => truth.write(world, &batch.rows),
            None => Ok(()),
        };
        let (refilled, (taped, exported)) = rayon::join(
            || source.refill(&mut next),
            || rayon::join(write_tape, write_truth),
        );
        refilled.and(taped).and(exported)?;
        progress.advance(batch.requests.len() as u64);
        std::mem::swap(&mut batch, &mut next);
    }
    let truth = truth.map(|truth| truth.finish(world)).transpose()?;
    let manifest = manifest(service, options, world.span().start)?;
    let tape = tape.map(|tape| tape.finish(manifest)).transpose()?;
    Ok(Generated { tape, truth })
}

fn manifest(
    service: &ServiceDefinition,
    options: &GenerateOptions,
    epoch: EventTime,
) -> Result<ManifestDraft, Error> {
    let names = fraud::typologies().map(|typology| typology.name);
    Ok(ManifestDraft {
        service_name: service.name.clone(),
        service_source: service.source_on_tape(),
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
        event_epoch: epoch.to_string(),
    })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
