//! Units: what senders write, taken to the unit in which a metric is kept.
use thiserror::Error;

use crate::Metric;

/// What a metric is a measure of; says which units are understood and in which one it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    Count,
    Rate,
    Percent,
    Temperature,
    TemperatureDelta,
    Pressure,
    Length,
    Height,
    Mass,
    Nutrient,
    Energy,
    Power,
    MetabolicRate,
    Effort,
    Speed,
    Time,
    Millis,
    Volume,
    Litres,
    Flow,
    Glucose,
    Oxygen,
    Bmi,
    Sound,
    Conductance,
    Units,
    Score,
    Stage,
}

/// Why a value was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum Unfit {
    #[error("is not a unit of this metric")]
    Unit,
    #[error("is not possible: {low} to {high} {ucum} are")]
    Value { low: f64, high: f64, ucum: &'static str },
    #[error("is no code of a state: those are whole numbers")]
    Fraction,
}

/// Takes a value to the metric's own unit. A missing unit (`""`) is the metric's own. An unknown unit is an error, and so is a
/// value that cannot be true.
pub fn convert(metric: Metric, value: f64, unit: &str) -> Result<f64, Unfit> {
    let described = metric.describe();
    let (factor, offset) = match unit {
        "" => (1.0, 0.0),
        unit if unit == described.ucum => (1.0, 0.0),
        unit => factor(described.dimension, unit).ok_or(Unfit::Unit)?,
    };
    let own = (value + offset) * factor;
    let (low, high) = described.possible;
    // What is kept is rounded to a billionth of a unit, so that a change of units leaves no trail of digits.
    let own = if factor == 1.0 && offset == 0.0 { own } else { (own * 1e9).round() / 1e9 };
    match own.is_finite() && (low..=high).contains(&own) {
        true if described.dimension == Dimension::Stage && own.fract() != 0.0 => Err(Unfit::Fraction),
        true => Ok(own),
        false => Err(Unfit::Value { low, high, ucum: described.ucum }),
    }
}

const MILE: f64 = 1609.344;
const FOOT: f64 = 0.3048;
const POUND: f64 = 0.453_592_37;
const OUNCE: f64 = 0.028_349_523_125;
/// Milligrams of glucose in a decilitre that are one millimole in a litre.
const GLUCOSE: f64 = 18.0182;

/// What to add to a value of this unit, and then multiply it with.
fn factor(dimension: Dimension, unit: &str) -> Option<(f64, f64)> {
    let exact = unit.trim();
    // `mg` and `Mg`, `Cal` and `cal` are different things.
    let factor = match (dimension, exact) {
        (Dimension::Energy, "Cal") => Some(1.0),
        (Dimension::Glucose, "mmol<180.1558800000541>/L") => Some(GLUCOSE),
        _ => None,
    };
    if let Some(factor) = factor {
        return Some((factor, 0.0));
    }
    let lower = exact.to_ascii_lowercase();
    let unit = lower.as_str();
    match dimension {
        Dimension::Temperature => temperature(unit),
        Dimension::TemperatureDelta => temperature_delta(unit).map(|factor| (factor, 0.0)),
        _ => scale(dimension, unit).map(|factor| (factor, 0.0)),
    }
}

fn temperature(unit: &str) -> Option<(f64, f64)> {
    match unit {
        "cel" | "c" | "degc" | "°c" | "celsius" | "deg_c" => Some((1.0, 0.0)),
        "[degf]" | "f" | "degf" | "°f" | "fahrenheit" | "deg_f" => Some((5.0 / 9.0, -32.0)),
        "k" | "kelvin" => Some((1.0, -273.15)),
        _ => None,
    }
}

fn temperature_delta(unit: &str) -> Option<f64> {
    match unit {
        "cel" | "c" | "degc" | "°c" | "celsius" | "deg_c" | "k" | "kelvin" => Some(1.0),
        "[degf]" | "f" | "degf" | "°f" | "fahrenheit" | "deg_f" => Some(5.0 / 9.0),
        _ => None,
    }
}

