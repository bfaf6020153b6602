//! Bodies as the platform, its tests and strangers send them.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

fn refusal(body: &str) -> String {
    Init::parse(&Bytes::copy_from_slice(body.as_bytes())).expect_err("refused").to_string()
}

#[test]
fn i_09_an_init_without_code_is_refused_in_the_platforms_words() {
    for body in [
        "{}",
        "null",
        r#"{"value":null}"#,
        r#"{"value":{}}"#,
        r#"{"value":{"code":null}}"#,
        r#"{"value":{"code":""}}"#,
        r#"{"value":{"code":7}}"#,
    ] {
        assert_eq!(refusal(body), MISSING_CODE, "{body}");
    }
}

#[test]
fn an_init_is_read_as_the_platform_sends_it() {
    let body = Bytes::from_static(
        br#"{"value":{"name":"hello","main":"main","binary":true,"code":"AAAA",
        "env":{"__OW_NAMESPACE":"guest","EMPTY":"","NULL":null,"N":4.20,"B":true,"O":{"a": 1}}}}"#,
    );
    let init = Init::parse(&body).expect("readable");
    assert_eq!((init.name.as_str(), init.main.as_str()), ("hello", "main"));
    assert_eq!(init.code, "AAAA");
    assert!(body.as_ptr_range().contains(&init.code.as_ptr()), "the code is not copied");
    let environment = [
        ("B", "true"),
        ("EMPTY", ""),
        ("N", "4.20"),
        ("NULL", ""),
        ("O", r#"{"a": 1}"#),
        ("__OW_NAMESPACE", "guest"),
    ];
    let environment = environment.map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(init.environment, Environment::from(environment));
}

#[test]
fn an_init_may_lack_everything_but_code() {
    let body = br#"{"value":{"code":"x","main":null,"env":null,"name":null,"binary":null}}"#;
    let init = Init::parse(&Bytes::from_static(body)).expect("readable");
    assert_eq!(init.main, "main");
    assert_eq!(init.environment, Environment::new());
}

