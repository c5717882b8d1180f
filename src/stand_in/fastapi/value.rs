//! What pydantic takes for a value of a type, and what it says of everything else.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::Misfit;
use crate::stand_in::uuid::Uuid;

/// Reads a text with so many characters.
pub(in crate::stand_in) fn text(
    value: &Value,
    (least, most): (usize, usize),
) -> Result<&str, Misfit> {
    let Some(text) = value.as_str() else {
        return Err(Misfit::new("string_type", "Input should be a valid string"));
    };
    let count = text.chars().count();
    if count < least {
        let message = format!("String should have at least {least} characters");
        return Err(Misfit::new("string_too_short", message).within(json!({"min_length": least})));
    }
    if count > most {
        let message = format!("String should have at most {most} characters");
        return Err(Misfit::new("string_too_long", message).within(json!({"max_length": most})));
    }
    Ok(text)
}

/// Reads one of some words.
pub(in crate::stand_in) fn word(
    value: &Value,
    words: &'static [&'static str],
) -> Result<&'static str, Misfit> {
    let found = value.as_str();
    let known = words.iter().find(|word| Some(**word) == found);
    known.copied().ok_or_else(|| {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let expected = match quoted.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        };
        Misfit::new("enum", format!("Input should be {expected}"))
            .within(json!({"expected": expected}))
    })
}

