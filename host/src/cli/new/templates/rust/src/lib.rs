use serde::{Deserialize, Serialize};
use wow_action::{Error, Result};

#[derive(Deserialize)]
struct Input {
    name: Option<String>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Output {
    greeting: String,
}

#[wow_action::main]
fn main(input: Input) -> Result<Output> {
    let name = input.name.as_deref().unwrap_or("World");
    if name.is_empty() {
        return Err(Error::message("nobody to greet"));
    }
    eprintln!("greeting {name}");
    Ok(Output { greeting: format!("Hello, {name}!") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greets_by_name() {
        let output = main(Input { name: Some("Ada".into()) }).unwrap();
        assert_eq!(output, Output { greeting: "Hello, Ada!".into() });
    }
}
