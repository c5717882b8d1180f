//! The registry rows of all placeholders: name, kind, example and help.

use super::{
    FireField, FireFieldInfo, Presence, TokenFieldInfo, ValueKind, WorldField, WorldFieldInfo,
};

/// Every placeholder of the generation moment.
pub const WORLD_FIELDS: &[WorldFieldInfo] = &[
    text(
        WorldField::TxnId,
        "txn.id",
        "t0123456789abcdef",
        "id of the transaction, the same however often the tape is played",
    ),
    text(
        WorldField::TxnUuid,
        "txn.uuid",
        "3f0c9a51-7be2-8d44-a1c6-5e2b80f7d913",
        "id of the transaction as a UUID, for services that insist on one",
    ),
    WorldFieldInfo {
        kind: ValueKind::Number,
        ..text(
            WorldField::TxnAmount,
            "txn.amount",
            "42.50",
            "amount in the transaction's currency, with exactly that currency's digits",
        )
    },
    text(
        WorldField::TxnCurrency,
        "txn.currency",
        "USD",
        "currency of the amount, ISO 4217",
    ),
    text(
        WorldField::TxnType,
        "txn.type",
        "PURCHASE",
        "kind of transaction, such as PURCHASE, REFUND or CASH_ADVANCE",
    ),
    text(
        WorldField::TxnEntryMode,
        "txn.entry_mode",
        "CONTACTLESS",
        "how the card was read: CHIP, CONTACTLESS, MAGSTRIPE, MANUAL, ECOM or MOTO",
    ),
    text(
        WorldField::TxnPosEntryMode,
        "txn.pos_entry_mode",
        "07",
        "how the card was read, first two digits of ISO 8583 field 22",
    ),
    text(
        WorldField::TxnProcessingCode,
        "txn.processing_code",
        "00",
        "kind of transaction, first two digits of ISO 8583 field 3",
    ),
    WorldFieldInfo {
        kind: ValueKind::Boolean,
        ..text(
            WorldField::TxnCardPresent,
            "txn.card_present",
            "true",
            "whether the card was at the terminal",
        )
    },
    text(
        WorldField::TxnDecision,
        "txn.decision",
        "APPROVE",
        "what the issuer answered: APPROVE or DECLINE",
    ),
    text(
        WorldField::TxnDecisionReason,
        "txn.decision_reason",
        "DEFAULT_ALLOW",
        "why the issuer decided so: DEFAULT_ALLOW or SYSTEM_DECLINE",
    ),
    text(
        WorldField::TxnAt,
        "txn.at",
        "2025-01-06T09:15:27.042Z",
        "event time of the transaction, RFC 3339 UTC",
    ),
    text(
        WorldField::CardToken,
        "card.token",
        "tok_7zq4m0c2v9hx5d1ftrw8ks3j",
        "token standing for the card; no card number exists",
    ),
    text(
        WorldField::CardNetwork,
        "card.network",
        "VISA",
        "network of the card, such as VISA or MASTERCARD",
    ),
    text(
        WorldField::CardMajorNetwork,
        "card.major_network",
        "VISA",
        "network of the card if it is VISA, MASTERCARD, AMEX or DISCOVER, else OTHER",
    ),
    text(
        WorldField::CardBin,
        "card.bin",
        "411111",
        "first six digits of the card's range",
    ),
    text(
        WorldField::CardLogo,
        "card.logo",
        "VISA",
        "brand printed on the card",
    ),
    text(
        WorldField::CardCountry,
        "card.country",
        "US",
        "country of the issuer, ISO 3166-1 alpha-2",
    ),
    text(
        WorldField::MerchantId,
        "merchant.id",
        "M00000042",
        "id of the merchant",
    ),
    text(
        WorldField::MerchantName,
        "merchant.name",
        "Velmora Grocers",
        "invented name of the merchant",
    ),
    text(
        WorldField::MerchantCategory,
        "merchant.category",
        "GROCERY",
        "category of the merchant, in words",
    ),
    text(
        WorldField::MerchantMcc,
        "merchant.mcc",
        "5411",
        "merchant category code, four digits, ISO 18245",
    ),
    text(
        WorldField::MerchantCountry,
        "merchant.country",
        "US",
        "country of the merchant, ISO 3166-1 alpha-2",
    ),
    optional(
        WorldField::TerminalId,
        "terminal.id",
        "M00000042-07",
        "terminal in the merchant's shop; absent at a merchant that only sells online",
    ),
    optional(
        WorldField::DeviceId,
        "device.id",
        "dev_5k2n8q0x",
        "device an online purchase was made on; absent at a terminal",
    ),
    optional(
        WorldField::IpAddress,
        "ip.address",
        "198.18.7.42",
        "address an online purchase came from; absent at a terminal",
    ),
    text(
        WorldField::HolderEmail,
        "holder.email",
        "q7f3@mail.example",
        "invented e-mail address of the cardholder",
    ),
    text(
        WorldField::HolderPhone,
        "holder.phone",
        "+12125550142",
        "invented telephone number of the cardholder",
    ),
];

/// Every placeholder of the firing moment.
pub const FIRE_FIELDS: &[FireFieldInfo] = &[
    FireFieldInfo {
        field: FireField::Id,
        name: "fire.id",
        width: 26,
        example: "t0123456789abcdef-0C5R9TKW",
        help: "id of the transaction plus a stamp of this firing: shared by the requests of one transaction, never repeated",
    },
    FireFieldInfo {
        field: FireField::Uuid,
        name: "fire.uuid",
        width: 36,
        example: "3f0c9a51-7be2-8d44-a1c6-5e2b80f7d913",
        help: "UUID of this request and this firing, never repeated",
    },
    FireFieldInfo {
        field: FireField::SentAt,
        name: "fire.sent_at",
        width: 24,
        example: "2026-01-02T03:04:05.678Z",
        help: "instant of sending, RFC 3339 UTC with milliseconds",
    },
];

/// The token of the run. It is not of fixed width, and no tape may hold it.
pub const TOKEN_FIELD: TokenFieldInfo = TokenFieldInfo {
    name: "fire.token",
    example: "eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
    help: "token of the run, renewed as it expires; without one the header is left out",
};

const fn text(
    field: WorldField,
    name: &'static str,
    example: &'static str,
    help: &'static str,
) -> WorldFieldInfo {
    WorldFieldInfo {
        field,
        name,
        kind: ValueKind::Text,
        presence: Presence::Always,
        example,
        help,
    }
}

const fn optional(
    field: WorldField,
    name: &'static str,
    example: &'static str,
    help: &'static str,
) -> WorldFieldInfo {
    WorldFieldInfo {
        presence: Presence::Optional,
        ..text(field, name, example, help)
    }
}
