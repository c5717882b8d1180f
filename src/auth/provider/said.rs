//! What a provider says: a token and how long it lasts, or why there is none.
//!
//! Source: RFC 6749 sections 5.1 and 5.2. Some gateways write the lifetime as text or as a decimal number, and some
//! write `null` where they do not know it.

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

/// How long a token lasts whose provider does not say.
const LIFETIME_S: u64 = 3_600;

/// Longest lifetime that makes sense, seconds: a hundred years.
const LONGEST_S: f64 = 3.2e9;

/// What a provider says: a token, or why not.
#[derive(Deserialize)]
pub(super) struct Said {
    pub(super) access_token: Option<SecretString>,
    expires_in: Option<Value>,
    error: Option<Value>,
    error_description: Option<Value>,
}

impl Said {
    /// Gives the token's lifetime in whole seconds; an hour if nothing is said.
    ///
    /// Errors: what is said, if that is no length of time.
    pub(super) fn lifetime_s(&self) -> Result<u64, String> {
        let seconds = match &self.expires_in {
            None | Some(Value::Null) => return Ok(LIFETIME_S),
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        let sensible = seconds.filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0);
        match (sensible, &self.expires_in) {
            (Some(seconds), _) => Ok(whole(seconds.min(LONGEST_S))),
            (None, said) => Err(said.as_ref().map(Value::to_string).unwrap_or_default()),
        }
    }

    /// Gives why there is no token, in the provider's words.
    pub(super) fn reason(&self) -> String {
        let said = [&self.error, &self.error_description];
        let words = said.into_iter().filter_map(|said| match said {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
        });
        words.collect::<Vec<_>>().join(": ")
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked: neither negative nor longer than the longest"
)]
fn whole(seconds: f64) -> u64 {
    seconds as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> Said {
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn a_lifetime_is_understood_however_it_is_written() {
        for (written, expected) in [
            ("3599", Ok(3_599)),
            ("\"3599\"", Ok(3_599)),
            ("\" 3599 \"", Ok(3_599)),
            ("3599.0", Ok(3_599)),
            ("3599.9", Ok(3_599)),
            ("\"3599.5\"", Ok(3_599)),
            ("3.6e3", Ok(3_600)),
            ("0", Ok(0)),
            ("null", Ok(3_600)),
            ("18446744073709551615", Ok(3_200_000_000)),
            ("\"soon\"", Err("\"soon\"")),
            ("\"\"", Err("\"\"")),
            ("\"inf\"", Err("\"inf\"")),
            ("-1", Err("-1")),
            ("true", Err("true")),
            ("[3599]", Err("[3599]")),
        ] {
            let body = format!(r#"{{"access_token":"x","expires_in":{written}}}"#);
            let expected = expected.map_err(str::to_owned);
            assert_eq!(said(&body).lifetime_s(), expected, "{written}");
        }
        assert_eq!(said("{}").lifetime_s(), Ok(3_600));
    }

    #[test]
    fn a_reason_is_given_whatever_its_type() {
        for (body, expected) in [
            ("{}", ""),
            (r#"{"error":"a","error_description":"b c"}"#, "a: b c"),
            (
                r#"{"error":{"code":7},"error_description":null}"#,
                r#"{"code":7}"#,
            ),
        ] {
            assert_eq!(said(body).reason(), expected);
        }
    }
}
