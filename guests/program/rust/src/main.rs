//! A program as for any other machine: reads JSON, prints JSON, exits.

use serde_json::{Value, json};
use std::process::ExitCode;
use std::{env, io};

fn main() -> ExitCode {
    let parameters: Value = serde_json::from_reader(io::stdin()).expect("JSON on stdin");
    let argument = env::args().nth(1);
    if let Some(words) = parameters["fail"].as_str() {
        println!("[\"not the result\"]");
        eprintln!("first\n{words}");
        return ExitCode::FAILURE;
    }
    if let Some(words) = parameters["panic"].as_str() {
        panic!("{words}");
    }
    if let Some(text) = parameters["print"].as_str() {
        println!("{text}");
        return ExitCode::SUCCESS;
    }
    if let Some(bytes) = parameters["bytes"].as_u64() {
        println!("{}", "x".repeat(usize::try_from(bytes).expect("it fits")));
    }
    eprintln!("greeting");
    println!("about to greet");
    let name = parameters["name"].as_str().unwrap_or("World");
    let same = argument.as_deref().is_none_or(|text| text == parameters.to_string());
    println!("{}", json!({ "greeting": format!("Hello, {name}!"), "same": same }));
    if parameters["exit"] == true {
        std::process::exit(0);
    }
    ExitCode::SUCCESS
}
