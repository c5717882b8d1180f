//! The cache of tapes: each is generated once for a service, a seed and parameters, and found again by the digest of these. One that
//! nobody has used for a month goes when another is made.
//!
//! Invariant: a tape that is handed out says in its own manifest that it is the one asked for, and is whole to its last byte.

use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tapdeck_corpora::{Digest, Tape};
use tapdeck_generators::{DiskNeed, GenerateOptions, Outputs, Progress, Slice};
use tapdeck_services::ServiceDefinition;

use super::load::Load;
use crate::clock::wall_now_ns;
use crate::error::Error;
use crate::harness::disk;
use crate::pool::in_pool;

/// Most requests on a tape that nobody chose: some four gigabytes. A longer run starts it over.
const MOST_REQUESTS: f64 = 6_000_000.0;

/// Bounds of the requests on a tape of whole lives, and how many a user makes per second at most before it starts over.
const WHOLE_LIVES: (f64, f64) = (2_000.0, 500_000.0);
const PER_USER: f64 = 5.0;

/// Fewest requests on a slice, which would else be empty now and then.
const FEWEST: f64 = 200.0;

/// Shortest and longest slice.
const SLICE_MS: (f64, f64) = (1_000.0, 86_400_000.0);

/// How long a tape is kept that nobody uses.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// Gives what the tape for a load is made from: where the service counts requests over time, a slice whose own tempo is the
/// rate, as long as the run; elsewhere whole lives, as many requests as it takes.
pub fn options(service: &ServiceDefinition, load: &Load, seed: u64) -> GenerateOptions {
    let has_sessions = service.sessions.iter().any(|session| session.weight > 0);
    let counts_over_time = !service.velocity_keys.is_empty() && !has_sessions;
    let seconds = load.length().as_secs_f64();
    let requests = match load {
        Load::Open { .. } => load.mean_rate() * seconds,
        Load::Closed { users, .. } => f64::from(users.value) * PER_USER * seconds,
    };
    match load {
        Load::Open { .. } if counts_over_time => {
            let natural_rate = load.mean_rate();
            let ms_of = |requests: f64| requests / natural_rate * 1e3;
            let span_ms = (seconds * 1e3)
                .clamp(ms_of(FEWEST), ms_of(MOST_REQUESTS))
                .clamp(SLICE_MS.0, SLICE_MS.1)
                .ceil();
            let slice = Slice {
                natural_rate,
                span_ms: whole(span_ms),
                at: tapdeck_generators::EventTime::DEFAULT_SLICE,
            };
            GenerateOptions {
                slice: Some(slice),
                ..GenerateOptions::new(seed, 0)
            }
        }
        _ => {
            let (least, most) = WHOLE_LIVES;
            GenerateOptions::new(seed, whole(requests.clamp(least, most)))
        }
    }
}

/// Gives where the tape for a service and options lies, whether it is there or not.
///
/// Errors: `Generate` for options that make no sense.
pub fn path(
    cache: &Path,
    service: &ServiceDefinition,
    options: &GenerateOptions,
) -> Result<PathBuf, Error> {
    let made_of = [
        env!("CARGO_PKG_VERSION").to_owned(),
        options.seed.to_string(),
        service.source_on_tape(),
    ];
    let parameters = options.parameters()?.into_iter();
    let parameters = parameters.map(|(name, value)| format!("{name}={value}"));
    let identity: Vec<String> = made_of.into_iter().chain(parameters).collect();
    let digest = Digest::of(identity.join("\n").as_bytes()).to_string();
    let name = format!("{}-{}.tape", service.name, &digest[..16]);
    Ok(cache.join("tapes").join(name))
}

/// Finds a tape in the cache; `None` if there is none, or another than the one asked for.
///
/// Errors: those of a tape that is damaged or cannot be read; it can be made again.
pub fn find(
    path: &Path,
    service: &ServiceDefinition,
    options: &GenerateOptions,
) -> Result<Option<Tape>, tapdeck_corpora::Error> {
    if !path.exists() {
        return Ok(None);
    }
    let tape = Tape::open(path)?;
    let manifest = tape.manifest();
    let origin = &manifest.origin;
    let is_it = manifest.service_source == service.source_on_tape()
        && origin.seed == Some(options.seed)
        && origin.generator_version == env!("CARGO_PKG_VERSION")
        && options.parameters().ok().as_ref() == Some(&origin.parameters);
    if !is_it {
        return Ok(None);
    }
    tape.check_all_blocks()?;
    Ok(Some(tape))
}

/// Notes that a tape of the cache is used today. Where that cannot be noted, it is merely forgotten sooner.
///
/// The time of access is what is noted: that of modification tells others who have the tape open that it was changed.
pub fn note_use(path: &Path) {
    let today = FileTimes::new().set_accessed(now());
    let _unnoted = File::open(path).and_then(|file| file.set_times(today));
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(wall_now_ns())
}

/// Removes tapes that nobody has used for a month; one that cannot be removed is in nobody's way.
fn forget_unused(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let is_tape = path
            .extension()
            .is_some_and(|extension| extension == "tape");
        let facts = fs::metadata(&path).ok();
        let used = facts.and_then(|facts| Some(facts.accessed().ok()?.max(facts.modified().ok()?)));
        let age = used.and_then(|used| now().duration_since(used).ok());
        if is_tape && age.is_some_and(|age| age > KEPT) {
            let _kept = fs::remove_file(path);
        }
    }
}

