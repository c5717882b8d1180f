//! Deployments: created, listed, read one by one, and grouped by application.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::accounts::SignedIn;
use super::audit::{History, Note, Notes};
use crate::stand_in::reply::Reply;
use crate::stand_in::uuid::Uuid;
use crate::stand_in::visit::{Moment, Visit};

/// Most deployments that a list holds.
const LIST_LENGTH: usize = 100;

/// Scores above this one need a decision of the board.
const HIGHEST_FREE_SCORE: u8 = 50;

/// All deployments, in the order of creation.
#[derive(Default)]
pub(super) struct Deployments(Mutex<Store>);

#[derive(Default)]
struct Store {
    all: Vec<Deployment>,
    places: HashMap<Uuid, usize>,
}

/// One deployment.
#[derive(Serialize)]
struct Deployment {
    correlation_id: Uuid,
    app_name: String,
    version: String,
    target_ring: String,
    status: &'static str,
    risk_score: u8,
    created_at: Moment,
    #[serde(skip)]
    submitter: &'static str,
    /// Number of the session that created it.
    #[serde(skip)]
    owner: u64,
    /// Sessions that read it, and how often.
    #[serde(skip)]
    read_by: Vec<(u64, u64)>,
}

impl Deployment {
    fn requires_cab_approval(&self) -> bool {
        self.risk_score > HIGHEST_FREE_SCORE
    }
}

impl Deployments {
    /// Creates a deployment; its score is drawn.
    pub(super) fn create(
        &self,
        visit: &Visit<'_>,
        session: &SignedIn,
        notes: &Notes,
    ) -> Result<Reply, Reply> {
        let wanted: Wanted = visit.read()?;
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let members = filled(wanted.app_name)
            .zip(filled(wanted.version))
            .zip(filled(wanted.target_ring));
        let Some(((app_name, version), target_ring)) = members else {
            let message = "app_name, version, and target_ring are required";
            return Err(visit.error(StatusCode::BAD_REQUEST, message));
        };
        let correlation_id = visit.new_id();
        let risk_score = u8::try_from(visit.connection.next_id() % 101).unwrap_or(0);
        let deployment = Deployment {
            correlation_id,
            app_name,
            version,
            target_ring,
            status: if risk_score > HIGHEST_FREE_SCORE {
                "AWAITING_CAB"
            } else {
                "APPROVED"
            },
            risk_score,
            created_at: visit.now(),
            submitter: session.user.username,
            owner: session.number,
            read_by: Vec::new(),
        };
        let answer = visit.answer(
            StatusCode::CREATED,
            &Created {
                correlation_id: visit.told(correlation_id),
                status: deployment.status,
                risk_score,
                requires_cab_approval: deployment.requires_cab_approval(),
            },
        );
        let mut store = self.lock();
        let place = store.all.len();
        store.places.insert(correlation_id, place);
        store.all.push(deployment);
        notes.take(
            Note::Created,
            correlation_id,
            session.number,
            session.number,
        );
        Ok(answer)
    }

    /// Lists the newest ones, of one status and one ring if the query says so.
    pub(super) fn list(&self, visit: &Visit<'_>) -> Reply {
        let store = self.lock();
        let newest = store.all.iter().rev();
        let deployments: Vec<_> = newest
            .filter(|deployment| is_wanted(visit, deployment))
            .take(LIST_LENGTH)
            .collect();
        visit.ok(&List { deployments })
    }

    /// Tells all about one, to whoever asks.
    pub(super) fn detail(
        &self,
        visit: &Visit<'_>,
        session: &SignedIn,
        id: &str,
        notes: &Notes,
    ) -> Result<Reply, Reply> {
        let mut store = self.lock();
        let place = Uuid::parse(id).and_then(|id| store.places.get(&id).copied());
        let Some(deployment) = place.and_then(|place| store.all.get_mut(place)) else {
            return Err(visit.error(StatusCode::NOT_FOUND, "Deployment not found"));
        };
        let readers = &mut deployment.read_by;
        match readers
            .iter_mut()
            .find(|(reader, _)| *reader == session.number)
        {
            Some((_, times)) => *times += 1,
            None => readers.push((session.number, 1)),
        }
        let (id, owner) = (deployment.correlation_id, deployment.owner);
        notes.take(Note::Read, id, owner, session.number);
        Ok(visit.ok(&Detail {
            correlation_id: visit.told(id),
            app_name: &deployment.app_name,
            version: &deployment.version,
            target_ring: &deployment.target_ring,
            status: deployment.status,
            risk_score: deployment.risk_score,
            requires_cab_approval: deployment.requires_cab_approval(),
            submitter: deployment.submitter,
            created_at: deployment.created_at,
        }))
    }

    /// Groups all of them by application and version; like the real one it looks at every deployment there is.
    pub(super) fn applications(&self, visit: &Visit<'_>) -> Reply {
        let store = self.lock();
        let mut by_name: BTreeMap<&str, BTreeMap<&str, Vec<&Deployment>>> = BTreeMap::new();
        for deployment in store.all.iter().filter(|it| is_wanted(visit, it)) {
            let versions = by_name.entry(&deployment.app_name).or_default();
            versions
                .entry(&deployment.version)
                .or_default()
                .push(deployment);
        }
        let applications = by_name.into_iter().map(|(app_name, versions)| Application {
            app_name,
            deployment_count: versions.values().map(Vec::len).sum(),
            versions: versions
                .into_iter()
                .map(|(version, deployments)| Version {
                    version,
                    deployments,
                })
                .collect(),
        });
        visit.ok(&Applications {
            applications: applications.collect(),
        })
    }

    /// Tells what happened to an id.
    pub(super) fn history(&self, id: Uuid) -> Option<History> {
        let store = self.lock();
        let deployment = &store.all[*store.places.get(&id)?];
        Some(History {
            id,
            kind: "deployment",
            created_by: deployment.owner,
            read_by: deployment.read_by.clone(),
            decided_by: None,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_wanted(visit: &Visit<'_>, deployment: &Deployment) -> bool {
    let fits = |name, found: &str| visit.parameter(name).is_none_or(|wanted| wanted == found);
    fits("status", deployment.status) && fits("ring", &deployment.target_ring)
}

#[derive(Deserialize)]
struct Wanted {
    app_name: Option<String>,
    version: Option<String>,
    target_ring: Option<String>,
}

#[derive(Serialize)]
struct Created {
    correlation_id: Uuid,
    status: &'static str,
    risk_score: u8,
    requires_cab_approval: bool,
}

#[derive(Serialize)]
struct List<'a> {
    deployments: Vec<&'a Deployment>,
}

#[derive(Serialize)]
struct Detail<'a> {
    correlation_id: Uuid,
    app_name: &'a str,
    version: &'a str,
    target_ring: &'a str,
    status: &'static str,
    risk_score: u8,
    requires_cab_approval: bool,
    submitter: &'static str,
    created_at: Moment,
}

#[derive(Serialize)]
struct Applications<'a> {
    applications: Vec<Application<'a>>,
}

#[derive(Serialize)]
struct Application<'a> {
    app_name: &'a str,
    deployment_count: usize,
    versions: Vec<Version<'a>>,
}

#[derive(Serialize)]
struct Version<'a> {
    version: &'a str,
    deployments: Vec<&'a Deployment>,
}
