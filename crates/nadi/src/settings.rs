//! Settings: defaults, then `nadi.toml`, then the environment, then flags.
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::Secret;

/// How one process runs. Every member has a default that works on one machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub listen: SocketAddr,
    pub data: PathBuf,
    pub database_url: Option<Secret>,
    pub services: Vec<String>,
    pub production: bool,
    pub log: String,
    pub master_key: Option<Secret>,
    pub signing_key: Option<Secret>,
    pub secret_key: Option<Secret>,
    pub admin_email: Option<String>,
    pub admin_password: Option<Secret>,
    pub sqlite_synchronous: Synchronous,
    pub database_connections: u32,
    pub max_body_bytes: usize,
    pub trust_proxy: bool,
    pub max_connections: usize,
    pub login_tries_per_minute: u32,
    pub login_tries_per_address: u32,
    pub login_tries_by_strangers: u32,
    pub reads_per_minute: u32,
    pub writes_per_minute: u32,
    pub readings_per_minute: u32,
    pub exports_per_minute: u32,
    pub anonymous_per_minute: u32,
    pub streams_per_account: usize,
    pub smtp_host: Option<String>,
    pub smtp_port: Option<u16>,
    pub smtp_security: SmtpSecurity,
    pub smtp_username: Option<String>,
    pub smtp_password: Option<Secret>,
    pub smtp_from: Option<String>,
    pub sms_url: Option<String>,
    pub sms_key: Option<Secret>,
    pub sms_from: Option<String>,
    pub registrations_per_hour: u32,
    pub aadhar_secret_key: Option<Secret>,
    pub aadhar_encryption_key: Option<Secret>,
    pub uidai_api_enabled: bool,
    pub uidai_api_url: Option<String>,
    pub uidai_api_key: Option<Secret>,
    pub fitbit_client_id: Option<String>,
    pub fitbit_client_secret: Option<Secret>,
    pub fitbit_redirect_url: Option<String>,
    pub fitbit_verification_code: Option<Secret>,
    pub fitbit_authorize_url: String,
    pub fitbit_api_url: String,
    pub google_health_client_id: Option<String>,
    pub google_health_client_secret: Option<Secret>,
    pub google_health_redirect_url: Option<String>,
    pub google_health_authorization: Option<Secret>,
    pub google_health_keyset_url: String,
    pub google_health_authorize_url: String,
    pub google_health_oauth_url: String,
    pub google_health_api_url: String,
}

/// When SQLite syncs its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    /// At every commit: what was answered survives a power loss.
    Full,
    /// At checkpoints. Loses acknowledged writes at power loss; here so that the crash test can show it.
    Normal,
}

/// How the mail server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    StartTls,
    Tls,
    None,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8000)),
            data: PathBuf::from("./data"),
            database_url: None,
            services: Vec::new(),
            production: false,
            log: "info".to_owned(),
            master_key: None,
            signing_key: None,
            secret_key: None,
            admin_email: None,
            admin_password: None,
            sqlite_synchronous: Synchronous::Full,
            database_connections: 16,
            max_body_bytes: 2 * 1024 * 1024,
            trust_proxy: false,
            max_connections: 8192,
            login_tries_per_minute: 5,
            login_tries_per_address: 60,
            login_tries_by_strangers: 30,
            reads_per_minute: 30_000,
            writes_per_minute: 30_000,
            readings_per_minute: 120_000,
            exports_per_minute: 30,
            anonymous_per_minute: 600,
            streams_per_account: 64,
            smtp_host: None,
            smtp_port: None,
            smtp_security: SmtpSecurity::StartTls,
            smtp_username: None,
            smtp_password: None,
            smtp_from: None,
            sms_url: None,
            sms_key: None,
            sms_from: None,
            registrations_per_hour: 60,
            aadhar_secret_key: None,
            aadhar_encryption_key: None,
            uidai_api_enabled: false,
            uidai_api_url: None,
            uidai_api_key: None,
            fitbit_client_id: None,
            fitbit_client_secret: None,
            fitbit_redirect_url: None,
            fitbit_verification_code: None,
            fitbit_authorize_url: "https://www.fitbit.com/oauth2/authorize".to_owned(),
            fitbit_api_url: "https://api.fitbit.com".to_owned(),
            google_health_client_id: None,
            google_health_client_secret: None,
            google_health_redirect_url: None,
            google_health_authorization: None,
            google_health_keyset_url: "https://www.gstatic.com/googlehealthapi/webhooks/webhooks_public_keyset.json"
                .to_owned(),
            google_health_authorize_url: "https://accounts.google.com/o/oauth2/v2/auth".to_owned(),
            google_health_oauth_url: "https://oauth2.googleapis.com".to_owned(),
            google_health_api_url: "https://health.googleapis.com".to_owned(),
        }
    }
}

