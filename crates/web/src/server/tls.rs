//! TLS of the listener: certificates from PEM files, read again on demand.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use serde::Deserialize;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// Where the server's certificate and key are.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// PEM file of the certificate and those between it and its authority.
    pub certificate: PathBuf,
    /// PEM file of the private key.
    pub key: PathBuf,
}

/// Why TLS cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A PEM file that cannot be read.
    #[error("{file} cannot be read as PEM")]
    Pem {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        #[source]
        source: pem::Error,
    },
    /// A file without a certificate.
    #[error("{file} holds no certificate")]
    NoCertificate {
        /// The file.
        file: PathBuf,
    },
    /// A certificate and a key that do not go together.
    #[error("certificate and key cannot be used")]
    Pair(#[from] rustls::Error),
}

/// The server's certificate, exchangeable while it serves.
#[derive(Debug)]
pub struct Tls {
    files: TlsFiles,
    current: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When a file cannot be read, or certificate and key do not go together.
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let current = RwLock::new(Arc::new(read(&files)?));
        Ok(Self { files, current })
    }

    /// Reads the files again. New connections get the new certificate; when it does not hold, the old one stays.
    ///
    /// # Errors
    /// As [`Tls::load`].
    pub fn reload(&self) -> Result<(), TlsError> {
        let fresh = Arc::new(read(&self.files)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn read(files: &TlsFiles) -> Result<ServerConfig, TlsError> {
    let in_file = |file: &PathBuf| {
        let file = file.clone();
        move |source| TlsError::Pem { file, source }
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(in_file(&files.certificate))?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate { file: files.certificate.clone() });
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(in_file(&files.key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
