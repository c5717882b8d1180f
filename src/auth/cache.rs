//! Tokens of a provider, kept between runs: one file each, which nobody but us can read.
//!
//! Owns the files and the conditions under which one is believed. A file that is damaged, or that others own or can
//! read, is not used; a note says so. Names are hashes: they tell nobody who asks for tokens where.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::replay::token::Token;

/// Our folder in the cache folder.
const FOLDER: &str = "tokens";

/// No token is longer; a file that is holds something else.
const MOST_BYTES: u64 = 64 << 10;

/// A token and its end.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The token.
    pub token: Token,
    /// When it ends, seconds since the Unix epoch.
    pub expires_s: u64,
}

/// Where one token is kept.
#[derive(Debug)]
pub struct TokenFile {
    path: PathBuf,
}

/// The file.
#[derive(Serialize, Deserialize)]
struct Stored {
    access_token: String,
    expires_at: u64,
}

impl TokenFile {
    /// Finds the place of what a provider gives a client for an audience.
    pub fn new(folder: &Path, provider: &str, client: &str, audience: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in [provider, client, audience] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let name = hasher.finalize().to_hex();
        Self {
            path: folder.join(FOLDER).join(format!("{name}.json")),
        }
    }

    /// Gives its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it; `None` if there is none.
    ///
    /// Errors: why what is there is not used.
    pub fn read(&self) -> Result<Option<Kept>, String> {
        let mut options = OpenOptions::new();
        let no_links = OFlags::NOFOLLOW.bits().cast_signed();
        options.read(true).custom_flags(no_links);
        let file = match options.open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.not_used(&format!("it cannot be opened ({error})"))),
        };
        self.check(&file)?;
        let mut text = String::new();
        file.take(MOST_BYTES)
            .read_to_string(&mut text)
            .map_err(|error| self.not_used(&format!("it cannot be read ({error})")))?;
        let damaged = || self.not_used("it is damaged");
        let stored: Stored = serde_json::from_str(&text).map_err(|_| damaged())?;
        Ok(Some(Kept {
            token: Token::new(stored.access_token.into()).map_err(|_| damaged())?,
            expires_s: stored.expires_at,
        }))
    }

    /// Writes it, whole or not at all.
    ///
    /// Errors: why not.
    pub fn write(&self, kept: &Kept) -> Result<(), String> {
        self.try_write(kept).map_err(|error| {
            let path = self.path.display();
            format!("the token cannot be kept in {path} ({error})")
        })
    }

    fn try_write(&self, kept: &Kept) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(folder)?;
        let stored = Stored {
            access_token: kept.token.expose().to_owned(),
            expires_at: kept.expires_s,
        };
        // Nobody else can read it from its first byte on: such files are made with the mode 0600.
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec(&stored)?)?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }

    /// Removes it, if it is there.
    pub fn forget(&self) {
        // What cannot be removed is replaced by the next token, or noted then.
        let _gone = fs::remove_file(&self.path);
    }

    fn check(&self, file: &File) -> Result<(), String> {
        let facts = file
            .metadata()
            .map_err(|error| self.not_used(&format!("it cannot be looked at ({error})")))?;
        if !facts.is_file() {
            return Err(self.not_used("it is no plain file"));
        }
        if facts.uid() != rustix::process::geteuid().as_raw() {
            return Err(self.not_used("somebody else owns it"));
        }
        if facts.mode() & 0o077 != 0 {
            return Err(self.not_used("others can read or write it"));
        }
        Ok(())
    }

    fn not_used(&self, why: &str) -> String {
        format!("the kept token {} is not used: {why}", self.path.display())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn file(folder: &Path) -> TokenFile {
        TokenFile::new(folder, "tenant.test", "client", "audience")
    }

    fn kept() -> Kept {
        Kept {
            token: Token::new("planted.token".into()).unwrap(),
            expires_s: 77,
        }
    }

    #[test]
    fn a_token_comes_back_and_only_we_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        assert!(file.read().unwrap().is_none());
        file.write(&kept()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(file.path()), 0o600);
        assert_eq!(mode(file.path().parent().unwrap()), 0o700);
        let back = file.read().unwrap().unwrap();
        assert_eq!((back.token.expose(), back.expires_s), ("planted.token", 77));
        assert!(!file.path().to_string_lossy().contains("client"));
        file.forget();
        assert!(file.read().unwrap().is_none());
    }

    #[test]
    fn every_client_has_a_file_of_its_own() {
        let folder = Path::new("/f");
        let one = TokenFile::new(folder, "ab", "c", "d");
        for (provider, client, audience) in [("a", "bc", "d"), ("ab", "cd", ""), ("ab", "c", "e")] {
            let other = TokenFile::new(folder, provider, client, audience);
            assert_ne!(one.path(), other.path());
        }
    }

    #[test]
    fn what_others_could_have_touched_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path());
        file.write(&kept()).unwrap();
        let refuses = |expected: &str| {
            let why = file.read().unwrap_err();
            assert!(why.contains(expected) && !why.contains("planted"), "{why}");
        };
        fs::set_permissions(file.path(), Permissions::from_mode(0o640)).unwrap();
        refuses("others can read");
        file.forget();
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, "{}").unwrap();
        symlink(&elsewhere, file.path()).unwrap();
        refuses("cannot be opened");
        file.forget();
        for damage in [
            "",
            "{\"access_token\":\"planted",
            "{\"access_token\":\"a b\",\"expires_at\":1}",
        ] {
            fs::write(file.path(), damage).unwrap();
            fs::set_permissions(file.path(), Permissions::from_mode(0o600)).unwrap();
            refuses("damaged");
        }
        // A new token takes its place whatever stood there.
        file.write(&kept()).unwrap();
        assert!(file.read().unwrap().is_some());
    }
}