/// Names the documents use, for settings of ours.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("DATABASE_URL", "database_url"),
    ("SECRET_KEY", "secret_key"),
    ("JWT_SECRET_KEY", "secret_key"),
    ("SMTP_HOST", "smtp_host"),
    ("SMTP_PORT", "smtp_port"),
    ("SMTP_SECURITY", "smtp_security"),
    ("SMTP_USERNAME", "smtp_username"),
    ("SMTP_PASSWORD", "smtp_password"),
    ("SMTP_FROM", "smtp_from"),
    ("SMS_API_KEY", "sms_key"),
    ("AADHAR_SECRET_KEY", "aadhar_secret_key"),
    ("AADHAR_ENCRYPTION_KEY", "aadhar_encryption_key"),
    ("UIDAI_API_ENABLED", "uidai_api_enabled"),
    ("UIDAI_API_URL", "uidai_api_url"),
    ("UIDAI_API_KEY", "uidai_api_key"),
];

impl Settings {
    /// Reads `nadi.toml` of the working directory, if there is one, and the environment.
    pub fn load() -> Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Self::default())).merge(Toml::file("nadi.toml"));
        for &(theirs, ours) in OTHER_NAMES {
            figment = figment.merge(Env::raw().only(&[theirs]).map(move |_| ours.into()));
        }
        figment = figment.merge(Env::prefixed("NADI_").only(&crate::reference::names()));
        figment.extract().context("the settings cannot be read")
    }

    /// Where the database is, for whoever opens it and nobody else: a PostgreSQL URL with its password, or the SQLite file in the data directory.
    pub fn database(&self) -> String {
        match &self.database_url {
            Some(url) => url.to_string(),
            None => self.data.join("nadi.db").display().to_string(),
        }
    }

    pub fn uses_sqlite(&self) -> bool {
        !self.database().starts_with("postgres")
    }

    /// Refuses combinations that cannot work, in a sentence.
    pub fn check(&self) -> Result<()> {
        let known: Vec<&str> = crate::services().iter().map(|s| s.name).collect();
        if let Some(unknown) = self.services.iter().find(|s| !known.contains(&s.as_str())) {
            bail!("there is no service {unknown:?}; the services are {}", known.join(", "));
        }
        if !self.services.is_empty() && self.uses_sqlite() {
            bail!("a part of the services needs the others beside it: set DATABASE_URL to a PostgreSQL, or serve all");
        }
        if self.master_key.is_some() != self.signing_key.is_some() {
            bail!("set both NADI_MASTER_KEY and NADI_SIGNING_KEY, or neither");
        }
        if self.secret_key.as_ref().is_some_and(|s| s.len() < 32) {
            bail!("SECRET_KEY is shorter than 32 characters");
        }
        let tries = [self.login_tries_per_minute, self.login_tries_per_address, self.login_tries_by_strangers];
        if self.max_connections == 0 || tries.contains(&0) {
            bail!("max_connections and login_tries_… are 1 at least: with 0 nobody comes in");
        }
        if self.smtp_host.is_some() && self.smtp_from.is_none() {
            bail!("SMTP_FROM is needed beside SMTP_HOST: whom mails are from, as \"Nadi <nadi@example.org>\"");
        }
        let aadhaar = [&self.aadhar_secret_key, &self.aadhar_encryption_key];
        if aadhaar.into_iter().flatten().any(|secret| secret.len() < 32) {
            bail!("AADHAR_SECRET_KEY and AADHAR_ENCRYPTION_KEY have 32 characters or more");
        }
        if self.uidai_api_enabled && (self.uidai_api_url.is_none() || self.uidai_api_key.is_none()) {
            bail!("UIDAI_API_ENABLED needs UIDAI_API_URL and UIDAI_API_KEY");
        }
        self.check_providers()?;
        if self.production {
            self.check_production()?;
        }
        Ok(())
    }

    /// An application of a provider is known by three things, which come together.
    fn check_providers(&self) -> Result<()> {
        let fitbit = (&self.fitbit_client_id, &self.fitbit_client_secret, &self.fitbit_redirect_url);
        let google =
            (&self.google_health_client_id, &self.google_health_client_secret, &self.google_health_redirect_url);
        for (name, (id, secret, url)) in [("FITBIT", fitbit), ("GOOGLE_HEALTH", google)] {
            if [id.is_some(), secret.is_some(), url.is_some()].into_iter().any(|set| set != id.is_some()) {
                bail!(
                    "set NADI_{name}_CLIENT_ID, NADI_{name}_CLIENT_SECRET and NADI_{name}_REDIRECT_URL, or none of them"
                );
            }
        }
        Ok(())
    }

    fn check_production(&self) -> Result<()> {
        if !self.uses_sqlite() && self.master_key.is_none() {
            bail!(
                "production over PostgreSQL needs NADI_MASTER_KEY and NADI_SIGNING_KEY: every process must hold the same"
            );
        }
        if self.admin_password.as_ref().is_some_and(|p| p.len() < 12) {
            bail!("in production the first administrator's password has at least 12 characters");
        }
        if self.smtp_host.as_ref().is_some_and(|host| !is_here(host)) && self.smtp_security == SmtpSecurity::None {
            bail!("in production mail leaves this machine encrypted: set SMTP_SECURITY to starttls or tls");
        }
        if self.sms_url.as_ref().is_some_and(|url| !url.starts_with("https://")) {
            bail!("in production codes leave this machine encrypted: NADI_SMS_URL begins with https://");
        }
        let uidai = self.uidai_api_url.as_ref().filter(|_| self.uidai_api_enabled);
        if uidai.is_some_and(|url| !url.starts_with("https://")) {
            bail!("in production Aadhaar numbers leave this machine encrypted: UIDAI_API_URL begins with https://");
        }
        let providers = [
            &self.fitbit_authorize_url,
            &self.fitbit_api_url,
            &self.google_health_keyset_url,
            &self.google_health_authorize_url,
            &self.google_health_oauth_url,
            &self.google_health_api_url,
        ];
        if providers.into_iter().any(|url| !url.starts_with("https://")) {
            bail!(
                "in production providers are asked encrypted: NADI_FITBIT_…_URL and NADI_GOOGLE_HEALTH_…_URL begin with https://"
            );
        }
        if self.sqlite_synchronous != Synchronous::Full {
            bail!("in production every answer is synced to disk first: leave NADI_SQLITE_SYNCHRONOUS alone");
        }
        Ok(())
    }

    /// The directory of the key files.
    pub fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// Makes the data directory, and says so in a sentence when it cannot.
    pub fn make_data_directory(&self) -> Result<()> {
        make(&self.data)
    }
}

