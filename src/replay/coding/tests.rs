//! Bodies in every coding, whole, damaged and far too long.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http::HeaderValue;
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;

const MOST: usize = 1 << 20;

fn compressed(coding: &str, body: &[u8]) -> Vec<u8> {
    match coding {
        "gzip" | "x-gzip" | "GZip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(body).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(body).unwrap();
            encoder.finish().unwrap()
        }
        "br" => {
            let mut out = Vec::new();
            let mut encoder = brotli::CompressorWriter::new(&mut out, 4_096, 5, 22);
            encoder.write_all(body).unwrap();
            drop(encoder);
            out
        }
        "zstd" => compress_to_vec(body, CompressionLevel::Fastest),
        _ => body.to_vec(),
    }
}

fn codings(lines: &[&str]) -> Codings {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(CONTENT_ENCODING, HeaderValue::from_str(line).unwrap());
    }
    Codings::of(&headers)
}

/// Decodes a body that came whole: what can be looked into, and what a sample says.
fn decode(coding: &str, body: &[u8]) -> (Vec<u8>, String) {
    let codings = codings(&[coding]);
    let decoded = codings.decode(body, body.len() as u64, MOST);
    (decoded.body.to_vec(), decoded.remark())
}

#[test]
fn whatever_a_definition_may_ask_for_is_decoded() {
    let body = br#"{"ok":"yes"}"#.repeat(500);
    let all = tapdeck_services::CODINGS.iter().copied();
    for coding in all.chain(["GZip"]) {
        let (found, remark) = decode(coding, &compressed(coding, &body));
        assert_eq!(found, body, "{coding}");
        assert_eq!(remark, format!(", content-encoding {coding}"));
    }
}

#[test]
fn codings_are_undone_in_reverse() {
    let twice = compressed("br", &compressed("gzip", b"body"));
    assert_eq!(decode("gzip, br", &twice).0, b"body");
    let lines = codings(&["identity , gzip", "br"]);
    assert_eq!(&*lines.decode(&twice, 0, MOST).body, b"body");
    assert!(
        decode("br, gzip", &twice)
            .1
            .contains("which the body is not")
    );
}

#[test]
fn deflate_is_read_with_and_without_its_header() {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(b"bare").unwrap();
    assert_eq!(decode("deflate", &encoder.finish().unwrap()).0, b"bare");
}

#[test]
fn what_comes_in_parts_is_read_to_its_end() {
    for coding in ["gzip", "zstd"] {
        let parts = [compressed(coding, b"one "), compressed(coding, b"two")].concat();
        assert_eq!(decode(coding, &parts).0, b"one two", "{coding}");
    }
    let skipped = [
        &[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9][..],
        &compressed("zstd", b"z"),
    ];
    assert_eq!(decode("zstd", &skipped.concat()).0, b"z");
}

#[test]
fn what_is_not_compressed_is_left_alone() {
    for lines in [&[][..], &["identity"], &[""], &["identity, identity"]] {
        let codings = codings(lines);
        assert!(codings.is_plain(), "{lines:?}");
        let decoded = codings.decode(b"body", 4, MOST);
        assert!(matches!(decoded.body, Cow::Borrowed(b"body")));
        assert_eq!(decoded.remark(), "");
    }
    // The answer to a HEAD request, and a 304, name a coding and have no body.
    assert_eq!(
        decode("gzip", b""),
        (Vec::new(), ", content-encoding gzip".into())
    );
}

#[test]
fn a_damaged_body_says_so() {
    let body = b"some text, some more of it, and a little more".repeat(20);
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let whole = compressed(coding, &body);
        let (found, remark) = decode(coding, &whole[..whole.len() / 2]);
        assert_eq!(found, b"", "{coding}");
        let expected = format!(", content-encoding {coding}, which the body is not: ");
        assert!(remark.starts_with(&expected), "{remark}");
        assert!(
            decode(coding, b"<html>").1.starts_with(&expected),
            "{coding}"
        );
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 0x10;
        assert_ne!(decode(coding, &flipped).0, body, "{coding}");
    }
    let (found, remark) = decode("snappy", b"body");
    assert_eq!(found, b"");
    assert!(remark.contains("snappy, which is not decoded"), "{remark}");
    let gzip = codings(&["gzip"]);
    let whole = compressed("gzip", &body);
    let cut = gzip.decode(&whole[..20], whole.len() as u64, MOST);
    assert!(
        cut.remark().contains("first 20 bytes are kept"),
        "{}",
        cut.remark()
    );
}

#[test]
fn no_body_grows_beyond_its_bound() {
    let bomb = vec![b' '; 32 << 20];
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let bomb = compressed(coding, &bomb);
        let codings = codings(&[coding]);
        let decoded = codings.decode(&bomb, bomb.len() as u64, MOST);
        assert_eq!(decoded.body.len(), MOST, "{coding}");
        let expected = format!("{coding}, of which the first {MOST} bytes are decoded");
        assert!(decoded.remark().contains(&expected), "{coding}");
    }
    // A frame that asks for a window of a gigabyte.
    let (found, remark) = decode("zstd", &[0x28, 0xb5, 0x2f, 0xfd, 0, 20 << 3, 0, 0, 0]);
    assert_eq!(found, b"");
    assert!(remark.contains("which the body is not"), "{remark}");
}

proptest! {
    /// Any bytes are decoded or not, in any coding, never a panic.
    #[test]
    fn any_bytes_are_decoded_or_not(
        coding in prop::sample::select(&["gzip", "deflate", "br", "zstd"]),
        kept in 0..60_usize, bytes in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut body = compressed(coding, b"a beginning that is sound, for a while at least");
        body.truncate(kept);
        body.extend(bytes);
        let _ = decode(coding, &body);
    }
}
