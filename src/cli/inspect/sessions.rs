//! The sessions of a tape, as its service definition describes them.

use serde::Serialize;
use tapdeck_corpora::{SLOT_CAPTURED, Tape};
use tapdeck_services::{ServiceDefinition, Session};

/// What the definition in a tape says about sessions; nothing where it cannot be read, since `inspect` shows any tape.
pub(super) struct Sessions {
    definition: Option<ServiceDefinition>,
}

/// One kind of session.
#[derive(Debug, Serialize)]
pub(super) struct Kind {
    pub(super) name: String,
    /// Sessions of it on the tape.
    pub(super) sessions: u64,
    /// Of all sessions.
    pub(super) share: f64,
    /// Names of its steps, in order.
    pub(super) steps: Vec<String>,
}

impl Sessions {
    pub(super) fn of(tape: &Tape) -> Self {
        let source = &tape.manifest().service_source;
        Self {
            definition: ServiceDefinition::parse(source, "the tape's definition").ok(),
        }
    }

    /// Counts the sessions of each kind by the records of its first step.
    pub(super) fn kinds(&self, tape: &Tape) -> Vec<Kind> {
        let Some(definition) = &self.definition else {
            return Vec::new();
        };
        let endpoints = &tape.manifest().endpoints;
        let count = |session: &Session| {
            let first = endpoints.get(session.steps.start);
            first.map_or(0, |endpoint| endpoint.records)
        };
        let whole: u64 = definition.sessions.iter().map(count).sum();
        let prefix = |session: &Session| session.name.len() + "/".len();
        let kind = |session: &Session| Kind {
            name: session.name.clone(),
            sessions: count(session),
            share: count(session) as f64 / whole.max(1) as f64,
            steps: definition.endpoints[session.steps.clone()]
                .iter()
                .map(|step| step.name[prefix(session)..].to_owned())
                .collect(),
        };
        definition.sessions.iter().map(kind).collect()
    }

    /// Names what goes into a captured slot of an endpoint.
    pub(super) fn captured(&self, endpoint: usize, kind: u8) -> String {
        let variable = kind - SLOT_CAPTURED;
        let name = self.definition.as_ref().and_then(|definition| {
            let step = definition.endpoints.get(endpoint)?.step.as_ref()?;
            let variables = &definition.sessions[step.session].variables;
            Some(variables.get(usize::from(variable))?.name.clone())
        });
        format!("captured.{}", name.unwrap_or_else(|| variable.to_string()))
    }
}
