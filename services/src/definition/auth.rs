//! From `[auth]` to what a service wants of a token.

use serde_json::{Map, Value as Json};

use super::build::{reserved, unique};
use super::document::{Table, Value};
use super::keys::AUTH;
use super::{Endpoint, rules};
use crate::auth::Auth;
use crate::error::{Error, Fault};
use crate::header::Header;

/// Claims that have a key of their own, or are made with the token.
const OWN_CLAIMS: &[&str] = &["sub", "iss", "aud", "iat", "exp", "scope", "permissions"];

/// Reads the table of a definition whose other parts are read: a service takes a token if a header sends it one.
pub(super) fn auth(
    table: Option<Value<'_>>,
    endpoints: &[Endpoint],
) -> Result<Option<Auth>, Error> {
    let mut headers = endpoints.iter().flat_map(|endpoint| &endpoint.headers);
    let is_sent = headers.any(Header::sends_token);
    match (table, is_sent) {
        (None, is_sent) => Ok(is_sent.then(Auth::default)),
        (Some(table), true) => Ok(Some(read(table.table(&AUTH)?)?)),
        (Some(table), false) => Err(table.error(Fault::TokenNotSent)),
    }
}

fn read(mut table: Table<'_>) -> Result<Auth, Error> {
    let mut text = |key, rule| {
        let value: Option<Value<'_>> = table.optional(key);
        value.map(|value| value.text()?.obeying(rule)).transpose()
    };
    Ok(Auth {
        audience: text("audience", &rules::WORD)?,
        issuer: text("issuer", &rules::WORD)?,
        scope: text("scope", &rules::SCOPE)?,
        probe_path: text("probe_path", &rules::PATH)?,
        permissions: permissions(table.items("permissions")?)?,
        claims: claims(table.optional("claims"))?,
    })
}

fn permissions(items: Vec<Value<'_>>) -> Result<Vec<String>, Error> {
    let mut permissions = Vec::new();
    for item in items {
        let text = item.text()?;
        let taken = permissions.iter().any(|held| held == text.as_str());
        unique(&text, "permission", taken)?;
        permissions.push(text.obeying(&rules::WORD)?);
    }
    Ok(permissions)
}

fn claims(table: Option<Value<'_>>) -> Result<Map<String, Json>, Error> {
    let mut claims = Map::new();
    for (name, value) in table.map_or(Ok(Vec::new()), Value::pairs)? {
        if OWN_CLAIMS.contains(&name.as_str()) {
            let reason = "it is made with the token, or has a key of its own in [auth]";
            return Err(reserved(&name, "claim", reason));
        }
        claims.insert(name.obeying(&rules::WORD)?, value.scalar_or_list()?);
    }
    Ok(claims)
}
