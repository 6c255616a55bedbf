//! Columns that hold sealed values: each service declares its own, so that what is there can be sealed anew.
use std::borrow::Cow;
use std::pin::Pin;

use kernel::{App, PatientId, Result};
use store::{Args, Db, Statement, args};
use uuid::Uuid;

use crate::{AadhaarVault, PatientKey, Row, Vault};

/// A column whose values are sealed with patients' keys, or with the master key. [`sealed_column!`](crate::sealed_column) makes one.
pub struct SealedColumn {
    pub table: &'static str,
    pub column: &'static str,
    pub layers: Layers,
    /// The place before all rows.
    pub first: fn() -> Args,
    /// The rows after a place whose values are not under the asked version, in order: a patient's, or all of the system's.
    pub others: for<'a> fn(&'a mut Db, Ask) -> Found<'a>,
    /// Replaces a value, unless somebody else has.
    pub put: &'static Statement,
}

/// What a value of a column is sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layers {
    /// The patient's key.
    Patient,
    /// The patient's key, and around that the key of the Aadhaar vault, which does not tell the version.
    Number,
    /// The master key: what belongs to no one patient. It is bound to its purpose, which stands for the table.
    System,
}

/// Rows of a sealed column.
pub type Found<'a> = Pin<Box<dyn Future<Output = Result<Vec<SealedValue>>> + Send + 'a>>;

/// Which rows are asked for.
pub struct Ask {
    pub patient: PatientId,
    /// As it stands in a sealed value.
    pub version: Vec<u8>,
    pub after: Args,
    pub limit: i64,
}

/// A value and where it is.
pub struct SealedValue {
    /// The values of the columns that name the row.
    pub at: Args,
    pub bound: Bound,
    pub sealed: Vec<u8>,
}

/// What a value is bound to, besides its patient.
pub struct Bound {
    table: Cow<'static, str>,
    id: Uuid,
}

impl Bound {
    pub(crate) fn table(&self) -> &str {
        &self.table
    }
}

impl<T: Into<Cow<'static, str>>> From<(T, Uuid)> for Bound {
    fn from((table, id): (T, Uuid)) -> Self {
        Self { table: table.into(), id }
    }
}
impl From<Row<'static>> for Bound {
    fn from(Row { table, id }: Row<'static>) -> Self {
        (table, id).into()
    }
}

/// What a pass over a column did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pass {
    /// Values that are under the newest version now.
    pub renewed: u64,
    /// Values that somebody else replaced in between.
    pub overtaken: u64,
    /// Values that do not open.
    pub damaged: u64,
}

/// Values that are sealed anew at a time: what memory holds of them.
const AT_A_TIME: usize = 64;

impl SealedColumn {
    /// Seals anew what of a patient's is not under the version that seals. Nobody waits for it: a value that somebody else
    /// replaces meanwhile is left as it is then.
    pub async fn renew(&self, app: &App, patient: PatientId) -> Result<Pass> {
        let (mut pass, mut after) = (Pass::default(), (self.first)());
        loop {
            // Whoever was erased meanwhile has nothing that opens.
            let Some(key) = app.edge::<Vault>().key_if_there(&app.db(), patient).await? else { return Ok(pass) };
            let version = key.version().to_le_bytes().to_vec();
            let ask = Ask { patient, version, after, limit: AT_A_TIME as i64 };
            let found = (self.others)(&mut app.db(), ask).await?;
            let renewed: Vec<(&SealedValue, Vec<u8>)> =
                found.iter().filter_map(|value| Some((value, self.anew(app, &key, value, &mut pass)?))).collect();
            // Of one row alone at a time where several may write: who holds one lock waits for no second.
            let together = if app.db().is_sqlite() { AT_A_TIME } else { 1 };
            for some in renewed.chunks(together) {
                let mut tx = app.db().begin().await?;
                for (value, sealed) in some {
                    let mut args = args![patient, &value.sealed, sealed];
                    args.extend(value.at.iter().cloned());
                    match tx.run(self.put, args).await? {
                        0 => pass.overtaken += 1,
                        _ => pass.renewed += 1,
                    }
                }
                tx.commit().await?;
            }
            match found.into_iter().next_back() {
                Some(last) => after = last.at,
                None => return Ok(pass),
            }
        }
    }

    /// The value as it is to be; none when it is so already, or does not open: that is logged, and it stays.
    fn anew(&self, app: &App, key: &PatientKey, value: &SealedValue, pass: &mut Pass) -> Option<Vec<u8>> {
        let row = Row { table: &value.bound.table, id: value.bound.id };
        let anew = match self.layers {
            Layers::Patient => key.anew(row, &value.sealed),
            // Not a patient's to rotate.
            Layers::System => Ok(None),
            Layers::Number => app.edge::<AadhaarVault>().anew(key, row, &value.sealed),
        };
        anew.unwrap_or_else(|error| {
            let (table, column, patient) = (self.table, self.column, key.patient());
            tracing::error!(%error, table, column, %patient, row = %row.id, "a sealed value does not open");
            pass.damaged += 1;
            None
        })
    }
}

