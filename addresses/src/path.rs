//! Paths: which characters may stand there, and which paths can stand in front of others.

use crate::error::{Fault, start};

/// Tells whether a text is a path with perhaps a query: a slash, then the bytes RFC 3986 calls `pchar`, and slashes and
/// question marks between them.
pub fn is_path(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let allowed = |(at, &byte): (usize, &u8)| match byte {
        b'%' => is_hex(at + 1) && is_hex(at + 2),
        _ => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte),
    };
    text.starts_with('/') && bytes.iter().enumerate().all(allowed)
}

/// Reads a path that other paths are appended to; gives it without its final slash.
pub(crate) fn read_base(text: &str) -> Result<String, Fault> {
    if text.is_empty() {
        return Ok(String::new());
    }
    if text.contains('#') {
        return Err(Fault::Fragment);
    }
    if text.contains('?') {
        return Err(Fault::Query);
    }
    if !is_path(text) {
        return Err(Fault::Path(start(text)));
    }
    let base = text.strip_suffix('/').unwrap_or(text);
    // Servers and proxies shorten such paths, each in its own way: requests would go elsewhere than the address says.
    if base.split('/').skip(1).any(is_ambiguous) {
        return Err(Fault::Segments(start(text)));
    }
    Ok(base.to_owned())
}

/// Tells whether a segment is empty or made of dots, encoded or not.
fn is_ambiguous(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    matches!(plain.as_str(), "" | "." | "..")
}
