//! The words of this service, kept as text.

kernel::text_enum!(Gender {
    Male = "male",
    Female = "female",
    Other = "other",
    PreferNotToSay = "prefer_not_to_say",
});

kernel::text_enum!(
    /// A blood group with its Rh factor; `A+` and `A_POSITIVE` are the same.
    BloodType {
        APositive = "A_POSITIVE" | "A+",
        ANegative = "A_NEGATIVE" | "A-",
        BPositive = "B_POSITIVE" | "B+",
        BNegative = "B_NEGATIVE" | "B-",
        AbPositive = "AB_POSITIVE" | "AB+",
        AbNegative = "AB_NEGATIVE" | "AB-",
        OPositive = "O_POSITIVE" | "O+",
        ONegative = "O_NEGATIVE" | "O-",
        Unknown = "unknown" | "UNKNOWN",
    }
);

kernel::text_enum!(
    /// What an entry of the conditions is about.
    ConditionKind {
        /// An illness or finding.
        Condition = "condition",
        /// One that stays: listed among the `chronic_conditions`.
        Chronic = "chronic",
        /// Listed among the `allergies`.
        Allergy = "allergy",
    }
);

kernel::text_enum!(ConditionStatus {
    Active = "active",
    /// Treated, and under control.
    Managed = "managed",
    InRemission = "in_remission",
    Resolved = "resolved",
});

kernel::text_enum!(ConditionSeverity { Low = "low", Medium = "medium", High = "high", Critical = "critical" });

kernel::text_enum!(
    /// What kind of emergency somebody reports.
    EmergencyKind {
        CardiacArrest = "cardiac_arrest",
        FallDetection = "fall_detection",
        AbnormalVitals = "abnormal_vitals",
        ManualTrigger = "manual_trigger",
        Seizure = "seizure",
        Unconscious = "unconscious",
        Other = "other",
    }
);

kernel::text_enum!(
    /// What a patient is to be answered with besides the registration data.
    Include {
        /// Allergies and chronic conditions.
        Records = "records",
    }
);

kernel::text_enum!(
    /// The sex recorded at birth; `gender` is how the patient lives.
    Sex { Male = "male" | "M", Female = "female" | "F", Intersex = "intersex", Unknown = "unknown" }
);

kernel::text_enum!(
    /// How far a patient's registration was validated.
    ValidationStatus {
        /// Nobody has said yet that this is who it says.
        Pending = "pending",
        ValidatedByDoctor = "validated_by_doctor",
        ValidatedByInstitution = "validated_by_institution",
        /// The institution treats the patient.
        FullAccess = "full_access",
    }
);

kernel::text_enum!(
    /// Whether a registration is in use.
    PatientStatus { Active = "active", Inactive = "inactive" | "deactivated" }
);

kernel::text_enum!(
    /// Whose code it is.
    CodeSystem {
        Icd10 = "icd10" | "ICD10" | "ICD-10" | "icd-10",
        Snomed = "snomed" | "SNOMED" | "SNOMED-CT" | "SNOMED CT" | "snomed_ct",
        Loinc = "loinc" | "LOINC",
    }
);

kernel::text_enum!(
    /// How often the patient drinks alcohol.
    AlcoholFrequency {
        Never = "never" | "none",
        Occasionally = "occasionally" | "occasional" | "rarely" | "monthly",
        Weekly = "weekly" | "regularly" | "moderate",
        Daily = "daily" | "frequently" | "heavy",
    }
);

kernel::text_enum!(PrescriptionStatus {
    Active = "active",
    /// Taken as it was meant to be.
    Completed = "completed",
    /// Ended before its time.
    Stopped = "stopped",
    /// Its last day is over, and nobody said how it ended. Told by the clock, and never stored.
    Expired = "expired",
    /// Its first day is to come. Told by the clock, and never stored.
    Planned = "planned",
});
