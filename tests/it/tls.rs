//! Encrypted connections: whom we trust, who trusts us, and what is said when there is no agreement.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use tapdeck::Exit;
use tapdeck::harness::target::{self, Access};
use tapdeck::harness::trust::{Authorities, ClientFiles, Trust};
use tapdeck::stand_in::{StandIn, StandInConfig, Tls};

use crate::certificates::{Authority, FAR};
use crate::common::Run;

fn serve(tls: Tls) -> StandIn {
    StandIn::start(StandInConfig {
        tls: Some(tls),
        ..StandInConfig::demo().unwrap()
    })
    .unwrap()
}

fn access(trust: Trust) -> Access {
    Access {
        trust,
        ..Access::default()
    }
}

/// Fails to find a target, and says why.
fn refusal(url: &str, trust: Trust) -> (Exit, String) {
    let error = target::find(url, &access(trust)).unwrap_err();
    (error.exit(), tapdeck::error::chain(&error))
}

#[test]
fn a_run_over_tls_is_good_throughout() {
    let authority = Authority::new();
    let target = serve(authority.server());
    let run = Run {
        access: access(authority.trust()),
        rate: 500.0,
        ..Run::at(&target.url(), 0.0)
    };
    let session = run.plan().settings.target.session.unwrap();
    assert_eq!(session.version, "TLS 1.3");
    assert!(session.cipher.starts_with("TLS13_"), "{session:?}");
    let measured = run.play();
    assert_eq!(measured.ledger.good, 500);
}

#[test]
fn a_certificate_that_will_not_do_is_refused_with_advice() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for (files, trust, expected) in [
        (
            authority.certify("127.0.0.1", 2021),
            authority.trust(),
            "has expired",
        ),
        (
            authority.certify("elsewhere.test", FAR),
            authority.trust(),
            "is for another name",
        ),
        (
            authority.certify("127.0.0.1", FAR),
            stranger.trust(),
            "from nobody we trust; name the issuer's certificate with --ca",
        ),
    ] {
        let target = serve(files.server());
        let (exit, message) = refusal(&target.url(), trust);
        assert_eq!(exit, Exit::TargetUnreachable, "{message}");
        assert!(message.contains(expected), "{message}");
        // Whoever does not mind may go on.
        let anybody = Trust {
            authorities: Authorities::Anybody,
            client: None,
        };
        target::find(&target.url(), &access(anybody)).unwrap();
    }
}

#[test]
fn a_certificate_signed_by_itself_is_its_own_authority() {
    let (tls, pem) = Tls::self_signed().unwrap();
    let target = serve(tls);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("self.pem");
    fs::write(&file, pem).unwrap();
    let trust = Trust {
        authorities: Authorities::File(file),
        client: None,
    };
    target::find(&target.url(), &access(trust)).unwrap();
}

#[test]
fn files_that_are_no_certificates_are_usage_errors() {
    let authority = Authority::new();
    let (one, other) = (
        authority.certify("one", FAR),
        authority.certify("other", FAR),
    );
    let junk = authority.folder().join("junk.der");
    fs::write(&junk, b"\x30\x82\x01\x0a\x02\x82").unwrap();
    let ca = |file| Trust {
        authorities: Authorities::File(file),
        client: None,
    };
    let client = |certificate, key| Trust {
        client: Some(ClientFiles { certificate, key }),
        ..authority.trust()
    };
    for (trust, expected) in [
        (ca(junk.clone()), "--ca: "),
        (
            ca(junk.clone()),
            "junk.der holds no certificate in PEM form",
        ),
        (ca(one.key.clone()), "holds no certificate in PEM form"),
        (ca(authority.folder().join("none.pem")), "cannot read"),
        (
            client(one.certificate.clone(), other.key.clone()),
            "other-4095.key is not the key of the certificate in",
        ),
        (
            client(one.certificate.clone(), one.certificate.clone()),
            "holds no private key in PEM form",
        ),
        (client(junk.clone(), one.key.clone()), "--client-cert: "),
    ] {
        let (exit, message) = refusal("https://127.0.0.1:1", trust);
        assert_eq!(exit, Exit::Usage, "{message}");
        assert!(message.contains(expected), "{expected}: {message}");
    }
}

#[test]
fn a_target_that_wants_a_certificate_gets_it_or_is_reported() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let mut tls = authority.server();
    tls.demand_certificates(&authority.file()).unwrap();
    let target = serve(tls);
    let with = |client| Trust {
        client,
        ..authority.trust()
    };
    for (client, expected) in [
        (None, "it wants a client certificate; give --client-cert"),
        (
            Some(stranger.certify("me", FAR).client()),
            "it does not accept our certificate",
        ),
    ] {
        let (exit, message) = refusal(&target.url(), with(client));
        assert_eq!(exit, Exit::TargetUnreachable, "{message}");
        assert!(message.contains(expected), "{expected}: {message}");
    }
    let run = Run {
        access: access(with(Some(authority.certify("me", FAR).client()))),
        rate: 200.0,
        ..Run::at(&target.url(), 0.0)
    };
    assert_eq!(run.play().ledger.good, 200);
}

#[test]
fn what_does_not_speak_tls_is_told_apart_from_what_does_not_listen() {
    // One server closes the connection, the other says so in HTTP.
    let silent = StandIn::start(StandInConfig::demo().unwrap()).unwrap();
    let polite = TcpListener::bind("127.0.0.1:0").unwrap();
    let polite_at = polite.local_addr().unwrap();
    let answering = thread::spawn(move || {
        let (mut stream, _) = polite.accept().unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
        // Until the client leaves.
        let _reset = stream.read_to_end(&mut Vec::new());
    });
    for address in [silent.address(), polite_at] {
        let (exit, message) = refusal(&format!("https://{address}"), Authority::new().trust());
        assert_eq!(exit, Exit::TargetUnreachable, "{message}");
        assert!(message.contains("write http:// in --target"), "{message}");
    }
    answering.join().unwrap();

    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (exit, message) = refusal(&format!("https://{closed}"), Authority::new().trust());
    assert_eq!(exit, Exit::TargetUnreachable, "{message}");
    assert!(message.contains("does not accept connections"), "{message}");
}
