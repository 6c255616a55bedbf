//! What can be measured: each vital's code, unit and possible values, in one table.

/// A vital sign, with its code in stored readings. A code is never given to another metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u16)]
pub enum Metric {
    HeartRate = 1,
    RespRate = 2,
    Spo2 = 3,
    Temperature = 4,
    BpSystolic = 5,
    BpDiastolic = 6,
    BpMean = 7,
}

/// How a metric is written and coded. LOINC and UCUM as in the FHIR R4 vital-signs profiles.
#[derive(Debug, Clone, Copy)]
pub struct Described {
    pub field: &'static str,
    pub loinc: &'static str,
    pub ucum: &'static str,
}

impl Metric {
    pub const ALL: [Self; 7] = [
        Self::HeartRate,
        Self::RespRate,
        Self::Spo2,
        Self::Temperature,
        Self::BpSystolic,
        Self::BpDiastolic,
        Self::BpMean,
    ];

    pub fn code(self) -> u16 {
        self as u16
    }

    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.code() == code)
    }

    pub fn describe(self) -> Described {
        let (field, loinc, ucum) = match self {
            Self::HeartRate => ("hr_bpm", "8867-4", "/min"),
            Self::RespRate => ("resp_rate", "9279-1", "/min"),
            Self::Spo2 => ("spo2_pct", "59408-5", "%"),
            Self::Temperature => ("temp_c", "8310-5", "Cel"),
            Self::BpSystolic => ("bp_systolic", "8480-6", "mm[Hg]"),
            Self::BpDiastolic => ("bp_diastolic", "8462-4", "mm[Hg]"),
            Self::BpMean => ("bp_mean", "8478-0", "mm[Hg]"),
        };
        Described { field, loinc, ucum }
    }
}
