//! How fast a corpus comes about: the truth alone, and rendered to a tape in a temporary folder.
//!
//! Run with `cargo bench -p tapdeck-generators`. Throughput counts transactions for `truth`, requests for `tape`; each uses
//! all cores. `TMPDIR` picks the disk.

use std::hint::black_box;

use anyhow::Result;
use criterion::{BenchmarkId, Criterion, Throughput};
use tapdeck_generators::{Corpus, GenerateOptions, Outputs, Unwatched, generate};
use tapdeck_services::{ServiceDefinition, registry};
use tempfile::TempDir;

const OPTIONS: GenerateOptions = GenerateOptions::new(42, 200_000);

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let service = registry::find("rule-engine")?;
    let folder = tempfile::tempdir()?;
    truth(&mut criterion, &service, &folder)?;
    tape(&mut criterion, &service, &folder)?;
    criterion.final_summary();
    Ok(())
}

fn truth(criterion: &mut Criterion, service: &ServiceDefinition, folder: &TempDir) -> Result<()> {
    let run = || -> Result<u64> {
        let corpus = Corpus::build(service, &OPTIONS, folder.path(), &Unwatched)?;
        let mut transactions = 0;
        corpus.for_each(|transaction| {
            black_box(transaction);
            transactions += 1;
        })?;
        Ok(transactions)
    };
    let transactions = run()?;
    let mut group = criterion.benchmark_group("generate/truth");
    group.throughput(Throughput::Elements(transactions));
    group.bench_function(BenchmarkId::from_parameter(transactions), |bencher| {
        bencher.iter(run);
    });
    group.finish();
    Ok(())
}

fn tape(criterion: &mut Criterion, service: &ServiceDefinition, folder: &TempDir) -> Result<()> {
    let path = folder.path().join("bench.tape");
    let run = || generate(service, &OPTIONS, Outputs::tape(&path), &Unwatched);
    let bytes = run()?.tape.map(|tape| tape.bytes).unwrap_or_default();
    let mut group = criterion.benchmark_group("generate/tape");
    group.throughput(Throughput::ElementsAndBytes {
        elements: OPTIONS.count,
        bytes,
    });
    group.bench_function(BenchmarkId::from_parameter(OPTIONS.count), |bencher| {
        bencher.iter(run);
    });
    group.finish();
    Ok(())
}
