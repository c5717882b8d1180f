//! What a session knows: the cookies it was given and the values it captured; and how a step's request is made of them.
//!
//! Unlike a plain request, a step is put together as it is sent: what it holds is known only then, and may be of any
//! length. Plain requests never come here.

mod captured;
pub mod cookies;
pub mod origin;
mod reference;
mod request;

pub(super) use captured::{Captured, Given};
pub(super) use cookies::Cookies;
pub(super) use origin::Origin;
pub(super) use request::StepTemplates;

use http::{HeaderMap, Uri};
use serde_json::value::RawValue;
use tapdeck_services::{CaptureSource, Session, Step};

use crate::mask::announces_secret;

use super::json_pick::json_text;

/// One user's knowledge of one kind of session.
#[derive(Debug, Default)]
pub(super) struct Knowledge {
    /// Kept for as long as the user stays.
    cookies: Cookies,
    /// By variable of the session.
    captured: Vec<Captured>,
    /// Where the latest step was sent: references in its answer start from there.
    sent_to: Uri,
}

impl Knowledge {
    /// Makes room for what a session captures; what is there already stays.
    pub(super) fn begin(&mut self, session: &Session) {
        let count = session.variables.len();
        self.captured.resize_with(count, Captured::default);
    }

    /// Keeps where a step is sent.
    pub(super) fn note_sent(&mut self, to: Uri) {
        self.sent_to = to;
    }

    /// Gives the cookies.
    pub(super) fn cookies(&self) -> &Cookies {
        &self.cookies
    }

    /// Gives the value of a variable.
    pub(super) fn captured(&self, variable: u8) -> Option<&Captured> {
        self.captured.get(usize::from(variable))
    }

    /// Gives what nobody else is to see: cookies, and values whose names say so.
    pub(super) fn secrets(&self, session: &Session) -> Vec<&str> {
        let named = session.variables.iter().zip(&self.captured);
        let secret = named.filter(|(variable, _)| announces_secret(&variable.name));
        let values = secret.flat_map(|(_, captured)| captured.values());
        values.chain(self.cookies.values()).collect()
    }

    /// Tells whether a variable has a value.
    pub(super) fn has(&self, variable: u8) -> bool {
        self.captured(variable).is_some_and(|value| value.len() > 0)
    }

    /// Forgets what a step is about to capture anew: what it does not find then is missing, not as before. What it also
    /// sends is kept until it is answered.
    pub(super) fn forget(&mut self, step: &Step) {
        let is_sent = |variable| step.needs.contains(&variable);
        for capture in step.captures.iter().filter(|it| !is_sent(it.variable)) {
            if let Some(value) = self.captured.get_mut(usize::from(capture.variable)) {
                *value = Captured::default();
            }
        }
    }

    /// Keeps what a step captures of an answer's head, and its cookies; `now_s` is the time in seconds since the Unix
    /// epoch.
    pub(super) fn note_head(
        &mut self,
        step: &Step,
        headers: &HeaderMap,
        origin: &Origin,
        now_s: i64,
    ) {
        let path = self.sent_to.path();
        self.cookies.note(headers, origin, path, now_s);
        for capture in &step.captures {
            let found = match &capture.source {
                CaptureSource::Header(name) => headers
                    .get(name)
                    .and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
                    .map(str::to_owned),
                CaptureSource::Cookie(name) => self.cookies.get(name).map(str::to_owned),
                CaptureSource::Pointer { .. } => continue,
            };
            self.keep(capture.variable, Captured::one(found));
        }
    }

    /// Keeps what a step captures of an answer's body.
    pub(super) fn note_body(&mut self, session: &Session, step: &Step, body: &[u8]) {
        let mut document = None;
        for capture in &step.captures {
            let CaptureSource::Pointer { at, each } = &capture.source else {
                continue;
            };
            // A body that is not JSON holds none of the values.
            let document = document.get_or_insert_with(|| {
                let document: Option<&RawValue> = serde_json::from_slice(json_text(body)).ok();
                document.unwrap_or(RawValue::NULL)
            });
            let kind = session.variables[usize::from(capture.variable)].kind;
            let value = Captured::find(document, at, each.as_ref(), kind);
            self.keep(capture.variable, value);
        }
    }

    fn keep(&mut self, variable: u8, value: Captured) {
        if let Some(place) = self.captured.get_mut(usize::from(variable)) {
            *place = value.found_at(&self.sent_to);
        }
    }
}

#[cfg(test)]
mod tests {
    use tapdeck_services::ServiceDefinition;

    use super::*;

    #[test]
    fn a_step_can_send_what_it_captures_anew() {
        let source = r#"
            name = "s"
            title = "S"
            [target]
            base_url = "http://localhost:1"
            [[sessions]]
            name = "pages"
            [[sessions.steps]]
            name = "first"
            method = "GET"
            path = "/list"
            captures = { next = { pointer = "/next" } }
            [[sessions.steps]]
            name = "second"
            method = "GET"
            path = "/list?from=${captured.next}"
            captures = { next = { pointer = "/next" } }
        "#;
        let service = ServiceDefinition::parse(source, "s.toml").unwrap();
        let session = &service.sessions[0];
        let steps: Vec<&Step> = service
            .endpoints
            .iter()
            .filter_map(|endpoint| endpoint.step.as_ref())
            .collect();
        let mut knowledge = Knowledge::default();
        knowledge.begin(session);
        knowledge.note_body(session, steps[0], br#"{"next":"a"}"#);
        knowledge.forget(steps[1]);
        assert!(knowledge.has(0), "it is about to be sent");
        knowledge.note_body(session, steps[1], b"{}");
        assert!(!knowledge.has(0), "the answer did not hold it");
        knowledge.note_body(session, steps[0], br#"{"next":"a"}"#);
        knowledge.forget(steps[0]);
        assert!(!knowledge.has(0), "nothing of before is left");
    }
}
