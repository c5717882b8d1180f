//! TLS by rustls: the handshake, what was agreed in it, and what to do when there was none.
//!
//! Sessions are never resumed, so every handshake is a whole one and costs what a new customer's costs.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::ResolvesClientCert;
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, Error, InvalidMessage, SignatureScheme,
};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::wire::TimedSocket;

/// How to speak TLS with a target.
#[derive(Debug, Clone)]
pub struct Tls {
    /// Whom to trust, who we are, and which protocols to offer.
    pub config: Arc<ClientConfig>,
    /// Who the certificate must be for; sent in the clear if it is a name and not an address (SNI, RFC 6066).
    pub name: ServerName<'static>,
    /// Whether the certificate is checked.
    pub verified: bool,
    /// Our certificate, if we have one.
    pub identity: Arc<ClientIdentity>,
}

/// What was agreed on in a handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Such as `TLS 1.3`.
    pub version: &'static str,
    /// Cipher suite by its registered name.
    pub cipher: String,
    /// Protocol of the layer above (ALPN, RFC 7301), if the server chose one.
    pub protocol: Option<Vec<u8>>,
}

/// The certificate we show if asked to.
#[derive(Debug)]
pub struct ClientIdentity {
    certificate: Option<Arc<CertifiedKey>>,
    asked: AtomicBool,
}

impl ClientIdentity {
    /// Takes a certificate with its key, or none.
    pub fn new(certificate: Option<CertifiedKey>) -> Self {
        Self {
            certificate: certificate.map(Arc::new),
            asked: AtomicBool::new(false),
        }
    }

    /// Tells whether a server has asked for a certificate.
    pub fn was_asked_for(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for ClientIdentity {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.certificate.clone()
    }

    fn has_certs(&self) -> bool {
        self.certificate.is_some()
    }
}

impl Tls {
    /// Shakes hands over an open connection.
    ///
    /// Errors: the system's, or rustls' inside an `io::Error`; [`advice`] tells what to do.
    pub async fn handshake(&self, socket: TimedSocket) -> io::Result<TlsStream<TimedSocket>> {
        TlsConnector::from(Arc::clone(&self.config))
            .connect(self.name.clone(), socket)
            .await
    }
}

impl Session {
    /// Tells whether HTTP/2 was agreed on.
    pub fn is_http2(&self) -> bool {
        self.protocol.as_deref() == Some(b"h2")
    }

    pub(super) fn of(stream: &TlsStream<TimedSocket>) -> Self {
        let (_, connection) = stream.get_ref();
        Self {
            version: match connection.protocol_version() {
                Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
                Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
                _ => "TLS",
            },
            cipher: connection
                .negotiated_cipher_suite()
                .and_then(|suite| suite.suite().as_str())
                .unwrap_or("unknown")
                .to_owned(),
            protocol: connection.alpn_protocol().map(<[u8]>::to_vec),
        }
    }
}

/// Tells whether a handshake failed at something that only a server of TLS can say.
pub fn is_refusal(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref());
    matches!(
        cause,
        Some(Error::AlertReceived(_) | Error::PeerIncompatible(_))
    )
}

/// Says what a failed handshake means and what to do about it.
pub fn advice(error: &io::Error) -> &'static str {
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref());
    match cause {
        Some(Error::InvalidCertificate(certificate)) => certificate_advice(certificate),
        Some(Error::InvalidMessage(InvalidMessage::InvalidContentType)) => {
            "what answers there does not speak TLS; write http:// in --target"
        }
        Some(Error::AlertReceived(alert)) => alert_advice(*alert),
        Some(Error::PeerIncompatible(_)) => "it speaks neither TLS 1.2 nor 1.3 as we do",
        Some(_) => "the handshake failed",
        None => {
            "the connection broke in the handshake; if it does not speak TLS, write http:// in --target"
        }
    }
}

fn certificate_advice(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired; renew it, or add --insecure if that does not matter here"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet; compare the clocks of the two machines"
        }
        // Some other authority of the same name, that is.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate comes from nobody we trust; name the issuer's certificate with --ca FILE"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name; write a name that is in it in --target"
        }
        _ => {
            "its certificate is not acceptable; replace it, or add --insecure if that does not matter here"
        }
    }
}

fn alert_advice(alert: AlertDescription) -> &'static str {
    match alert {
        AlertDescription::CertificateRequired => {
            "it wants a client certificate; give --client-cert FILE and --client-key FILE"
        }
        AlertDescription::UnknownCA
        | AlertDescription::BadCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateRevoked
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::AccessDenied
        | AlertDescription::DecryptError => {
            "it does not accept our certificate; give one that it trusts with --client-cert and --client-key"
        }
        AlertDescription::NoApplicationProtocol => {
            "it does not speak the HTTP version asked for; try --http auto"
        }
        AlertDescription::UnrecognisedName => {
            "it serves nobody of that name; write a name that it serves in --target"
        }
        AlertDescription::ProtocolVersion => "it speaks neither TLS 1.2 nor 1.3",
        AlertDescription::HandshakeFailure => {
            "it refused the handshake; perhaps it wants a client certificate (--client-cert, --client-key)"
        }
        _ => "it broke the handshake off",
    }
}
