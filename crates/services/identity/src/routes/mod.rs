//! The routes, one file a resource. Handlers extract, call and answer.
mod accounts;
mod device_keys;
mod login;
mod passwords;
mod second_factor;
mod service_accounts;
mod sessions;
mod verification;

use kernel::App;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(login::log_in))
        .routes(routes!(login::log_in_personal))
        .routes(routes!(login::log_in_v1))
        .routes(routes!(login::refresh_personal))
        .routes(routes!(login::refresh_v1))
        .routes(routes!(login::log_out))
        .routes(routes!(login::log_out_v1))
        .routes(routes!(sessions::verify_token))
        .routes(routes!(sessions::validate_session, sessions::validate_session_post))
        .routes(routes!(sessions::list_sessions, sessions::end_other_sessions))
        .routes(routes!(sessions::end_session))
        .routes(routes!(passwords::change_password))
        .routes(routes!(passwords::change_password_post))
        .routes(routes!(passwords::forgot_password))
        .routes(routes!(passwords::reset_forgotten_password))
        .routes(routes!(verification::send_code))
        .routes(routes!(verification::confirm_code))
        .routes(routes!(second_factor::second_step))
        .routes(routes!(second_factor::second_step_v1))
        .routes(routes!(second_factor::show_second_factor, second_factor::enrol_second_factor))
        .routes(routes!(second_factor::confirm_second_factor))
        .routes(routes!(second_factor::renew_recovery_codes))
        .routes(routes!(second_factor::disable_second_factor))
        .routes(routes!(second_factor::remove_second_factor))
        .routes(routes!(accounts::me))
        .routes(routes!(accounts::me_personal))
        .routes(routes!(accounts::create_user))
        .routes(routes!(accounts::list_users))
        .routes(routes!(accounts::disable_user))
        .routes(routes!(accounts::enable_user))
        .routes(routes!(accounts::reset_password))
        .routes(routes!(device_keys::list_device_keys, device_keys::create_device_key))
        .routes(routes!(device_keys::revoke_device_key))
        .routes(routes!(service_accounts::list_service_accounts, service_accounts::create_service_account))
        .routes(routes!(service_accounts::revoke_service_account))
}

/// Something was done and there is nothing to show for it.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionMessage {
    /// Always `success`.
    status: &'static str,
    message: &'static str,
}

impl SessionMessage {
    fn new(message: &'static str) -> Self {
        Self { status: "success", message }
    }
}
