//! Reading the body of a request: at most 1 MiB of JSON, without a copy in the usual case.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::reply::Refusal;

const LIMIT_BYTES: usize = 1024 * 1024;

/// Why there is no body.
#[derive(Debug)]
pub(super) enum BodyError {
    /// The client is told.
    Refused(Refusal),
    /// The connection broke; nobody is left to be told.
    Cut,
}

/// Reads a body that must call itself JSON.
pub(super) async fn read_json(headers: &HeaderMap, body: Incoming) -> Result<Bytes, BodyError> {
    if !is_json(headers) {
        return Err(BodyError::Refused(Refusal::NotJson));
    }
    read(body).await
}

/// Reads a body of any kind. One that comes in a single piece is handed on as it is.
async fn read(mut body: Incoming) -> Result<Bytes, BodyError> {
    if body.size_hint().lower() > LIMIT_BYTES as u64 {
        return Err(BodyError::Refused(Refusal::BodyTooLarge));
    }
    let Some(first) = next_piece(&mut body).await? else {
        return Ok(Bytes::new());
    };
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut whole = BytesMut::from(first);
    while let Some(piece) = next_piece(&mut body).await? {
        if whole.len() + piece.len() > LIMIT_BYTES {
            return Err(BodyError::Refused(Refusal::BodyTooLarge));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

async fn next_piece(body: &mut Incoming) -> Result<Option<Bytes>, BodyError> {
    while let Some(frame) = body.frame().await {
        if let Ok(piece) = frame.map_err(|_| BodyError::Cut)?.into_data() {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}

/// Tells whether the content type is JSON, with or without parameters.
fn is_json(headers: &HeaderMap) -> bool {
    const JSON: &[u8] = b"application/json";
    headers.get(CONTENT_TYPE).is_some_and(|value| {
        let media_type = value
            .as_bytes()
            .split(|&byte| byte == b';')
            .next()
            .unwrap_or_default();
        media_type.trim_ascii().eq_ignore_ascii_case(JSON)
    })
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;
    use http::{HeaderMap, HeaderValue};

    use super::is_json;

    #[test]
    fn json_may_carry_parameters() {
        for (content_type, expected) in [
            ("application/json", true),
            ("Application/JSON ; charset=utf-8", true),
            ("application/jsonl", false),
            ("text/plain", false),
            ("", false),
        ] {
            let headers =
                HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
            assert_eq!(is_json(&headers), expected, "{content_type}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
