//! What can be measured: each metric's code, names, LOINC code, UCUM unit and possible values, in one table.
use std::collections::HashMap;
use std::sync::OnceLock;

use crate::Dimension;

/// What a value of a metric says of the time it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// How it was at that time: averages have a meaning, sums have none.
    Gauge,
    /// What came together over an interval: steps, distance, energy.
    Sum,
    /// The code of a state that lasted for the interval.
    Stage,
}

/// How closely a metric is measured, which says how long a stretch of time one segment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Many times a day.
    Fast,
    /// Once or a few times a day.
    Slow,
}

/// How a metric is written and coded. LOINC and UCUM as in the FHIR R4 vital-signs profiles.
#[derive(Debug, Clone, Copy)]
pub struct Described {
    /// The name in answers; further ones are understood.
    pub name: &'static str,
    pub loinc: Option<&'static str>,
    /// The unit in which values are kept.
    pub ucum: &'static str,
    pub kind: Kind,
    pub dimension: Dimension,
    /// The least and the greatest value that can be true.
    pub possible: (f64, f64),
    pub(crate) pace: Pace,
    names: &'static str,
}

macro_rules! metrics {
    ($($name:ident = $code:literal: $names:literal, $loinc:literal, $ucum:literal, $kind:ident, $dimension:ident, $low:literal to $high:literal, $pace:ident;)*) => {
        /// What was measured, with its code in stored signals. A code is never given to another metric.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Metric { $($name = $code),* }

        impl Metric {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub fn from_code(code: u16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)*
                    _ => None,
                }
            }

            pub fn describe(self) -> Described {
                let (names, loinc, ucum, kind, dimension, possible, pace) = match self {
                    $(Self::$name => ($names, $loinc, $ucum, Kind::$kind, Dimension::$dimension, ($low, $high), Pace::$pace),)*
                };
                let name = names.split(' ').next().unwrap_or_default();
                let loinc = Some(loinc).filter(|code| !code.is_empty());
                Described { name, loinc, ucum, kind, dimension, possible, pace, names }
            }
        }
    };
}
// A name, and further ones. Numbers of one group lie together, with room for more of it.
metrics!(
    HeartRate = 1: "heart_rate hr_bpm pulse hr bpm", "8867-4", "/min", Gauge, Rate, 0.0 to 400.0, Fast;
    RespRate = 2: "respiratory_rate resp_rate breathing_rate respiration", "9279-1", "/min", Gauge, Rate, 0.0 to 150.0, Fast;
    Spo2 = 3: "blood_oxygen spo2_pct spo2 oxygen_saturation o2sat", "59408-5", "%", Gauge, Percent, 0.0 to 100.0, Fast;
    Temperature = 4: "body_temperature temp_c temperature temp", "8310-5", "Cel", Gauge, Temperature, 20.0 to 46.0, Fast;
    BpSystolic = 5: "blood_pressure_systolic bp_systolic systolic systolic_bp", "8480-6", "mm[Hg]", Gauge, Pressure, 0.0 to 400.0, Fast;
    BpDiastolic = 6: "blood_pressure_diastolic bp_diastolic diastolic diastolic_bp", "8462-4", "mm[Hg]", Gauge, Pressure, 0.0 to 300.0, Fast;
    BpMean = 7: "blood_pressure_mean bp_mean map mean_arterial_pressure", "8478-0", "mm[Hg]", Gauge, Pressure, 0.0 to 350.0, Fast;
    Steps = 16: "steps step_count", "55423-8", "{steps}", Sum, Count, 0.0 to 1_000_000.0, Fast;
    Distance = 17: "distance distance_walking_running distance_meters", "55430-3", "m", Sum, Length, 0.0 to 2_000_000.0, Fast;
    DistanceCycling = 18: "distance_cycling", "", "m", Sum, Length, 0.0 to 2_000_000.0, Fast;
    DistanceSwimming = 19: "distance_swimming", "", "m", Sum, Length, 0.0 to 500_000.0, Fast;
    DistanceWheelchair = 20: "distance_wheelchair", "", "m", Sum, Length, 0.0 to 1_000_000.0, Fast;
    ElevationGained = 21: "elevation_gained elevation", "", "m", Sum, Length, -1_000_000.0 to 1_000_000.0, Fast;
    Floors = 22: "floors_climbed floors flights_climbed", "100304-5", "{floors}", Sum, Count, 0.0 to 1_000_000.0, Fast;
    WheelchairPushes = 23: "wheelchair_pushes push_count", "96502-0", "{pushes}", Sum, Count, 0.0 to 1_000_000.0, Fast;
    SwimmingStrokes = 24: "swimming_strokes swimming_stroke_count", "", "{strokes}", Sum, Count, 0.0 to 1_000_000.0, Fast;
    ActiveEnergy = 25: "active_calories active_calories_burned active_energy active_energy_burned", "41981-2", "kcal", Sum, Energy, 0.0 to 100_000.0, Fast;
    TotalEnergy = 26: "calories total_calories_burned total_calories calories_burned total_energy", "", "kcal", Sum, Energy, 0.0 to 100_000.0, Fast;
    BasalEnergy = 27: "basal_calories basal_energy_burned basal_calories_burned", "", "kcal", Sum, Energy, 0.0 to 100_000.0, Fast;
    ExerciseTime = 28: "exercise_minutes apple_exercise_time exercise_time active_minutes", "55411-3", "min", Sum, Time, 0.0 to 100_000.0, Fast;
    StandTime = 29: "stand_minutes apple_stand_time stand_time", "", "min", Sum, Time, 0.0 to 100_000.0, Fast;
    MoveTime = 30: "move_minutes apple_move_time move_time", "", "min", Sum, Time, 0.0 to 100_000.0, Fast;
    ActiveZoneTime = 31: "active_zone_minutes active_zone_time", "", "min", Sum, Time, 0.0 to 100_000.0, Fast;
    SedentaryTime = 32: "sedentary_minutes minutes_sedentary", "", "min", Sum, Time, 0.0 to 100_000.0, Fast;
    MindfulTime = 33: "mindful_minutes mindfulness mindful_session", "", "min", Sum, Time, 0.0 to 100_000.0, Fast;
    Daylight = 34: "time_in_daylight", "", "min", Sum, Time, 0.0 to 100_000.0, Fast;
    Speed = 35: "speed walking_speed", "", "m/s", Gauge, Speed, 0.0 to 500.0, Fast;
    RunningSpeed = 36: "running_speed", "", "m/s", Gauge, Speed, 0.0 to 500.0, Fast;
    CyclingSpeed = 37: "cycling_speed", "", "m/s", Gauge, Speed, 0.0 to 500.0, Fast;
    Power = 38: "power running_power cycling_power", "", "W", Gauge, Power, 0.0 to 100_000.0, Fast;
    StepsCadence = 39: "steps_cadence step_cadence", "", "/min", Gauge, Rate, 0.0 to 10_000.0, Fast;
    CyclingCadence = 40: "cycling_pedaling_cadence cycling_cadence", "", "/min", Gauge, Rate, 0.0 to 10_000.0, Fast;
    StairSpeedUp = 41: "stair_ascent_speed", "", "m/s", Gauge, Speed, 0.0 to 100.0, Fast;
    StairSpeedDown = 42: "stair_descent_speed", "", "m/s", Gauge, Speed, 0.0 to 100.0, Fast;
    StepLength = 43: "walking_step_length step_length", "", "cm", Gauge, Height, 0.0 to 1000.0, Fast;
    StrideLength = 44: "running_stride_length stride_length", "", "cm", Gauge, Height, 0.0 to 1000.0, Fast;
    VerticalOscillation = 45: "running_vertical_oscillation vertical_oscillation", "", "cm", Gauge, Height, 0.0 to 1000.0, Fast;
    GroundContact = 46: "running_ground_contact_time ground_contact_time", "", "ms", Gauge, Millis, 0.0 to 100_000.0, Fast;
    WalkingAsymmetry = 47: "walking_asymmetry_percentage walking_asymmetry", "", "%", Gauge, Percent, 0.0 to 100.0, Fast;
    DoubleSupport = 48: "walking_double_support_percentage double_support", "", "%", Gauge, Percent, 0.0 to 100.0, Fast;
    WalkingSteadiness = 49: "apple_walking_steadiness walking_steadiness", "", "%", Gauge, Percent, 0.0 to 100.0, Fast;
    SixMinuteWalk = 50: "six_minute_walk_test_distance six_minute_walk", "64098-7", "m", Gauge, Length, 0.0 to 5000.0, Slow;
    Falls = 51: "number_of_times_fallen falls", "", "{falls}", Sum, Count, 0.0 to 10_000.0, Fast;
    PhysicalEffort = 52: "physical_effort", "", "kcal/kg/h", Gauge, Effort, 0.0 to 1000.0, Fast;
    RestingHeartRate = 64: "resting_heart_rate resting_hr", "40443-4", "/min", Gauge, Rate, 0.0 to 400.0, Fast;
    WalkingHeartRate = 65: "walking_heart_rate_average walking_heart_rate", "", "/min", Gauge, Rate, 0.0 to 400.0, Fast;
    HeartRateRecovery = 66: "heart_rate_recovery_one_minute heart_rate_recovery", "", "/min", Gauge, Rate, 0.0 to 400.0, Fast;
    HrvRmssd = 67: "heart_rate_variability_rmssd hrv_rmssd hrv heart_rate_variability", "", "ms", Gauge, Millis, 0.0 to 10_000.0, Fast;
    HrvSdnn = 68: "heart_rate_variability_sdnn hrv_sdnn", "80404-7", "ms", Gauge, Millis, 0.0 to 10_000.0, Fast;
    AfibBurden = 69: "atrial_fibrillation_burden afib_burden", "", "%", Gauge, Percent, 0.0 to 100.0, Fast;
    Vo2Max = 70: "vo2_max cardio_fitness", "94122-9", "mL/kg/min", Gauge, Oxygen, 0.0 to 200.0, Fast;
    Perfusion = 71: "peripheral_perfusion_index perfusion_index", "61006-3", "%", Gauge, Percent, 0.0 to 100.0, Fast;
    ForcedVitalCapacity = 72: "forced_vital_capacity fvc", "19868-9", "L", Gauge, Litres, 0.0 to 20.0, Slow;
    Fev1 = 73: "forced_expiratory_volume1 fev1", "20150-9", "L", Gauge, Litres, 0.0 to 20.0, Slow;
    PeakFlow = 74: "peak_expiratory_flow_rate peak_flow pef", "19935-6", "L/min", Gauge, Flow, 0.0 to 2000.0, Slow;
    InhalerUse = 75: "inhaler_usage", "", "{puffs}", Sum, Count, 0.0 to 10_000.0, Fast;
    Stress = 76: "stress_level stress stress_score", "", "{score}", Gauge, Score, 0.0 to 100.0, Fast;
    Electrodermal = 77: "electrodermal_activity eda", "", "uS", Gauge, Conductance, 0.0 to 1000.0, Fast;
    Weight = 96: "weight body_mass body_weight", "29463-7", "kg", Gauge, Mass, 0.0 to 1000.0, Slow;
    Height = 97: "height body_height", "8302-2", "cm", Gauge, Height, 0.0 to 300.0, Slow;
    Bmi = 98: "bmi body_mass_index", "39156-5", "kg/m2", Gauge, Bmi, 0.0 to 300.0, Slow;
    BodyFat = 99: "body_fat body_fat_percentage", "41982-0", "%", Gauge, Percent, 0.0 to 100.0, Slow;
    LeanMass = 100: "lean_body_mass lean_mass", "91557-9", "kg", Gauge, Mass, 0.0 to 1000.0, Slow;
    BoneMass = 101: "bone_mass", "", "kg", Gauge, Mass, 0.0 to 1000.0, Slow;
    WaterMass = 102: "body_water_mass body_water", "", "kg", Gauge, Mass, 0.0 to 1000.0, Slow;
    Waist = 103: "waist_circumference", "8280-0", "cm", Gauge, Height, 0.0 to 500.0, Slow;
    BasalTemperature = 104: "basal_body_temperature basal_temperature", "", "Cel", Gauge, Temperature, 20.0 to 46.0, Slow;
    SkinTemperature = 105: "skin_temperature apple_sleeping_wrist_temperature wrist_temperature", "", "Cel", Gauge, Temperature, 0.0 to 60.0, Fast;
    SkinTemperatureDelta = 106: "skin_temperature_delta skin_temperature_variation", "", "Cel", Gauge, TemperatureDelta, -30.0 to 30.0, Fast;
    MetabolicRate = 107: "basal_metabolic_rate bmr", "", "kcal/d", Gauge, MetabolicRate, 0.0 to 100_000.0, Slow;
    Glucose = 108: "blood_glucose glucose blood_sugar glucose_level", "2339-0", "mg/dL", Gauge, Glucose, 0.0 to 3000.0, Fast;
    Insulin = 109: "insulin_delivery insulin", "", "[IU]", Sum, Units, 0.0 to 1000.0, Fast;
    BloodAlcohol = 110: "blood_alcohol_content blood_alcohol", "", "%", Gauge, Percent, 0.0 to 100.0, Slow;
    SleepStage = 128: "sleep_stage sleep_stages", "", "{stage}", Stage, Stage, 0.0 to 6.0, Fast;
    SleepDuration = 129: "sleep sleep_duration sleep_minutes minutes_asleep", "93832-4", "min", Sum, Time, 0.0 to 10_000.0, Fast;
    Noise = 136: "environmental_audio_exposure noise", "", "dB[SPL]", Gauge, Sound, 0.0 to 300.0, Fast;
    HeadphoneNoise = 137: "headphone_audio_exposure", "", "dB[SPL]", Gauge, Sound, 0.0 to 300.0, Fast;
    Ultraviolet = 138: "uv_exposure uv_index", "", "{index}", Gauge, Score, 0.0 to 50.0, Fast;
    WaterTemperature = 139: "water_temperature", "", "Cel", Gauge, TemperatureDelta, -10.0 to 60.0, Fast;
    UnderwaterDepth = 140: "underwater_depth", "", "m", Gauge, Length, 0.0 to 1000.0, Fast;
    EnergyIntake = 160: "energy_intake dietary_energy_consumed dietary_energy energy_consumed nutrition_energy nutrition", "9052-2", "kcal", Sum, Energy, 0.0 to 100_000.0, Slow;
    EnergyFromFat = 161: "energy_from_fat", "", "kcal", Sum, Energy, 0.0 to 100_000.0, Slow;
    Hydration = 162: "hydration dietary_water water_intake water", "8999-5", "mL", Sum, Volume, 0.0 to 100_000.0, Slow;
    Biotin = 163: "biotin dietary_biotin", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Caffeine = 164: "caffeine dietary_caffeine", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Calcium = 165: "calcium dietary_calcium", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Chloride = 166: "chloride dietary_chloride", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Cholesterol = 167: "cholesterol dietary_cholesterol", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Chromium = 168: "chromium dietary_chromium", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Copper = 169: "copper dietary_copper", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    DietaryFiber = 170: "dietary_fiber fiber", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Folate = 171: "folate dietary_folate", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    FolicAcid = 172: "folic_acid dietary_folic_acid", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Iodine = 173: "iodine dietary_iodine", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Iron = 174: "iron dietary_iron", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Magnesium = 175: "magnesium dietary_magnesium", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Manganese = 176: "manganese dietary_manganese", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Molybdenum = 177: "molybdenum dietary_molybdenum", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    MonounsaturatedFat = 178: "monounsaturated_fat dietary_fat_monounsaturated", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Niacin = 179: "niacin dietary_niacin", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    PantothenicAcid = 180: "pantothenic_acid dietary_pantothenic_acid", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Phosphorus = 181: "phosphorus dietary_phosphorus", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    PolyunsaturatedFat = 182: "polyunsaturated_fat dietary_fat_polyunsaturated", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Potassium = 183: "potassium dietary_potassium", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Protein = 184: "protein dietary_protein", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Riboflavin = 185: "riboflavin dietary_riboflavin", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    SaturatedFat = 186: "saturated_fat dietary_fat_saturated", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Selenium = 187: "selenium dietary_selenium", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Sodium = 188: "sodium dietary_sodium", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Sugar = 189: "sugar dietary_sugar", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Thiamin = 190: "thiamin dietary_thiamin", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    TotalCarbohydrate = 191: "total_carbohydrate dietary_carbohydrates carbohydrates carbs", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    TotalFat = 192: "total_fat dietary_fat_total fat", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    TransFat = 193: "trans_fat dietary_trans_fat", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    UnsaturatedFat = 194: "unsaturated_fat dietary_unsaturated_fat", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    VitaminA = 195: "vitamin_a dietary_vitamin_a", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    VitaminB12 = 196: "vitamin_b12 dietary_vitamin_b12", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    VitaminB6 = 197: "vitamin_b6 dietary_vitamin_b6", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    VitaminC = 198: "vitamin_c dietary_vitamin_c", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    VitaminD = 199: "vitamin_d dietary_vitamin_d", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    VitaminE = 200: "vitamin_e dietary_vitamin_e", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    VitaminK = 201: "vitamin_k dietary_vitamin_k", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
    Zinc = 202: "zinc dietary_zinc", "", "g", Sum, Nutrient, 0.0 to 100_000.0, Slow;
);

