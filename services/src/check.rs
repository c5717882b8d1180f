//! What makes an answer good beyond its status: decisions to read from it and checks it must pass.

use crate::pointer::JsonPointer;
use crate::scalar::Scalar;

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
    /// The body repeats the `${fire.id}` or `${fire.uuid}` of its request.
    EchoesId {
        /// Where the id stands.
        pointer: JsonPointer,
    },
    /// The body holds a fixed value.
    Equals {
        /// Where it stands.
        pointer: JsonPointer,
        /// What must stand there; numbers are compared by value.
        value: Scalar,
    },
    /// The body holds a value that an earlier step of the session captured; only in steps.
    EqualsCaptured {
        /// Where it stands.
        pointer: JsonPointer,
        /// The variable of the session.
        variable: u8,
    },
    /// The body repeats a parameter of its request's query.
    EchoesParameter {
        /// Where the value stands.
        pointer: JsonPointer,
        /// The parameter, whose value is on the tape.
        parameter: String,
    },
    /// The body holds anything but `null` at a place.
    Present {
        /// The place.
        pointer: JsonPointer,
    },
    /// The answer does not carry a header.
    HeaderAbsent {
        /// Its name; case does not matter.
        header: String,
    },
}
