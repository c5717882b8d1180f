//! TLS on the side of a stand-in: a certificate made on the spot or read from files, and who may come in.

use std::path::Path;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use tokio_rustls::TlsAcceptor;

use super::error::Error;
use crate::pem;

/// How a stand-in speaks TLS.
#[derive(Clone, Debug)]
pub struct Tls {
    certificates: Vec<CertificateDer<'static>>,
    key: Arc<PrivateKeyDer<'static>>,
    /// Only who shows a certificate from one of these may come in; anybody if there are none.
    client_authorities: Vec<CertificateDer<'static>>,
}

impl Tls {
    /// Makes a key and a certificate for the loopback interface's names, signed by itself; gives the certificate as PEM
    /// too: who trusts it trusts this stand-in.
    ///
    /// Errors: `Tls`, if the machine gives no random numbers.
    pub fn self_signed() -> Result<(Self, String), Error> {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names)
            .map_err(|error| unusable("no certificate can be made", &error))?;
        let tls = Self {
            certificates: vec![cert.der().clone()],
            key: Arc::new(PrivateKeyDer::Pkcs8(signing_key.serialize_der().into())),
            client_authorities: Vec::new(),
        };
        Ok((tls, cert.pem()))
    }

    /// Reads a certificate and its key.
    ///
    /// Errors: `Pem`.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, Error> {
        Ok(Self {
            certificates: pem::certificates(certificate)?,
            key: Arc::new(pem::private_key(key)?),
            client_authorities: Vec::new(),
        })
    }

    /// Lets in only who shows a certificate from an authority in a file.
    ///
    /// Errors: `Pem`.
    pub fn demand_certificates(&mut self, authorities: &Path) -> Result<(), Error> {
        self.client_authorities = pem::certificates(authorities)?;
        Ok(())
    }

    /// Prepares for connections.
    ///
    /// Errors: `Tls` for a key that does not fit its certificate, or an authority that is none.
    pub(super) fn acceptor(&self) -> Result<TlsAcceptor, Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable("TLS cannot be set up", &error))?;
        let builder = if self.client_authorities.is_empty() {
            builder.with_no_client_auth()
        } else {
            let mut roots = RootCertStore::empty();
            for authority in &self.client_authorities {
                roots
                    .add(authority.clone())
                    .map_err(|error| unusable("an authority cannot be used", &error))?;
            }
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(
                verifier.map_err(|error| unusable("the authorities cannot be used", &error))?,
            )
        };
        let mut config = builder
            .with_single_cert(self.certificates.clone(), self.key.clone_key())
            .map_err(|error| unusable("certificate and key do not go together", &error))?;
        config.alpn_protocols = [&b"h2"[..], b"http/1.1"].map(<[u8]>::to_vec).to_vec();
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn unusable(what: &'static str, error: &impl ToString) -> Error {
    Error::Tls {
        what,
        detail: error.to_string(),
    }
}