impl Pass {
    /// Whether everything was under the newest version before.
    pub fn is_clean(self) -> bool {
        self == Self::default()
    }
}

impl std::ops::AddAssign for Pass {
    fn add_assign(&mut self, other: Self) {
        self.renewed += other.renewed;
        self.overtaken += other.overtaken;
        self.damaged += other.damaged;
    }
}

/// The value that comes before every other of its type.
pub trait Lowest {
    const LOWEST: Self;
}
impl Lowest for Uuid {
    const LOWEST: Self = Self::nil();
}
impl Lowest for i64 {
    const LOWEST: Self = Self::MIN;
}
impl Lowest for String {
    const LOWEST: Self = Self::new();
}
impl Lowest for Vec<u8> {
    const LOWEST: Self = Self::new();
}
impl Lowest for chrono::DateTime<chrono::Utc> {
    /// The year 0: nothing was measured before, and both engines know it.
    const LOWEST: Self = match Self::from_timestamp(-62_167_219_200, 0) {
        Some(time) => time,
        None => Self::UNIX_EPOCH,
    };
}

/// Declares a sealed column: its table and name, which rows are a patient's, the columns that name a row, and what its
/// value is bound to.
///
/// ```ignore
/// sealed_column!("alerts"."sealed" of "patient_id = $1" by (id: Uuid), |row| ("alerts", row.id))
/// ```
#[macro_export]
macro_rules! sealed_column {
    (@after $a:ident) => { concat!(stringify!($a), " > $4") };
    (@after $a:ident $b:ident) => { concat!("(", stringify!($a), ", ", stringify!($b), ") > ($4, $5)") };
    (@after $a:ident $b:ident $c:ident) => {
        concat!("(", stringify!($a), ", ", stringify!($b), ", ", stringify!($c), ") > ($4, $5, $6)")
    };
    (@order $a:ident $($more:ident)*) => { concat!(stringify!($a) $(, ", ", stringify!($more))*) };
    (@is $a:ident) => { concat!(stringify!($a), " = $4") };
    (@is $a:ident $b:ident) => { concat!(stringify!($a), " = $4 AND ", stringify!($b), " = $5") };
    (@is $a:ident $b:ident $c:ident) => {
        concat!(stringify!($a), " = $4 AND ", stringify!($b), " = $5 AND ", stringify!($c), " = $6")
    };
    (@layers) => { $crate::Layers::Patient };
    (@layers $layers:ident) => { $crate::Layers::$layers };
    (
        $table:literal . $column:literal of $whose:literal by ($($key:ident: $type:ty),+),
        |$row:ident| $bound:expr $(, $layers:ident)?
    ) => {{
        static OTHERS: ::store::Statement = ::store::Statement::new(
            concat!($table, ".", $column, " OTHERS"),
            concat!(
                "SELECT ", $crate::sealed_column!(@order $($key)+), ", ", $column, " AS sealed FROM ", $table,
                " WHERE ", $whose, " AND length(", $column, ") > 0 AND substr(", $column, ", 2, 4) <> $2 AND ",
                $crate::sealed_column!(@after $($key)+), " ORDER BY ", $crate::sealed_column!(@order $($key)+), " LIMIT $3"
            ),
        );
        static PUT: ::store::Statement = ::store::Statement::new(
            concat!($table, ".", $column, " PUT"),
            concat!(
                "UPDATE ", $table, " SET ", $column, " = $3 WHERE ", $whose, " AND ", $column, " = $2 AND ",
                $crate::sealed_column!(@is $($key)+)
            ),
        );
        const _: () = {
            #[::store::linkme::distributed_slice(::store::REGISTRY)]
            #[linkme(crate = ::store::linkme)]
            static FIRST: &'static ::store::Statement = &OTHERS;
            #[::store::linkme::distributed_slice(::store::REGISTRY)]
            #[linkme(crate = ::store::linkme)]
            static SECOND: &'static ::store::Statement = &PUT;
        };

        struct Stored {
            $($key: $type,)+
            sealed: Vec<u8>,
        }
        ::store::from_row!(Stored { $($key,)+ sealed });

        impl From<Stored> for $crate::SealedValue {
            fn from($row: Stored) -> Self {
                let bound = $crate::Bound::from($bound);
                Self { at: ::store::args![$(&$row.$key),+], bound, sealed: $row.sealed }
            }
        }

        fn others(db: &mut ::store::Db, ask: $crate::Ask) -> $crate::Found<'_> {
            Box::pin(async move {
                let mut args = ::store::args![ask.patient, ask.version, ask.limit];
                args.extend(ask.after);
                let found: Vec<Stored> = ::store::Sql::all(db, &OTHERS, args).await?;
                Ok(found.into_iter().map(Into::into).collect())
            })
        }

        $crate::SealedColumn {
            table: $table,
            column: $column,
            layers: $crate::sealed_column!(@layers $($layers)?),
            first: || ::store::args![$(<$type as $crate::Lowest>::LOWEST),+],
            others,
            put: &PUT,
        }
    }};
}
