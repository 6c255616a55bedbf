//! The providers that are known, and how this program is known to them.
use std::sync::Arc;

use axum::http::StatusCode;
use kernel::{Error, Result};
use zeroize::Zeroizing;

use crate::client::Client;
use crate::webhooks::Keyset;

kernel::text_enum!(
    /// A service that holds what bands and watches send.
    Provider { Fitbit = "fitbit", GoogleHealth = "google_health" | "google-health" }
);

impl Provider {
    /// Its name as people say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fitbit => "Fitbit",
            Self::GoogleHealth => "Google Health",
        }
    }

    /// The kind of the jobs that fetch from it.
    pub(crate) fn fetching(self) -> &'static str {
        match self {
            Self::Fitbit => "fitbit.fetch",
            Self::GoogleHealth => "google_health.fetch",
        }
    }
}

/// How this program is registered with a provider, and where the provider is.
pub struct Application {
    pub client_id: String,
    pub client_secret: Zeroizing<String>,
    /// Where the patient's browser goes to allow the fetching.
    pub authorize_url: String,
    pub token_url: String,
    pub revoke_url: String,
    pub api_url: String,
    /// Where the provider sends the browser back to.
    pub redirect_url: String,
    /// What a webhook proves itself with: Fitbit's verification code, the `Authorization` that Google sends.
    pub webhook_secret: Option<Zeroizing<String>>,
    /// Where the keys are that notifications are signed with, for a provider that signs with keys of its own.
    pub keyset_url: Option<String>,
}

/// The edge: which providers are set up here. Cheap to clone.
#[derive(Clone)]
pub struct Providers(Arc<Inner>);

struct Inner {
    fitbit: Option<Application>,
    google_health: Option<Application>,
    client: Client,
    keyset: Keyset,
}

impl Providers {
    pub fn new(fitbit: Option<Application>, google_health: Option<Application>) -> Result<Self> {
        let inner = Inner { fitbit, google_health, client: Client::new()?, keyset: Keyset::default() };
        Ok(Self(Arc::new(inner)))
    }

    /// How this program is known to a provider; 404 when it is not.
    pub(crate) fn application(&self, provider: Provider) -> Result<&Application> {
        self.known(provider).ok_or_else(|| {
            let said = format!("no application of {} is set up here", provider.name());
            Error::new(StatusCode::NOT_FOUND, said)
        })
    }

    /// As [`application`](Self::application), for those whom absence is no error to.
    pub(crate) fn known(&self, provider: Provider) -> Option<&Application> {
        match provider {
            Provider::Fitbit => self.0.fitbit.as_ref(),
            Provider::GoogleHealth => self.0.google_health.as_ref(),
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    pub(crate) fn keyset(&self) -> &Keyset {
        &self.0.keyset
    }
}
