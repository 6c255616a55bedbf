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
