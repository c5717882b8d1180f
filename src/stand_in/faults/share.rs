//! Parts of all requests, as a share or as what is above a limit.

use std::str::FromStr;

use super::setting;
use crate::stand_in::Error;

/// A part of all requests, from none to every one.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// No request at all.
    pub const NONE: Self = Self(0.0);
    /// Every request.
    pub const ALL: Self = Self(1.0);

    /// Makes a share of a number between 0 and 1; anything else is `None`.
    pub fn new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then_some(Self(share))
    }

    /// Gives the share as a number between 0 and 1.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Share {
    type Err = Error;

    /// Reads a percentage, such as `2.5%`.
    fn from_str(text: &str) -> Result<Self, Error> {
        parse_percent(text)
            .ok_or_else(|| setting("a share", text, "a percentage from `0%` to `100%`"))
    }
}

fn parse_percent(text: &str) -> Option<Share> {
    let percent: f64 = text.trim().strip_suffix('%')?.trim_end().parse().ok()?;
    Share::new(percent / 100.0)
}

/// Which requests are refused as if the engine were overloaded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shed {
    /// A share of them, whatever the load.
    Share(Share),
    /// Those that arrive while this many are in the works.
    Above(usize),
}

impl Default for Shed {
    fn default() -> Self {
        Self::Share(Share::NONE)
    }
}

impl FromStr for Shed {
    type Err = Error;

    /// Reads a percentage, such as `10%`, or the number of requests that may be in the works, such as `100`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let limit = text.trim().parse().ok().map(Self::Above);
        limit.or_else(|| parse_percent(text).map(Self::Share)).ok_or_else(|| {
            let expected = "a percentage such as `10%`, or how many requests may be in the works, such as `100`";
            setting("a load-shedding rule", text, expected)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Share, Shed};

    #[test]
    fn shares_are_percentages() {
        for (text, share) in [("0%", 0.0), ("100%", 1.0), ("2.5%", 0.025), (" 10 % ", 0.1)] {
            assert_eq!(
                text.parse::<Share>().unwrap().get().to_bits(),
                f64::to_bits(share),
                "{text}"
            );
        }
        for text in ["", "%", "10", "0.1", "-1%", "101%", "NaN%", "ten%"] {
            let error = text.parse::<Share>().unwrap_err().to_string();
            assert_eq!(
                error,
                format!("`{text}` is not a share: expected a percentage from `0%` to `100%`")
            );
        }
    }

    #[test]
    fn shedding_is_a_share_or_a_limit() {
        assert_eq!(
            "10%".parse::<Shed>().unwrap(),
            Shed::Share(Share::new(0.1).unwrap())
        );
        assert_eq!("100".parse::<Shed>().unwrap(), Shed::Above(100));
        assert_eq!("0".parse::<Shed>().unwrap(), Shed::Above(0));
        for text in ["", "-1", "1.5", "200%", "many"] {
            let error = text.parse::<Shed>().unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`{text}` is not a load-shedding rule: expected")),
                "{error}"
            );
        }
    }
}
