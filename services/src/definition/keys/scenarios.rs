//! The keys of scenarios.

use super::Need::{Optional, Required};
use super::{TableKeys, key};

pub(in crate::definition) const SCENARIO: TableKeys = TableKeys {
    table: "[[scenarios]]",
    keys: &[
        key(
            "name",
            Required,
            "\"rush-hour\"",
            "name of the scenario: one that every service has, or one of its own",
        ),
        key(
            "rate",
            Optional,
            "500",
            "requests per second: the open model",
        ),
        key(
            "duration",
            Optional,
            "\"5m\"",
            "how long that rate is measured",
        ),
        key(
            "users",
            Optional,
            "100",
            "users who wait for answers: the closed model, instead of a rate",
        ),
        key(
            "spawn_rate",
            Optional,
            "10",
            "users that come per second until all are there",
        ),
        key(
            "run_time",
            Optional,
            "\"5m\"",
            "time from the first user's coming to the end",
        ),
        key(
            "ramp_down",
            Optional,
            "\"60s\"",
            "last part of the run time, over which the users go again",
        ),
        key(
            "think",
            Optional,
            "\"uniform:1s..3s\"",
            "pause of a user between an answer and the next request or session",
        ),
        key(
            "mix",
            Optional,
            "{ score = 1 }",
            "weights of endpoints and sessions instead of their own; what is not named does not come",
        ),
        key(
            "slos",
            Optional,
            "[\"p99<50ms\"]",
            "promises that add to the service's own or override them",
        ),
    ],
};
