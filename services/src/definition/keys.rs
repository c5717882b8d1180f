//! Every key a definition file may hold.
//!
//! Owns names, help and examples; the reader refuses whatever is not listed here, and a test asks the manual for all of it.

mod auth;
mod scenarios;
mod sessions;

pub(super) use auth::AUTH;
pub(super) use scenarios::SCENARIO;
pub(super) use sessions::{CAPTURE, SESSION, STEP};

/// The keys of one kind of table.
#[derive(Debug)]
pub struct TableKeys {
    /// The table as a definition writes it.
    pub table: &'static str,
    /// Its keys, in the order a newcomer needs them.
    pub keys: &'static [Key],
}

/// One key.
#[derive(Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// Whether it may be left out.
    pub need: Need,
    /// What it means, in one line.
    pub help: &'static str,
    /// A value, as TOML.
    pub example: &'static str,
}

/// Whether a key may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It may not.
    Required,
    /// It may.
    Optional,
}

use Need::{Optional, Required};

/// Every kind of table with fixed keys.
pub const TABLES: &[&TableKeys] = &[
    &SERVICE,
    &TARGET,
    &AUTH,
    &ENDPOINT,
    &DECISION,
    &CHECK,
    &EQUALS,
    &ECHOED_PARAMETER,
    &SESSION,
    &STEP,
    &CAPTURE,
    &SCENARIO,
];

pub(super) const SERVICE: TableKeys = TableKeys {
    table: "the top level",
    keys: &[
        key(
            "name",
            Required,
            "\"card-engine\"",
            "name of the service: lowercase letters, digits and dashes",
        ),
        key(
            "aliases",
            Optional,
            "[\"cards\"]",
            "other names the service is asked for by",
        ),
        key("title", Required, "\"Card engine\"", "one line for reports"),
        key(
            "slos",
            Optional,
            "[\"p99<30ms\", \"errors<=1%\"]",
            "promises every run is judged by",
        ),
        key(
            "velocity_keys",
            Optional,
            "[\"card\", \"device\"]",
            "what the service counts requests by in windows of its own clock: card, device, ip or merchant",
        ),
        key(
            "target",
            Required,
            "{ base_url = \"http://localhost:8081\" }",
            "where the service is usually found",
        ),
        key(
            "auth",
            Optional,
            "{ audience = \"card-engine\", scope = \"execute:rules\" }",
            "what the service wants of a token; only where a header sends one",
        ),
        key(
            "endpoints",
            Optional,
            "[{ name = \"score\", method = \"POST\", path = \"/score\", event = \"authorization\" }]",
            "the kinds of request that stand on their own; may be left out where there are sessions",
        ),
        key(
            "sessions",
            Optional,
            "[{ name = \"visit\", steps = [{ name = \"look\", method = \"GET\", path = \"/\" }] }]",
            "requests that follow each other and reuse what was answered",
        ),
        key(
            "scenarios",
            Optional,
            "[{ name = \"baseline\", rate = 500 }]",
            "loads that whole runs are asked for by name",
        ),
    ],
};

pub(super) const TARGET: TableKeys = TableKeys {
    table: "[target]",
    keys: &[
        key(
            "base_url",
            Required,
            "\"http://localhost:8081\"",
            "scheme, host and port, without a final slash",
        ),
        key(
            "base_url_env",
            Optional,
            "[\"CARD_ENGINE_URL\"]",
            "environment variables that override base_url, most important first",
        ),
        key(
            "health_path",
            Optional,
            "\"/health\"",
            "path that answers 2xx when the target is ready",
        ),
    ],
};

// What endpoints and the steps of sessions have in common.
const METHOD: Key = key(
    "method",
    Required,
    "\"POST\"",
    "GET, HEAD, POST, PUT, PATCH or DELETE",
);

const PATH: Key = key(
    "path",
    Required,
    "\"/score/${card.token}?page_size=20\"",
    "path and query, a template",
);

const BODY: Key = key(
    "body",
    Optional,
    "'{\"id\": ${fire.id}}'",
    "request body, a template",
);

