//! Opening the edges: database, keys, access, events; then the services over them.
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use kernel::{App, Clock, Service};
use store::{Db, Options};
use vault::{Secrets, Vault};

use crate::settings::{Settings, Synchronous};

/// An opened program.
pub struct Opened {
    pub app: App,
    pub services: Vec<Service>,
    /// Key files that were made just now.
    pub made: Vec<String>,
}

/// Every service, in the order they are opened.
pub fn services() -> &'static [Service] {
    &[identity::SERVICE, patients::SERVICE, hospitals::SERVICE, doctors::SERVICE, emergency::SERVICE, ward::SERVICE]
}

/// Opens everything the settings name, and brings the database to this program's schema.
pub async fn open(settings: &Settings, clock: Clock) -> Result<Opened> {
    settings.check()?;
    settings.make_data_directory()?;
    let (secrets, made) = secrets(settings)?;
    let db = database(settings, false).await?;
    db.migrate(crate::SERIES).await.context("the database cannot be brought up to date")?;
    refuse_new_keys_for_old_data(&db, &made).await?;
    let vault = Vault::open(&secrets).context("the keys cannot be used")?;
    let mut builder = App::builder(db.clone(), clock)
        .with(vault)
        .with(events::Log::default())
        .with(access::Access::open(&db))
        .with(identity::ReferenceCheck(reference_exists))
        .with(identity::LoginLimits {
            account: settings.login_tries_per_minute,
            address: settings.login_tries_per_address,
        });
    for service in services() {
        builder = (service.open)(builder);
    }
    let app = builder.build();
    bootstrap(&app, settings).await?;
    let mounted =
        services().iter().filter(|s| settings.services.is_empty() || settings.services.iter().any(|n| n == s.name));
    Ok(Opened { app, services: mounted.copied().collect(), made })
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
    Ok((secrets.with_shared_secret(settings.secret_key.clone()), made))
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
            Role::Doctor => doctors::by_id(&mut db, kernel::DoctorId(id)).await?.is_some_and(|d| d.is_active),
            Role::Nurse | Role::Hospital | Role::Responder => {
                hospitals::exists(&mut db, kernel::HospitalId(id)).await?
            }
            Role::Admin | Role::Device | Role::System => false,
        })
    })
}
