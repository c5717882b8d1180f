//! One transaction as a request states it.
//!
//! Texts borrow from the request's bytes unless they hold escapes. Unknown members are skipped, a JSON null is an absent
//! member, the last of two equal keys wins, and nothing is validated beyond the JSON types.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::field::{Field, FieldValue, TextField};

/// The members of a transaction that the evaluation paths read.
#[derive(Debug, Default)]
pub(in crate::stand_in) struct Transaction<'a> {
    texts: [Option<Cow<'a, str>>; TextField::ALL.len()],
    amount: Option<f64>,
    card_present: Option<bool>,
    decision: Option<Cow<'a, str>>,
}

impl<'a> Transaction<'a> {
    /// Reads the JSON body of a request.
    pub(in crate::stand_in) fn parse(body: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(body)
    }

    pub(in crate::stand_in) fn text(&self, field: TextField) -> Option<&str> {
        self.texts[field as usize].as_deref()
    }

    pub(in crate::stand_in) fn id(&self) -> Option<&str> {
        self.text(TextField::TransactionId)
    }

    pub(in crate::stand_in) fn amount(&self) -> Option<f64> {
        self.amount
    }

    pub(in crate::stand_in) fn card_present(&self) -> Option<bool> {
        self.card_present
    }

    /// Gives the decision the caller has taken; only the monitoring path asks for it.
    pub(in crate::stand_in) fn decision(&self) -> Option<&str> {
        self.decision.as_deref()
    }

    pub(super) fn value(&self, field: Field) -> Option<FieldValue<'_>> {
        match field {
            Field::Text(field) => self.text(field).map(FieldValue::Text),
            Field::Amount => self.amount.map(FieldValue::Number),
            Field::CardPresent => self.card_present.map(FieldValue::Flag),
            Field::NeverPresent => None,
        }
    }
}

impl<'de> Deserialize<'de> for Transaction<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TransactionVisitor)
    }
}

struct TransactionVisitor;

impl<'de> Visitor<'de> for TransactionVisitor {
    type Value = Transaction<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a transaction object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Self::Value, M::Error> {
        let mut transaction = Transaction::default();
        while let Some(member) = members.next_key()? {
            match member {
                Member::Text(field) => {
                    transaction.texts[field as usize] = members.next_value::<Text<'de>>()?.0;
                }
                Member::Amount => transaction.amount = members.next_value()?,
                Member::CardPresent => transaction.card_present = members.next_value()?,
                Member::Decision => transaction.decision = members.next_value::<Text<'de>>()?.0,
                Member::Unknown => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(transaction)
    }
}

/// A key of the request, recognized without keeping it.
enum Member {
    Text(TextField),
    Amount,
    CardPresent,
    Decision,
    Unknown,
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(MemberVisitor)
    }
}

struct MemberVisitor;

impl Visitor<'_> for MemberVisitor {
    type Value = Member;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a member name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Member, E> {
        Ok(match name {
            "amount" => Member::Amount,
            "card_present" => Member::CardPresent,
            "decision" => Member::Decision,
            name => TextField::from_name(name).map_or(Member::Unknown, Member::Text),
        })
    }
}

/// A text member: a string, a number turned into text, or null.
///
/// `Option<Cow<str>>` would not do: serde borrows into a bare `Cow` only, and copies every string inside an `Option`.
struct Text<'a>(Option<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string, a number or null")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Borrowed(text))))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Owned(text.to_owned()))))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Owned(number.to_string()))))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Owned(number.to_string()))))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Owned(number.to_string()))))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Text(None))
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;
    use serde_json::json;

    use super::{TextField, Transaction};

    proptest! {
        #[test]
        fn any_text_and_any_amount_of_money_survive(id: String, cents in 0..1_000_000_000_000_u64) {
            let amount = format!("{}.{:02}", cents / 100, cents % 100);
            let body = format!(r#"{{"transaction_id":{},"amount":{amount}}}"#, json!(id));
            let transaction = Transaction::parse(&body).unwrap();
            prop_assert_eq!(transaction.id(), Some(id.as_str()));
            prop_assert_eq!(transaction.amount(), amount.parse().ok());
        }

        #[test]
        fn no_body_is_too_strange_to_be_refused(body: String) {
            let is_object = body.trim_ascii_start().starts_with('{');
            prop_assert!(is_object || Transaction::parse(&body).is_err());
        }
    }

    #[test]
    fn plain_texts_borrow_and_escaped_ones_are_copied() {
        let body = r#"{"transaction_id":"t-1","merchant_name":"Caf\u00e9 \"Nord\""}"#;
        let transaction = Transaction::parse(body).unwrap();
        assert!(matches!(
            transaction.texts[TextField::TransactionId as usize],
            Some(Cow::Borrowed("t-1"))
        ));
        assert_eq!(
            transaction.text(TextField::MerchantName),
            Some("Café \"Nord\"")
        );
    }

    #[test]
    fn numbers_become_text_nulls_are_absent_and_unknown_members_are_skipped() {
        let body = r#"{"merchant_category_code":5411,"email":null,"billing_address":{"city":"X"},
            "custom_fields":{"a":[1]},"amount":12.5,"card_present":false,"decision":"ALLOW","currency":"EUR","currency":"USD"}"#;
        let transaction = Transaction::parse(body).unwrap();
        assert_eq!(
            transaction.text(TextField::MerchantCategoryCode),
            Some("5411")
        );
        assert_eq!(transaction.text(TextField::Email), None);
        assert_eq!(transaction.text(TextField::Currency), Some("USD"));
        assert_eq!(transaction.amount(), Some(12.5));
        assert_eq!(transaction.card_present(), Some(false));
        assert_eq!(transaction.decision(), Some("ALLOW"));
    }

    #[test]
    fn wrong_types_and_broken_json_are_refused() {
        for body in [
            r#"{"amount":"12.50"}"#,
            r#"{"card_present":"true"}"#,
            r#"{"currency":["USD"]}"#,
            r#"{"currency":true}"#,
            r#"{"amount":1"#,
            r#"{"amount":1} x"#,
            "[]",
            "null",
            "",
        ] {
            assert!(Transaction::parse(body).is_err(), "{body}");
        }
    }
}
