//! What every setting means: printed by `nadi config --reference` and kept in docs/CONFIG.md.
use crate::Settings;

/// A setting: its name in `nadi.toml`, other names in the environment, and its meaning.
struct Described(&'static str, &'static str, &'static str);

const SETTINGS: &[Described] = &[
    Described("listen", "", "Address and port to serve on."),
    Described("data", "", "The data directory: database, keys, files."),
    Described("database_url", "DATABASE_URL", "`postgres://…`; the SQLite file in the data directory when unset."),
    Described("services", "", "Services to serve; all when empty. A part of them needs PostgreSQL."),
    Described("production", "", "Refuses settings that are only good for trying things out."),
    Described("log", "", "What is logged: `info`, `debug`, `nadi=debug,store=info` and so on."),
    Described("master_key", "", "32 bytes in base64; the file `keys/master.key` of the data directory when unset."),
    Described("signing_key", "", "Ed25519 key (PKCS#8) in base64; the file `keys/signing.key` when unset."),
    Described(
        "secret_key",
        "SECRET_KEY, JWT_SECRET_KEY",
        "Signs tokens with HS256 and this secret in place of EdDSA, for programs that share it.",
    ),
    Described("admin_email", "", "The first administrator, made at start when absent."),
    Described("admin_password", "", "The first administrator's password."),
    Described(
        "sqlite_synchronous",
        "",
        "`full`, or `normal`, which loses acknowledged writes at power loss and exists for the crash test.",
    ),
    Described(
        "database_connections",
        "",
        "Connections to PostgreSQL at most, and up to 4 more for each kind of request that is done in groups (looks at charts, readings, what wearables send).",
    ),
    Described("max_body_bytes", "", "Largest request body."),
    Described("trust_proxy", "", "Takes the caller's address from `X-Forwarded-For`, as behind a proxy of one's own."),
    Described("max_connections", "", "Open connections at most; more wait until one closes."),
    Described("login_tries_per_minute", "", "Wrong logins a minute for one account from one address; more answer 429."),
    Described(
        "login_tries_per_address",
        "",
        "Wrong logins a minute from one address, for whatever accounts. Raise it when a whole hospital shares an address.",
    ),
    Described(
        "login_tries_by_strangers",
        "",
        "Wrong logins a minute for one account, from all addresses together that it did not sign in from within 30 days.",
    ),
    Described("reads_per_minute", "", "Requests a minute of one caller that change nothing; 0 sets no limit."),
    Described("writes_per_minute", "", "Requests a minute of one caller that change something; 0 sets no limit."),
    Described("readings_per_minute", "", "`POST /vitals` a minute with one key or account; 0 sets no limit."),
    Described("exports_per_minute", "", "Exports a minute of one caller; 0 sets no limit."),
    Described(
        "anonymous_per_minute",
        "",
        "Requests a minute from one address that renew, check or reset without signing in; 0 sets no limit.",
    ),
    Described(
        "streams_per_account",
        "",
        "Streams, sockets among them, that one account has open at a time; more answer 429, and 0 sets no limit.",
    ),
    Described(
        "smtp_host",
        "SMTP_HOST",
        "The mail server. Without one, mails are written into `outbox/` of the data directory, and in production not sent.",
    ),
    Described("smtp_port", "SMTP_PORT", "Its port; the usual one of `smtp_security` when unset."),
    Described(
        "smtp_security",
        "SMTP_SECURITY",
        "`starttls` (port 587), `tls` (465), or `none` (25) for a server on this machine.",
    ),
    Described("smtp_username", "SMTP_USERNAME", "Whom to sign in as at the mail server."),
    Described("smtp_password", "SMTP_PASSWORD", "The password there."),
    Described("smtp_from", "SMTP_FROM", "Whom mails are from, as `Nadi <nadi@example.org>`."),
    Described(
        "sms_url",
        "",
        "A gateway for short messages, which takes `{\"to\", \"from\", \"text\"}`. Without one, as without a mail server.",
    ),
    Described("sms_key", "SMS_API_KEY", "Sent to the gateway as `Authorization: Bearer …`."),
    Described("sms_from", "", "Whom short messages are from."),
    Described(
        "registrations_per_hour",
        "",
        "Patients, doctors and hospitals that may register themselves from one address; 0 sets no limit.",
    ),
    Described(
        "aadhar_secret_key",
        "AADHAR_SECRET_KEY",
        "What Aadhaar numbers are looked up and named by; derived from the master key when unset. Another one is refused once numbers are kept.",
    ),
    Described(
        "aadhar_encryption_key",
        "AADHAR_ENCRYPTION_KEY",
        "What Aadhaar numbers are sealed with; derived from the master key when unset. Another one is refused once numbers are kept.",
    ),
    Described(
        "uidai_api_enabled",
        "UIDAI_API_ENABLED",
        "Has one-time codes sent and checked by the gateway of `uidai_api_url`; else they go into the `outbox` of the data directory, and in production nowhere.",
    ),
    Described("uidai_api_url", "UIDAI_API_URL", "The gateway: `POST …/otp` and `POST …/otp/verify`."),
    Described("uidai_api_key", "UIDAI_API_KEY", "Sent to the gateway as `Authorization: Bearer …`."),
    Described("fitbit_client_id", "", "How this program is registered with Fitbit; patients connect it then."),
    Described("fitbit_client_secret", "", "The secret that goes with it; Fitbit signs its notifications with it."),
    Described(
        "fitbit_redirect_url",
        "",
        "Where Fitbit sends the patient back to: `…/api/v1/wearables/providers/fitbit/callback`, or a page of an app that posts `state` and `code` there.",
    ),
    Described("fitbit_verification_code", "", "The code that Fitbit verifies `/api/v1/webhooks/fitbit` with."),
    Described("fitbit_authorize_url", "", "Where the patient allows the fetching."),
    Described("fitbit_api_url", "", "Where Fitbit is asked: data, `/oauth2/token` and `/oauth2/revoke`."),
    Described(
        "google_health_client_id",
        "",
        "How this program is registered with Google Health; patients connect it then.",
    ),
    Described("google_health_client_secret", "", "The secret that goes with it."),
    Described("google_health_redirect_url", "", "As `fitbit_redirect_url`, with `google_health` in place of `fitbit`."),
    Described(
        "google_health_authorization",
        "",
        "The whole `Authorization` that Google verifies `/api/v1/webhooks/google-health` with, as `Bearer …`.",
    ),
    Described("google_health_keyset_url", "", "The public keys that Google signs its notifications with."),
    Described("google_health_authorize_url", "", "Where the patient allows the fetching."),
    Described("google_health_oauth_url", "", "Where tokens are: `/token` and `/revoke`."),
    Described("google_health_api_url", "", "Where Google Health is asked."),
];

/// The settings' names, as `NADI_…` variables end.
pub fn names() -> Vec<&'static str> {
    SETTINGS.iter().map(|s| s.0).collect()
}

/// A table of every setting, in Markdown.
pub fn markdown() -> String {
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    let mut text = String::from(
        "# Settings\n\nDefaults, then `nadi.toml` of the working directory, then the environment, then flags.\n\n\
         | `nadi.toml` | environment | default | meaning |\n|---|---|---|---|\n",
    );
    for Described(name, others, meaning) in SETTINGS {
        let variable = format!("NADI_{}", name.to_uppercase());
        let variables = if others.is_empty() { variable } else { format!("{variable}, {others}") };
        let default = match &defaults[name] {
            serde_json::Value::Null => "none".to_owned(),
            serde_json::Value::String(text) => format!("`{text}`"),
            serde_json::Value::Array(list) if list.is_empty() => "all".to_owned(),
            other => format!("`{other}`"),
        };
        text += &format!("| `{name}` | {variables} | {default} | {meaning} |\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_described() {
        let settings = serde_json::to_value(Settings::default()).expect("settings are plain data");
        let members: Vec<_> = settings.as_object().expect("an object").keys().cloned().collect();
        let mut described = names();
        described.sort_unstable();
        assert_eq!(members, described);
    }
}
