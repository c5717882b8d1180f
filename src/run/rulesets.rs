//! The seeder of a run with rule engines: which rulesets each needs, and the store they go through.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use tapdeck_stores::{Store, StoreConfig};

use super::catalog::{HALVED, MONITORING};
use super::environment::Environment;
use super::host::Seeder;
use super::member::Member;
use super::metadata::SeededArtifact;
use super::outline::Outline;
use super::seeding::{Engine, RulesetSeeder, demo_rulesets};
use crate::auth::{Tokens, remembered};
use crate::clock::wall_now_ns;
use crate::error::Error;
use crate::harness::target::{self, Access};
use crate::patience::Stop;
use crate::replay::transport::Target;

/// What the engines are told to be where nobody says otherwise.
const ENVIRONMENT: &str = "local";
const COUNTRY: &str = "US";
const REGION: &str = "AMERICAS";

/// Seeds the rule engines of a run. The store is connected to when that begins.
struct Rulesets {
    config: StoreConfig,
    run_id: String,
    environment: String,
    engines: Vec<Engine>,
    seeder: Option<RulesetSeeder>,
}

/// Tells whether a run has anything to seed.
pub fn are_needed(outline: &Outline) -> bool {
    outline.seeding.value.is_on() && outline.members.iter().any(is_engine)
}

/// Gives the environment whose rulesets the engines read.
pub fn environment(environment: &Environment) -> String {
    let named = environment.get("RULESET_ENVIRONMENT");
    named.unwrap_or(ENVIRONMENT).to_owned()
}

/// Gives the store that the environment names.
///
/// Errors: `Store` for a variable that cannot be used.
pub fn store(environment: &Environment) -> Result<StoreConfig, Error> {
    let config = StoreConfig::from_variables(|name| environment.get(name).map(str::to_owned))?;
    remembered::of_store(&config);
    Ok(config)
}

/// Has the guard look at the store, which is written to: at its address, its bucket, and the environment that its rulesets are for.
///
/// Errors: `Refused`, `Unreachable`.
pub fn check_store(
    config: &StoreConfig,
    surroundings: &Environment,
    access: &Access,
) -> Result<(), Error> {
    let StoreConfig {
        endpoint, bucket, ..
    } = config;
    let environment = environment(surroundings);
    let title = format!("object store {endpoint} (bucket {bucket}, rulesets for {environment})");
    target::check_place(endpoint, &title, &[bucket, &environment], access)
}

/// Gives who seeds the rule engines among the members, if there are any; `urls`, `targets` and `tokens` are those of the members.
///
/// Errors: `Auth` for a token that no header can hold.
pub fn seeder(
    outline: &Outline,
    surroundings: &Environment,
    config: StoreConfig,
    urls: &[String],
    targets: &[Target],
    tokens: &[Tokens],
) -> Result<Option<Box<dyn Seeder>>, Error> {
    let members = outline.members.iter().zip(urls).zip(targets).zip(tokens);
    let engines = members.filter(|(((member, _), _), _)| is_engine(member));
    let engines = engines.map(|(((member, url), target), tokens)| {
        Ok(Engine {
            url: url.clone(),
            target: target.clone(),
            keys: keys(member),
            headers: tokens.headers(&member.service)?,
        })
    });
    let engines: Vec<Engine> = engines.collect::<Result<_, Error>>()?;
    if engines.is_empty() {
        return Ok(None);
    }
    Ok(Some(Box::new(Rulesets {
        config,
        run_id: outline.run_id.value.clone(),
        environment: environment(surroundings),
        engines,
        seeder: None,
    })))
}

impl Seeder for Rulesets {
    fn bucket(&self) -> &str {
        &self.config.bucket
    }

    fn seed(&mut self, stop: &Arc<AtomicBool>) -> Result<Vec<SeededArtifact>, Error> {
        let seeder = self.seeder.insert(RulesetSeeder {
            store: Store::connect_until(&self.config, Arc::clone(stop))?,
            run_id: self.run_id.parse()?,
            environment: self.environment.clone(),
            country: COUNTRY.to_owned(),
            region: REGION.to_owned(),
            rulesets: demo_rulesets()?,
            engines: self.engines.clone(),
            stop: Stop::of(stop),
        });
        let at = Timestamp::from_nanosecond(wall_now_ns().into()).unwrap_or_default();
        let seeded = seeder.seed(at)?;
        let artifacts = seeded.objects.into_iter().map(|object| SeededArtifact {
            key: object.key,
            checksum: object.checksum,
            replaced: object.replaced,
        });
        Ok(artifacts.collect())
    }

    fn teardown(&mut self) -> Result<(), Error> {
        match &mut self.seeder {
            Some(seeder) => seeder.teardown().map(drop),
            // It did not come so far as to put anything there.
            None => Ok(()),
        }
    }
}

fn is_engine(member: &Member) -> bool {
    member.service.name == HALVED
}

/// Gives the keys of the rulesets that the endpoints of a member are answered by.
fn keys(member: &Member) -> Vec<String> {
    let endpoints = member.service.endpoints.iter();
    let weighed = endpoints.filter(|endpoint| endpoint.weight > 0);
    let key = |name: &str| {
        if name == MONITORING.endpoint {
            "CARD_MONITORING"
        } else {
            "CARD_AUTH"
        }
    };
    weighed
        .map(|endpoint| key(&endpoint.name).to_owned())
        .collect()
}
