//! Opening the edges: database, keys, access, events; then the services over them.
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use facilities::{CodeProvider, Gateway};
use identity::{Mail, MailServer, Outbox, Sms, SmsGateway};
use kernel::{App, Clock, Service};
use providers::{Application, Providers};
use store::{Db, Options};
use vault::{AadhaarRules, AadhaarSecrets, AadhaarVault, Secrets, Tombstones, Vault};

use crate::Secret;
use crate::settings::{Settings, SmtpSecurity, Synchronous};

/// An opened program.
pub struct Opened {
    pub app: App,
    pub services: Vec<Service>,
    /// Key files that were made just now.
    pub made: Vec<String>,
}

/// Every service, in the order they are opened.
pub fn services() -> &'static [Service] {
    &[
        jobs::SERVICE,
        identity::SERVICE,
        patients::SERVICE,
        hospitals::SERVICE,
        doctors::SERVICE,
        appointments::SERVICE,
        consents::SERVICE,
        emergency::SERVICE,
        ward::SERVICE,
        wearables::SERVICE,
        hcgateway::SERVICE,
        providers::SERVICE,
        facilities::SERVICE,
        portability::SERVICE,
        live::SERVICE,
    ]
}

/// Opens everything the settings name, brings the database to this program's schema, erases again who came back with an
/// older copy of it, and makes the first administrator.
pub async fn open(settings: &Settings, clock: Clock) -> Result<Opened> {
    let opened = assemble(settings, clock).await?;
    portability::erase_again(&opened.app)
        .await
        .context("a patient who had been erased is here again, and cannot be erased")?;
    bootstrap(&opened.app, settings).await?;
    Ok(opened)
}

/// As [`open`], for whoever only looks whether everything opens: nobody is erased and nobody is made.
pub async fn assemble(settings: &Settings, clock: Clock) -> Result<Opened> {
    settings.check()?;
    settings.make_data_directory()?;
    let (secrets, made) = secrets(settings)?;
    let db = database(settings, false).await?;
    db.migrate(crate::SERIES).await.context("the database cannot be brought up to date")?;
    refuse_new_keys_for_old_data(&db, &made).await?;
    let secrets = secrets_of(settings, secrets, &db).await?;
    let vault = vault(settings, &secrets, &db, &clock).await?;
    vault.learn_signing_keys(&db, clock.now()).await.context("the signing keys cannot be opened")?;
    let numbers = aadhaar(settings, &secrets, &db).await?;
    let (mail, sms) = messengers(settings)?;
    let mut builder = App::builder(db.clone(), clock)
        .with(vault)
        .with(numbers)
        .with(code_provider(settings)?)
        .with(wearable_providers(settings)?)
        .with(facilities::Registrations::new(settings.registrations_per_hour))
        .with(access::Rates::new(rates(settings)))
        .with(mail)
        .with(sms)
        .with(events::Log::default())
        .with(access::Access::open(&db))
        .with(access::Streams::new(settings.streams_per_account))
        .with(identity::ReferenceCheck(reference_exists))
        .with(identity::LoginLimits {
            account: settings.login_tries_per_minute,
            address: settings.login_tries_per_address,
            strangers: settings.login_tries_by_strangers,
        });
    for service in services() {
        builder = (service.open)(builder);
    }
    let app = builder.build();
    let mounted =
        services().iter().filter(|s| settings.services.is_empty() || settings.services.iter().any(|n| n == s.name));
    Ok(Opened { app, services: mounted.copied().collect(), made })
}

fn rates(settings: &Settings) -> access::RateLimits {
    access::RateLimits {
        reads: settings.reads_per_minute,
        writes: settings.writes_per_minute,
        readings: settings.readings_per_minute,
        exports: settings.exports_per_minute,
        strangers: settings.anonymous_per_minute,
    }
}

/// What people are reached by. Without a server for it, messages go into the outbox; in production nowhere, since codes
/// that lie in a file are somebody else's to read.
fn messengers(settings: &Settings) -> Result<(Mail, Sms)> {
    let outbox = Outbox::new(settings.data.join("outbox"));
    let mail = match (&settings.smtp_host, &settings.smtp_from) {
        (Some(host), Some(from)) => Mail::by_server(MailServer {
            host: host.clone(),
            port: settings.smtp_port,
            security: match settings.smtp_security {
                SmtpSecurity::StartTls => identity::Security::StartTls,
                SmtpSecurity::Tls => identity::Security::Tls,
                SmtpSecurity::None => identity::Security::None,
            },
            username: settings.smtp_username.clone(),
            password: settings.smtp_password.as_deref().map(str::to_owned),
            from: from.clone(),
        })
        .context("the mail server's settings cannot be used")?,
        _ if settings.production => Mail::by_nobody(),
        _ => Mail::into_outbox(outbox.clone()),
    };
    let sms = match &settings.sms_url {
        Some(url) => {
            let key = settings.sms_key.as_deref().map(str::to_owned);
            let (url, from) = (url.clone(), settings.sms_from.clone());
            Sms::by_gateway(SmsGateway { url, key, from }).context("the gateway's settings cannot be used")?
        }
        None if settings.production => Sms::by_nobody(),
        None => Sms::into_outbox(outbox),
    };
    Ok((mail, sms))
}

