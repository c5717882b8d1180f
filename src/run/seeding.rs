//! Gives rule engines the rulesets that a run needs: publishes them, has each engine load them, and believes only what its
//! registry says. Takes them out of the store again.
//!
//! An engine answers every evaluation with 200, with or without rules, so a run against an empty one would look splendid. What it
//! holds in memory cannot be taken back: there is no call for that.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request};
use jiff::Timestamp;
use serde::Deserialize;
use tapdeck_stores::layout::Shelf;
use tapdeck_stores::{RulesetArtifact, RunId, Seeded, Seeding, Store, TornDown};

use crate::error::{Error, chain};
use crate::harness::target::errand::{self, Answer};
use crate::mask::excerpt;
use crate::patience::{Patience, Stop};
use crate::replay::json_pick::json_text;
use crate::replay::transport::Target;
use crate::stand_in::Ruleset;

const LOAD: &str = "/v1/evaluate/rulesets/load";
const STATUS: &str = "/v1/evaluate/rulesets/registry/status";
/// What is loaded without a country serves all of them, and is registered under this one.
const EVERYWHERE: &str = "/v1/evaluate/rulesets/registry/global";

/// How long an engine may take to load a ruleset or to say what it has.
const PATIENCE: Duration = Duration::from_secs(10);

/// Rulesets for the rule engines of one run.
#[derive(Debug)]
pub struct RulesetSeeder {
    /// Where they are published.
    pub store: Store,
    /// The run.
    pub run_id: RunId,
    /// The engines' environment, such as `local`.
    pub environment: String,
    /// The country whose layout is written besides the one without a country.
    pub country: String,
    /// The region that manifests name.
    pub region: String,
    /// What is published; by default [`demo_rulesets`].
    pub rulesets: Vec<RulesetArtifact>,
    /// Who has to load it.
    pub engines: Vec<Engine>,
    /// Ends waiting for them early.
    pub stop: Stop,
}

/// A rule engine that is to load rulesets.
#[derive(Debug, Clone)]
pub struct Engine {
    /// Its URL as typed, for messages.
    pub url: String,
    /// The same, found.
    pub target: Target,
    /// The keys that it has to have, such as `CARD_AUTH`.
    pub keys: Vec<String>,
    /// Sent with every request to it, such as a token.
    pub headers: HeaderMap,
}

/// Gives the rulesets of the demo, which every service that evaluates can load.
///
/// Errors: `StandIn`, for none in a build that passes its tests.
pub fn demo_rulesets() -> Result<Vec<RulesetArtifact>, Error> {
    let demos = [
        (Ruleset::demo_auth()?, Ruleset::DEMO_AUTH),
        (Ruleset::demo_monitoring()?, Ruleset::DEMO_MONITORING),
    ];
    let artifact = |(ruleset, text): (Ruleset, &str)| RulesetArtifact {
        key: ruleset.key().to_owned(),
        version: ruleset.version().unwrap_or(1),
        bytes: text.as_bytes().to_vec(),
    };
    Ok(demos.into_iter().map(artifact).collect())
}

impl RulesetSeeder {
    /// Publishes everything, has it loaded and makes sure that it was; stops early once that is asked for.
    ///
    /// Errors: `Store`, or `NotSeeded` naming the ruleset, where it lies and what the engine said. What was published
    /// until then is for [`RulesetSeeder::teardown`].
    pub fn seed(&self, at: Timestamp) -> Result<Seeded, Error> {
        let seeding = Seeding {
            run_id: &self.run_id,
            environment: &self.environment,
            country: &self.country,
            region: &self.region,
            rulesets: &self.rulesets,
            at,
        };
        let seeded = tapdeck_stores::seed(&self.store, &seeding)?;
        for engine in &self.engines {
            for key in &engine.keys {
                if self.stop.is_raised() {
                    return Ok(seeded);
                }
                self.wanted(engine, key)?.load()?;
            }
            for key in &engine.keys {
                self.wanted(engine, key)?.verify()?;
            }
        }
        Ok(seeded)
    }

    /// Puts the store back as it was.
    ///
    /// Errors: `Store`; a later cleanup goes on from there.
    pub fn teardown(&mut self) -> Result<TornDown, Error> {
        // Whoever stops a run does not want to leave behind what it wrote.
        self.store.ignore_stop();
        Ok(tapdeck_stores::teardown(&self.store, &self.run_id)?)
    }

