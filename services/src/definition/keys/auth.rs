//! The keys that say what a service wants of a token.

use super::Need::Optional;
use super::{TableKeys, key};

pub(in crate::definition) const AUTH: TableKeys = TableKeys {
    table: "[auth]",
    keys: &[
        key(
            "audience",
            Optional,
            "\"https://card-engine.test\"",
            "whom the token is for (aud), unless AUTH0_AUDIENCE says otherwise",
        ),
        key(
            "issuer",
            Optional,
            "\"load-test-local\"",
            "who made a local token (iss)",
        ),
        key(
            "scope",
            Optional,
            "\"execute:rules read:metrics\"",
            "what a local token allows, in words with spaces between them",
        ),
        key(
            "permissions",
            Optional,
            "[\"rule:read\", \"rule:create\"]",
            "what a local token allows, as a list",
        ),
        key(
            "claims",
            Optional,
            "{ gty = \"client-credentials\" }",
            "further claims of a local token: strings, numbers, booleans, and arrays of them",
        ),
        key(
            "probe_path",
            Optional,
            "\"/v1/manage/metrics\"",
            "path that only a token opens and that changes nothing: asked before a run with a good token and a bad one",
        ),
    ],
};
