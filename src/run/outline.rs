//! What a run is to be: every value that will hold, with its origin, before anything is started.

use std::path::PathBuf;

use tapdeck_services::Mix;

use super::catalog::{self, HALVED, MONITORING};
use super::environment::Environment;
use super::member::Member;
use super::scenario::BASELINE;
use super::setting::{Origin, Setting};
use super::wish::{Switch, Wish};
use crate::auth::AuthMode;
use crate::clock::wall_now_ns;
use crate::error::Error;
use crate::harness::descriptors::Targets;

/// Longest id of a run.
const LONGEST_ID: usize = 64;

/// What a run is to be.
#[derive(Debug, Clone)]
pub struct Outline {
    /// Id of the run, fit for names of files and objects.
    pub run_id: Setting<String>,
    /// The service as asked for, short names spelled out; `all`, or several joined by commas.
    pub service: String,
    /// The scenario by name.
    pub scenario: Setting<String>,
    /// Where tokens come from.
    pub auth_mode: Setting<AuthMode>,
    /// The file with the key that signs local tokens.
    pub auth_key: Option<PathBuf>,
    /// The services; never empty, names unique.
    pub members: Vec<Member>,
    /// Whether to put data there before the run.
    pub seeding: Setting<Switch>,
    /// Whether to remove it afterwards.
    pub teardown: Setting<Switch>,
    /// Whether the embedded stand-ins are the targets.
    pub stand_ins: Switch,
    /// Seed of traffic and arrivals.
    pub seed: u64,
    /// Folder for results.
    pub out: PathBuf,
    /// Folder for tapes.
    pub cache: PathBuf,
    /// What the user should know.
    pub remarks: Vec<String>,
}

impl Outline {
    /// Tells where the targets serve.
    pub fn targets(&self) -> Targets {
        if self.stand_ins.is_on() {
            Targets::Embedded
        } else {
            Targets::Elsewhere
        }
    }

    /// Works out what a run is to be; starts nothing.
    ///
    /// Errors: `Usage` and `Service` for what cannot be meant, naming flag or variable.
    pub fn new(wish: &Wish, environment: &Environment) -> Result<Self, Error> {
        let parts = catalog::parts(&wish.service, environment)?;
        let names: Vec<String> = parts.iter().map(|part| part.name.clone()).collect();
        let members = parts
            .into_iter()
            .map(|part| Member::new(part, wish, environment))
            .collect::<Result<Vec<_>, _>>()?;
        let members = divided(members, wish, environment)?;
        check_names(wish, &names)?;
        if wish.tape.is_some() && members.len() > 1 {
            let detail =
                "is one tape, for one service; leave it out, or run the services one by one";
            return Err(usage("--tape", detail.to_owned()));
        }
        let scenario = match &wish.scenario {
            Some(name) => Setting::flag(name.clone(), "--scenario"),
            None => Setting::default(BASELINE.to_owned()),
        };
        let seeds_only = members.iter().all(|member| !member.sends());
        let switch = |switch: Switch, flag| match switch {
            Switch::On => Setting::default(Switch::On),
            Switch::Off => Setting::flag(Switch::Off, flag),
        };
        let teardown = if seeds_only {
            Setting::definition(Switch::Off, "scenario seed-only")
        } else {
            switch(wish.teardown, "--skip-teardown")
        };
        let auth_mode = auth_mode(wish, environment)?;
        auth_mode.value.check_key_file(wish.auth_key.as_deref())?;
        Ok(Self {
            run_id: run_id(wish, environment)?,
            auth_mode,
            auth_key: wish.auth_key.clone(),
            service: match wish.service.as_str() {
                "all" => "all".to_owned(),
                _ => names.join(","),
            },
            scenario,
            seeding: switch(wish.seeding, "--skip-seed"),
            teardown,
            stand_ins: wish.stand_ins,
            seed: wish.seed,
            out: wish.out.clone(),
            cache: wish.cache.clone(),
            remarks: remarks(&members, environment),
            members,
        })
    }

    /// Divides a number over the members by how much of the generator each takes; each gets one at least.
    pub fn share(&self, total: u32) -> Vec<u32> {
        let weights: Vec<f64> = self
            .members
            .iter()
            .map(|member| member.load.weight())
            .collect();
        let sum: f64 = weights.iter().sum();
        let count = u32::try_from(weights.len()).unwrap_or(u32::MAX);
        let spare = total.saturating_sub(count);
        let mut shares: Vec<u32> = weights
            .iter()
            .map(|weight| 1 + floor(f64::from(spare) * weight / sum.max(f64::MIN_POSITIVE)))
            .collect();
        let given: u32 = shares.iter().sum();
        let left = total.saturating_sub(given) as usize;
        for share in shares.iter_mut().take(left) {
            *share += 1;
        }
        shares
    }
}

/// Gives each member its part of a load that was stated for all of them, and divides a rule engine that is served by two
/// processes.
fn divided(
    members: Vec<Member>,
    wish: &Wish,
    environment: &Environment,
) -> Result<Vec<Member>, Error> {
    let count = members.len();
    let is_stated = wish.users.is_some() || wish.rate.is_some();
    let is_named = members.iter().any(|member| member.name == MONITORING.name);
    let mut divided = Vec::new();
    for mut member in members {
        if count > 1 && is_stated {
            let rule = format!("one of {count} services");
            member.load = member.load.part(1.0 / count as f64, &rule);
            member.choose_tape(wish);
        }
        match halves(&member, wish, environment)? {
            // Who names the other half has asked for it as it is.
            Some([here, _]) if is_named => divided.push(here),
            Some(halves) => divided.extend(halves),
            None => divided.push(member),
        }
    }
    Ok(divided)
}

