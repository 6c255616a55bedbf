//! One batch as a band sends it: a thousand minutes of a heart, of which only the values and the times change.
use chrono::{DateTime, Timelike};

/// Points of one batch.
pub const POINTS: usize = 1_000;
const POINT: &[u8] = br#"{"metric_type":"heart_rate","value":00,"unit":"bpm","timestamp":"0000-00-00T00:00:00Z"},"#;
const VALUE: usize = br#"{"metric_type":"heart_rate","value":"#.len();
const TIME: usize = br#"{"metric_type":"heart_rate","value":00,"unit":"bpm","timestamp":""#.len();
pub const PATH: &str = "/api/v1/wearables/data/sync";
pub const DEVICE: &str = "bench-band";

/// A request that is filled in again and again.
pub struct Batch {
    bytes: Vec<u8>,
    points: usize,
}

impl Batch {
    pub fn new(patient: &str, token: &str) -> Batch {
        let head = format!(r#"{{"patient_id":"{patient}","device_id":"{DEVICE}","battery_level":80,"data_points":["#);
        let length = head.len() + POINT.len() * POINTS + 1;
        let mut bytes = format!(
            "POST {PATH} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{head}"
        )
        .into_bytes();
        let points = bytes.len();
        bytes.extend(POINT.repeat(POINTS));
        // The last comma becomes the end of the list.
        bytes.pop();
        bytes.extend(b"]}");
        Batch { bytes, points }
    }

    /// The request for the thousand minutes from this one on (since 1970).
    pub fn fill(&mut self, minute: i64) -> &[u8] {
        let (mut day, mut of_day) = (String::new(), 1_440);
        for place in 0..POINTS {
            let at = minute + place as i64;
            if of_day == 1_440 {
                let time = DateTime::from_timestamp(at * 60, 0).unwrap_or_default();
                day = time.format("%Y-%m-%dT").to_string();
                of_day = time.hour() * 60 + time.minute();
            }
            let point = &mut self.bytes[self.points + place * POINT.len()..];
            two_digits(&mut point[VALUE..], rate(at));
            point[TIME..TIME + 11].copy_from_slice(day.as_bytes());
            two_digits(&mut point[TIME + 11..], of_day / 60);
            two_digits(&mut point[TIME + 14..], of_day % 60);
            of_day += 1;
        }
        &self.bytes
    }
}

fn two_digits(place: &mut [u8], number: u32) {
    place[0] = b'0' + (number / 10 % 10) as u8;
    place[1] = b'0' + (number % 10) as u8;
}

/// A steady heart: it goes up and down by a beat or two, slower at night, and no two days are alike.
fn rate(minute: i64) -> u32 {
    let mixed = (minute as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60;
    let night = if minute.rem_euclid(1_440) < 420 { 0 } else { 12 };
    let hour = (minute / 60).rem_euclid(7) as u32;
    58 + night + hour + [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 0, 1, 3, 0, 1, 2][mixed as usize % 16]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_the_json_it_says_it_is() {
        let mut batch = Batch::new("00000000-0000-0000-0000-000000000000", "t");
        let text = String::from_utf8(batch.fill(29_000_000).to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())));
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let points = body["data_points"].as_array().unwrap();
        assert_eq!(points.len(), POINTS);
        for (place, point) in points.iter().enumerate() {
            let at: DateTime<chrono::Utc> = point["timestamp"].as_str().unwrap().parse().unwrap();
            assert_eq!(at.timestamp(), (29_000_000 + place as i64) * 60);
            assert_eq!(point["value"].as_u64().unwrap() as u32, rate(29_000_000 + place as i64));
        }
    }
}
