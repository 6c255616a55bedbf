//! The picture of a patient: the latest value of each parameter with the moment it was measured.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::news2::{Inputs, Scale};
use crate::parameter::Parameter;
use crate::reading::{PerVital, Reading};
use crate::vital::{Consciousness, Vital};

/// A value and when it was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Timed<T> {
    pub value: T,
    pub at: DateTime<Utc>,
}

/// The latest value of every parameter of one patient. Store it beside the [`crate::State`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    vitals: PerVital<Timed<f64>>,
    on_oxygen: Option<Timed<bool>>,
    consciousness: Option<Timed<Consciousness>>,
}

impl Picture {
    /// Takes from the reading what is not older than what is known. A value for the very same moment replaces the known one,
    /// because that is what a correction looks like. Values that are not finite numbers are left out.
    pub fn fold(&mut self, reading: &Reading) {
        let at = reading.at;
        for vital in Vital::ALL {
            if let Some(value) = reading.value(vital)
                && self.vitals.get(vital).is_none_or(|known| known.at <= at)
            {
                self.vitals.set(vital, Timed { value, at });
            }
        }
        replace_older(&mut self.on_oxygen, reading.on_oxygen, at);
        replace_older(&mut self.consciousness, reading.consciousness, at);
    }

    /// The latest value of a vital, however old.
    pub fn latest(&self, vital: Vital) -> Option<Timed<f64>> {
        self.vitals.get(vital).copied()
    }

    /// Whether the patient is being given oxygen, as last charted, however long ago.
    pub fn on_oxygen(&self) -> Option<Timed<bool>> {
        self.on_oxygen
    }

    /// The consciousness as last charted, however long ago.
    pub fn consciousness(&self) -> Option<Timed<Consciousness>> {
        self.consciousness
    }

    /// The latest value of a vital, unless at `now` it is older than `max_age` or was not measured yet.
    pub fn value_at(&self, vital: Vital, now: DateTime<Utc>, max_age: TimeDelta) -> Option<f64> {
        fresh(self.latest(vital), now, max_age).map(|known| known.value)
    }

    /// What NEWS2 is computed from at `now`: values past [`Parameter::max_age`] are missing.
    pub fn news2_inputs(&self, now: DateTime<Utc>, scale: Scale) -> Inputs {
        let value = |vital: Vital| self.value_at(vital, now, Parameter::from(vital).max_age());
        Inputs {
            scale,
            resp_rate: value(Vital::RespRate),
            spo2: value(Vital::Spo2),
            on_oxygen: fresh(self.on_oxygen, now, Parameter::OnOxygen.max_age()).map(|known| known.value),
            bp_systolic: value(Vital::BpSystolic),
            heart_rate: value(Vital::HeartRate),
            consciousness: fresh(self.consciousness, now, Parameter::Consciousness.max_age()).map(|known| known.value),
            temperature: value(Vital::Temperature),
        }
    }

    /// When a parameter was last measured or charted.
    pub(crate) fn measured_at(&self, parameter: Parameter) -> Option<DateTime<Utc>> {
        match parameter.vital() {
            Some(vital) => self.vitals.get(vital).map(|known| known.at),
            None if parameter == Parameter::OnOxygen => self.on_oxygen.map(|known| known.at),
            None => self.consciousness.map(|known| known.at),
        }
    }
}

fn replace_older<T: Copy>(known: &mut Option<Timed<T>>, value: Option<T>, at: DateTime<Utc>) {
    if let Some(value) = value
        && known.is_none_or(|known| known.at <= at)
    {
        *known = Some(Timed { value, at });
    }
}

pub(crate) fn fresh<T>(known: Option<Timed<T>>, now: DateTime<Utc>, max_age: TimeDelta) -> Option<Timed<T>> {
    known.filter(|known| known.at <= now && now.signed_duration_since(known.at) <= max_age)
}