/// Reads an instant; one without an offset is taken for UTC.
pub(in crate::stand_in) fn time(value: &Value) -> Result<Timestamp, Misfit> {
    let Some(text) = value.as_str() else {
        let seconds = value.as_i64();
        let instant = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let misfit = || Misfit::new("datetime_type", "Input should be a valid datetime");
        return instant.ok_or_else(misfit);
    };
    let naive = |text: &str| {
        let civil: DateTime = text.parse().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    let instant = text.parse().ok().or_else(|| naive(text));
    instant.ok_or_else(|| {
        let error = "invalid datetime";
        let message = format!("Input should be a valid datetime or date, {error}");
        Misfit::new("datetime_from_date_parsing", message).within(json!({"error": error}))
    })
}

/// Reads a whole number, given as a number or as text, with a lower limit if there is one.
pub(in crate::stand_in) fn whole(value: &Value, least: Option<i64>) -> Result<i64, Misfit> {
    let number = match value {
        Value::String(text) => text.trim().parse().map_err(|_| {
            let message = "Input should be a valid integer, unable to parse string as an integer";
            Misfit::new("int_parsing", message)
        })?,
        _ => value
            .as_i64()
            .ok_or_else(|| Misfit::new("int_type", "Input should be a valid integer"))?,
    };
    match least {
        Some(least) if number < least => {
            let message = format!("Input should be greater than or equal to {least}");
            Err(Misfit::new("greater_than_equal", message).within(json!({"ge": least})))
        }
        _ => Ok(number),
    }
}

/// Reads a finite number, given as a number or as text.
pub(in crate::stand_in) fn amount(value: &Value) -> Result<f64, Misfit> {
    let number = match value {
        Value::String(text) => text.trim().parse().map_err(|_| {
            let message = "Input should be a valid number, unable to parse string as a number";
            Misfit::new("float_parsing", message)
        })?,
        _ => value
            .as_f64()
            .ok_or_else(|| Misfit::new("float_type", "Input should be a valid number"))?,
    };
    if f64::is_finite(number) {
        Ok(number)
    } else {
        let message = "Input should be a finite number";
        Err(Misfit::new("finite_number", message))
    }
}

/// Reads a UUID.
pub(in crate::stand_in) fn uuid(value: &Value) -> Result<Uuid, Misfit> {
    let Some(text) = value.as_str() else {
        let message = "UUID input should be a string, bytes or UUID object";
        return Err(Misfit::new("uuid_type", message));
    };
    Uuid::parse(text).ok_or_else(|| {
        let error = "invalid character or length";
        let message = format!("Input should be a valid UUID, {error}");
        Misfit::new("uuid_parsing", message).within(json!({"error": error}))
    })
}

/// Takes an object as it is.
pub(in crate::stand_in) fn object(value: &Value) -> Result<&Value, Misfit> {
    let misfit = || Misfit::new("dict_type", "Input should be a valid dictionary");
    value.is_object().then_some(value).ok_or_else(misfit)
}

/// Takes a list as it is.
pub(in crate::stand_in) fn list(value: &Value) -> Result<&[Value], Misfit> {
    let misfit = || Misfit::new("list_type", "Input should be a valid list");
    value.as_array().map(Vec::as_slice).ok_or_else(misfit)
}

/// Takes a list of so many values.
pub(in crate::stand_in) fn items(
    value: &Value,
    (least, most): (usize, usize),
) -> Result<&[Value], Misfit> {
    let values = list(value)?;
    let count = values.len();
    let wrong = |kind, limit: usize, bound: &str, what: &str| {
        let plural = if limit == 1 { "" } else { "s" };
        let message =
            format!("List should have {bound} {limit} item{plural} after validation, not {count}");
        let context = json!({"field_type": "List", what: limit, "actual_length": count});
        Misfit::new(kind, message).within(context)
    };
    if count < least {
        return Err(wrong("too_short", least, "at least", "min_length"));
    }
    if count > most {
        return Err(wrong("too_long", most, "at most", "max_length"));
    }
    Ok(values)
}

/// Says that a body, or a part of one, should be an object.
pub(super) fn not_an_object() -> Misfit {
    let message = "Input should be a valid dictionary or object to extract fields from";
    Misfit::new("model_attributes_type", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind<T>(read: Result<T, Misfit>) -> &'static str {
        read.err().map_or("fits", |misfit| misfit.kind)
    }

    #[test]
    fn values_fit_or_it_is_said_why_not() {
        for (found, expected) in [
            (kind(text(&json!("USD"), (3, 3))), "fits"),
            (kind(text(&json!("US"), (3, 3))), "string_too_short"),
            (kind(text(&json!("USDT"), (3, 3))), "string_too_long"),
            (kind(text(&json!(1), (0, 3))), "string_type"),
            (kind(word(&json!("A"), &["A", "B"])), "fits"),
            (kind(word(&json!("a"), &["A", "B"])), "enum"),
            (kind(time(&json!("2026-01-02T03:04:05.678Z"))), "fits"),
            (kind(time(&json!("2026-01-02T03:04:05+02:00"))), "fits"),
            (kind(time(&json!("2026-01-02T03:04:05"))), "fits"),
            (kind(time(&json!("soon"))), "datetime_from_date_parsing"),
            (kind(time(&json!({}))), "datetime_type"),
            (kind(whole(&json!(3), Some(1))), "fits"),
            (kind(whole(&json!("3"), None)), "fits"),
            (kind(whole(&json!(0), Some(1))), "greater_than_equal"),
            (kind(whole(&json!(1.5), None)), "int_type"),
            (kind(amount(&json!("12.50"))), "fits"),
            (kind(amount(&json!("inf"))), "finite_number"),
            (kind(amount(&json!("much"))), "float_parsing"),
            (kind(amount(&json!(null))), "float_type"),
            (kind(uuid(&json!("7"))), "uuid_parsing"),
            (kind(uuid(&json!(7))), "uuid_type"),
            (kind(object(&json!([]))), "dict_type"),
            (kind(list(&json!({}))), "list_type"),
            (kind(items(&json!([1, 2]), (1, 2))), "fits"),
            (kind(items(&json!([]), (1, 2))), "too_short"),
            (kind(items(&json!([1, 2, 3]), (1, 2))), "too_long"),
        ] {
            assert_eq!(found, expected);
        }
        let message = word(&json!("x"), &["A", "B", "C"])
            .err()
            .map(|it| it.message);
        assert_eq!(message.as_deref(), Some("Input should be 'A', 'B' or 'C'"));
    }
}
