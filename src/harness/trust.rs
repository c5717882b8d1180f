//! Whom to trust and who we are: from files to what rustls wants to know.
//!
//! Everything in here is what the user typed, so every error is a usage error that names the flag.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::error::{Error, chain};
use crate::pem::{self, PemError};
use crate::replay::transport::tls::{ClientIdentity, Tls};

/// Whom to trust, and who we are.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Who may vouch for the target.
    pub authorities: Authorities,
    /// Our own certificate, for targets that ask for one.
    pub client: Option<ClientFiles>,
}

/// Who may vouch for the target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Authorities {
    /// Those that this machine trusts.
    #[default]
    Platform,
    /// Those in a PEM file, and nobody else.
    File(PathBuf),
    /// Anybody: certificates are not checked.
    Anybody,
}

/// Our own certificate: two PEM files.
#[derive(Debug, Clone)]
pub struct ClientFiles {
    /// The certificate, with those between it and its authority behind it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Trust {
    /// Tells whether anything was typed that only makes sense with TLS, and under which flag.
    pub fn flag(&self) -> Option<&'static str> {
        match (&self.authorities, &self.client) {
            (Authorities::File(_), _) => Some("--ca"),
            (Authorities::Anybody, _) => Some("--insecure"),
            (Authorities::Platform, Some(_)) => Some("--client-cert"),
            (Authorities::Platform, None) => None,
        }
    }

    /// Reads the files and prepares TLS with a target of that name, offering these protocols (ALPN).
    ///
    /// Errors: `Usage` naming flag and file.
    pub fn tls(&self, name: ServerName<'static>, protocols: &[&[u8]]) -> Result<Tls, Error> {
        let provider = Arc::new(ring::default_provider());
        let client = self
            .client
            .as_ref()
            .map(|files| client_certificate(files, &provider))
            .transpose()?;
        let identity = Arc::new(ClientIdentity::new(client));
        let verifier = self.authorities.verifier(&provider)?;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Bug(format!("TLS cannot be set up: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_client_cert_resolver(Arc::<ClientIdentity>::clone(&identity));
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        config.resumption = Resumption::disabled();
        Ok(Tls {
            config: Arc::new(config),
            name,
            verified: self.authorities != Authorities::Anybody,
            identity,
        })
    }
}

impl Authorities {
    fn verifier(
        &self,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        let roots = match self {
            Self::Anybody => {
                let algorithms = provider.signature_verification_algorithms;
                return Ok(Arc::new(Unchecked(algorithms)));
            }
            Self::File(path) => roots_of_file(path)?,
            Self::Platform => roots_of_platform()?,
        };
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        let verifier = verifier.build();
        Ok(verifier.map_err(|error| Error::Bug(format!("TLS cannot be set up: {error}")))?)
    }
}

fn roots_of_file(path: &Path) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in pem::certificates(path).map_err(broken_file("--ca"))? {
        roots.add(certificate).map_err(|error| {
            let detail = format!("{} holds a broken certificate: {error}", path.display());
            usage("--ca", detail)
        })?;
    }
    Ok(roots)
}

/// Takes the authorities this machine trusts; a certificate among them that is broken is left out, as others do.
fn roots_of_platform() -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map(|error| chain(error));
        let detail = format!(
            "this machine trusts no authority ({}); name one with --ca FILE",
            why.unwrap_or_else(|| "no certificates found".to_owned())
        );
        return Err(usage("--target", detail));
    }
    Ok(roots)
}

fn client_certificate(
    files: &ClientFiles,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, Error> {
    let certificates =
        pem::certificates(&files.certificate).map_err(broken_file("--client-cert"))?;
    let key = pem::private_key(&files.key).map_err(broken_file("--client-key"))?;
    CertifiedKey::from_der(certificates, key, provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => usage(
            "--client-key",
            format!(
                "{} is not the key of the certificate in {}; give the two that were made together",
                files.key.display(),
                files.certificate.display()
            ),
        ),
        error => usage(
            "--client-cert",
            format!(
                "{} and {} cannot be used: {error}",
                files.certificate.display(),
                files.key.display()
            ),
        ),
    })
}

fn broken_file(flag: &'static str) -> impl Fn(PemError) -> Error {
    move |error| usage(flag, chain(&error))
}

fn usage(flag: &'static str, detail: String) -> Error {
    Error::Usage { flag, detail }
}

/// Accepts every certificate. Signatures are still checked: the peer has the key of the certificate it shows.
#[derive(Debug)]
struct Unchecked(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
