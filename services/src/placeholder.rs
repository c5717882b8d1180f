//! The placeholders a template may hold, by the moment they are filled.
//!
//! Owns every name of the form `${...}`: what it stands for, what kind of value it is and whether it can be absent.
//! Knows nothing of the world the values come from, nor of templates. Adding a world placeholder takes a variant
//! here, a row in `registry.rs` and a value in the generator.
//!
//! Invariant: row `idx` of a registry describes the variant whose discriminant is `idx` (a test holds this).

mod draw;
mod registry;

pub use draw::{DRAWS, Draw, DrawInfo};
pub use registry::{FIRE_FIELDS, TOKEN_FIELD, WORLD_FIELDS};

/// A value known when a tape is generated; it is written into the tape as final bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorldField {
    /// `${txn.id}`
    TxnId,
    /// `${txn.uuid}`
    TxnUuid,
    /// `${txn.amount}`
    TxnAmount,
    /// `${txn.currency}`
    TxnCurrency,
    /// `${txn.type}`
    TxnType,
    /// `${txn.entry_mode}`
    TxnEntryMode,
    /// `${txn.pos_entry_mode}`
    TxnPosEntryMode,
    /// `${txn.processing_code}`
    TxnProcessingCode,
    /// `${txn.card_present}`
    TxnCardPresent,
    /// `${txn.decision}`
    TxnDecision,
    /// `${txn.decision_reason}`
    TxnDecisionReason,
    /// `${txn.at}`
    TxnAt,
    /// `${card.token}`
    CardToken,
    /// `${card.network}`
    CardNetwork,
    /// `${card.major_network}`
    CardMajorNetwork,
    /// `${card.bin}`
    CardBin,
    /// `${card.logo}`
    CardLogo,
    /// `${card.country}`
    CardCountry,
    /// `${merchant.id}`
    MerchantId,
    /// `${merchant.name}`
    MerchantName,
    /// `${merchant.category}`
    MerchantCategory,
    /// `${merchant.mcc}`
    MerchantMcc,
    /// `${merchant.country}`
    MerchantCountry,
    /// `${terminal.id}`
    TerminalId,
    /// `${device.id}`
    DeviceId,
    /// `${ip.address}`
    IpAddress,
    /// `${holder.email}`
    HolderEmail,
    /// `${holder.phone}`
    HolderPhone,
}

/// A value known only when a request is fired; the tape holds a slot of fixed width for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FireField {
    /// `${fire.id}`
    Id,
    /// `${fire.uuid}`
    Uuid,
    /// `${fire.sent_at}`
    SentAt,
}

/// What a world placeholder renders to, which decides how a JSON body writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Text; a JSON string.
    Text,
    /// A decimal number, digits kept as they are; a JSON number.
    Number,
    /// `true` or `false`; a JSON boolean.
    Boolean,
}

impl ValueKind {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::Text, Self::Number, Self::Boolean];

    /// Gives the word a definition uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
        }
    }
}

/// Whether every transaction has a value for a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Every transaction has one.
    Always,
    /// Some have none; a JSON body then says `null`, and places without a `null` refuse the placeholder.
    Optional,
}

/// One row of [`WORLD_FIELDS`].
#[derive(Debug)]
pub struct WorldFieldInfo {
    /// The field.
    pub field: WorldField,
    /// The name between `${` and `}`.
    pub name: &'static str,
    /// What it renders to.
    pub kind: ValueKind,
    /// Whether it can be absent.
    pub presence: Presence,
    /// A value as rendered, without quotes.
    pub example: &'static str,
    /// What it stands for, in one line.
    pub help: &'static str,
}

/// One row of [`FIRE_FIELDS`].
#[derive(Debug)]
pub struct FireFieldInfo {
    /// The field.
    pub field: FireField,
    /// The name between `${` and `}`.
    pub name: &'static str,
    /// Bytes of every value, printable ASCII without quotes or backslashes.
    pub width: usize,
    /// A value as stamped, exactly `width` bytes.
    pub example: &'static str,
    /// What it stands for, in one line.
    pub help: &'static str,
}

/// What there is to say about `${fire.token}`.
#[derive(Debug)]
pub struct TokenFieldInfo {
    /// The name between `${` and `}`.
    pub name: &'static str,
    /// A value, of any length.
    pub example: &'static str,
    /// What it stands for, in one line.
    pub help: &'static str,
}

