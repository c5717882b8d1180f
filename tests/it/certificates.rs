//! Certificates made for a test, as files.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType,
    date_time_ymd,
};
use tapdeck::harness::trust::{Authorities, ClientFiles, Trust};
use tapdeck::stand_in::Tls;
use tempfile::TempDir;

/// How many authorities there are.
static AUTHORITIES: AtomicU32 = AtomicU32::new(0);

/// An authority, with what it has signed, in a folder of its own.
pub(crate) struct Authority {
    folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key.
pub(crate) struct Files {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        // Two authorities of one name could not be told apart by it.
        let number = AUTHORITIES.fetch_add(1, Ordering::Relaxed);
        params
            .distinguished_name
            .push(DnType::CommonName, format!("test authority {number}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(params, key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { folder, issuer }
    }

    /// The file that says whom to trust.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Signs a certificate for a name or an address, valid until the end of a year.
    pub(crate) fn certify(&self, name: &str, until: i32) -> Files {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.subject_alt_names = vec![match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.try_into().unwrap()),
        }];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 12, 31);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let files = Files {
            certificate: self.folder().join(format!("{name}-{until}.pem")),
            key: self.folder().join(format!("{name}-{until}.key")),
        };
        fs::write(&files.certificate, certificate.pem()).unwrap();
        fs::write(&files.key, key.serialize_pem()).unwrap();
        files
    }

    /// TLS for a server on the loopback interface.
    pub(crate) fn server(&self) -> Tls {
        self.certify("127.0.0.1", FAR).server()
    }

    /// Trusts this authority and no other.
    pub(crate) fn trust(&self) -> Trust {
        Trust {
            authorities: Authorities::File(self.file()),
            client: None,
        }
    }
}

/// A year that no test will see.
pub(crate) const FAR: i32 = 4095;

impl Files {
    pub(crate) fn server(&self) -> Tls {
        Tls::from_files(&self.certificate, &self.key).unwrap()
    }

    pub(crate) fn client(&self) -> ClientFiles {
        ClientFiles {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
        }
    }
}
