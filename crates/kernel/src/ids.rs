//! Ids as types: a doctor's id cannot be given where a patient's is asked for.
#![allow(clippy::disallowed_methods)] // The one place that makes ids.
use uuid::Uuid;

/// A new id that sorts by the time it was made (UUID version 7).
pub fn new() -> Uuid {
    Uuid::now_v7()
}

/// A new id that cannot be guessed (UUID version 4): tickets, keys, sessions.
pub fn secret() -> Uuid {
    Uuid::new_v4()
}

/// Declares id types over a UUID.
#[macro_export]
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, $crate::serde::Serialize, $crate::serde::Deserialize, $crate::utoipa::ToSchema)]
        #[serde(transparent, crate = "::kernel::serde")]
        pub struct $name(pub ::uuid::Uuid);

        impl $name {
            /// A new id that sorts by the time it was made.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self { Self($crate::ids::new()) }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { self.0.fmt(f) }
        }
        impl ::std::str::FromStr for $name {
            type Err = ::uuid::Error;
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> { text.parse().map(Self) }
        }
        impl $crate::store::Bind for $name {
            const NULL: $crate::store::Value = $crate::store::Value::Uuid(None);
            fn bind(self) -> $crate::store::Value { $crate::store::Value::Uuid(Some(self.0)) }
        }
        impl $crate::store::Column for $name {
            fn from_sqlite(value: $crate::store::Raw<'_>) -> Option<Self> {
                <::uuid::Uuid as $crate::store::Column>::from_sqlite(value).map(Self)
            }
            fn from_postgres(row: &$crate::store::PgRow, name: &str) -> $crate::store::Result<Self> {
                <::uuid::Uuid as $crate::store::Column>::from_postgres(row, name).map(Self)
            }
        }
        impl $crate::store::FromRow for $name {
            fn from_row(row: &$crate::store::Row<'_>) -> $crate::store::Result<Self> { row.get("value") }
        }
    )*};
}

// The ids that more than one crate speaks of.
ids!(
    /// An account that signs in.
    UserId,
    /// One sign-in of one account.
    SessionId,
    PatientId,
    DoctorId,
    HospitalId,
    /// An admission to a hospital; "encounter" on the ward's surface.
    EncounterId,
    /// An alert raised by a rule over readings.
    AlertId,
    /// An emergency: something a responder must come to.
    EmergencyId,
    ReadingId,
);
