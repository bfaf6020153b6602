//! The few of Go's templates that OpenWhisk, its suites and its operators give to
//! `--format`: `{{.A.B}}`, `{{json .A}}`, and the one that finds a published port.

use crate::answer::Failure;
use serde_json::{Map, Value};

/// How docker exits when it cannot read a template.
const UNREADABLE: u8 = 64;

/// Fills a template with an object's values.
pub(crate) fn fill(template: &str, object: &Map<String, Value>) -> Result<String, Failure> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((text, after)) = rest.split_once("{{") {
        let (expression, after) = after.split_once("}}").ok_or_else(|| unknown(template))?;
        filled += text;
        filled += &evaluate(expression.trim(), object).ok_or_else(|| unknown(template))??;
        rest = after;
    }
    Ok(filled + rest)
}

fn unknown(template: &str) -> Failure {
    let words = format!(
        "cannot read the template `{template}`\n\nhint: `{{{{.Key.Key}}}}` and `{{{{json .Key}}}}` are known"
    );
    Failure::new(words).with(UNREADABLE)
}

/// One expression's text, or nothing if it is of no known form.
fn evaluate(expression: &str, object: &Map<String, Value>) -> Option<Result<String, Failure>> {
    // `DockerForMacClient.scala` and `ActionContainer.scala`, letter for letter.
    if expression == r#"(index (index .NetworkSettings.Ports "8080/tcp") 0).HostPort"# {
        let port = &find(object, "NetworkSettings.Ports")?["8080/tcp"][0]["HostPort"];
        let port = port.as_str().map(str::to_owned);
        let words = "the container has no port outside\n\nhint: run it with `-p 0:8080`";
        return Some(port.ok_or_else(|| Failure::new(words)));
    }
    if let Some(path) = expression.strip_prefix("json ") {
        let path = path.trim().strip_prefix('.')?;
        let value = find(object, path).unwrap_or(&Value::Null).to_string();
        let whole = || Value::Object(object.clone()).to_string();
        return Some(Ok(if path.is_empty() { whole() } else { value }));
    }
    let path = expression.strip_prefix('.')?;
    let is_key = |key: &str| {
        !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    if !path.split('.').all(is_key) {
        return None;
    }
    Some(Ok(find(object, path).map_or_else(|| "<no value>".to_owned(), show)))
}

/// The value at a path of keys.
fn find<'a>(object: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut keys = path.split('.');
    let first = object.get(keys.next()?)?;
    keys.try_fold(first, |value, key| value.get(key))
}

/// A value as a template shows it: text without quotes.
pub(crate) fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "<no value>".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fill_with(template: &str, object: &Value) -> Result<String, Failure> {
        fill(template, object.as_object().unwrap())
    }

    #[test]
    fn a_path_is_filled_and_a_missing_one_is_said_as_docker_says_it() {
        let object = json!({ "A": { "B": "x", "my-net": 7 } });
        assert_eq!(fill_with("<{{.A.B}}|{{ .A.my-net }}>", &object), Ok("<x|7>".to_owned()));
        assert_eq!(fill_with("{{.A.C.D}}", &object), Ok("<no value>".to_owned()));
        assert_eq!(fill_with("{{json .A.B}}", &object), Ok("\"x\"".to_owned()));
        assert_eq!(fill_with("plain", &object), Ok("plain".to_owned()));
    }

    #[test]
    fn another_template_is_an_error_in_words() {
        for template in ["{{.A", "{{range .A}}{{end}}", "{{}}", "{{.}}", "{{ . }}", "{{.A..B}}"] {
            let failure = fill_with(template, &json!({ "A": 1 })).unwrap_err();
            assert_eq!(failure.code, 64, "{template}");
            assert!(failure.words.starts_with("cannot read the template `{{"), "{failure:?}");
        }
    }
}
