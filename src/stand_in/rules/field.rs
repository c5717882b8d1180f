//! The names a request and a rule use for the members of a transaction.
//!
//! Names are resolved once, while a ruleset loads; a request is then tested by index.

/// Declares the members that hold text, with their names on the wire.
macro_rules! text_fields {
    ($($field:ident = $name:literal,)+) => {
        /// A member of a transaction that holds text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(in crate::stand_in) enum TextField {
            $($field,)+
        }

        impl TextField {
            pub(in crate::stand_in) const ALL: &[Self] = &[$(Self::$field,)+];

            /// Gives the name used on the wire and in answers.
            pub(in crate::stand_in) fn name(self) -> &'static str {
                match self {
                    $(Self::$field => $name,)+
                }
            }

            /// Finds the member a request's key means.
            pub(super) fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$field),)+
                    _ => None,
                }
            }
        }
    };
}

text_fields! {
    TransactionId = "transaction_id",
    CardHash = "card_hash",
    Currency = "currency",
    CountryCode = "country_code",
    MerchantId = "merchant_id",
    MerchantName = "merchant_name",
    MerchantCategory = "merchant_category",
    MerchantCategoryCode = "merchant_category_code",
    TransactionType = "transaction_type",
    EntryMode = "entry_mode",
    IpAddress = "ip_address",
    DeviceId = "device_id",
    Email = "email",
    Phone = "phone",
    Timestamp = "timestamp",
    CardNetwork = "card_network",
    CardBin = "card_bin",
    CardLogo = "card_logo",
}

/// What a rule's field name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Text(TextField),
    Amount,
    CardPresent,
    /// Custom fields and the six address fields: the evaluation paths skip them, so no request ever has one.
    NeverPresent,
}

/// The value of a field in one transaction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::stand_in) enum FieldValue<'a> {
    Text(&'a str),
    Number(f64),
    Flag(bool),
}

impl Field {
    /// Resolves the name in a rule's condition, aliases included.
    pub(super) fn from_rule(name: &str) -> Self {
        let name = match name {
            "txn_id" => "transaction_id",
            "card" => "card_hash",
            "merch_id" => "merchant_id",
            "merch_category" => "merchant_category",
            "mcc" => "merchant_category_code",
            "ip" => "ip_address",
            "device" => "device_id",
            "network" => "card_network",
            "bin" => "card_bin",
            "logo" => "card_logo",
            name => name,
        };
        match name {
            "amount" => Self::Amount,
            "card_present" => Self::CardPresent,
            name => TextField::from_name(name).map_or(Self::NeverPresent, Self::Text),
        }
    }

    /// Resolves the dimension of a velocity rule, which knows fewer names than a condition and no aliases.
    pub(super) fn from_dimension(name: &str) -> Self {
        match Self::from_rule(name) {
            Self::Text(
                TextField::TransactionId
                | TextField::Timestamp
                | TextField::CardNetwork
                | TextField::CardBin
                | TextField::CardLogo,
            ) => Self::NeverPresent,
            Self::Text(field) if field.name() != name => Self::NeverPresent,
            field => field,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, TextField};

    #[test]
    fn every_text_field_is_found_by_its_own_name() {
        for &field in TextField::ALL {
            assert_eq!(TextField::from_name(field.name()), Some(field));
        }
    }

    #[test]
    fn rules_may_use_aliases_and_custom_names() {
        for (name, field) in [
            ("amount", Field::Amount),
            ("card_present", Field::CardPresent),
            ("mcc", Field::Text(TextField::MerchantCategoryCode)),
            (
                "merchant_category_code",
                Field::Text(TextField::MerchantCategoryCode),
            ),
            ("bin", Field::Text(TextField::CardBin)),
            ("billing_country", Field::NeverPresent),
            ("loyalty_tier", Field::NeverPresent),
        ] {
            assert_eq!(Field::from_rule(name), field, "{name}");
        }
    }

    #[test]
    fn dimensions_know_fifteen_names_and_no_alias() {
        let known = TextField::ALL
            .iter()
            .map(|field| field.name())
            .chain(["amount", "card_present"])
            .filter(|name| Field::from_dimension(name) != Field::NeverPresent)
            .count();
        assert_eq!(known, 15);
        assert_eq!(Field::from_dimension("mcc"), Field::NeverPresent);
        assert_eq!(Field::from_dimension("card_bin"), Field::NeverPresent);
    }
}