/// The vault of Aadhaar numbers. With other secrets than before nobody's number would be found again, and everybody could
/// register twice: that is refused.
async fn aadhaar(settings: &Settings, secrets: &Secrets, db: &Db) -> Result<AadhaarVault> {
    let set = |secret: &Option<Secret>| secret.as_deref().map(|secret| secret.to_owned().into());
    let own =
        AadhaarSecrets { index: set(&settings.aadhar_secret_key), encryption: set(&settings.aadhar_encryption_key) };
    let rules = if settings.production { AadhaarRules::Issued } else { AadhaarRules::AnyTwelve };
    let numbers = AadhaarVault::open(secrets, &own, rules).context("the Aadhaar keys cannot be used")?;
    if !numbers.fits(&mut db.clone()).await? {
        bail!(
            "the Aadhaar numbers in this database were kept under another AADHAR_SECRET_KEY or AADHAR_ENCRYPTION_KEY; set them as they were"
        );
    }
    Ok(numbers)
}

/// Who sends codes to the owners of Aadhaar numbers. In production no outbox does, for the reason that [`messengers`] gives.
fn code_provider(settings: &Settings) -> Result<CodeProvider> {
    Ok(match (&settings.uidai_api_url, &settings.uidai_api_key) {
        (Some(url), Some(key)) if settings.uidai_api_enabled => {
            CodeProvider::Gateway(Gateway::new(url, key).context("the Aadhaar gateway's settings cannot be used")?)
        }
        _ if settings.production => CodeProvider::Absent,
        _ => CodeProvider::Outbox(Outbox::new(settings.data.join("outbox"))),
    })
}

/// The services that patients may have their bands' data fetched from.
fn wearable_providers(settings: &Settings) -> Result<Providers> {
    let text = |secret: &Option<Secret>| secret.as_deref().map(|secret| secret.to_owned().into());
    let known = |id: &Option<String>, secret: &Option<Secret>, back: &Option<String>| {
        Some((id.clone()?, text(secret)?, back.clone()?))
    };
    let s = settings;
    let fitbit = known(&s.fitbit_client_id, &s.fitbit_client_secret, &s.fitbit_redirect_url);
    let google = known(&s.google_health_client_id, &s.google_health_client_secret, &s.google_health_redirect_url);
    let fitbit = fitbit.map(|(client_id, client_secret, redirect_url)| Application {
        client_id,
        client_secret,
        redirect_url,
        authorize_url: s.fitbit_authorize_url.clone(),
        token_url: format!("{}/oauth2/token", s.fitbit_api_url),
        revoke_url: format!("{}/oauth2/revoke", s.fitbit_api_url),
        api_url: s.fitbit_api_url.clone(),
        webhook_secret: text(&s.fitbit_verification_code),
        keyset_url: None,
    });
    let google = google.map(|(client_id, client_secret, redirect_url)| Application {
        client_id,
        client_secret,
        redirect_url,
        authorize_url: s.google_health_authorize_url.clone(),
        token_url: format!("{}/token", s.google_health_oauth_url),
        revoke_url: format!("{}/revoke", s.google_health_oauth_url),
        api_url: s.google_health_api_url.clone(),
        webhook_secret: text(&s.google_health_authorization),
        keyset_url: Some(s.google_health_keyset_url.clone()),
    });
    Providers::new(fitbit, google).context("the providers' settings cannot be used")
}

/// The vault, with everybody who was erased: here, or by whoever shares these keys.
async fn vault(settings: &Settings, secrets: &Secrets, db: &Db, clock: &Clock) -> Result<Vault> {
    // Keys that come from the settings leave the directory to the tombstones alone.
    crate::private::directory(&settings.keys()).context("the keys directory cannot be made")?;
    let erased = Tombstones::in_directory(&settings.keys()).context("the tombstones cannot be read")?;
    let vault = Vault::open_among(secrets, erased, clock.clone()).context("the keys cannot be used")?;
    vault.learn_all_erased(db).await.context("who was erased cannot be read")?;
    Ok(vault)
}

