//! The rules a definition can break, and how an error words them: what stands there, what belongs there, what would
//! mend it.

use tapdeck_addresses::AddressError;

use super::words::{Hint, Spelled};

/// A broken rule, without its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The TOML parser gave up here.
    #[error("not valid TOML: {message}")]
    Syntax {
        /// In the parser's words.
        message: String,
    },
    /// A table holds a key it does not know.
    #[error("unknown key {key:?} in {table}{}", Hint(*.nearest, .known))]
    UnknownKey {
        /// The key as written.
        key: String,
        /// The table it stands in.
        table: &'static str,
        /// The known key closest to it, if one is close.
        nearest: Option<&'static str>,
        /// All keys of the table.
        known: Vec<&'static str>,
    },
    /// A table lacks a key it must have.
    #[error("{table} lacks the key {key:?}")]
    MissingKey {
        /// The key.
        key: &'static str,
        /// The table.
        table: &'static str,
    },
    /// A value has another type than its key asks for.
    #[error("{key:?} must be {expected}, found {found}")]
    WrongType {
        /// The key.
        key: String,
        /// What belongs there.
        expected: &'static str,
        /// The type that stands there.
        found: &'static str,
    },
    /// A word is not one of those its key knows.
    #[error("unknown {what} {found:?}{}", Hint(*.nearest, .known))]
    UnknownWord {
        /// What the word should name.
        what: &'static str,
        /// The word as written.
        found: String,
        /// The known word closest to it, if one is close.
        nearest: Option<&'static str>,
        /// All known words.
        known: Vec<&'static str>,
    },
    /// A value of the right type breaks the rule of its key.
    #[error("{key:?} must be {expected}, found {found}")]
    Unfit {
        /// The key.
        key: String,
        /// The rule.
        expected: &'static str,
        /// The value as written.
        found: String,
    },
    /// An address cannot be read.
    #[error("{key:?}: {error}")]
    Address {
        /// The key.
        key: String,
        /// What is wrong with it, and what to write.
        error: AddressError,
    },
    /// A name stands twice where it must be unique.
    #[error("{what} {name:?} stands twice; each needs its own")]
    Duplicate {
        /// What is named.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A name is taken by the program itself.
    #[error("{what} {name:?} is reserved: {reason}")]
    Reserved {
        /// What is named.
        what: &'static str,
        /// The name.
        name: String,
        /// What for.
        reason: &'static str,
    },
    /// No endpoint would ever be called, and no session begun.
    #[error("every {what} has weight 0, so none would be called; give one a weight")]
    NoWeight {
        /// What there is.
        what: &'static str,
    },
    /// A table needs some of its keys, but not these many of them.
    #[error("{table} needs {need} of {keys}")]
    OneOf {
        /// The table.
        table: &'static str,
        /// How many.
        need: &'static str,
        /// The keys.
        keys: &'static str,
    },
    /// An answer should echo an id that was never sent.
    #[error(
        "no answer can echo an id that the body does not carry; put \"${{fire.id}}\" or \"${{fire.uuid}}\" into the body"
    )]
    NothingToEcho,
    /// An answer should repeat a parameter that is not sent, or that nobody knows before an answer came.
    #[error(
        "no answer can repeat {name:?}: the query of the path has no such parameter, or it holds a captured value, which captured = compares"
    )]
    NoParameter {
        /// The parameter.
        name: String,
    },
    /// A definition says what its token is, and sends it nowhere.
    #[error(
        "no header sends the token; put \"${{fire.token}}\" into one, such as authorization = \"Bearer ${{fire.token}}\""
    )]
    TokenNotSent,
    /// There are more than a limit allows.
    #[error("at most {most} {what} are possible")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        most: usize,
    },
    /// A key stands where it has no meaning.
    #[error("{key:?} needs {need}")]
    Misplaced {
        /// The key.
        key: &'static str,
        /// What would give it one.
        need: &'static str,
    },

    /// A mix weighs what is not there.
    #[error("no endpoint or session is called {name:?}{}", Hint(.nearest.as_deref(), .known))]
    UnknownOutlet {
        /// The name as written.
        name: String,
        /// The name closest to it, if one is close.
        nearest: Option<String>,
        /// All names.
        known: Vec<String>,
    },
    /// An entry of a mix is broken off.
    #[error("expected {expected}, such as {example:?}")]
    MixSyntax {
        /// What belongs here.
        expected: &'static str,
        /// An example of it.
        example: &'static str,
    },

    /// Something of a session is used where there is none.
    #[error("{what} exists only in the steps of a session")]
    OutsideSession {
        /// What.
        what: &'static str,
    },
    /// No step captures a value of this name.
    #[error("no step of this session captures {name:?}{}", Hint(.nearest.as_deref(), .known))]
    NeverCaptured {
        /// The name as written.
        name: String,
        /// The captured name closest to it, if one is close.
        nearest: Option<String>,
        /// All captured names of the session.
        known: Vec<String>,
    },
    /// A value is used before it is captured.
    #[error(
        "{name:?} is not captured before step {step:?} was answered; only later steps can use it"
    )]
    CapturedLater {
        /// The value.
        name: String,
        /// The first step that captures it.
        step: String,
    },
    /// Two steps capture different things under one name.
    #[error(
        "an earlier step captures {name:?} with another \"*\", kind or take; all must agree, or be named differently"
    )]
    CapturesDisagree {
        /// The value.
        name: String,
    },
    /// A value is compared with an answer that it is taken from.
    #[error(
        "this step captures {name:?} itself, so the comparison would prove nothing; compare with what an earlier step captured under another name"
    )]
    CapturedHere {
        /// The value.
        name: String,
    },
    /// A list stands where one value is needed.
    #[error(
        "{name:?} is a list and this step does not go over it; say which item is meant, such as take = \"first\" where it is captured, or let the step go over = {name:?}"
    )]
    TakeMissing {
        /// The list.
        name: String,
    },
    /// A step is to go over what is no list.
    #[error(
        "{name:?} is one value; a step goes over a list, which a pointer with a \"*\" captures"
    )]
    NotAList {
        /// The value.
        name: String,
    },
    /// A think time is missing or broken off.
    #[error("expected {expected}, such as {example:?}")]
    ThinkSyntax {
        /// What belongs here.
        expected: &'static str,
        /// An example of it.
        example: &'static str,
    },
    /// A think time lies outside its range.
    #[error("a think time must be {range}")]
    ThinkRange {
        /// Where it must lie.
        range: &'static str,
    },

    /// A `${` has no `}`.
    #[error(
        "this \"${{\" is never closed by \"}}\"; for the two characters themselves write \"$${{\""
    )]
    Unclosed,
    /// A placeholder has a name nobody knows.
    #[error("unknown placeholder {}{}", Spelled(.name), Hint(*.nearest, .known))]
    UnknownPlaceholder {
        /// The name as written.
        name: String,
        /// The known name closest to it, if one is close.
        nearest: Option<&'static str>,
        /// The known names of its group.
        known: Vec<&'static str>,
    },
    /// A drawn placeholder is asked for what it cannot give.
    #[error("{} takes {takes}, such as {}", Spelled(.name), Spelled(.usage))]
    DrawArguments {
        /// The placeholder.
        name: &'static str,
        /// What belongs there.
        takes: &'static str,
        /// An example.
        usage: &'static str,
    },
    /// A placeholder that may be absent stands where nothing can say so.
    #[error(
        "{} is absent from some transactions and only a whole JSON value can say so as null; write it bare, without quotes, in a JSON body",
        Spelled(.name)
    )]
    NeedsNull {
        /// The placeholder.
        name: &'static str,
    },
    /// A placeholder of the firing moment stands outside a body.
    #[error("{} is not possible in a {part} yet, only in a body", Spelled(.name))]
    FireOutsideBody {
        /// The placeholder.
        name: &'static str,
        /// Where it stands.
        part: &'static str,
    },
    /// The token stands where a tape would have to hold it.
    #[error(
        "\"${{fire.token}}\" is possible in header values only: whatever else a request has lies on the tape, and a tape holds no secrets"
    )]
    TokenOutsideHeader,
    /// A placeholder in a header value that cannot stand there.
    #[error(
        "{}: placeholders in a header value are not possible yet, but \"${{fire.token}}\" and captured values",
        Spelled(.name)
    )]
    PlaceholderInHeader {
        /// The placeholder.
        name: &'static str,
    },
    /// A JSON body would not be JSON.
    #[error("with its placeholders filled this body is not JSON: {reason}")]
    NotJson {
        /// In the parser's words.
        reason: String,
    },

    /// A pointer does not start with a slash.
    #[error("a JSON pointer is empty or starts with \"/\"")]
    PointerStart,
    /// A `~` is not part of an escape.
    #[error("in a JSON pointer \"~\" must be followed by 0 (for \"~\") or 1 (for \"/\")")]
    PointerEscape,
    /// A pointer captures lists of lists.
    #[error("a pointer can hold one \"*\"; lists of lists cannot be captured")]
    PointerStars,

    /// An SLO is missing or broken off.
    #[error("expected {expected}, such as {example:?}")]
    SloSyntax {
        /// What belongs here.
        expected: &'static str,
        /// An example of it.
        example: &'static str,
    },
    /// A number in an SLO lies outside its range.
    #[error("{what} must lie {range}")]
    SloRange {
        /// What the number means.
        what: &'static str,
        /// Where it must lie.
        range: &'static str,
    },
    /// An SLO compares the wrong way round.
    #[error("{subject} must stay {allowed}; this comparison demands the opposite")]
    SloDirection {
        /// The subject as written.
        subject: String,
        /// The comparisons that make sense.
        allowed: &'static str,
    },
    /// A subject has an SLO already.
    #[error(
        "{text:?} promises something about a subject that has an SLO already; keep one of the two"
    )]
    SloTwice {
        /// The later SLO.
        text: String,
    },
    /// No run could meet the SLO.
    #[error("nothing can ever meet {text:?}")]
    SloNever {
        /// The SLO.
        text: String,
    },
}
