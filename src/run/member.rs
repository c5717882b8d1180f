//! One service of a run: what it is sent, where, how much, and what is promised, each with its origin.

use std::path::PathBuf;

use tapdeck_generators::GenerateOptions;
use tapdeck_services::slo::{self, Slo};
use tapdeck_services::{Mix, ServiceDefinition};

use super::catalog::Part;
use super::environment::Environment;
use super::load::{Load, number};
use super::scenario::{self, Found, Shape};
use super::setting::{Origin, Setting};
use super::tapes;
use super::wish::Wish;
use crate::auth::remembered;
use crate::error::Error;
use crate::harness::target;

/// One service of a run.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name in reports; its folder where there are several.
    pub name: String,
    /// What it speaks, with the weights of the mix.
    pub service: ServiceDefinition,
    /// Where it is; with stand-ins, known only once these listen.
    pub target: Option<Setting<String>>,
    /// Who sends, and how much.
    pub load: Load,
    /// How the load goes over time.
    pub shape: Shape,
    /// Weights in the place of those the service states.
    pub mix: Setting<Mix>,
    /// What is promised, one on each subject.
    pub promises: Vec<Setting<Slo>>,
    /// What is played.
    pub tape: TapeWish,
}

/// What is played.
#[derive(Debug, Clone)]
pub enum TapeWish {
    /// This file.
    File(PathBuf),
    /// One from the cache, made from these if it is not there.
    Made(Box<GenerateOptions>),
}

impl Member {
    /// Works out what one service of a run is about.
    ///
    /// Errors: `Usage` and `Service` for what cannot be meant, naming flag or variable.
    pub fn new(part: Part, wish: &Wish, environment: &Environment) -> Result<Self, Error> {
        remembered::of_definition(&part.service);
        let name = wish.scenario.as_deref().unwrap_or(scenario::BASELINE);
        let found = scenario::find(name, &part.service)?;
        let mix = mix(&part, &found, wish, environment)?;
        let load = found.load(wish, environment)?;
        let promises = promises(&part, &found, wish, environment)?;
        let target = place(&part, &mix.value, wish, environment);
        // Whoever writes down what a run was finds no credentials in it.
        if let Some(target) = &target {
            target::check(&target.origin.to_string(), &target.value)?;
        }
        let mut member = Self {
            shape: found.shape(),
            service: part.service.mixed(&mix.value)?,
            name: part.name,
            target,
            load,
            mix,
            promises,
            tape: TapeWish::File(PathBuf::new()),
        };
        member.choose_tape(wish);
        Ok(member)
    }

    /// Chooses the tape by service, mix and load.
    pub fn choose_tape(&mut self, wish: &Wish) {
        self.tape = if let Some(file) = &wish.tape {
            TapeWish::File(file.clone())
        } else {
            let options = tapes::options(&self.service, &self.load, wish.seed);
            TapeWish::Made(Box::new(GenerateOptions {
                mix: self.mix.value.clone(),
                ..options
            }))
        };
    }

    /// Tells whether requests leave at the tape's own event times: a slice at a rate that stays is made for that.
    pub fn is_as_recorded(&self) -> bool {
        let is_slice = match &self.tape {
            TapeWish::Made(options) => options.slice.is_some(),
            TapeWish::File(_) => false,
        };
        is_slice && self.shape == Shape::Flat
    }

    /// Tells whether anything is sent.
    pub fn sends(&self) -> bool {
        self.shape != Shape::Nothing
    }

    /// Gives the promises that somebody made, as people type them.
    pub fn slo_texts(&self) -> Vec<String> {
        let made = self.promises.iter();
        made.filter(|promise| promise.origin != Origin::Default)
            .map(|promise| promise.value.text.clone())
            .collect()
    }
}

/// Gives the weights: as asked for, as the name says, as the environment says, as the scenario says, or the service's own.
fn mix(
    part: &Part,
    found: &Found<'_>,
    wish: &Wish,
    environment: &Environment,
) -> Result<Setting<Mix>, Error> {
    if let Some(mix) = &wish.mix {
        return Ok(Setting::flag(mix.clone(), "--mix"));
    }
    if let Some(mix) = part.mix() {
        return Ok(Setting::flag(mix, "--service"));
    }
    if part.name == super::catalog::HALVED
        && let Some(mix) = weights(environment)?
    {
        return Ok(mix);
    }
    let own = found.own.filter(|own| !own.mix.is_empty());
    Ok(match own {
        Some(own) => {
            let place = format!("{}.toml, {}", part.service.name, own.name);
            Setting::definition(own.mix.clone(), &place)
        }
        None => Setting::definition(Mix::NONE, &format!("{}.toml", part.service.name)),
    })
}

