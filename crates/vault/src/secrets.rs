//! The two secrets everything hangs on: where they come from and where they are kept.
use std::fs;
use std::io::Write as _;
use std::path::Path;

use aws_lc_rs::rand;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kernel::{Error, Result};
use zeroize::Zeroizing;

/// The master key (32 bytes) and the tokens' signing key (PKCS#8), plus a shared HS256 secret when one is configured.
pub struct Secrets {
    pub(crate) master: Zeroizing<Vec<u8>>,
    /// What other keys are made from, once the master key was changed: before that, it is this itself.
    pub(crate) root: Option<Zeroizing<Vec<u8>>>,
    pub(crate) signing: Zeroizing<Vec<u8>>,
    pub(crate) shared: Option<Zeroizing<String>>,
}

impl Secrets {
    /// Reads the key files of a directory, making those that are missing, readable by their owner alone. Tells which
    /// files were made.
    pub fn in_directory(directory: &Path) -> Result<(Self, Vec<String>)> {
        make_private(directory)?;
        let mut made = Vec::new();
        let mut file = |name: &str, make: &dyn Fn() -> Result<Vec<u8>>| -> Result<Zeroizing<Vec<u8>>> {
            let path = directory.join(name);
            if !path.exists() {
                write_private(&path, &STANDARD.encode(make()?))?;
                made.push(path.display().to_string());
            }
            let text = Zeroizing::new(fs::read_to_string(&path).map_err(Error::internal)?);
            decode(&text, name)
        };
        let master = file(MASTER, &|| random_bytes(32))?;
        let signing = file("signing.key", &new_signing_key)?;
        Ok((Self::new(master, signing)?, made))
    }

    /// Secrets given as base64 text, as several processes share them.
    pub fn from_text(master: &str, signing: &str) -> Result<Self> {
        Self::new(decode(master, "the master key")?, decode(signing, "the signing key")?)
    }

    fn new(master: Zeroizing<Vec<u8>>, signing: Zeroizing<Vec<u8>>) -> Result<Self> {
        Ok(Self { master: of_32(master)?, root: None, signing, shared: None })
    }

    pub(crate) fn root(&self) -> &Zeroizing<Vec<u8>> {
        self.root.as_ref().unwrap_or(&self.master)
    }

    /// Signs tokens with HS256 and this secret, for installations whose other programs check tokens by a shared secret.
    #[must_use]
    pub fn with_shared_secret(mut self, secret: Option<String>) -> Self {
        self.shared = secret.map(Zeroizing::new);
        self
    }
}

/// A master key that is to take the place of the one that counts.
pub struct NewMaster(pub(crate) Zeroizing<Vec<u8>>);

const MASTER: &str = "master.key";
/// Where a new master key waits until the database is under it.
const NEXT: &str = "master.key.next";

impl NewMaster {
    pub fn from_text(text: &str) -> Result<Self> {
        of_32(decode(text, "the master key")?).map(Self)
    }

    /// Makes one that waits beside the one that counts. 409 while another waits: nobody takes it away but who made it, since the
    /// database may be under it at any moment.
    pub fn make_beside(directory: &Path) -> Result<Self> {
        if directory.join(NEXT).exists() {
            return Err(Error::conflict(format!("{NEXT} is there: a change is under way, or broke off and it can go")));
        }
        let new = Self(Zeroizing::new(random_bytes(32)?));
        write_private(&directory.join(NEXT), &STANDARD.encode(&new.0))?;
        Ok(new)
    }

    pub(crate) fn beside(directory: &Path) -> Result<Option<Self>> {
        match fs::read_to_string(directory.join(NEXT)) {
            Ok(text) => Self::from_text(&Zeroizing::new(text)).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Makes it the one that counts. The one before it is kept beside it: it opens the backups of its time.
    pub fn put_in_place(&self, directory: &Path) -> Result<()> {
        let before = Zeroizing::new(fs::read_to_string(directory.join(MASTER)).map_err(Error::internal)?);
        if decode(&before, MASTER)? == self.0 {
            // A start was faster that found it waiting.
            return Ok(());
        }
        let mut names = (1..).map(|number| directory.join(format!("{MASTER}.before-{number}")));
        let free = names.find(|name| !name.exists()).ok_or_else(|| Error::internal("no name is free"))?;
        write_private(&free, &before)?;
        fs::rename(directory.join(NEXT), directory.join(MASTER)).map_err(Error::internal)?;
        fs::File::open(directory).and_then(|d| d.sync_all()).map_err(Error::internal)
    }

    /// Takes away the one that waits and that no database is under, for who made it.
    pub fn take_away(directory: &Path) -> Result<()> {
        fs::remove_file(directory.join(NEXT)).map_err(Error::internal)
    }
}

/// A new secret of 32 random bytes as URL-safe text.
pub fn new_secret() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes(32)?))
}

/// Random bytes, as the secret of an authenticator app.
pub fn random_bytes(length: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    rand::fill(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

pub(crate) fn new_signing_key() -> Result<Vec<u8>> {
    let document = Ed25519KeyPair::generate_pkcs8(&rand::SystemRandom::new()).map_err(Error::internal)?;
    Ok(document.as_ref().to_vec())
}

fn of_32(master: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
    match master.len() {
        32 => Ok(master),
        _ => Err(Error::internal("the master key must be 32 bytes in base64")),
    }
}

fn decode(text: &str, what: &str) -> Result<Zeroizing<Vec<u8>>> {
    STANDARD.decode(text.trim()).map(Zeroizing::new).map_err(|_| Error::internal(format!("{what} is not base64")))
}

/// Makes a directory that only its owner may enter. One that is there already keeps its rights.
fn make_private(directory: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(Error::internal)
}

/// Writes a file that only its owner may read, and syncs it and its directory: a lost master key loses every patient.
fn write_private(path: &Path, text: &str) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(Error::internal)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(Error::internal)?;
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::File::open(directory).and_then(|d| d.sync_all()).map_err(Error::internal)
}