impl Metric {
    /// The vitals of a bedside monitor.
    pub const VITALS: [Self; 7] = [
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

    /// The name in answers, as `heart_rate`.
    pub fn name(self) -> &'static str {
        self.describe().name
    }

    /// The metric of this name. `HeartRate`, `heart-rate`, `heart_rate` and Apple's `HKQuantityTypeIdentifierHeartRate`
    /// are one name.
    pub fn from_name(name: &str) -> Option<Self> {
        static NAMES: OnceLock<HashMap<String, Metric>> = OnceLock::new();
        let names = NAMES.get_or_init(|| {
            let spelled = |name: &str| [name.to_owned(), plain(name)];
            let names = |metric: &Self| metric.describe().names.split(' ').flat_map(spelled).collect::<Vec<_>>();
            let each = |metric: &Self| names(metric).into_iter().map(|name| (name, *metric)).collect::<Vec<_>>();
            Self::ALL.iter().flat_map(each).collect()
        });
        if let Some(metric) = names.get(name) {
            return Some(*metric);
        }
        // Longer than the longest name with Apple's prefix: whoever sends a novel is not answered by reading it.
        let name = Some(name).filter(|name| name.len() <= 80)?;
        names.get(&plain(name.strip_prefix("HKQuantityTypeIdentifier").unwrap_or(name))).copied()
    }
}