/// Generates a tape into the cache.
///
/// Errors: `Usage` if the disk has no room, `Io`, `Generate`; nothing is left under the path then.
pub fn make(
    path: &Path,
    service: &ServiceDefinition,
    options: &GenerateOptions,
    progress: &(dyn Progress + Sync),
) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| Error::Io {
            action: "create the folder",
            path: folder.to_owned(),
            source,
        })?;
        forget_unused(folder);
    }
    let outputs = Outputs::tape(path);
    let need = DiskNeed::estimate(service, options, outputs)?;
    disk::check(outputs, need).map_err(|error| match error {
        Error::Usage { detail, .. } => {
            let flag = "--cache";
            Error::Usage { flag, detail }
        }
        other => other,
    })?;
    in_pool(None, || {
        tapdeck_generators::generate(service, options, outputs, progress)
    })??;
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to bounds within u64"
)]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tapdeck_generators::Unwatched;
    use tapdeck_services::{Mix, registry};

    use super::*;
    use crate::run::scenario::Shape;
    use crate::run::setting::Setting;

    fn open(rate: f64, shape: Shape, seconds: u64) -> Load {
        Load::Open {
            rate: Setting::default(rate),
            shape,
            duration: Setting::default(Duration::from_secs(seconds)),
            warm_up: Setting::default(Duration::ZERO),
        }
    }

    #[test]
    fn the_rule_engine_gets_a_slice_of_the_rate_and_length_of_the_run() {
        let service = registry::find("rule-engine").unwrap();
        for (load, natural_rate, span_ms) in [
            (open(200.0, Shape::Flat, 30), 200.0, 30_000),
            (open(200.0, Shape::Spike(5.0), 30), 360.0, 30_000),
            (open(0.5, Shape::Flat, 1), 0.5, 400_000),
            (open(1_000.0, Shape::Flat, 0), 1_000.0, 1_000),
            (open(10_000.0, Shape::Flat, 3_600), 10_000.0, 600_000),
        ] {
            let slice = options(&service, &load, 1).slice.unwrap();
            assert!((slice.natural_rate - natural_rate).abs() < 1e-9);
            assert_eq!(slice.span_ms, span_ms);
        }
        let approvals = registry::find("approvals").unwrap();
        let options = options(&approvals, &open(200.0, Shape::Flat, 30), 1);
        assert_eq!((options.slice, options.count), (None, 6_000));
    }

    #[test]
    fn a_tape_is_found_again_by_what_it_was_made_from_only() {
        let folder = tempfile::tempdir().unwrap();
        let service = registry::find("rule-engine").unwrap();
        let options = GenerateOptions::new(3, 100);
        let path = path(folder.path(), &service, &options).unwrap();
        let find = |service: &_, options: &_| find(&path, service, options).unwrap();
        assert!(find(&service, &options).is_none());
        make(&path, &service, &options, &Unwatched).unwrap();
        assert_eq!(find(&service, &options).unwrap().record_count(), 100);
        for other in [
            GenerateOptions::new(4, 100),
            GenerateOptions::new(3, 99),
            GenerateOptions {
                mix: Mix::parse("auth=1").unwrap(),
                ..options.clone()
            },
        ] {
            assert_ne!(super::path(folder.path(), &service, &other).unwrap(), path);
            assert!(find(&service, &other).is_none());
        }
        let approvals = registry::find("approvals").unwrap();
        assert!(find(&approvals, &options).is_none());
    }

    #[test]
    fn damage_anywhere_in_a_tape_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let service = registry::find("rule-engine").unwrap();
        let options = GenerateOptions::new(3, 100);
        let path = path(folder.path(), &service, &options).unwrap();
        make(&path, &service, &options, &Unwatched).unwrap();
        let whole = fs::read(&path).unwrap();
        for place in (0..whole.len()).step_by(whole.len() / 50) {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            fs::write(&path, damaged).unwrap();
            find(&path, &service, &options).unwrap_err();
        }
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        find(&path, &service, &options).unwrap_err();
        make(&path, &service, &options, &Unwatched).unwrap();
        assert!(find(&path, &service, &options).unwrap().is_some());
    }

    #[test]
    fn what_nobody_has_used_for_a_month_goes_when_a_tape_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let old = |name: &str| {
            let path = folder.path().join(name);
            let file = File::create(&path).unwrap();
            let long_ago = now() - KEPT - Duration::from_mins(1);
            let times = FileTimes::new();
            file.set_times(times.set_modified(long_ago).set_accessed(long_ago))
                .unwrap();
            path
        };
        let [unused, used, no_tape] = ["a.tape", "b.tape", "c.txt"].map(old);
        note_use(&used);
        let service = registry::find("rule-engine").unwrap();
        let made = folder.path().join("d.tape");
        let options = GenerateOptions::new(3, 100);
        make(&made, &service, &options, &Unwatched).unwrap();
        let there = [&unused, &used, &no_tape, &made].map(|path| path.exists());
        assert_eq!(there, [false, true, true, true]);
    }
}
