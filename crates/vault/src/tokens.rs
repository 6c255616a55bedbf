//! Access tokens: EdDSA with published keys, or HS256 when a shared secret is configured.
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kernel::{Error, Result};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Secrets, sha256};

/// What an access token says. Whether its session still lives is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    /// The account.
    pub sub: Uuid,
    /// The session this token dies with.
    pub sid: Uuid,
    /// Seconds since 1970.
    pub iat: i64,
    pub exp: i64,
}

/// Signs and checks tokens.
pub struct Tokens {
    algorithm: Algorithm,
    validation: Validation,
    /// The key of the file or the settings, with which everything began.
    first: Arc<Key>,
    /// Every key, the newest first: that one signs.
    ring: RwLock<Arc<Vec<Held>>>,
    /// Tokens whose signature was found right, by digest, with the key that made it: a signature stays right, so this only
    /// saves work.
    checked: Cache<Vec<u8>, (Claims, Arc<Key>)>,
}

/// A key, and until when its signatures count, in seconds since 1970; the newest key's always do.
#[derive(Clone)]
pub(crate) struct Held {
    pub key: Arc<Key>,
    pub until: Option<i64>,
}

pub(crate) struct Key {
    signer: EncodingKey,
    checker: DecodingKey,
    /// Its `kid` and its published half; none for a shared secret.
    public: Option<(String, String)>,
}

const ISSUER: &str = "nadi";
const CHECKED: usize = 16_384;

impl Key {
    fn shared(secret: &str) -> Self {
        let bytes = secret.as_bytes();
        Self { signer: EncodingKey::from_secret(bytes), checker: DecodingKey::from_secret(bytes), public: None }
    }

    /// An Ed25519 key in PKCS#8.
    pub fn of_pair(document: &[u8]) -> Result<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(document).map_err(Error::internal)?;
        let public = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let checker = DecodingKey::from_ed_components(&public).map_err(Error::internal)?;
        let id = hex::encode(&sha256(public.as_bytes())[..8]);
        Ok(Self { signer: EncodingKey::from_ed_der(document), checker, public: Some((id, public)) })
    }

    /// What a token's header calls the key.
    pub fn id(&self) -> Option<&str> {
        self.public.as_ref().map(|(id, _)| id.as_str())
    }
}

impl Tokens {
    pub(crate) fn new(secrets: &Secrets) -> Result<Self> {
        let (algorithm, first) = match &secrets.shared {
            Some(shared) => (Algorithm::HS256, Key::shared(shared)),
            None => (Algorithm::EdDSA, Key::of_pair(&secrets.signing)?),
        };
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.validate_aud = false;
        // Expiry is checked against the program's clock, which a test can move.
        validation.validate_exp = false;
        let first = Arc::new(first);
        let ring = RwLock::new(Arc::new(vec![Held { key: first.clone(), until: None }]));
        Ok(Self { algorithm, validation, first, ring, checked: Cache::new(CHECKED) })
    }

    /// The key with which everything began, unless a shared secret signs: then there are no others.
    pub(crate) fn first(&self) -> Option<Arc<Key>> {
        self.first.public.is_some().then(|| self.first.clone())
    }

    /// Puts other keys in place of those held, the newest first. Without one nothing is changed.
    pub(crate) fn hold(&self, keys: Vec<Held>) {
        if !keys.is_empty() {
            *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        }
    }

    fn ring(&self) -> Arc<Vec<Held>> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A token for this account and session, valid from `now` (seconds since 1970) for `seconds`.
    pub fn sign(&self, user: Uuid, session: Uuid, now: i64, seconds: i64) -> Result<String> {
        let claims = Claims { iss: ISSUER.to_owned(), sub: user, sid: session, iat: now, exp: now + seconds };
        let ring = self.ring();
        let key = ring.first().map_or(&self.first, |held| &held.key);
        let mut header = Header::new(self.algorithm);
        header.kid = key.id().map(str::to_owned);
        jsonwebtoken::encode(&header, &claims, &key.signer).map_err(Error::internal)
    }

    /// The claims of a token with a right signature that has not expired at `now`, nor has the key that made it.
    pub fn check(&self, token: &str, now: i64) -> Option<Claims> {
        let digest = sha256(token.as_bytes());
        let ring = self.ring();
        let (claims, key) = match self.checked.get(&digest) {
            Some(known) => known,
            None => {
                let kid = jsonwebtoken::decode_header(token).ok()?.kid;
                let held = ring.iter().find(|held| held.key.id() == kid.as_deref())?;
                let data = jsonwebtoken::decode::<Claims>(token, &held.key.checker, &self.validation).ok()?;
                self.checked.insert(digest, (data.claims.clone(), held.key.clone()));
                (data.claims, held.key.clone())
            }
        };
        let counts = ring.iter().any(|held| held.key.id() == key.id() && held.until.is_none_or(|until| until > now));
        (counts && claims.exp > now).then_some(claims)
    }

    /// Whether a token names a key that is not held here: perhaps another process made it.
    pub(crate) fn is_of_another_key(&self, token: &str) -> bool {
        let kid = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid);
        kid.is_some_and(|kid| {
            self.first.public.is_some() && !self.ring().iter().any(|h| h.key.id() == Some(kid.as_str()))
        })
    }

    /// The published keys (RFC 7517), the one that signs first; none when a shared secret signs.
    pub fn jwks(&self) -> serde_json::Value {
        let ring = self.ring();
        let public = ring.iter().filter_map(|held| held.key.public.as_ref());
        let keys: Vec<_> = public
            .map(|(kid, x)| serde_json::json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x}))
            .collect();
        serde_json::json!({ "keys": keys })
    }
}