const STATUSES: Key = key(
    "statuses",
    Optional,
    "[200, 202]",
    "status codes of a good answer; 200 if left out",
);

const DECISION_RULE: Key = key(
    "decision",
    Optional,
    "{ pointer = \"/decision\", approve = [\"APPROVE\"] }",
    "where an answer states its decision",
);

const CHECKS: Key = key(
    "checks",
    Optional,
    "[{ name = \"not-shed\", header_absent = \"X-Load-Shed\" }]",
    "what a good answer must show besides its status",
);

pub(super) const ENDPOINT: TableKeys = TableKeys {
    table: "[[endpoints]]",
    keys: &[
        key(
            "name",
            Required,
            "\"score\"",
            "name of the endpoint: lowercase letters, digits and dashes",
        ),
        METHOD,
        PATH,
        key(
            "event",
            Required,
            "\"authorization\"",
            "event of a transaction it carries: authorization, monitoring or decision_event",
        ),
        key(
            "weight",
            Optional,
            "70",
            "share of the requests relative to the other weights; 1 if left out, 0 switches it off",
        ),
        key(
            "headers",
            Optional,
            "{ authorization = \"Bearer ${fire.token}\" }",
            "request headers, literal values and the token",
        ),
        BODY,
        STATUSES,
        DECISION_RULE,
        CHECKS,
    ],
};

pub(super) const DECISION: TableKeys = TableKeys {
    table: "[endpoints.decision]",
    keys: &[
        key(
            "pointer",
            Required,
            "\"/decision\"",
            "JSON pointer to the word",
        ),
        key(
            "approve",
            Optional,
            "[\"APPROVE\"]",
            "words that mean approved",
        ),
        key(
            "decline",
            Optional,
            "[\"DECLINE\"]",
            "words that mean declined",
        ),
        key(
            "review",
            Optional,
            "[\"REVIEW\"]",
            "words that mean a human will look",
        ),
    ],
};

pub(super) const CHECK: TableKeys = TableKeys {
    table: "[[endpoints.checks]]",
    keys: &[
        key(
            "name",
            Required,
            "\"not-shed\"",
            "name its failures are counted under: lowercase letters, digits and dashes",
        ),
        key(
            "echoes_id",
            Optional,
            "\"/transaction_id\"",
            "JSON pointer to where the answer repeats ${fire.id} or ${fire.uuid}",
        ),
        key(
            "echoes_parameter",
            Optional,
            "{ pointer = \"/page_size\", parameter = \"page_size\" }",
            "a value the answer must repeat from the query of its request",
        ),
        key(
            "equals",
            Optional,
            "{ pointer = \"/engine_mode\", value = \"NORMAL\" }",
            "a value the answer must hold",
        ),
        key(
            "present",
            Optional,
            "\"/items\"",
            "JSON pointer to where there must be something, of any type, but not null",
        ),
        key(
            "header_absent",
            Optional,
            "\"X-Load-Shed\"",
            "a header the answer must not carry",
        ),
    ],
};

pub(super) const EQUALS: TableKeys = TableKeys {
    table: "[endpoints.checks.equals]",
    keys: &[
        key(
            "pointer",
            Required,
            "\"/engine_mode\"",
            "JSON pointer to the value",
        ),
        key(
            "value",
            Optional,
            "\"NORMAL\"",
            "the string, number or boolean that must stand there",
        ),
        key(
            "captured",
            Optional,
            "\"id\"",
            "name of the value that must stand there, captured by an earlier step of the session",
        ),
    ],
};

pub(super) const ECHOED_PARAMETER: TableKeys = TableKeys {
    table: "[endpoints.checks.echoes_parameter]",
    keys: &[
        key(
            "pointer",
            Required,
            "\"/page_size\"",
            "JSON pointer to the value",
        ),
        key(
            "parameter",
            Required,
            "\"page_size\"",
            "name of the parameter in the path's query",
        ),
    ],
};

impl TableKeys {
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }
}

const fn key(name: &'static str, need: Need, example: &'static str, help: &'static str) -> Key {
    Key {
        name,
        need,
        help,
        example,
    }
}