/// Reads the weights of the rule engine's two endpoints, as the earlier harness did: one that is not set is 1 and 0.
fn weights(environment: &Environment) -> Result<Option<Setting<Mix>>, Error> {
    let usage = |detail: String| {
        let flag = "environment";
        Error::Usage { flag, detail }
    };
    let only = |endpoint: &str, name: &str| {
        let mix = Mix::parse(&format!("{endpoint}=1"))?;
        Ok(Some(Setting::variable(mix, name)))
    };
    match environment.first(["RULE_ENGINE_MODE"]) {
        Some((name, endpoint @ ("auth" | "monitoring"))) => return only(endpoint, name),
        Some((name, other)) => {
            let detail = format!("${name} is {other:?}, expected auth or monitoring");
            return Err(usage(detail));
        }
        None => {}
    }
    let weight = |names: [&'static str; 2], default: f64| match environment.first(names) {
        None => Ok((None, default)),
        Some((name, text)) => match text.parse::<f64>() {
            // Negative ones count as none, as they did.
            Ok(weight) if weight.is_finite() => Ok((Some(name), weight.max(0.0))),
            _ => Err(usage(format!("${name} is {text:?}, expected a number"))),
        },
    };
    let (auth_name, auth) = weight(
        ["RULE_ENGINE_PREAUTH_WEIGHT", "RULE_ENGINE_AUTH_WEIGHT"],
        1.0,
    )?;
    let (monitoring_name, monitoring) = weight(
        [
            "RULE_ENGINE_POSTAUTH_WEIGHT",
            "RULE_ENGINE_MONITORING_WEIGHT",
        ],
        0.0,
    )?;
    let Some(name) = auth_name.or(monitoring_name) else {
        return Ok(None);
    };
    let sum = auth + monitoring;
    if sum <= 0.0 {
        return Err(usage(format!("${name} leaves no weight above zero")));
    }
    // Parts of a thousand, in the smallest whole numbers.
    let (auth, monitoring) = ((auth / sum * 1e3).round(), 1e3 - (auth / sum * 1e3).round());
    let divisor = [100.0, 10.0, 1.0]
        .into_iter()
        .find(|divisor| auth % divisor == 0.0 && monitoring % divisor == 0.0);
    let divisor = divisor.unwrap_or(1.0);
    let mix = Mix::parse(&format!(
        "auth={},monitoring={}",
        auth / divisor,
        monitoring / divisor
    ))?;
    Ok(Some(Setting::variable(mix, name)))
}

/// Gives where the service is: as asked for, as the environment says, or where it usually is.
fn place(
    part: &Part,
    mix: &Mix,
    wish: &Wish,
    environment: &Environment,
) -> Option<Setting<String>> {
    if wish.stand_ins.is_on() {
        return None;
    }
    for target in &wish.targets {
        match target.split_once('=') {
            Some((name, url)) if name == part.name => {
                return Some(Setting::flag(url.to_owned(), "--target"));
            }
            // A service's name holds neither colon nor slash, an address always does.
            Some((name, _)) if !name.contains([':', '/']) => {}
            _ => return Some(Setting::flag(target.clone(), "--target")),
        }
    }
    let half = part.half.or_else(|| {
        let monitoring = &super::catalog::MONITORING;
        let weighs = |(name, weight): &&(String, u32)| *weight > 0 && name != monitoring.endpoint;
        let is_alone = part.name == super::catalog::HALVED
            && !mix.is_empty()
            && mix.weights().iter().find(weighs).is_none();
        is_alone.then_some(monitoring)
    });
    if let Some(half) = half {
        let found = environment.first([half.variable]);
        let found = found.map(|(name, url)| Setting::variable(url.to_owned(), name));
        let usual = || {
            part.half
                .map(|half| Setting::default(half.base_url.to_owned()))
        };
        if let Some(target) = found.or_else(usual) {
            return Some(target);
        }
    }
    let names = part.service.target.base_url_env.iter().map(String::as_str);
    let found = environment.first(names);
    Some(match found {
        Some((name, url)) => Setting::variable(url.to_owned(), name),
        None => Setting::definition(
            part.service.target.base_url.clone(),
            &format!("{}.toml", part.service.name),
        ),
    })
}

/// Joins what the service, the scenario, the environment and the flags promise; the later replaces the earlier on the same
/// subject.
fn promises(
    part: &Part,
    found: &Found<'_>,
    wish: &Wish,
    environment: &Environment,
) -> Result<Vec<Setting<Slo>>, Error> {
    let mut promises: Vec<Setting<Slo>> = Vec::new();
    let mut promise = |slo: &Slo, origin: Origin| {
        let promised = Setting {
            value: slo.clone(),
            origin,
        };
        let same = |held: &&mut Setting<Slo>| held.value.subject == slo.subject;
        match promises.iter_mut().find(same) {
            Some(held) => *held = promised,
            None => promises.push(promised),
        }
    };
    let file = format!("{}.toml", part.service.name);
    for slo in &part.service.slos {
        promise(slo, Origin::Definition(file.clone()));
    }
    if let Some(own) = found.own {
        for slo in &own.slos {
            promise(slo, Origin::Definition(format!("{file}, {}", own.name)));
        }
    }
    if part.service.name == super::catalog::HALVED {
        for (name, quantile) in [
            ("RULE_ENGINE_P50_MS", "p50"),
            ("RULE_ENGINE_P95_MS", "p95"),
            ("RULE_ENGINE_P99_MS", "p99"),
        ] {
            if let Some(limit) = number(Some(name), environment)? {
                let slos = slo::parse_list(&format!("{quantile}<={}ms", limit.value))?;
                for slo in &slos {
                    promise(slo, limit.origin.clone());
                }
            }
        }
    }
    for text in &wish.slos {
        let list = match text.split_once(':') {
            Some((name, list)) if name == part.name => list,
            Some(_) => continue,
            None => text,
        };
        for slo in slo::parse_list(list)? {
            promise(&slo, Origin::Flag("--slo"));
        }
    }
    let sessions = slo::default_for_sessions();
    let is_held = |held: &Setting<Slo>| held.value.subject == sessions.subject;
    if !part.service.sessions.is_empty() && !promises.iter().any(is_held) {
        promises.push(Setting::default(sessions));
    }
    Ok(promises)
}
