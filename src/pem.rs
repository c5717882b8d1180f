//! Certificates and keys out of PEM files, with errors that tell what is wrong with the file.
//!
//! Source: RFC 7468.

use std::io;
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::{Error, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A PEM file does not hold what it should.
#[derive(Debug, thiserror::Error)]
pub enum PemError {
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It is no PEM file, or one of other things.
    #[error(
        "{} holds no {what} in PEM form; expected a text file with a line -----BEGIN {label}-----", path.display()
    )]
    Nothing {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
        /// How such a thing begins.
        label: &'static str,
    },
    /// It is damaged.
    #[error("{} is damaged where its {what} should be: {detail}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
        /// The parser's reason.
        detail: String,
    },
}

/// Reads all certificates of a file; there is at least one.
///
/// Errors: `PemError`.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let text = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(explain(
            path,
            "certificate",
            "CERTIFICATE",
            Error::NoItemsFound,
        )),
        Err(error) => Err(explain(path, "certificate", "CERTIFICATE", error)),
    }
}

/// Reads the first private key of a file.
///
/// Errors: `PemError`.
pub fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, PemError> {
    let text = read(path)?;
    PrivateKeyDer::from_pem_slice(text.as_bytes())
        .map_err(|error| explain(path, "private key", "PRIVATE KEY", error))
}

fn read(path: &Path) -> Result<String, PemError> {
    // What is no text at all holds nothing in PEM form either, which is the better thing to say of it.
    let content = tapdeck_files::read(path).map_err(|source| PemError::Read {
        path: path.to_owned(),
        source,
    })?;
    let text = String::from_utf8_lossy(&content);
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

fn explain(path: &Path, what: &'static str, label: &'static str, error: Error) -> PemError {
    let path = path.to_owned();
    match error {
        Error::Io(source) => PemError::Read { path, source },
        Error::NoItemsFound => PemError::Nothing { path, what, label },
        error => PemError::Damaged {
            path,
            what,
            detail: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_holds_something_else_is_told_apart_from_a_broken_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        for (content, expected) in [
            (
                &b"\x30\x82\x01\x0a\xff"[..],
                "holds no certificate in PEM form",
            ),
            (b"", "-----BEGIN CERTIFICATE-----"),
            (
                b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n",
                "is damaged where its certificate should be",
            ),
            (b"-----BEGIN CERTIFICATE-----\nAAAA\n", "is damaged"),
        ] {
            fs::write(&path, content).unwrap();
            let error = certificates(&path).unwrap_err().to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
        let error = private_key(&folder.path().join("none")).unwrap_err();
        assert!(error.to_string().contains("cannot read"), "{error}");
    }
}