#[test]
fn long_code_is_read_as_what_is_around_it_and_no_other_body_is() {
    // Whether the code can be left out while the rest is parsed.
    let bodies = [
        (true, r#"{"value":{"name":"n","main":"m","code":"CODE","env":{"A":"b","B":1}}}"#),
        (true, r#"{"value":{"code":"CODE","main":"m","env":{"A":"\"b\\","C":"é"}}}"#),
        (true, r#"{"value":{"code" : "CODE","env":{"":"no name"}}}"#),
        (true, " { \"value\" : { \"env\":{\"B\":[\"x\"]}, \"code\"\n:\t\"CODE\" } } "),
        (false, r#"{"value":{"env":{"A":"CODE"},"code":"CODE"}}"#),
        (false, r#"{"value":{"env":{"A":"CODE"},"code":""}}"#),
        (false, r#"{"value":{"env":{"code":"CODE"},"code":""}}"#),
        (false, r#"{"value":{"env":{"A":"CODE"}}}"#),
        (false, r#"{"value":{"code":"CODE","code":"CODE"}}"#),
        (false, r#"{"value":{"code":["CODE"],"CODE":7}}"#),
        (false, r#"{"code":"CODE","value":{"code":"x"}}"#),
        (false, r#"{"value":{"code":"CODE\nCODE"}}"#),
        (false, r#"{"value":{"code":"\u0041CODE"}}"#),
        (false, r#"{"value":{"code":"éCODE"}}"#),
        (false, "{\"value\":{\"code\":\"CODE\n\"}}"),
        (false, r#"{"value":{"code":"CODE"}"#),
        (false, r#"{"value":{"code":"CODE"}}}"#),
        (false, r#"{"value":{"code":"CODE}}"#),
        (false, r#"{"value":{"code":"CODE\"#),
        (false, r#""code":"CODE""#),
    ];
    for (around, text) in bodies {
        let body = Bytes::from(text.replace("CODE", &"QUJD".repeat(10_000)));
        assert_eq!(Init::around_code(&body).is_some(), around, "{text}");
        let (read, expected) = (Init::parse(&body), Init::whole(&body));
        let say = |error: Error| error.to_string();
        assert_eq!(read.map_err(say), expected.map_err(say), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

    #[test]
    fn no_body_is_read_otherwise_for_its_long_code(
        body in 0..BODIES.len(),
        edits in vec((any::<Index>(), 0..TOKENS.len(), 0..3_u8), 0..4),
    ) {
        let mut tokens = tokens(BODIES[body]);
        for (place, token, edit) in edits {
            let place = place.index(tokens.len());
            match edit {
                0 => tokens[place] = TOKENS[token],
                1 => tokens.insert(place, TOKENS[token]),
                _ => _ = tokens.remove(place),
            }
            prop_assume!(!tokens.is_empty());
        }
        let text = tokens.concat();
        let body = Bytes::from(text.replace("CODE", &"QUJD".repeat(5000)));
        let (read, expected) = (Init::parse(&body), Init::whole(&body));
        let say = |error: Error| error.to_string();
        prop_assert_eq!(read.map_err(say), expected.map_err(say), "{}", text);
    }
}

/// Bodies of `/init`, good ones and others, that are changed in a few places.
const BODIES: [&str; 3] = [
    r#"{"value":{"name":"n","main":"m","code":"CODE","env":{"A":"b","B":1,"code":"x"}}}"#,
    r#"{"value":{"code":"CODE","env":{"A":"CODE","B":["x",{"code":"CODE"}]},"main":null}}"#,
    r#"{"code":"CODE","value":{"code":"","env":null},"value":{"code":"CODE"}}"#,
];

/// What bodies are made of.
const TOKENS: [&str; 20] = [
    "{", "}", "[", "]", "\"", ":", ",", "\\", "CODE", "code", "value", "env", "name", "main",
    "null", "1", " ", "\n", "é", "\0",
];

/// A body as such; what is none of them is a token by itself.
fn tokens(body: &'static str) -> Vec<&'static str> {
    let mut tokens = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let token = TOKENS.iter().find(|token| rest.starts_with(**token));
        let (token, after) = rest.split_at(token.map_or(1, |token| token.len()));
        tokens.push(token);
        rest = after;
    }
    tokens
}

#[test]
fn a_long_string_is_found_where_it_is_plain() {
    let long = "/".repeat(20_000);
    let found = |json: &str| json::long_string(json.as_bytes()).map(|place| place.start);
    assert_eq!(found(&format!(r#"{{"a\\":"\"","{long}":1}}"#)), Some(13));
    assert_eq!(found(&format!(r#"["{long}é"]"#)), None);
    assert_eq!(found(&format!(r#"["{long}\n"]"#)), None);
    assert_eq!(found(&format!(r#"["{long}"#)), None);
    assert_eq!(found(&format!("[{}\"{long}\"]", r#""a","#.repeat(2000))), None);
    assert_eq!(found(""), None);
}

#[test]
fn i_16_a_name_that_no_environment_can_hold_is_refused() {
    for name in ["", "a=b", "a\\u0000b"] {
        let body = format!(r#"{{"value":{{"code":"x","env":{{"{name}":"v"}}}}}}"#);
        assert!(refusal(&body).contains("cannot name a variable"), "{name}");
    }
    let body = r#"{"value":{"code":"x","env":{"A":"a\u0000b"}}}"#;
    assert_eq!(refusal(body), "`env` of /init: the value of `A` has a NUL in it");
}

#[test]
fn i_08_what_is_not_json_is_a_bad_request() {
    for body in [
        &b""[..],
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\0}\0",
        b"7",
        b"{\"value\":",
        b"{} {}",
        b"{\"value\":{\"code\":\"\xff\"}}",
        b"{\"value\":{},\"value\":{}}",
    ] {
        let error = Init::parse(&Bytes::from_static(body)).expect_err("not readable");
        assert!(matches!(error, Error::BadRequest(_)), "{error}");
    }
}

fn run(body: &str) -> Run<'_> {
    Run::parse(body.as_bytes(), UNIX_EPOCH + Duration::from_secs(1_700_000_000)).expect("run")
}

#[test]
fn a_run_is_read_as_the_platform_sends_it() {
    let run = run(r#"{"value": {"n": 1.0, "n2":[ ]},"namespace":"guest","action_version":null,
        "deadline":"1700000060000"}"#);
    assert_eq!(run.parameters, r#"{"n": 1.0, "n2":[ ]}"#, "the text is not touched");
    let environment = [("__OW_DEADLINE", "1700000060000"), ("__OW_NAMESPACE", "guest")];
    let environment = environment.map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(run.environment, Environment::from(environment));
    assert_eq!(run.deadline, Some(UNIX_EPOCH + Duration::from_secs(1_700_000_060)));
}

#[test]
fn i_15_a_deadline_is_text_or_number_and_nonsense_is_none() {
    for (text, deadline) in [
        ("\"1700000060000\"", Some(1_700_000_060)),
        ("1700000060000", Some(1_700_000_060)),
        ("\"1699999999000\"", Some(1_699_999_999)),
        ("\"123\"", None),
        ("-1", None),
        ("\"soon\"", None),
        ("99999999999999999999999999", None),
        ("null", None),
    ] {
        let body = format!(r#"{{"deadline":{text}}}"#);
        let expected = deadline.map(|s| UNIX_EPOCH + Duration::from_secs(s));
        assert_eq!(run(&body).deadline, expected, "{text}");
    }
}

#[test]
fn i_15_parameters_are_an_object_or_an_array() {
    for (body, parameters) in [
        ("{}", "{}"),
        ("null", "{}"),
        (r#"{"value":null}"#, "{}"),
        (r#"{"value":{"a":1}}"#, r#"{"a":1}"#),
        (r#"{"value":["a","b"]}"#, r#"["a","b"]"#),
    ] {
        assert_eq!(run(body).parameters, parameters, "{body}");
    }
    for scalar in ["\"A\"", "7", "true"] {
        let body = format!(r#"{{"value":{scalar}}}"#);
        let error = Run::parse(body.as_bytes(), UNIX_EPOCH).expect_err("a scalar");
        assert_eq!(error.to_string(), NOT_AN_ARGUMENT, "{scalar}");
    }
}

#[test]
fn what_a_person_posts_is_the_parameters_and_nothing_else() {
    let plain = |body: &str| plain_run(body.as_bytes()).map_err(|error| error.to_string());
    assert_eq!(plain(r#" {"a":1} "#), Ok(br#"{"value":{"a":1}}"#.to_vec()));
    assert_eq!(plain("\n"), Ok(br#"{"value":{}}"#.to_vec()));
    for forged in [r#"{},"deadline":1"#, "{}}", "name=Ada"] {
        let refusal = plain(forged).expect_err("not JSON");
        assert!(refusal.starts_with("the body is not readable as JSON: "), "{refusal}");
    }
}

#[test]
fn i_13_depth_is_counted_without_recursion() {
    assert_eq!(depth(r#"{"a":[1,{"b":"[[[\"[["}],"c":[]}"#), 3);
    let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
    assert_eq!(depth(&deep), 1_000_000);
    let body = format!(r#"{{"value":{deep}}}"#);
    assert_eq!(run(&body).parameters.len(), 2_000_000);
}