/// New keys open nothing that old ones sealed: a database that comes without its keys is refused, and the keys made just
/// now are taken away again, so that the right ones can be put there.
async fn refuse_new_keys_for_old_data(db: &Db, made: &[String]) -> Result<()> {
    if made.is_empty() || !Vault::is_in_use(&mut db.clone()).await? {
        return Ok(());
    }
    for file in made {
        std::fs::remove_file(file).with_context(|| format!("{file} cannot be taken away again"))?;
    }
    bail!(
        "this database was sealed with keys that are not here; put its keys directory back, or set NADI_MASTER_KEY and NADI_SIGNING_KEY"
    )
}

/// Opens the database alone.
pub async fn database(settings: &Settings, read_only: bool) -> Result<Db> {
    let options = Options {
        read_only,
        lose_writes_at_power_loss: settings.sqlite_synchronous == Synchronous::Normal,
        connections: settings.database_connections,
    };
    let place = match settings.uses_sqlite() {
        true => settings.database(),
        // Never the URL: it holds a password.
        false => "the PostgreSQL of DATABASE_URL".to_owned(),
    };
    if settings.uses_sqlite() && !read_only {
        // SQLite would make it readable for all; what it makes beside it takes the rights of this one.
        crate::private::file(Path::new(settings.database().trim_start_matches("sqlite://")))
            .with_context(|| format!("{place} cannot be written"))?;
    }
    Db::open(&settings.database(), &options).await.with_context(|| format!("{place} cannot be opened"))
}

fn secrets(settings: &Settings) -> Result<(Secrets, Vec<String>)> {
    let (secrets, made) = match (&settings.master_key, &settings.signing_key) {
        (Some(master), Some(signing)) => (Secrets::from_text(master, signing)?, Vec::new()),
        _ => Secrets::in_directory(&settings.keys())?,
    };
    Ok((secrets.with_shared_secret(settings.secret_key.as_deref().map(str::to_owned)), made))
}

/// The secrets as this database knows them. A change of the master key that broke off is ended first.
async fn secrets_of(settings: &Settings, mut found: Secrets, db: &Db) -> Result<Secrets> {
    if settings.master_key.is_none() && vault::finish_change(&settings.keys(), db).await? {
        found = secrets(settings)?.0;
    }
    found.learn_root(db).await.context(
        "the master key is not the one that this database is under: it was changed since, or the database is an older copy",
    )?;
    Ok(found)
}

/// The secrets, for whoever changes them.
pub async fn secrets_in_use(settings: &Settings, db: &Db) -> Result<Secrets> {
    secrets_of(settings, secrets(settings)?.0, db).await
}

/// The keys, where they are: looking makes none.
pub async fn vault_that_is_there(settings: &Settings, db: &Db) -> Result<Option<Vault>> {
    let given = settings.master_key.is_some() && settings.signing_key.is_some();
    let kept = ["master.key", "signing.key"].iter().all(|name| settings.keys().join(name).exists());
    match given || kept {
        true => {
            let mut secrets = secrets(settings)?.0;
            secrets.learn_root(db).await.context("the master key is not the one that this database is under")?;
            Ok(Some(Vault::open(&secrets).context("the keys cannot be used")?))
        }
        false => Ok(None),
    }
}

/// The first administrator, when the settings name one.
async fn bootstrap(app: &App, settings: &Settings) -> Result<()> {
    match (&settings.admin_email, &settings.admin_password) {
        (Some(email), Some(password)) => identity::ensure_admin(app, email, password)
            .await
            .map(drop)
            .context("the first administrator cannot be made"),
        (None, None) => Ok(()),
        _ => bail!("set both NADI_ADMIN_EMAIL and NADI_ADMIN_PASSWORD, or neither"),
    }
}

/// Whether the patient, doctor or hospital an account is to stand for exists.
fn reference_exists(
    mut db: Db,
    role: access::Role,
    id: uuid::Uuid,
) -> futures::future::BoxFuture<'static, kernel::Result<bool>> {
    use access::Role;
    Box::pin(async move {
        Ok(match role {
            Role::Patient => patients::card(&mut db, kernel::PatientId(id)).await?.is_some_and(|c| c.is_active),
            Role::Doctor => doctors::by_id(&mut db, kernel::DoctorId(id)).await?.is_some_and(|d| d.practises()),
            Role::Nurse | Role::Hospital | Role::Responder => {
                hospitals::exists(&mut db, kernel::HospitalId(id)).await?
            }
            Role::Admin | Role::Device | Role::System => false,
        })
    })
}
