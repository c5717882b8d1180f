//! Connectors to the five planes that deployments are carried out on. All of them always succeed.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::stand_in::reply::Reply;
use crate::stand_in::uuid::Uuid;
use crate::stand_in::visit::Visit;

/// The planes: how paths name them, and what they are called.
const PLANES: [(&str, &str); 5] = [
    ("intune", "Intune"),
    ("jamf", "Jamf"),
    ("sccm", "Sccm"),
    ("landscape", "Landscape"),
    ("ansible", "Ansible"),
];

/// Lists the connectors.
pub(super) fn list(visit: &Visit<'_>) -> Reply {
    let connectors = PLANES.map(|(plane, name)| Connector {
        plane,
        name,
        status: "available",
    });
    let total = connectors.len();
    visit.ok(&List { connectors, total })
}

/// Deploys through a connector.
pub(super) fn deploy(visit: &Visit<'_>, plane: &str) -> Result<Reply, Reply> {
    let connector_type = find(visit, plane)?;
    let order: Order = visit.read()?;
    let members = [
        ("deployment_intent_id", order.deployment_intent_id),
        ("artifact_path", order.artifact_path),
        ("target_ring", order.target_ring),
        ("app_name", order.app_name),
        ("version", order.version),
    ];
    let is_missing = |text: &Option<String>| text.as_ref().is_none_or(String::is_empty);
    let missing = members.iter().filter(|(_, text)| is_missing(text));
    let missing: Vec<&str> = missing.map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        let message = format!("Missing required fields: {}", missing.join(", "));
        return Err(visit.error(StatusCode::BAD_REQUEST, &message));
    }
    Ok(visit.ok(&Deployed {
        connector_type,
        status: "success",
        object_id: visit.new_id(),
    }))
}

/// Tells how a connector is.
pub(super) fn health(visit: &Visit<'_>, plane: &str) -> Result<Reply, Reply> {
    let connector_type = find(visit, plane)?;
    Ok(visit.ok(&Health {
        connector_type,
        status: "healthy",
    }))
}

fn find(visit: &Visit<'_>, plane: &str) -> Result<&'static str, Reply> {
    let found = PLANES.iter().find(|(known, _)| *known == plane);
    found.map(|(known, _)| *known).ok_or_else(|| {
        let message = format!("Invalid connector type: {plane}");
        visit.error(StatusCode::BAD_REQUEST, &message)
    })
}

#[derive(Serialize)]
struct List {
    connectors: [Connector; PLANES.len()],
    total: usize,
}

#[derive(Serialize)]
struct Connector {
    #[serde(rename = "type")]
    plane: &'static str,
    name: &'static str,
    status: &'static str,
}

#[derive(Deserialize)]
struct Order {
    deployment_intent_id: Option<String>,
    artifact_path: Option<String>,
    target_ring: Option<String>,
    app_name: Option<String>,
    version: Option<String>,
}

#[derive(Serialize)]
struct Deployed {
    connector_type: &'static str,
    status: &'static str,
    object_id: Uuid,
}

#[derive(Serialize)]
struct Health {
    connector_type: &'static str,
    status: &'static str,
}