/// Divides a rule engine whose two paths have addresses of their own.
fn halves(
    member: &Member,
    wish: &Wish,
    environment: &Environment,
) -> Result<Option<[Member; 2]>, Error> {
    let (Some(target), Some((variable, url))) =
        (&member.target, environment.first([MONITORING.variable]))
    else {
        return Ok(None);
    };
    let is_flag = matches!(target.origin, Origin::Flag(_));
    if member.name != HALVED || wish.tape.is_some() || is_flag || target.value == url {
        return Ok(None);
    }
    let endpoints = member.service.endpoints.iter();
    let weights: Vec<(&str, u32)> = endpoints
        .map(|endpoint| (endpoint.name.as_str(), endpoint.weight))
        .collect();
    let (there, here): (Vec<_>, Vec<_>) = weights
        .into_iter()
        .filter(|&(_, weight)| weight > 0)
        .partition(|(name, _)| *name == MONITORING.endpoint);
    let sum = |half: &[(&str, u32)]| half.iter().map(|&(_, weight)| f64::from(weight)).sum();
    let (here_sum, there_sum): (f64, f64) = (sum(&here), sum(&there));
    if here_sum == 0.0 || there_sum == 0.0 {
        return Ok(None);
    }
    let half = |names: &[(&str, u32)], part: f64| {
        let texts: Vec<String> = names
            .iter()
            .map(|(name, weight)| format!("{name}={weight}"))
            .collect();
        let mix = Mix::parse(&texts.join(","))?;
        let mut half = member.clone();
        half.service = half.service.mixed(&mix)?;
        half.mix.value = mix;
        let rule = "its part of the mix";
        half.load = half.load.part(part / (here_sum + there_sum), rule);
        Ok::<_, Error>(half)
    };
    let mut first = half(&here, here_sum)?;
    let mut second = half(&there, there_sum)?;
    MONITORING.name.clone_into(&mut second.name);
    second.target = Some(Setting::variable(url.to_owned(), variable));
    first.choose_tape(wish);
    second.choose_tape(wish);
    Ok(Some([first, second]))
}

/// Refuses what is said of a service that does not take part.
fn check_names(wish: &Wish, names: &[String]) -> Result<(), Error> {
    let check = |flag, name: &str| {
        if names.iter().any(|known| known == name) {
            return Ok(());
        }
        let detail = format!("is about {name}, but the run is about {}", names.join(", "));
        Err(usage(flag, detail))
    };
    for target in &wish.targets {
        match target.split_once('=') {
            Some((name, _)) if !name.contains([':', '/']) => check("--target", name)?,
            _ if names.len() > 1 => {
                let detail = "is for one of several services; write SERVICE=URL";
                return Err(usage("--target", detail.to_owned()));
            }
            _ => {}
        }
    }
    let mut slos = wish.slos.iter().filter_map(|slo| slo.split_once(':'));
    slos.try_for_each(|(name, _)| check("--slo", name))
}

fn auth_mode(wish: &Wish, environment: &Environment) -> Result<Setting<AuthMode>, Error> {
    if let Some(mode) = wish.auth_mode {
        return Ok(Setting::flag(mode, "--auth-mode"));
    }
    let named = AuthMode::from_environment(|name| environment.get(name).map(str::to_owned))?;
    Ok(match named {
        Some(mode) => Setting::variable(mode, AuthMode::VARIABLE),
        None => Setting::default(AuthMode::None),
    })
}

fn run_id(wish: &Wish, environment: &Environment) -> Result<Setting<String>, Error> {
    let asked = match (&wish.run_id, environment.first(["LOADTEST_RUN_ID"])) {
        (Some(id), _) => Setting::flag(id.clone(), "--run-id"),
        (None, Some((name, id))) => Setting::variable(id.to_owned(), name),
        (None, None) => return Ok(Setting::default(made_up())),
    };
    let id = &asked.value;
    let is_fit = id.len() <= LONGEST_ID
        && id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if is_fit {
        return Ok(asked);
    }
    let detail = format!(
        "{id:?} becomes a part of file names and object keys: at most {LONGEST_ID} letters, digits, dashes, underscores and \
         points, a letter or digit first"
    );
    Err(usage("--run-id", detail))
}

/// Makes up an id: `lt-` and 12 hexadecimal digits that no other run has.
fn made_up() -> String {
    let spread = (wall_now_ns() ^ u64::from(std::process::id()).rotate_left(40))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("lt-{:012x}", spread >> 16)
}

fn remarks(members: &[Member], environment: &Environment) -> Vec<String> {
    let mut remarks = Vec::new();
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    if names.contains(&MONITORING.name) && names.contains(&HALVED) {
        remarks.push(format!(
            "${} is another address than the rule engine's, so each path is played against its own",
            MONITORING.variable
        ));
    }
    if environment.get("RULE_ENGINE_RPS").is_some()
        && environment.get("RULE_ENGINE_USERS").is_some()
        && names.contains(&HALVED)
    {
        let text = "$RULE_ENGINE_RPS and $RULE_ENGINE_USERS are both set: the rate counts unless --users is given";
        remarks.push(text.to_owned());
    }
    if environment.get("TEST_OPS_ANALYST") == Some("true") {
        let text = "$TEST_OPS_ANALYST is ignored: there is no definition of that service";
        remarks.push(text.to_owned());
    }
    remarks
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a u32"
)]
fn floor(number: f64) -> u32 {
    number.floor() as u32
}

fn usage(flag: &'static str, detail: String) -> Error {
    Error::Usage { flag, detail }
}
