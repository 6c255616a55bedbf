//! The kinds of records that say numbers, and where in them which number stands.
use signals::Metric;

use super::quantity::{
    ENERGY, GLUCOSE, LENGTH, MASS, METABOLIC_RATE, NUMBER, NUTRIENT, PERCENT, POWER, PRESSURE, Quantity, TEMPERATURE,
    VELOCITY, VOLUME,
};

/// A member and what it is.
#[derive(Debug)]
pub struct Member {
    pub name: &'static str,
    pub quantity: &'static Quantity,
    pub metric: Metric,
}

/// How a kind of record is laid out.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Values of the record's own time: a moment, or from its start to its end.
    Values(&'static [Member]),
    /// A list `samples`, each with its `time`.
    Samples(&'static Member),
    /// Many members, of which those that are zero are absent.
    Meal(&'static [Member]),
    /// Stages, and how long the patient slept.
    Sleep,
    /// What the skin differs from its usual temperature, in `deltas`.
    Skin,
    /// How long it lasted.
    Lasting(Metric),
}

macro_rules! members {
    ($($name:literal $quantity:ident $metric:ident),* $(,)?) => {
        &[$(Member { name: $name, quantity: &$quantity, metric: Metric::$metric }),*]
    };
}

macro_rules! kinds {
    ($($kind:literal = $shape:expr),* $(,)?) => {
        /// How this kind is laid out; none when it says no numbers, or nobody knows it.
        pub fn shape(kind: &str) -> Option<Shape> {
            match kind {
                $($kind => Some($shape),)*
                _ => None,
            }
        }

        #[cfg(test)]
        pub const KINDS: &[&str] = &[$($kind),*];
    };
}

macro_rules! values {
    ($($name:literal $quantity:ident $metric:ident),*) => { Shape::Values(members!($($name $quantity $metric),*)) };
}

macro_rules! samples {
    ($name:literal $quantity:ident $metric:ident) => {
        Shape::Samples(&Member { name: $name, quantity: &$quantity, metric: Metric::$metric })
    };
}

kinds!(
    "ActiveCaloriesBurned" = values!("energy" ENERGY ActiveEnergy),
    "TotalCaloriesBurned" = values!("energy" ENERGY TotalEnergy),
    "BasalBodyTemperature" = values!("temperature" TEMPERATURE BasalTemperature),
    "BodyTemperature" = values!("temperature" TEMPERATURE Temperature),
    "BasalMetabolicRate" = values!("basalMetabolicRate" METABOLIC_RATE MetabolicRate),
    "BloodGlucose" = values!("level" GLUCOSE Glucose),
    "BloodPressure" = values!("systolic" PRESSURE BpSystolic, "diastolic" PRESSURE BpDiastolic),
    "BodyFat" = values!("percentage" PERCENT BodyFat),
    "OxygenSaturation" = values!("percentage" PERCENT Spo2),
    "BoneMass" = values!("mass" MASS BoneMass),
    "LeanBodyMass" = values!("mass" MASS LeanMass),
    "BodyWaterMass" = values!("mass" MASS WaterMass),
    "CyclingPedalingCadence" = samples!("revolutionsPerMinute" NUMBER CyclingCadence),
    "Distance" = values!("distance" LENGTH Distance),
    "ElevationGained" = values!("elevation" LENGTH ElevationGained),
    "FloorsClimbed" = values!("floors" NUMBER Floors),
    "ExerciseSession" = Shape::Lasting(Metric::ExerciseTime),
    "MindfulnessSession" = Shape::Lasting(Metric::MindfulTime),
    "HeartRate" = samples!("beatsPerMinute" NUMBER HeartRate),
    "HeartRateVariabilityRmssd" = values!("heartRateVariabilityMillis" NUMBER HrvRmssd),
    "Height" = values!("height" LENGTH Height),
    "Weight" = values!("weight" MASS Weight),
    "Hydration" = values!("volume" VOLUME Hydration),
    "Nutrition" = Shape::Meal(NUTRIENTS),
    "Power" = samples!("power" POWER Power),
    "Speed" = samples!("speed" VELOCITY Speed),
    "StepsCadence" = samples!("rate" NUMBER StepsCadence),
    "RespiratoryRate" = values!("rate" NUMBER RespRate),
    "RestingHeartRate" = values!("beatsPerMinute" NUMBER RestingHeartRate),
    "SkinTemperature" = Shape::Skin,
    "SleepSession" = Shape::Sleep,
    "Steps" = values!("count" NUMBER Steps),
    "WheelchairPushes" = values!("count" NUMBER WheelchairPushes),
    "Vo2Max" = values!("vo2MillilitersPerMinuteKilogram" NUMBER Vo2Max),
);

const NUTRIENTS: &[Member] = members!(
    "energy" ENERGY EnergyIntake, "energyFromFat" ENERGY EnergyFromFat,
    "biotin" NUTRIENT Biotin, "caffeine" NUTRIENT Caffeine, "calcium" NUTRIENT Calcium, "chloride" NUTRIENT Chloride,
    "cholesterol" NUTRIENT Cholesterol, "chromium" NUTRIENT Chromium, "copper" NUTRIENT Copper,
    "dietaryFiber" NUTRIENT DietaryFiber, "folate" NUTRIENT Folate, "folicAcid" NUTRIENT FolicAcid,
    "iodine" NUTRIENT Iodine, "iron" NUTRIENT Iron, "magnesium" NUTRIENT Magnesium, "manganese" NUTRIENT Manganese,
    "molybdenum" NUTRIENT Molybdenum, "monounsaturatedFat" NUTRIENT MonounsaturatedFat, "niacin" NUTRIENT Niacin,
    "pantothenicAcid" NUTRIENT PantothenicAcid, "phosphorus" NUTRIENT Phosphorus,
    "polyunsaturatedFat" NUTRIENT PolyunsaturatedFat, "potassium" NUTRIENT Potassium, "protein" NUTRIENT Protein,
    "riboflavin" NUTRIENT Riboflavin, "saturatedFat" NUTRIENT SaturatedFat, "selenium" NUTRIENT Selenium,
    "sodium" NUTRIENT Sodium, "sugar" NUTRIENT Sugar, "thiamin" NUTRIENT Thiamin,
    "totalCarbohydrate" NUTRIENT TotalCarbohydrate, "totalFat" NUTRIENT TotalFat, "transFat" NUTRIENT TransFat,
    "unsaturatedFat" NUTRIENT UnsaturatedFat, "vitaminA" NUTRIENT VitaminA, "vitaminB12" NUTRIENT VitaminB12,
    "vitaminB6" NUTRIENT VitaminB6, "vitaminC" NUTRIENT VitaminC, "vitaminD" NUTRIENT VitaminD,
    "vitaminE" NUTRIENT VitaminE, "vitaminK" NUTRIENT VitaminK, "zinc" NUTRIENT Zinc,
);
