//! Which transactions a rule is offered, and how early.
//!
//! A narrower scope is tried before a wider one. A trap of the engine that is kept: a rule with two scopes at once is filed
//! as if it had none, and neither is tested again; only its place in the order remembers them.

use serde_json::Value;

use super::field::TextField;
use super::members::{Members, Problem};
use super::transaction::Transaction;

/// The scope of a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Global,
    /// The field must equal one of the values.
    Equal(TextField, Box<[Box<str>]>),
    /// The card's BIN must start with one of the values.
    BinPrefix(Box<[Box<str>]>),
    /// This many scopes at once, none of them tested.
    Combined(usize),
}

/// The members of a scope object and the fields they test.
const MEMBERS: [(&str, TextField); 4] = [
    ("network", TextField::CardNetwork),
    ("bin", TextField::CardBin),
    ("mcc", TextField::MerchantCategoryCode),
    ("logo", TextField::CardLogo),
];

impl Scope {
    /// Compiles a rule's `scope`; members other than the four known ones are skipped, as the engine does.
    pub(super) fn compile(scope: &Value) -> Result<Self, Problem> {
        let scope = Members::of(scope)?;
        let mut found = Vec::new();
        for (name, field) in MEMBERS {
            if let Some((_, value)) = scope.find(&[name]) {
                let values = texts(value).map_err(|problem| problem.within(name))?;
                if !values.is_empty() {
                    found.push((field, values));
                }
            }
        }
        Ok(match (found.pop(), found.len()) {
            (None, _) => Self::Global,
            (Some((TextField::CardBin, prefixes)), 0) => Self::BinPrefix(prefixes),
            (Some((field, values)), 0) => Self::Equal(field, values),
            (Some(_), others) => Self::Combined(others + 1),
        })
    }

    /// Ranks scopes: the higher, the earlier the rule is tried. A list of prefixes counts as its longest one.
    pub(super) fn specificity(&self) -> usize {
        match self {
            Self::Global => 0,
            Self::Equal(TextField::MerchantCategoryCode, _) => 3,
            Self::Equal(TextField::CardLogo, _) => 4,
            Self::Equal(..) => 1,
            Self::BinPrefix(prefixes) => {
                2 + prefixes
                    .iter()
                    .map(|prefix| prefix.len())
                    .max()
                    .unwrap_or(0)
            }
            Self::Combined(count) => 5 + count,
        }
    }

    pub(super) fn covers(&self, transaction: &Transaction<'_>) -> bool {
        match self {
            Self::Global | Self::Combined(_) => true,
            Self::Equal(field, values) => transaction
                .text(*field)
                .is_some_and(|text| values.iter().any(|value| &**value == text)),
            Self::BinPrefix(prefixes) => transaction
                .text(TextField::CardBin)
                .is_some_and(|bin| prefixes.iter().any(|prefix| bin.starts_with(&**prefix))),
        }
    }
}

fn texts(value: &Value) -> Result<Box<[Box<str>]>, Problem> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    items
        .iter()
        .map(|item| item.as_str().map(Into::into))
        .collect::<Option<_>>()
        .ok_or_else(|| Problem::unexpected("", value, "a string or a list of strings"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::transaction::Transaction;
    use super::Scope;

    const BODY: &str =
        r#"{"card_network":"VISA","card_bin":"411111","merchant_category_code":"7995"}"#;

    /// Each row: a scope, its specificity, and whether it covers the transaction above.
    #[test]
    fn scopes_rank_and_cover() {
        let transaction = Transaction::parse(BODY).unwrap();
        let rows: [(Value, usize, bool); 12] = [
            (json!({}), 0, true),
            (json!({"network": []}), 0, true),
            (json!({"region": "EU"}), 0, true),
            (json!({"network": "VISA"}), 1, true),
            (json!({"network": ["AMEX", "JCB"]}), 1, false),
            (json!({"mcc": ["6051", "7995"]}), 3, true),
            (json!({"logo": "GOLD"}), 4, false),
            (json!({"bin": "4111"}), 6, true),
            (json!({"bin": ["42", "411111"]}), 8, true),
            (json!({"bin": "4111112"}), 9, false),
            (json!({"mcc": "5411", "network": "AMEX"}), 7, true),
            (json!({"mcc": "1", "network": "2", "bin": "3"}), 8, true),
        ];
        for (scope, specificity, covers) in rows {
            let compiled = Scope::compile(&scope).unwrap();
            assert_eq!(compiled.specificity(), specificity, "{scope}");
            assert_eq!(compiled.covers(&transaction), covers, "{scope}");
        }
    }

    #[test]
    fn scopes_hold_strings_only() {
        let problem = Scope::compile(&json!({"mcc": [7995]})).unwrap_err();
        assert_eq!(problem.place, "mcc");
        assert_eq!(
            problem.message,
            "found a list, expected a string or a list of strings"
        );
    }
}
