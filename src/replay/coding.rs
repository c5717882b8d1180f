//! Bodies of answers that came compressed, decoded for the checks, decisions and captures that look into them.
//!
//! An answer has arrived, and its instants are taken, before anything is decoded. An answer that is not compressed costs
//! one look-up in its head.
//!
//! Source: RFC 9110, section 8.4; for zstd RFC 8878 and 9659.

use std::borrow::Cow;
use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use crate::mask::excerpt;

/// The largest window a zstd frame may ask for: what HTTP allows.
const LARGEST_WINDOW: u64 = 8 << 20;

/// Buffer of the brotli decoder, which is no part of the format.
const BROTLI_BUFFER: usize = 4 << 10;

/// How a body was compressed: the codings in the order they were applied, as the answer names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codings(Option<Box<str>>);

/// A body that can be looked into.
#[derive(Debug)]
pub struct Decoded<'b> {
    /// The bytes; none where they could not be decoded.
    pub body: Cow<'b, [u8]>,
    codings: &'b Codings,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    Whole,
    TooLong(usize),
    Failed(Failure),
}

/// Why a body cannot be looked into.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("which is not decoded (gzip, deflate, br and zstd are)")]
    Unknown,
    #[error("of which only the first {0} bytes are kept, too few to decode it")]
    Cut(usize),
    #[error("which the body is not: {0}")]
    Damaged(#[from] io::Error),
}

impl Codings {
    /// Reads them off an answer's head.
    pub fn of(headers: &HeaderMap) -> Self {
        if !headers.contains_key(CONTENT_ENCODING) {
            return Self(None);
        }
        let lines = headers.get_all(CONTENT_ENCODING).iter();
        let lines: Vec<_> = lines
            .map(|line| String::from_utf8_lossy(line.as_bytes()))
            .collect();
        let all = lines.join(", ");
        let is_plain = names(&all).all(|name| name.eq_ignore_ascii_case("identity"));
        Self((!is_plain).then(|| all.into()))
    }

    /// Tells whether there is anything to decode.
    pub fn is_plain(&self) -> bool {
        self.0.is_none()
    }

    /// Leaves a body as it came.
    pub fn leave<'b>(&'b self, body: &'b [u8]) -> Decoded<'b> {
        Decoded {
            body: Cow::Borrowed(body),
            codings: self,
            outcome: Outcome::Whole,
        }
    }

    /// Decodes a body, of which `received` bytes came and the first were kept, up to a length.
    pub fn decode<'b>(&'b self, body: &'b [u8], received: u64, most: usize) -> Decoded<'b> {
        let decoded = match &self.0 {
            Some(all) if !body.is_empty() => decoded(all, body, most),
            _ => return self.leave(body),
        };
        let (body, outcome) = match decoded {
            Ok(mut whole) if whole.len() > most => {
                whole.truncate(most);
                (whole, Outcome::TooLong(most))
            }
            Ok(whole) => (whole, Outcome::Whole),
            Err(Failure::Damaged(_)) if received > body.len() as u64 => {
                (Vec::new(), Outcome::Failed(Failure::Cut(body.len())))
            }
            Err(failure) => (Vec::new(), Outcome::Failed(failure)),
        };
        Decoded {
            body: Cow::Owned(body),
            codings: self,
            outcome,
        }
    }
}

impl Decoded<'_> {
    /// Says how the body was compressed and what came of decoding it, for a sample; nothing where it was not.
    pub fn remark(&self) -> String {
        let Some(codings) = &self.codings.0 else {
            return String::new();
        };
        let codings = excerpt(codings.as_bytes());
        match &self.outcome {
            Outcome::Whole => format!(", content-encoding {codings}"),
            Outcome::TooLong(most) => {
                format!(", content-encoding {codings}, of which the first {most} bytes are decoded")
            }
            Outcome::Failed(failure) => format!(", content-encoding {codings}, {failure}"),
        }
    }
}

fn names(all: &str) -> impl DoubleEndedIterator<Item = &str> {
    let names = all.split(',').map(str::trim);
    names.filter(|name| !name.is_empty())
}

/// Undoes the codings, the last one first; gives at most one byte more than asked for.
fn decoded(all: &str, body: &[u8], most: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Cow::Borrowed(body);
    for name in names(all).rev() {
        let most = most as u64 + 1;
        let mut out = Vec::new();
        match name.to_ascii_lowercase().as_str() {
            "identity" => continue,
            "gzip" | "x-gzip" => {
                let reader = MultiGzDecoder::new(&*bytes);
                reader.take(most).read_to_end(&mut out)?
            }
            "deflate" if has_zlib_header(&bytes) => {
                let reader = ZlibDecoder::new(&*bytes);
                reader.take(most).read_to_end(&mut out)?
            }
            // Without the header that the standard wants, as some servers have it.
            "deflate" => {
                let reader = DeflateDecoder::new(&*bytes);
                reader.take(most).read_to_end(&mut out)?
            }
            "br" => {
                let reader = Decompressor::new(&*bytes, BROTLI_BUFFER);
                reader.take(most).read_to_end(&mut out)?
            }
            "zstd" => zstd(&bytes, most, &mut out)?,
            _ => return Err(Failure::Unknown),
        };
        bytes = Cow::Owned(out);
    }
    Ok(bytes.into_owned())
}

/// Tells deflate in its zlib wrapping from bare deflate; RFC 1950, section 2.2.
fn has_zlib_header(bytes: &[u8]) -> bool {
    match bytes {
        [method, flags, ..] => {
            method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0
        }
        _ => false,
    }
}

/// Decodes the frames of a body one after the other.
fn zstd(bytes: &[u8], most: u64, out: &mut Vec<u8>) -> io::Result<usize> {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(LARGEST_WINDOW);
    let mut source = bytes;
    while !source.is_empty() && (out.len() as u64) < most {
        let frame = match StreamingDecoder::new_with_decoder(&mut source, &mut decoder) {
            Ok(frame) => frame,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                let rest = usize::try_from(length)
                    .ok()
                    .and_then(|skip| source.get(skip..));
                source = rest.ok_or(io::ErrorKind::UnexpectedEof)?;
                continue;
            }
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        let room = most - out.len() as u64;
        frame.take(room).read_to_end(out)?;
        let sums = (
            decoder.get_checksum_from_data(),
            decoder.get_calculated_checksum(),
        );
        if let (Some(expected), Some(found)) = sums
            && decoder.is_finished()
            && expected != found
        {
            let why = "its checksum is another one";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
    }
    Ok(out.len())
}

#[cfg(test)]
mod tests;
