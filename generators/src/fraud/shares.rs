//! How the fraud is divided among the typologies.

use std::fmt;
use std::str::FromStr;

use super::TYPOLOGIES;

/// Shares of the typologies in the fraud, in relation to one another.
///
/// Written `NAME=SHARE,NAME=SHARE,..`; a typology that is not named has none. The default is what every typology says
/// of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct TypologyShares {
    /// Places in the registry with their shares, in that order; empty for the default.
    given: Vec<(usize, f64)>,
}

/// Why shares could not be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseTypologySharesError {
    /// An entry is no name with a share.
    #[error(
        "found {entry:?}, expected NAME=SHARE with a share of 0 or more, as in card_testing=0.5"
    )]
    Entry {
        /// The entry.
        entry: String,
    },
    /// Nobody knows the typology.
    #[error("unknown typology {name:?}{}; known: {}", hint(*.nearest), known().collect::<Vec<_>>().join(", "))]
    Unknown {
        /// Its name.
        name: String,
        /// The known name closest to it, if one is close.
        nearest: Option<&'static str>,
    },
    /// A typology is named twice.
    #[error("typology {name} is named twice")]
    Twice {
        /// Its name.
        name: &'static str,
    },
    /// No typology has a share.
    #[error("no typology has a share above 0")]
    Nothing,
}

fn hint(nearest: Option<&'static str>) -> String {
    nearest.map_or_else(String::new, |name| format!(", did you mean {name:?}?"))
}

fn known() -> impl Iterator<Item = &'static str> {
    TYPOLOGIES.iter().map(|typology| typology.profile().name)
}

impl TypologyShares {
    /// The shares that the typologies have unless somebody says otherwise.
    pub const USUAL: Self = Self { given: Vec::new() };

    /// Gives the share of every typology in the order of the registry; they sum up to 1.
    pub(crate) fn normalized(&self) -> Vec<f64> {
        let mut shares = vec![0.0; TYPOLOGIES.len()];
        for (place, share) in self.entries() {
            shares[place] = share;
        }
        let sum: f64 = shares.iter().sum();
        shares.into_iter().map(|share| share / sum).collect()
    }

    fn entries(&self) -> Vec<(usize, f64)> {
        if !self.given.is_empty() {
            return self.given.clone();
        }
        let usual = TYPOLOGIES.iter().map(|typology| typology.profile().share);
        usual.enumerate().collect()
    }
}

impl Default for TypologyShares {
    fn default() -> Self {
        Self::USUAL
    }
}

impl FromStr for TypologyShares {
    type Err = ParseTypologySharesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut given: Vec<(usize, f64)> = Vec::new();
        for entry in text.split(',').map(str::trim) {
            let refuse = || ParseTypologySharesError::Entry {
                entry: entry.to_owned(),
            };
            let (name, share) = entry.split_once('=').ok_or_else(refuse)?;
            let name = name.trim();
            let place = known().position(|other| other == name).ok_or_else(|| {
                ParseTypologySharesError::Unknown {
                    name: name.to_owned(),
                    nearest: tapdeck_services::nearest(name, known()),
                }
            })?;
            let share: f64 = share.trim().parse().map_err(|_| refuse())?;
            if !(0.0..=f64::from(u32::MAX)).contains(&share) {
                return Err(refuse());
            }
            if given.iter().any(|&(other, _)| other == place) {
                let name = TYPOLOGIES[place].profile().name;
                return Err(ParseTypologySharesError::Twice { name });
            }
            given.push((place, share));
        }
        if given.iter().all(|&(_, share)| share <= 0.0) {
            return Err(ParseTypologySharesError::Nothing);
        }
        given.sort_unstable_by_key(|&(place, _)| place);
        Ok(Self { given })
    }
}

impl fmt::Display for TypologyShares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, (place, share)) in self.entries().into_iter().enumerate() {
            let comma = if count > 0 { "," } else { "" };
            write!(f, "{comma}{}={share}", TYPOLOGIES[place].profile().name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_usual_shares_are_all_there_is() {
        let shares = TypologyShares::default().normalized();
        assert_eq!(shares.len(), 9);
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((shares[0] - 0.20).abs() < 1e-12, "{shares:?}");
    }

    #[test]
    fn what_is_not_named_has_no_share() {
        let shares: TypologyShares = " bin_attack = 3, card_testing=1 ".parse().unwrap();
        assert_eq!(shares.to_string(), "card_testing=1,bin_attack=3");
        assert_eq!(
            shares.normalized(),
            [0.25, 0.0, 0.0, 0.75, 0.0, 0.0, 0.0, 0.0, 0.0]
        );
    }

    #[test]
    fn mistakes_are_named() {
        let rows = [
            ("", "found \"\", expected NAME=SHARE"),
            (
                "card_testing",
                "found \"card_testing\", expected NAME=SHARE",
            ),
            ("card_testing=much", "found \"card_testing=much\", expected"),
            ("card_testing=-1", "found \"card_testing=-1\", expected"),
            ("card_testing=NaN", "found \"card_testing=NaN\", expected"),
            ("card_testing=inf", "found \"card_testing=inf\", expected"),
            (
                "bin_atack=1",
                "unknown typology \"bin_atack\", did you mean \"bin_attack\"?; known: card_testing, counterfeit, ",
            ),
            (
                "skimming=1",
                "unknown typology \"skimming\"; known: card_testing, ",
            ),
            ("bust_out=1,bust_out=2", "typology bust_out is named twice"),
            ("bust_out=0", "no typology has a share above 0"),
        ];
        for (text, expected) in rows {
            let error = text.parse::<TypologyShares>().unwrap_err();
            assert!(error.to_string().starts_with(expected), "{text}: {error}");
        }
    }

    proptest! {
        /// What is written is read back as it was.
        #[test]
        fn shares_survive_being_written(
            weights in proptest::collection::vec(0.0..100.0f64, TYPOLOGIES.len()),
            first in 0.1..1.0f64,
        ) {
            let mut given: Vec<(usize, f64)> = weights.into_iter().enumerate().collect();
            given[0].1 = first;
            let shares = TypologyShares { given };
            prop_assert_eq!(shares.to_string().parse::<TypologyShares>().unwrap(), shares);
        }
    }
}
