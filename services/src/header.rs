//! Request headers: literal text, the token, and captured values where the request is a step of a session.

/// Content codings whose answers can be decoded, and that a request may therefore ask for.
pub const CODINGS: [&str; 5] = ["gzip", "x-gzip", "deflate", "br", "zstd"];

/// A request header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// As written in the file.
    pub name: String,
    /// What its value is put together from; no text is empty and no two are neighbors.
    pub value: Vec<HeaderPiece>,
}

/// One stretch of a header value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderPiece {
    /// Visible ASCII, spaces and tabs.
    Text(String),
    /// The value of a variable of the session.
    Captured(u8),
    /// The token of the run; without one the whole header is left out.
    Token,
}

impl Header {
    /// Gives the value if it is nothing but text, so that every request has the same.
    pub fn literal(&self) -> Option<&str> {
        match self.value.as_slice() {
            [] => Some(""),
            [HeaderPiece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Gives the variables of the session in its value.
    pub fn captured(&self) -> impl Iterator<Item = u8> {
        self.value.iter().filter_map(|piece| match piece {
            HeaderPiece::Captured(variable) => Some(*variable),
            HeaderPiece::Text(_) | HeaderPiece::Token => None,
        })
    }

    /// Says whether the token is in its value.
    pub fn sends_token(&self) -> bool {
        self.value.contains(&HeaderPiece::Token)
    }

    /// Gives the literal text with an `x` for everything else.
    pub(crate) fn outline(&self) -> String {
        let text = |piece: &HeaderPiece| match piece {
            HeaderPiece::Text(text) => text.clone(),
            HeaderPiece::Captured(_) | HeaderPiece::Token => "x".to_owned(),
        };
        self.value.iter().map(text).collect()
    }

    /// Says whether this header declares the body to be JSON.
    pub(crate) fn promises_json(&self) -> bool {
        let value = self.outline();
        let media_type = value.split(';').next().unwrap_or_default().trim();
        let media_type = media_type.to_ascii_lowercase();
        self.name.eq_ignore_ascii_case("content-type")
            && (media_type == "application/json" || media_type.ends_with("+json"))
    }
}