fn scale(dimension: Dimension, unit: &str) -> Option<f64> {
    use Dimension as D;
    match dimension {
        D::Count => counted(unit),
        D::Stage | D::Score => {
            matches!(unit, "1" | "score" | "points" | "index" | "stage" | "level" | "count" | "%").then_some(1.0)
        }
        D::Rate => rate(unit),
        D::Percent => match unit {
            "%" | "percent" | "pct" => Some(1.0),
            "1" | "fraction" | "ratio" => Some(100.0),
            _ => None,
        },
        D::Pressure => match unit {
            "mm[hg]" | "mmhg" => Some(1.0),
            "kpa" => Some(7.500_616_827),
            "cm[h2o]" | "cmaq" => Some(0.735_559),
            _ => None,
        },
        D::Length => metres(unit),
        D::Height => metres(unit).map(|metres| metres * 100.0),
        D::Mass => grams(unit).map(|grams| grams / 1000.0),
        D::Nutrient => grams(unit),
        D::Energy => kilocalories(unit),
        D::Power => match unit {
            "w" | "watt" | "watts" => Some(1.0),
            "kw" => Some(1000.0),
            "kcal/d" | "kcal/day" => Some(4184.0 / 86_400.0),
            _ => None,
        },
        D::MetabolicRate => match unit {
            "kcal/d" | "kcal/day" | "kcal" => Some(1.0),
            "w" | "watt" | "watts" => Some(86_400.0 / 4184.0),
            "kj/d" | "kj/day" => Some(1.0 / 4.184),
            _ => None,
        },
        D::Effort => matches!(unit, "kcal/kg/h" | "kcal/hr·kg" | "kcal/(kg.h)" | "met" | "mets").then_some(1.0),
        D::Speed => match unit {
            "m/s" | "mps" => Some(1.0),
            "km/h" | "km/hr" | "kph" | "kmh" => Some(1.0 / 3.6),
            "mi/h" | "mi/hr" | "mph" => Some(MILE / 3600.0),
            "ft/s" => Some(FOOT),
            _ => None,
        },
        D::Time => seconds(unit).map(|seconds| seconds / 60.0),
        D::Millis => seconds(unit).map(|seconds| seconds * 1000.0),
        D::Volume => litres(unit).map(|litres| litres * 1000.0),
        D::Litres => litres(unit),
        D::Flow => match unit {
            "l/min" => Some(1.0),
            "l/s" => Some(60.0),
            _ => None,
        },
        D::Glucose => match unit {
            "mg/dl" | "mgdl" => Some(1.0),
            "mmol/l" | "mmol" => Some(GLUCOSE),
            "g/l" => Some(100.0),
            _ => None,
        },
        D::Oxygen => matches!(unit, "ml/kg/min" | "ml/(kg.min)" | "ml/min·kg" | "ml/min/kg").then_some(1.0),
        D::Bmi => matches!(unit, "kg/m2" | "kg/m^2" | "kg/m²" | "count" | "1").then_some(1.0),
        D::Sound => matches!(unit, "db[spl]" | "db" | "dba" | "dbaspl" | "db(a)").then_some(1.0),
        D::Conductance => match unit {
            "us" | "µs" | "mcs" => Some(1.0),
            "s" => Some(1e6),
            _ => None,
        },
        D::Units => matches!(unit, "[iu]" | "iu" | "u" | "unit" | "units").then_some(1.0),
        // They were answered before.
        D::Temperature | D::TemperatureDelta => None,
    }
}

fn counted(unit: &str) -> Option<f64> {
    const COUNTED: &[&str] = &[
        "1",
        "count",
        "counts",
        "steps",
        "step",
        "{steps}",
        "floors",
        "{floors}",
        "flights",
        "pushes",
        "{pushes}",
        "strokes",
        "{strokes}",
        "falls",
        "{falls}",
        "puffs",
        "{puffs}",
    ];
    COUNTED.contains(&unit).then_some(1.0)
}

fn rate(unit: &str) -> Option<f64> {
    match unit {
        "/min" | "1/min" | "bpm" | "count/min" | "beats/min" | "{beats}/min" | "breaths/min" | "{breaths}/min"
        | "brpm" | "rpm" | "spm" | "steps/min" | "min-1" => Some(1.0),
        "hz" | "count/s" | "/s" | "1/s" => Some(60.0),
        _ => None,
    }
}

fn metres(unit: &str) -> Option<f64> {
    match unit {
        "m" | "meter" | "meters" | "metre" | "metres" => Some(1.0),
        "km" | "kilometers" | "kilometres" => Some(1000.0),
        "cm" => Some(0.01),
        "mm" => Some(0.001),
        "mi" | "mile" | "miles" | "[mi_i]" => Some(MILE),
        "yd" | "yards" => Some(3.0 * FOOT),
        "ft" | "feet" | "[ft_i]" => Some(FOOT),
        "in" | "inches" | "[in_i]" => Some(FOOT / 12.0),
        _ => None,
    }
}

