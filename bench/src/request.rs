//! Requests as ready-made bytes in which only the patient, the time and one digit change.

use crate::ward::Patient;
use chrono::DateTime;

/// Digits stand where the real value goes; every value has the same width.
const NORMAL: &str = r#"{"patient_id":"00000000-0000-0000-0000-000000000000","timestamp":"0000-00-00T00:00:00.000Z","hr_bpm":70,"spo2_pct":97,"temp_c":36.8,"bp_systolic":118,"bp_diastolic":76,"resp_rate":15}"#;
/// Too fast a heart and too little oxygen: two of the ward's rules.
const ABNORMAL: &str = r#"{"patient_id":"00000000-0000-0000-0000-000000000000","timestamp":"0000-00-00T00:00:00.000Z","hr_bpm":140,"spo2_pct":86,"temp_c":36.8,"bp_systolic":118,"bp_diastolic":76,"resp_rate":15}"#;

const PATIENT: usize = r#"{"patient_id":""#.len();
const TIME: usize = PATIENT + 36 + r#"","timestamp":""#.len();
const RATE: usize = TIME + 24 + r#"","hr_bpm":"#.len();

/// What one monitor sends: a request it fills in again and again.
pub struct Monitor {
    normal: Template,
    abnormal: Template,
    second: i64,
    second_text: [u8; 20],
}

struct Template {
    bytes: Vec<u8>,
    body: usize,
    digit: usize,
}

impl Monitor {
    pub fn new(key: &str) -> Monitor {
        Monitor {
            normal: Template::new(NORMAL, key, RATE + 1),
            abnormal: Template::new(ABNORMAL, key, RATE + 2),
            second: i64::MIN,
            second_text: [b' '; 20],
        }
    }

    /// The request for a reading of this patient at this millisecond of Unix time.
    pub fn normal(&mut self, patient: &Patient, at: i64) -> &[u8] {
        self.keep_second(at);
        self.normal.fill(patient, at, &self.second_text)
    }

    pub fn abnormal(&mut self, patient: &Patient, at: i64) -> &[u8] {
        self.keep_second(at);
        self.abnormal.fill(patient, at, &self.second_text)
    }

    /// The text of a second is made once and used for every reading in it.
    fn keep_second(&mut self, at: i64) {
        let second = at.div_euclid(1000);
        if second != self.second {
            let text = DateTime::from_timestamp(second, 0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%S.").to_string();
            self.second_text.copy_from_slice(&text.as_bytes()[..20]);
            self.second = second;
        }
    }
}

impl Template {
    fn new(body: &str, key: &str, digit: usize) -> Template {
        let length = body.len();
        let head = format!(
            "POST /vitals HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        Template { bytes: format!("{head}{body}").into_bytes(), body: head.len(), digit: head.len() + digit }
    }

    fn fill(&mut self, patient: &Patient, at: i64, second: &[u8; 20]) -> &[u8] {
        let millisecond = at.rem_euclid(1000) as u16;
        let digit = |value: u16| b'0' + (value % 10) as u8;
        let body = &mut self.bytes[self.body..];
        body[PATIENT..PATIENT + 36].copy_from_slice(&patient.text);
        body[TIME..TIME + 20].copy_from_slice(second);
        body[TIME + 20] = digit(millisecond / 100);
        body[TIME + 21] = digit(millisecond / 10);
        body[TIME + 22] = digit(millisecond);
        self.bytes[self.digit] = digit(millisecond);
        &self.bytes
    }
}

/// The request for a look at this patient's record.
pub fn read(patient: &Patient, token: &str) -> Vec<u8> {
    format!("GET /api/patients/{} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n", patient.id)
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filled_request_is_the_json_it_claims_to_be() {
        let patient = Patient::new("0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000", String::new()).unwrap();
        let mut monitor = Monitor::new("key");
        let at = 1_795_157_619_907;
        for (request, rate) in
            [(monitor.normal(&patient, at).to_vec(), 77), (monitor.abnormal(&patient, at).to_vec(), 147)]
        {
            let text = String::from_utf8(request).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("Content-Length: {}", body.len())));
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["patient_id"], patient.id.to_string());
            assert_eq!(body["timestamp"], "2026-11-20T06:53:39.907Z");
            assert_eq!(body["hr_bpm"], rate);
        }
    }
}
