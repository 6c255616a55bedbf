//! Quantities: an object that says one thing in several units, or a plain number in the one unit that goes without saying.
use serde_json::Value;

/// How a quantity is written.
#[derive(Debug)]
pub struct Quantity {
    /// The members of the unit object, each with its unit, the preferred one first.
    units: &'static [(&'static str, &'static str)],
    /// The unit of a plain number.
    plain: &'static str,
}

/// A number that has no units to choose from.
pub const NUMBER: Quantity = Quantity { units: &[], plain: "" };
pub const PERCENT: Quantity = Quantity { units: &[("value", "%")], plain: "%" };
pub const ENERGY: Quantity = Quantity {
    units: &[("inKilocalories", "kcal"), ("inKilojoules", "kJ"), ("inCalories", "cal"), ("inJoules", "J")],
    plain: "kcal",
};
pub const MASS: Quantity = Quantity { units: MASSES, plain: "kg" };
/// What food consists of: the app that writes plain numbers counts it in grams.
pub const NUTRIENT: Quantity = Quantity { units: MASSES, plain: "g" };
const MASSES: &[(&str, &str)] = &[
    ("inKilograms", "kg"),
    ("inGrams", "g"),
    ("inMilligrams", "mg"),
    ("inMicrograms", "ug"),
    ("inPounds", "lb"),
    ("inOunces", "oz"),
];
pub const LENGTH: Quantity = Quantity {
    units: &[("inMeters", "m"), ("inKilometers", "km"), ("inMiles", "mi"), ("inFeet", "ft"), ("inInches", "in")],
    plain: "m",
};
pub const VOLUME: Quantity =
    Quantity { units: &[("inLiters", "L"), ("inMilliliters", "mL"), ("inFluidOuncesUs", "[foz_us]")], plain: "L" };
pub const VELOCITY: Quantity = Quantity {
    units: &[("inMetersPerSecond", "m/s"), ("inKilometersPerHour", "km/h"), ("inMilesPerHour", "mi/h")],
    plain: "m/s",
};
pub const POWER: Quantity = Quantity { units: &[("inWatts", "W"), ("inKilocaloriesPerDay", "kcal/d")], plain: "W" };
/// As [`POWER`], for what a body uses at rest: a plain number is of a day.
pub const METABOLIC_RATE: Quantity =
    Quantity { units: &[("inKilocaloriesPerDay", "kcal/d"), ("inWatts", "W")], plain: "kcal/d" };
pub const TEMPERATURE: Quantity = Quantity { units: &[("inCelsius", "Cel"), ("inFahrenheit", "[degF]")], plain: "Cel" };
pub const PRESSURE: Quantity = Quantity { units: &[("inMillimetersOfMercury", "mm[Hg]")], plain: "mm[Hg]" };
pub const GLUCOSE: Quantity =
    Quantity { units: &[("inMillimolesPerLiter", "mmol/L"), ("inMilligramsPerDeciliter", "mg/dL")], plain: "mmol/L" };

impl Quantity {
    /// The number and its unit; none where there is no number.
    pub fn read(&self, value: &Value) -> Option<(f64, &'static str)> {
        match value {
            Value::Object(object) => {
                self.units.iter().find_map(|(member, unit)| Some((object.get(*member)?.as_f64()?, *unit)))
            }
            plain => Some((plain.as_f64()?, self.plain)),
        }
    }

    #[cfg(test)]
    pub fn all_units(&self) -> impl Iterator<Item = &'static str> {
        self.units.iter().map(|(_, unit)| *unit).chain([self.plain])
    }
}
