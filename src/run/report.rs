//! The last phase of a run: what it came to, and how it was made, on disk.

use std::path::Path;
use std::sync::atomic::Ordering;

use tapdeck_reports::{Part, RunIdentity, RunSummary, Summary, Verdict};

use super::artifacts::{Folders, write_file};
use super::counters;
use super::ladder::{Outcome, Run};
use super::metadata::{self, Artifacts, CounterRecord, Metadata, ServiceRecord, SettingRecord};
use super::phases::{Phase, PhaseEnd, now};
use crate::error::{Error, chain};
use crate::exit::Exit;
use crate::mask;

impl Run<'_> {
    /// Writes everything; metadata also where the rest could not be written.
    ///
    /// Errors: `Tape` or `Bug` if metadata cannot be written.
    pub(super) fn report(
        mut self,
        folders: &Folders,
        started: String,
        mut error: Option<Error>,
        teardown_error: Option<Error>,
    ) -> Result<Outcome, Error> {
        let at_s = self.log.begin(Phase::Report);
        let place = folders.out.display().to_string();
        self.host.begins(Phase::Report, at_s, &place);
        let played = self.site.played.iter();
        let results: Vec<(String, Summary)> = played
            .map(|member| {
                let summary = Summary::from_measurements(&member.played.measurements);
                (member.name.clone(), summary)
            })
            .collect();
        let written = self.write_results(folders, &results);
        let short = written.unwrap_or_else(|failure| {
            error = error.take().or(Some(failure));
            None
        });
        let is_unwritten = short.is_none() && !results.is_empty();
        self.log.end(if is_unwritten {
            PhaseEnd::Failed
        } else {
            PhaseEnd::Done
        });
        let verdict = short.as_ref().map(|short| short.verdict);
        let exit = self.exit(error.as_ref().or(teardown_error.as_ref()), verdict);
        let page = short.as_ref().map(|_| folders.run.join("index.html"));
        let metadata = Metadata {
            error: error.as_ref().map(|error| mask::printed(&chain(error))),
            teardown_error: teardown_error
                .as_ref()
                .map(|error| mask::printed(&chain(error))),
            artifacts: artifacts(folders, page.as_deref(), exit),
            services: self.services(&results),
            exit_code: exit as u8,
            verdict,
            ..self.metadata(started)?
        };
        let name = self.identity().file_name("run-metadata", "json");
        let mut bytes = serde_json::to_vec_pretty(&metadata)
            .map_err(|error| Error::Bug(format!("metadata is no JSON: {error}")))?;
        bytes.push(b'\n');
        // The figures are still of use, and what went wrong first says most.
        let unwritten = write_file(&folders.out.join(name), &bytes).err();
        let error = error.or(unwritten);
        Ok(Outcome {
            exit,
            error,
            teardown_error,
            short,
            results,
            page,
        })
    }

    fn write_results(
        &self,
        folders: &Folders,
        results: &[(String, Summary)],
    ) -> Result<Option<RunSummary>, Error> {
        let played = self.site.played.iter().zip(results);
        let parts: Vec<Part<'_>> = played
            .map(|(member, (name, summary))| Part {
                name,
                summary,
                measurements: &member.played.measurements,
            })
            .collect();
        if parts.is_empty() {
            return Ok(None);
        }
        folders.write(&self.identity(), &parts).map(Some)
    }

    fn identity(&self) -> RunIdentity {
        let played = self.site.played.iter();
        RunIdentity {
            run_id: self.outline.run_id.value.clone(),
            service: self.outline.service.clone(),
            services_tested: played.map(|member| member.name.clone()).collect(),
            scenario: self.outline.scenario.value.clone(),
            auth_mode: self.outline.auth_mode.value.name().to_owned(),
        }
    }

    fn exit(&self, error: Option<&Error>, verdict: Option<Verdict>) -> Exit {
        if self.stop.load(Ordering::Relaxed) {
            return Exit::Interrupted;
        }
        match (error, verdict) {
            (Some(error), _) => error.exit(),
            (None, Some(verdict)) => verdict.into(),
            (None, None) => Exit::Pass,
        }
    }

    /// Gives everything that is known but for what the run came to.
    fn metadata(&self, started: String) -> Result<Metadata, Error> {
        let outline = self.outline;
        let (users, spawn_rate, run_time) = metadata::load(outline);
        let (container_limits, redis_client_settings) = metadata::surroundings(self.environment);
        let settings = outline.rows()?.into_iter().map(|row| SettingRecord {
            of: row.of,
            name: row.name,
            value: row.value,
            origin: row.origin,
        });
        Ok(Metadata {
            run_id: outline.run_id.value.clone(),
            start_time: started,
            end_time: now(),
            bucket: self.site.bucket.clone(),
            seeded_artifacts: self.site.seeded.clone(),
            seed_enabled: outline.seeding.value.is_on(),
            teardown_enabled: outline.teardown.value.is_on(),
            service: outline.service.clone(),
            scenario: outline.scenario.value.clone(),
            users,
            spawn_rate,
            run_time,
            auth_strategy: outline.auth_mode.value.name().to_owned(),
            service_urls: metadata::service_urls(outline, &self.site.urls),
            container_limits,
            redis_client_settings,
            traffic_mix: metadata::traffic_mix(outline),
            artifacts: Artifacts::default(),
            schema: metadata::SCHEMA,
            tapdeck_version: env!("CARGO_PKG_VERSION"),
            verdict: None,
            exit_code: 0,
            interrupted: self.stop.load(Ordering::Relaxed),
            error: None,
            teardown_error: None,
            phases: self.log.records().to_vec(),
            services: Vec::new(),
            settings: settings.collect(),
        })
    }

    fn services(&self, results: &[(String, Summary)]) -> Vec<ServiceRecord> {
        let members = self.outline.members.iter().enumerate();
        let record = |(idx, member): (usize, &super::member::Member)| {
            let result = results.iter().find(|(name, _)| *name == member.name);
            let counted =
                |counters: &[Option<counters::Counters>]| counters.get(idx).cloned().flatten();
            let around = counted(&self.site.before).zip(counted(&self.site.after));
            ServiceRecord {
                service: member.name.clone(),
                target: self.site.urls.get(idx).cloned(),
                tape_digest: result.map(|(_, summary)| summary.identity.tape.digest.clone()),
                verdict: result.map(|(_, summary)| summary.verdict.verdict),
                counters: around.map(|(before, after)| CounterRecord {
                    growth: counters::growth(&before, &after),
                    before,
                    after,
                }),
            }
        };
        members.map(record).collect()
    }
}

fn artifacts(folders: &Folders, page: Option<&Path>, exit: Exit) -> Artifacts {
    let Some(page) = page else {
        return Artifacts::default();
    };
    Artifacts {
        html: Some(page.display().to_string()),
        csv_prefix: Some(format!("{}/", folders.run.display())),
        exit_code: Some(exit as u8),
    }
}
