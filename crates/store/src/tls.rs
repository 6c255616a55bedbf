//! How the way to PostgreSQL is encrypted, by the words of its address: `sslmode` and `sslrootcert`, as libpq reads them.
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Error, Result};

/// What an encrypted connection has to prove.
#[derive(Clone)]
pub(crate) struct Tls(ClientConfig);

impl Tls {
    /// The address without what is said of certificates, and what that was. `verify-full` and `verify-ca` check the
    /// server's certificate and its name, against `sslrootcert` or what this machine trusts; `require` and `prefer`
    /// encrypt and check nothing.
    pub fn of(url: &str) -> Result<(String, Self)> {
        let (base, settings) = url.split_once('?').unwrap_or((url, ""));
        let (mut kept, mut verify, mut roots) = (Vec::new(), false, None);
        for setting in settings.split('&').filter(|setting| !setting.is_empty()) {
            match setting.split_once('=') {
                Some(("sslmode", "verify-full" | "verify-ca")) => {
                    verify = true;
                    kept.push("sslmode=require");
                }
                Some(("sslmode", "allow")) => kept.push("sslmode=prefer"),
                Some(("sslrootcert", path)) => roots = Some(path),
                _ => kept.push(setting),
            }
        }
        let address = if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(unusable)?;
        let config = match (verify, roots) {
            (false, _) => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider))).with_no_client_auth()
            }
            (true, Some(path)) => builder.with_root_certificates(read_roots(Path::new(path))?).with_no_client_auth(),
            (true, None) => builder.with_platform_verifier().map_err(unusable)?.with_no_client_auth(),
        };
        Ok((address, Self(config)))
    }

    pub fn connector(&self) -> MakeRustlsConnect {
        MakeRustlsConnect::new(self.0.clone())
    }
}

fn read_roots(path: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(unusable)?;
    for certificate in certificates {
        roots.add(certificate.map_err(unusable)?).map_err(unusable)?;
    }
    Ok(roots)
}

fn unusable(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("the certificates of the database's address cannot be used: {error}"))
}

/// Takes any certificate: what `require` and `prefer` promise is that nobody listens, not who answers.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_certificates_is_taken_out_of_the_address() {
        let address = |url| Tls::of(url).expect("an address").0;
        assert_eq!(address("postgres://u@h/d"), "postgres://u@h/d");
        assert_eq!(
            address("postgres://u@h/d?sslmode=verify-full&application_name=x"),
            "postgres://u@h/d?sslmode=require&application_name=x"
        );
        assert_eq!(address("postgres://u@h/d?sslmode=disable"), "postgres://u@h/d?sslmode=disable");
        assert!(Tls::of("postgres://u@h/d?sslmode=verify-full&sslrootcert=/no/such/file").is_err());
    }
}