    fn wanted<'a>(&'a self, engine: &'a Engine, key: &'a str) -> Result<Wanted<'a>, Error> {
        let published = self.rulesets.iter().find(|ruleset| ruleset.key == key);
        let published = published.ok_or_else(|| Error::NotSeeded {
            engine: engine.url.clone(),
            ruleset: key.to_owned(),
            detail: "nothing of that key is published by this run".to_owned(),
        })?;
        Ok(Wanted {
            seeder: self,
            engine,
            key,
            version: published.version,
        })
    }
}

/// A ruleset that an engine has to have.
struct Wanted<'a> {
    seeder: &'a RulesetSeeder,
    engine: &'a Engine,
    key: &'a str,
    version: u64,
}

/// What an engine says about a loading, as far as it matters.
#[derive(Deserialize)]
struct Loaded {
    success: bool,
}

/// What an engine says about all countries.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegistryStatus {
    total_rulesets: u64,
}

/// What an engine says about one country.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CountryRulesets {
    ruleset_keys: Vec<String>,
}

impl Wanted<'_> {
    /// Has the engine load it.
    fn load(&self) -> Result<(), Error> {
        let body = serde_json::json!({"key": self.key, "version": self.version});
        let question = Question::new(&Method::POST, LOAD);
        let answer = self.ask(&question, body.to_string().into())?;
        match self.read(&question, &answer)? {
            Loaded { success: true } => Ok(()),
            Loaded { success: false } => Err(self.told(&question, &answer)),
        }
    }

    /// Asks the engine what it has.
    fn verify(&self) -> Result<(), Error> {
        let question = Question::new(&Method::GET, STATUS);
        let answer = self.ask(&question, Bytes::new())?;
        let status: RegistryStatus = self.read(&question, &answer)?;
        if status.total_rulesets < self.engine.keys.len() as u64 {
            return Err(self.told(&question, &answer));
        }
        let question = Question::new(&Method::GET, EVERYWHERE);
        let answer = self.ask(&question, Bytes::new())?;
        let registered: CountryRulesets = self.read(&question, &answer)?;
        if registered.ruleset_keys.iter().any(|key| key == self.key) {
            return Ok(());
        }
        Err(self.told(&question, &answer))
    }

    fn ask(&self, question: &Question<'_>, body: Bytes) -> Result<Answer, Error> {
        let target = &self.engine.target;
        let mut request = Request::new(body);
        *request.method_mut() = question.method.clone();
        let path = format!("{}{}", target.base_path, question.path);
        *request.uri_mut() = path
            .parse()
            .map_err(|error| Error::Bug(format!("{path} is no path: {error}")))?;
        request.headers_mut().extend(self.engine.headers.clone());
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        let answer = errand::ask(
            target,
            &request,
            &Patience::begin(PATIENCE, &self.seeder.stop),
        )?;
        answer.map_err(|error| self.missing(&format!("{question}: {}", chain(&error))))
    }

    /// Reads an answer that must be a good one.
    fn read<'b, T: Deserialize<'b>>(
        &self,
        question: &Question<'_>,
        answer: &'b Answer,
    ) -> Result<T, Error> {
        let read = serde_json::from_slice(json_text(&answer.body)).ok();
        let good = read.filter(|_| answer.status.is_success());
        good.ok_or_else(|| self.told(question, answer))
    }

    /// Says what the engine answered in place of what was hoped for.
    fn told(&self, question: &Question<'_>, answer: &Answer) -> Error {
        let status = answer.status.as_u16();
        let body = excerpt(&answer.body);
        self.missing(&format!("{question} answered {status} ({body})"))
    }

    fn missing(&self, what: &str) -> Error {
        let shelf = Shelf {
            environment: &self.seeder.environment,
            country: None,
            ruleset_key: self.key,
        };
        let artifact = shelf.artifact(self.version);
        let bucket = self.seeder.store.bucket();
        let endpoint = self.seeder.store.endpoint();
        Error::NotSeeded {
            engine: self.engine.url.clone(),
            ruleset: format!("{} version {}", self.key, self.version),
            detail: format!(
                "it lies in {bucket}/{artifact} at {endpoint}, but {what}; does the engine read that bucket and that environment (RULESET_ENVIRONMENT)?"
            ),
        }
    }
}

/// A request, as messages name it.
struct Question<'a> {
    method: &'a Method,
    path: &'a str,
}

impl<'a> Question<'a> {
    fn new(method: &'a Method, path: &'a str) -> Self {
        Self { method, path }
    }
}

impl fmt::Display for Question<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

#[cfg(test)]
mod tests;
