//! Text between guests of UTF-16 and of UTF-8: through one that is alone, and within a composed component.

use crate::code;
use crate::compose::composed;
use base64_simd::STANDARD;
use serde_json::{Value, json};
use std::fmt::Write as _;
use wow_tests::client;
use wow_tests::guests::{can_build, matches};
use wow_tests::process::Runtime;

/// Texts in each test.
const TEXTS: usize = 200;

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    /// One below a bound, by an LCG of Knuth's, its upper half.
    fn below(&mut self, bound: u32) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 32).unwrap() % bound
    }

    /// A character, of each length in UTF-8 as likely as of any other, so that every way to transcode is
    /// taken, and changes within a text.
    fn character(&mut self) -> Option<char> {
        let end = [0x80, 0x800, 0x1_0000, 0x11_0000][self.below(4) as usize];
        char::from_u32(self.below(end))
    }

    fn text(&mut self) -> String {
        (0..self.below(300)).filter_map(|_| self.character()).collect()
    }

    /// A string as JSON has it, and its code units: characters as they are and escaped, NULs, and
    /// surrogates that have no other half.
    fn json(&mut self) -> (String, Vec<u16>) {
        let (mut json, mut units) = (String::new(), Vec::new());
        for _ in 0..self.below(300) {
            let mut pair = [0; 2];
            let (some, escaped) = match self.below(8) {
                0 => {
                    pair[0] = u16::try_from(0xd800 + self.below(0x800)).unwrap();
                    (&pair[..1], true)
                }
                1 => (&pair[..1], true),
                kind => match self.character() {
                    // Control characters, quotes and backslashes cannot be written as they are.
                    Some(c) => {
                        (&*c.encode_utf16(&mut pair), kind == 2 || c < ' ' || r#""\"#.contains(c))
                    }
                    None => continue,
                },
            };
            units.extend_from_slice(some);
            match escaped {
                true => some.iter().for_each(|unit| write!(json, "\\u{unit:04x}").unwrap()),
                false => json.push_str(&String::from_utf16(some).unwrap()),
            }
        }
        (json, units)
    }
}

#[test]
fn g_21_text_of_all_of_unicode_passes_a_guest_of_utf_16_unharmed() {
    if !can_build("echo.assemblyscript") {
        return;
    }
    let runtime = Runtime::start();
    assert_eq!(runtime.init(&code("echo.assemblyscript")).0, 200);
    let mut numbers = Numbers(1);
    for _ in 0..TEXTS {
        let text = numbers.text();
        let parameters = json!({ text.as_str(): [text, { "again": text }] });
        assert_eq!(runtime.run(&parameters), (200, parameters));
        runtime.log();
    }
}

#[test]
fn g_21_text_passes_between_utf_8_and_utf_16_within_a_component_and_halves_of_characters_are_replaced()
 {
    if !can_build("echo.assemblyscript") {
        return;
    }
    let runtime = Runtime::start();
    let component = composed(&["audit.rust", "echo.assemblyscript"], &[]);
    assert_eq!(runtime.init(&STANDARD.encode_to_string(component)).0, 200);
    let (mut numbers, mut halves) = (Numbers(2), 0);
    for _ in 0..TEXTS {
        // A key is read in Rust as well, which knows no halves.
        let (key, (json, units)) = (format!("key {}", numbers.text()), numbers.json());
        let text = String::from_utf16_lossy(&units);
        halves += usize::from(String::from_utf16(&units).is_err());
        let name = Value::from(key.as_str());
        let body = format!(r#"{{"value": {{"user": "ada", {name}: ["{json}", "{json}"]}}}}"#);
        let reply = client::post(runtime.address, "/run", body.as_bytes()).unwrap().whole();
        let audit = json!({ "user": "ada", "in": "$number", "out": "$number" });
        let expected = json!({ "user": "ada", key: [text, text], "audit": audit });
        assert!(reply.0 == 200 && matches(&expected, &reply.1), "{body}\n{expected}\n{reply:?}");
        runtime.log();
    }
    assert!(halves > TEXTS / 2, "only {halves} texts had a surrogate without its other half");
}
