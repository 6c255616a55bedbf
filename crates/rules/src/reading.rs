//! A reading: everything measured or charted about one patient at one moment.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::vital::{Consciousness, Vital};

/// At most one `T` for each vital, without allocating. It is stored as a map, for example `{"heart_rate": 88}`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerVital<T>([Option<T>; Vital::COUNT]);

impl<T> PerVital<T> {
    pub const fn get(&self, vital: Vital) -> Option<&T> {
        self.0[vital.index()].as_ref()
    }

    pub fn set(&mut self, vital: Vital, value: T) {
        self.0[vital.index()] = Some(value);
    }

    /// What is present, in the order of [`Vital::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Vital, &T)> {
        Vital::ALL.into_iter().filter_map(|vital| Some((vital, self.get(vital)?)))
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }
}

impl<T> Default for PerVital<T> {
    fn default() -> Self {
        PerVital([const { None }; Vital::COUNT])
    }
}

impl<T> FromIterator<(Vital, T)> for PerVital<T> {
    fn from_iter<I: IntoIterator<Item = (Vital, T)>>(values: I) -> Self {
        let mut all = PerVital::default();
        values.into_iter().for_each(|(vital, value)| all.set(vital, value));
        all
    }
}

impl<T: Serialize> Serialize for PerVital<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.iter().collect::<BTreeMap<_, _>>().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for PerVital<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(BTreeMap::deserialize(deserializer)?.into_iter().collect())
    }
}

/// Everything measured or charted at one moment. Units are those of [`Vital::unit`]; what was not measured is absent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// When it was measured at the bedside, not when it arrived.
    pub at: DateTime<Utc>,
    #[serde(default)]
    pub values: PerVital<f64>,
    /// Whether the patient was being given oxygen.
    #[serde(default)]
    pub on_oxygen: Option<bool>,
    #[serde(default)]
    pub consciousness: Option<Consciousness>,
}

impl Reading {
    /// A reading at this moment with nothing in it yet.
    pub fn new(at: DateTime<Utc>) -> Self {
        Reading { at, values: PerVital::default(), on_oxygen: None, consciousness: None }
    }

    /// The same reading with this value, in the unit of [`Vital::unit`].
    pub fn with(mut self, vital: Vital, value: f64) -> Self {
        self.values.set(vital, value);
        self
    }

    /// The same reading with oxygen in use or not.
    pub fn with_oxygen(mut self, on_oxygen: bool) -> Self {
        self.on_oxygen = Some(on_oxygen);
        self
    }

    /// The same reading with this consciousness.
    pub fn with_consciousness(mut self, consciousness: Consciousness) -> Self {
        self.consciousness = Some(consciousness);
        self
    }

    /// The value of a vital, if it was measured. A value that is not a finite number was not measured.
    pub fn value(&self, vital: Vital) -> Option<f64> {
        self.values.get(vital).copied().filter(|value| value.is_finite())
    }
}
