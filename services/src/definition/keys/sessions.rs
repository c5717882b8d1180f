//! The keys of sessions, their steps and what these capture.

use super::Need::{Optional, Required};
use super::{BODY, CHECKS, DECISION_RULE, METHOD, PATH, STATUSES, TableKeys, key};

pub(in crate::definition) const SESSION: TableKeys = TableKeys {
    table: "[[sessions]]",
    keys: &[
        key(
            "name",
            Required,
            "\"visit\"",
            "name of the session: lowercase letters, digits and dashes",
        ),
        key(
            "weight",
            Optional,
            "10",
            "how often it is begun, relative to the other sessions and the endpoints; 1 if left out, 0 switches it off",
        ),
        key(
            "steps",
            Required,
            "[{ name = \"look\", method = \"GET\", path = \"/\" }]",
            "its requests, in order",
        ),
    ],
};

pub(in crate::definition) const STEP: TableKeys = TableKeys {
    table: "[[sessions.steps]]",
    keys: &[
        key(
            "name",
            Required,
            "\"look\"",
            "name of the step: lowercase letters, digits and dashes; results call it SESSION/STEP",
        ),
        METHOD,
        PATH,
        key(
            "headers",
            Optional,
            "{ X-CSRFToken = \"${captured.csrf}\" }",
            "request headers, literal and captured values and the token",
        ),
        BODY,
        STATUSES,
        DECISION_RULE,
        CHECKS,
        key(
            "captures",
            Optional,
            "{ csrf = { cookie = \"csrftoken\" } }",
            "what later steps need of its answer, by the name after captured.",
        ),
        key(
            "think",
            Optional,
            "\"uniform:1s..3s\"",
            "pause before it, from the answer to the step before; none if left out",
        ),
        key(
            "once",
            Optional,
            "true",
            "whether a user who runs session after session takes it only in the first one, like a login",
        ),
        key(
            "over",
            Optional,
            "\"ids\"",
            "captured list to go over: the step is taken once for each item",
        ),
        key(
            "at_most",
            Optional,
            "10",
            "items of the list it stops after; all if left out",
        ),
    ],
};

pub(in crate::definition) const CAPTURE: TableKeys = TableKeys {
    table: "[sessions.steps.captures.NAME]",
    keys: &[
        key(
            "pointer",
            Optional,
            "\"/results/*/id\"",
            "JSON pointer to the value; a * stands for every item of an array and captures a list",
        ),
        key(
            "header",
            Optional,
            "\"Location\"",
            "response header that is the value",
        ),
        key(
            "cookie",
            Optional,
            "\"csrftoken\"",
            "cookie that is the value",
        ),
        key(
            "kind",
            Optional,
            "\"number\"",
            "what the value must be, so that it can stand bare in JSON: text, number or boolean; text if left out",
        ),
        key(
            "take",
            Optional,
            "\"spread\"",
            "item of a list that a step means which does not go over it: first, last, a number from 0, or spread: a different one for sessions side by side",
        ),
    ],
};