fn is_here(host: &str) -> bool {
    ["localhost", "127.0.0.1", "::1"].contains(&host)
}

fn make(directory: &Path) -> Result<()> {
    crate::private::directory(directory)
        .with_context(|| format!("the data directory {} cannot be made", directory.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Settings)) -> String {
        let mut settings = Settings::default();
        change(&mut settings);
        settings.check().expect_err("must be refused").to_string()
    }

    #[test]
    fn impossible_combinations_are_refused_in_a_sentence() {
        Settings::default().check().expect("the defaults work");
        assert!(refused(|s| s.services = vec!["ward".into()]).contains("PostgreSQL"));
        assert!(refused(|s| s.services = vec!["laundry".into()]).contains("laundry"));
        assert!(refused(|s| s.master_key = Some("x".into())).contains("both"));
        assert!(
            refused(|s| (s.production, s.database_url) = (true, Some("postgres://x".into()))).contains("MASTER_KEY")
        );
        assert!(refused(|s| (s.production, s.sqlite_synchronous) = (true, Synchronous::Normal)).contains("synced"));
        assert!(refused(|s| s.secret_key = Some("short".into())).contains("32"));
        assert!(refused(|s| s.login_tries_per_minute = 0).contains("nobody"));
        assert!(refused(|s| s.max_connections = 0).contains("nobody"));
        assert!(refused(|s| s.smtp_host = Some("mail.example.org".into())).contains("SMTP_FROM"));
        assert!(refused(|s| s.aadhar_secret_key = Some("short".into())).contains("32"));
        assert!(refused(|s| s.uidai_api_enabled = true).contains("UIDAI_API_URL"));
        assert!(refused(|s| s.fitbit_client_id = Some("23ABCD".into())).contains("FITBIT_CLIENT_SECRET"));
        assert!(refused(|s| s.google_health_client_secret = Some("x".into())).contains("GOOGLE_HEALTH_CLIENT_ID"));
        let asked_in_clear = |s: &mut Settings| {
            (s.production, s.fitbit_api_url) = (true, "http://fitbit.example.org".into());
        };
        assert!(refused(asked_in_clear).contains("https"));
        let uidai_in_clear = |s: &mut Settings| {
            (s.production, s.uidai_api_enabled) = (true, true);
            (s.uidai_api_url, s.uidai_api_key) = (Some("http://uidai.example.org".into()), Some("key".into()));
        };
        assert!(refused(uidai_in_clear).contains("https"));
        let in_clear = |s: &mut Settings| {
            (s.production, s.smtp_security) = (true, SmtpSecurity::None);
            (s.smtp_host, s.smtp_from) = (Some("mail.example.org".into()), Some("nadi@example.org".into()));
        };
        assert!(refused(in_clear).contains("encrypted"));
        assert!(
            refused(|s| (s.production, s.sms_url) = (true, Some("http://sms.example.org".into()))).contains("https")
        );
    }

    /// Settings with every text set that may be absent, each to its own name.
    fn all_set() -> Settings {
        let mut settings = serde_json::to_value(Settings::default()).expect("settings are plain data");
        for (name, value) in settings.as_object_mut().expect("an object") {
            if value.is_null() {
                *value = if name == "smtp_port" { 587.into() } else { format!("the {name} itself").into() };
            }
        }
        serde_json::from_value(settings).expect("settings")
    }

    #[test]
    fn settings_that_are_shown_say_of_a_secret_that_it_is_set() {
        // A text that may be absent is a secret unless it is listed here.
        let told = [
            "admin_email",
            "fitbit_client_id",
            "fitbit_redirect_url",
            "google_health_client_id",
            "google_health_redirect_url",
            "smtp_from",
            "smtp_host",
            "smtp_username",
            "sms_from",
            "sms_url",
            "uidai_api_url",
        ];
        let settings = all_set();
        let shown = serde_json::to_value(&settings).expect("settings");
        let printed = [shown.to_string(), format!("{settings:?}")];
        for (name, value) in shown.as_object().expect("an object") {
            let itself = format!("the {name} itself");
            let hidden = *value == serde_json::json!("(set)");
            assert!(hidden || *value != serde_json::json!(itself) || told.contains(&name.as_str()), "{name} is shown");
            assert!(!hidden || printed.iter().all(|text| !text.contains(&itself)), "{name} is shown");
        }
        for secret in ["database_url", "aadhar_secret_key", "aadhar_encryption_key", "uidai_api_key", "admin_password"]
        {
            assert_eq!(shown[secret], "(set)", "{secret}");
        }
    }
}
