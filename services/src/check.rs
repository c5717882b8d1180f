//! What makes an answer good beyond its status: decisions to read from it and checks it must pass.

use serde_json::Value;

use crate::pointer::JsonPointer;

/// Where an answer states its decision, and in which words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRule {
    /// Where the word stands in the body.
    pub pointer: JsonPointer,
    /// Words that mean approved.
    pub approve: Vec<String>,
    /// Words that mean declined.
    pub decline: Vec<String>,
    /// Words that mean a human will look.
    pub review: Vec<String>,
}

/// One named demand on an answer; answers that fail it are counted under its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Unique within the endpoint and never `status`, which every endpoint checks anyway.
    pub name: String,
    /// The demand.
    pub rule: CheckRule,
}

/// A demand on an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckRule {
    /// The body repeats the `${fire.id}` of its request.
    EchoesId {
        /// Where the id stands.
        pointer: JsonPointer,
    },
    /// The body holds a fixed value.
    Equals {
        /// Where it stands.
        pointer: JsonPointer,
        /// A string, number or boolean.
        value: Value,
    },
    /// The answer does not carry a header.
    HeaderAbsent {
        /// Its name; case does not matter.
        header: String,
    },
}