impl WorldField {
    /// Gives the registry row of this field.
    pub const fn info(self) -> &'static WorldFieldInfo {
        &WORLD_FIELDS[self as usize]
    }

    /// Gives the name between `${` and `}`.
    pub const fn name(self) -> &'static str {
        self.info().name
    }

    /// Gives the kind of its values.
    pub const fn kind(self) -> ValueKind {
        self.info().kind
    }
}

impl FireField {
    /// Gives the registry row of this field.
    pub const fn info(self) -> &'static FireFieldInfo {
        &FIRE_FIELDS[self as usize]
    }

    /// Gives the name between `${` and `}`.
    pub const fn name(self) -> &'static str {
        self.info().name
    }

    /// Gives the number of bytes its slot takes.
    pub const fn width(self) -> usize {
        self.info().width
    }
}

/// A placeholder of either moment, found by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placeholder {
    World(WorldField),
    Fire(FireField),
    Token,
}

impl Placeholder {
    pub(crate) fn find(name: &str) -> Option<Self> {
        let world = WORLD_FIELDS
            .iter()
            .find(|info| info.name == name)
            .map(|info| Self::World(info.field));
        let fire = || FIRE_FIELDS.iter().find(|info| info.name == name);
        let token = || (name == TOKEN_FIELD.name).then_some(Self::Token);
        world
            .or_else(|| fire().map(|info| Self::Fire(info.field)))
            .or_else(token)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::World(field) => field.name(),
            Self::Fire(field) => field.name(),
            Self::Token => TOKEN_FIELD.name,
        }
    }

    /// Lists the names that share the group of `name`, or all of them if it is no group.
    pub(crate) fn siblings(name: &str) -> Vec<&'static str> {
        let group = |name: &str| name.split('.').next().map(str::to_owned);
        let is_sibling = |other: &&str| group(other) == group(name);
        let siblings: Vec<_> = Self::names().filter(is_sibling).collect();
        if siblings.is_empty() {
            Self::names().collect()
        } else {
            siblings
        }
    }

    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        let world = WORLD_FIELDS.iter().map(|info| info.name);
        let fire = FIRE_FIELDS.iter().map(|info| info.name);
        let drawn = DRAWS.iter().map(|info| info.name);
        world.chain(fire).chain([TOKEN_FIELD.name]).chain(drawn)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn registry_rows_stand_at_their_field() {
        for (idx, info) in WORLD_FIELDS.iter().enumerate() {
            assert_eq!(info.field as usize, idx, "{}", info.name);
            assert_eq!(
                Placeholder::find(info.name),
                Some(Placeholder::World(info.field))
            );
        }
        for (idx, info) in FIRE_FIELDS.iter().enumerate() {
            assert_eq!(info.field as usize, idx, "{}", info.name);
            assert_eq!(
                Placeholder::find(info.name),
                Some(Placeholder::Fire(info.field))
            );
        }
    }

    #[test]
    fn names_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for name in Placeholder::names() {
            assert!(seen.insert(name), "{name} stands twice");
            let (group, field) = name.split_once('.').unwrap();
            for part in [group, field] {
                assert!(!part.is_empty(), "{name}");
                let allowed = |c: char| c.is_ascii_lowercase() || c == '_';
                assert!(part.chars().all(allowed), "{name}");
            }
        }
        assert_eq!(Placeholder::find("txn"), None);
        assert_eq!(Placeholder::find(""), None);
    }

    #[test]
    fn examples_are_of_their_kind() {
        for info in WORLD_FIELDS {
            assert!(!info.help.is_empty(), "{} needs help text", info.name);
            let as_json = match info.kind {
                ValueKind::Text => format!("{:?}", info.example),
                ValueKind::Number | ValueKind::Boolean => info.example.to_owned(),
            };
            let value: serde_json::Value = serde_json::from_str(&as_json).unwrap();
            match info.kind {
                ValueKind::Text => assert!(value.is_string(), "{}", info.name),
                ValueKind::Number => assert!(value.is_number(), "{}", info.name),
                ValueKind::Boolean => assert!(value.is_boolean(), "{}", info.name),
            }
        }
    }

    #[test]
    fn slots_need_no_escaping_and_have_their_width() {
        for info in FIRE_FIELDS {
            assert!(!info.help.is_empty(), "{} needs help text", info.name);
            assert_eq!(info.example.len(), info.width, "{}", info.name);
            let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
            assert!(info.example.bytes().all(plain), "{}", info.name);
        }
    }
}