fn grams(unit: &str) -> Option<f64> {
    match unit {
        "g" | "gram" | "grams" => Some(1.0),
        "kg" | "kilograms" => Some(1000.0),
        "mg" => Some(1e-3),
        "ug" | "µg" | "mcg" => Some(1e-6),
        "lb" | "lbs" | "pounds" | "[lb_av]" => Some(POUND * 1000.0),
        "oz" | "[oz_av]" => Some(OUNCE * 1000.0),
        "st" | "stone" => Some(14.0 * POUND * 1000.0),
        _ => None,
    }
}

fn kilocalories(unit: &str) -> Option<f64> {
    match unit {
        "kcal" | "kilocalories" | "calories" => Some(1.0),
        "cal" => Some(1e-3),
        "kj" => Some(1.0 / 4.184),
        "j" => Some(1.0 / 4184.0),
        _ => None,
    }
}

fn seconds(unit: &str) -> Option<f64> {
    match unit {
        "ms" | "milliseconds" => Some(1e-3),
        "s" | "sec" | "seconds" => Some(1.0),
        "min" | "mins" | "minutes" => Some(60.0),
        "h" | "hr" | "hours" => Some(3600.0),
        _ => None,
    }
}

fn litres(unit: &str) -> Option<f64> {
    match unit {
        "l" | "liter" | "liters" | "litre" | "litres" => Some(1.0),
        "ml" | "milliliters" | "millilitres" => Some(1e-3),
        "fl_oz_us" | "[foz_us]" | "fl oz" => Some(0.029_573_529_562_5),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_senders_write_is_taken_to_the_unit_of_the_metric() {
        for (metric, value, unit, own) in [
            (Metric::HeartRate, 72.0, "bpm", 72.0),
            (Metric::HeartRate, 72.0, "count/min", 72.0),
            (Metric::HeartRate, 1.2, "Hz", 72.0),
            (Metric::Temperature, 98.6, "degF", 37.0),
            (Metric::Temperature, 98.6, "F", 37.0),
            (Metric::Temperature, 310.15, "K", 37.0),
            (Metric::Spo2, 0.97, "1", 97.0),
            (Metric::Spo2, 97.0, "%", 97.0),
            (Metric::Glucose, 5.0, "mmol/L", 90.091),
            (Metric::Glucose, 5.0, "mmol<180.1558800000541>/L", 90.091),
            (Metric::TotalEnergy, 418.4, "kJ", 100.0),
            (Metric::TotalEnergy, 100.0, "Cal", 100.0),
            (Metric::TotalEnergy, 100.0, "cal", 0.1),
            (Metric::Distance, 1.0, "mi", 1609.344),
            (Metric::Weight, 150.0, "lb", 68.0388555),
            (Metric::Height, 1.8, "m", 180.0),
            (Metric::Steps, 1250.0, "steps", 1250.0),
            (Metric::SkinTemperatureDelta, 1.8, "degF", 1.0),
            (Metric::Protein, 900.0, "mg", 0.9),
            (Metric::Weight, 70.0, "", 70.0),
        ] {
            assert_eq!(convert(metric, value, unit), Ok(own), "{value} {unit} of {metric:?}");
        }
    }

    #[test]
    fn a_unit_of_something_else_is_refused() {
        assert_eq!(convert(Metric::HeartRate, 72.0, "kg"), Err(Unfit::Unit));
        assert_eq!(convert(Metric::Weight, 70.0, "stones?"), Err(Unfit::Unit));
    }

    #[test]
    fn an_impossible_value_is_refused() {
        for (metric, value) in
            [(Metric::HeartRate, -1.0), (Metric::Spo2, 101.0), (Metric::Temperature, 98.6), (Metric::Steps, f64::NAN)]
        {
            assert!(matches!(convert(metric, value, ""), Err(Unfit::Value { .. })), "{value} of {metric:?}");
        }
    }

    #[test]
    fn a_stage_of_sleep_is_one_of_those_there_are() {
        assert_eq!(convert(Metric::SleepStage, 6.0, ""), Ok(6.0));
        assert_eq!(convert(Metric::SleepStage, 2.5, ""), Err(Unfit::Fraction));
        assert!(matches!(convert(Metric::SleepStage, 7.0, ""), Err(Unfit::Value { .. })));
    }

    #[test]
    fn every_metric_understands_its_own_unit() {
        for metric in Metric::ALL {
            let own = metric.describe().ucum;
            let (low, high) = metric.describe().possible;
            let middle = (low + high) / 2.0;
            assert_eq!(convert(*metric, middle, own), Ok(middle), "{metric:?} in {own}");
        }
    }
}
