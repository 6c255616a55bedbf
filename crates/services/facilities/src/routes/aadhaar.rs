//! `/api/v1/auth/verify-aadhar`: proving that an Aadhaar number is one's own.
use access::data::Registration;
use access::{By, Grant, Write};
use axum::extract::State;
use kernel::{App, Body, Errors, Json, Result};
use patients::Oneself;

use crate::proof::{self, NumberProofIn, Proof};

/// Sends a one-time code to the owner of your Aadhaar number, and with the code proves that this is you. A code is good
/// for ten minutes, for five tries, once; five are sent an hour, and one a minute.
#[utoipa::path(post, path = "/api/v1/auth/verify-aadhar", tag = "identity", request_body = Option<NumberProofIn>,
    responses(
        (status = 200, body = Proof, description = "`aadhar_verified` tells whether the number is proved, or a code was sent"),
        Errors,
    ))]
pub async fn verify_aadhar(
    caller: By<Oneself>,
    State(app): State<App>,
    Body(said): Body<NumberProofIn>,
) -> Result<Json<Proof>> {
    let own = Grant::<Write, Registration>::ask(&app, &caller, patients::oneself(&caller)?).await?;
    let proof = match &said.code {
        Some(code) => proof::finish(&app, &caller, &own, (code, said.transaction_id)).await?,
        None => proof::begin(&app, &caller, &own, said.aadhar_number.as_ref()).await?,
    };
    Ok(Json(proof))
}
