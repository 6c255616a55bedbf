//! Access tokens: EdDSA with a published key, or HS256 when a shared secret is configured.
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
    signer: EncodingKey,
    checker: DecodingKey,
    header: Header,
    validation: Validation,
    public_key: Option<String>,
    /// Tokens whose signature was found right, by digest: a signature stays right, so this only saves work.
    checked: Cache<Vec<u8>, Claims>,
}

const ISSUER: &str = "nadi";
const CHECKED: usize = 16_384;

impl Tokens {
    pub(crate) fn new(secrets: &Secrets) -> Result<Self> {
        let (algorithm, signer, checker, public_key) = match &secrets.shared {
            Some(shared) => (
                Algorithm::HS256,
                EncodingKey::from_secret(shared.as_bytes()),
                DecodingKey::from_secret(shared.as_bytes()),
                None,
            ),
            None => {
                let pair = Ed25519KeyPair::from_pkcs8(&secrets.signing).map_err(Error::internal)?;
                let public = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
                let checker = DecodingKey::from_ed_components(&public).map_err(Error::internal)?;
                (Algorithm::EdDSA, EncodingKey::from_ed_der(&secrets.signing), checker, Some(public))
            }
        };
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.validate_aud = false;
        // Expiry is checked against the program's clock, which a test can move.
        validation.validate_exp = false;
        let mut header = Header::new(algorithm);
        header.kid = public_key.as_deref().map(key_id);
        Ok(Self { signer, checker, header, validation, public_key, checked: Cache::new(CHECKED) })
    }

    /// A token for this account and session, valid from `now` (seconds since 1970) for `seconds`.
    pub fn sign(&self, user: Uuid, session: Uuid, now: i64, seconds: i64) -> Result<String> {
        let claims = Claims { iss: ISSUER.to_owned(), sub: user, sid: session, iat: now, exp: now + seconds };
        jsonwebtoken::encode(&self.header, &claims, &self.signer).map_err(Error::internal)
    }

    /// The claims of a token with a right signature that has not expired at `now`.
    pub fn check(&self, token: &str, now: i64) -> Option<Claims> {
        let digest = sha256(token.as_bytes());
        let claims = match self.checked.get(&digest) {
            Some(claims) => claims,
            None => {
                let data = jsonwebtoken::decode::<Claims>(token, &self.checker, &self.validation).ok()?;
                if data.header.kid != self.header.kid {
                    return None;
                }
                self.checked.insert(digest, data.claims.clone());
                data.claims
            }
        };
        (claims.exp > now).then_some(claims)
    }

    /// The published keys (RFC 7517); none when a shared secret signs.
    pub fn jwks(&self) -> serde_json::Value {
        let keys: Vec<_> = self
            .public_key
            .iter()
            .map(|x| serde_json::json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": key_id(x), "x": x}))
            .collect();
        serde_json::json!({ "keys": keys })
    }
}

fn key_id(public: &str) -> String {
    hex::encode(&sha256(public.as_bytes())[..8])
}
