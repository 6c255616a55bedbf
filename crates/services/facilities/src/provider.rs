//! Who sends one-time codes to the owner of an Aadhaar number, and who says whether one is right.
use axum::http::StatusCode;
use identity::{Kind, Outbox};
use kernel::{Error, Result};
use uuid::Uuid;
use vault::AadhaarNumber;

use crate::gateway::Gateway;

/// The edge through which codes are sent. The executable gives it.
pub enum CodeProvider {
    /// Writes codes into files, for whoever tries the program out.
    Outbox(Outbox),
    /// A gateway to UIDAI, which makes the codes, sends them to the phone that the number belongs to, and checks them.
    Gateway(Gateway),
    /// None is set up.
    Absent,
}

impl CodeProvider {
    /// The code to send, when it is ours to make.
    pub(crate) fn new_code(&self) -> Result<Option<String>> {
        match self {
            Self::Outbox(_) => vault::new_code().map(Some),
            Self::Gateway(_) => Ok(None),
            Self::Absent => Err(absent()),
        }
    }

    /// Sends a code to the owner of this number.
    pub(crate) async fn send(&self, number: &AadhaarNumber, transaction: Uuid, code: Option<&str>) -> Result<()> {
        match (self, code) {
            (Self::Outbox(outbox), Some(code)) => {
                let text = format!("Your Aadhaar code is {code}. It is good for ten minutes.");
                outbox.put(Kind::Sms, &number.to_string(), &text).await
            }
            (Self::Gateway(gateway), _) => gateway.send(number, transaction).await,
            (Self::Outbox(_) | Self::Absent, _) => Err(absent()),
        }
    }

    /// Whether this is the code that the gateway sent.
    pub(crate) async fn is_right(&self, number: &AadhaarNumber, transaction: Uuid, code: &str) -> Result<bool> {
        match self {
            Self::Gateway(gateway) => gateway.is_right(number, transaction, code).await,
            Self::Outbox(_) | Self::Absent => Err(absent()),
        }
    }
}

fn absent() -> Error {
    Error::new(StatusCode::NOT_IMPLEMENTED, "no provider of Aadhaar codes is set up here")
}