/// A name without what different writers write differently.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_metric_is_found_by_each_of_its_names_and_by_its_code() {
        let mut seen = HashSet::new();
        for metric in Metric::ALL {
            assert_eq!(Metric::from_code(metric.code()), Some(*metric));
            for name in metric.describe().names.split(' ') {
                assert_eq!(Metric::from_name(name), Some(*metric), "{name}");
                assert!(seen.insert(plain(name)), "{name} names two metrics");
            }
            let (low, high) = metric.describe().possible;
            assert!(low < high, "{metric:?}");
        }
    }

    #[test]
    fn other_spellings_of_a_name_are_understood() {
        for (name, metric) in [
            ("HeartRate", Metric::HeartRate),
            ("heart-rate", Metric::HeartRate),
            ("HKQuantityTypeIdentifierStepCount", Metric::Steps),
            ("HKQuantityTypeIdentifierOxygenSaturation", Metric::Spo2),
            ("HKQuantityTypeIdentifierDietaryFatTotal", Metric::TotalFat),
            ("spo2", Metric::Spo2),
            ("calories", Metric::TotalEnergy),
            ("glucose", Metric::Glucose),
        ] {
            assert_eq!(Metric::from_name(name), Some(metric), "{name}");
        }
        assert_eq!(Metric::from_name("aura"), None);
        assert_eq!(Metric::from_name(""), None);
    }
}
