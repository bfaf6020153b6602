//! OpenWhisk's health check: an invoker is used only after an action in Node.js has
//! run on it, always the same one (`InvokerSupervision.scala`,
//! `InvokerHealthManager.scala`). Knows that text, and Node.js when it sees it.

use crate::error::LoadError;

/// The action. It gives back what it is given.
const IDENTITY: &str = "function main(params) { return params; }";

/// What most JavaScript has.
const JAVASCRIPT: [&str; 8] =
    ["function ", "function(", "=>", "exports.", "require(", "const ", "let ", "var "];

/// Whether text has a byte that no base64 has and each of those marks does: an upload need not be
/// searched for all of them. Looks at every byte, since a loop without a way out compares many at a time.
fn may_be_javascript(text: &[u8]) -> bool {
    text.iter().fold(false, |found, byte| found | matches!(byte, b' ' | b'(' | b'>' | b'.'))
}

/// Whether code is the health check; an error if it is other JavaScript.
pub(crate) fn check(code: &[u8]) -> Result<bool, LoadError> {
    let code = code.trim_ascii();
    if code == IDENTITY.as_bytes() {
        return Ok(true);
    }
    let start = &code[..code.len().min(LOOKED_AT)];
    if !may_be_javascript(start) {
        return Ok(false);
    }
    let text = String::from_utf8_lossy(start);
    if JAVASCRIPT.iter().any(|mark| text.contains(mark)) {
        return Err(LoadError::new(
            "the code is JavaScript: this host runs WebAssembly components, and of Node.js only \
             the health check of OpenWhisk",
        )
        .hint(
            "compile it to a component, or have the operator give the kind an image that Docker \
             runs",
        ));
    }
    Ok(false)
}

/// Code may have megabytes; who writes JavaScript shows it soon.
const LOOKED_AT: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_health_check_is_known_by_its_text_and_no_other_javascript_is_taken() {
        assert_eq!(check(IDENTITY.as_bytes()), Ok(true));
        assert_eq!(check(format!("\n{IDENTITY}\n").as_bytes()), Ok(true));
        for other in [
            "function main(params) { return {}; }",
            "exports.main = params => params",
            "const x = require('x')",
        ] {
            let refusal = check(other.as_bytes()).expect_err("refused").to_string();
            assert!(refusal.starts_with("the code is JavaScript: "), "{refusal}");
        }
        for mark in JAVASCRIPT {
            assert!(check(format!("AGFz{mark}bQ0A").as_bytes()).is_err(), "{mark}");
        }
        for base64 in ["AGFzbQ0AAQA=", "functionvarletAA", ""] {
            assert_eq!(check(base64.as_bytes()), Ok(false), "{base64}");
        }
    }
}
