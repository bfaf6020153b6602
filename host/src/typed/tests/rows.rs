//! Every row of the table in `docs/typed-json.md`, both ways, and what is refused.

use super::*;

fn color() -> Type {
    Type::Enum(Names::cases(["red", "dark-green"]))
}

fn shape() -> Type {
    cases(&[("point", None), ("circle", Some(Type::F64)), ("label", Some(option(Type::String)))])
}

#[test]
fn scalars() {
    both_ways(&Type::Bool, "true", &Val::Bool(true));
    both_ways(&Type::S8, "-128", &Val::S8(i8::MIN));
    both_ways(&Type::U8, "255", &Val::U8(u8::MAX));
    both_ways(&Type::S16, "-32768", &Val::S16(i16::MIN));
    both_ways(&Type::U16, "65535", &Val::U16(u16::MAX));
    both_ways(&Type::S32, "-2147483648", &Val::S32(i32::MIN));
    both_ways(&Type::U32, "4294967295", &Val::U32(u32::MAX));
    both_ways(&Type::S64, "-9223372036854775808", &Val::S64(i64::MIN));
    both_ways(&Type::S64, "9007199254740993", &Val::S64(9_007_199_254_740_993));
    both_ways(&Type::U64, "18446744073709551615", &Val::U64(u64::MAX));
    both_ways(&Type::F32, "0.1", &Val::Float32(0.1));
    both_ways(&Type::F64, "0.1", &Val::Float64(0.1));
    both_ways(&Type::F64, "-0.0", &Val::Float64(-0.0));
    both_ways(&Type::F64, "5e-324", &Val::Float64(f64::from_bits(1)));
    both_ways(&Type::Char, "\"ß\"", &Val::Char('ß'));
    both_ways(&Type::Char, "\"\u{1F600}\"", &Val::Char('\u{1F600}'));
    both_ways(&Type::String, r#""a\"\\\n€""#, &text("a\"\\\n€"));
    both_ways(&Type::String, "\"\"", &text(""));
}

#[test]
fn an_integer_is_what_a_number_is_worth_and_not_how_it_is_written() {
    for (json, value) in
        [("42.0", 42), ("4.2e1", 42), ("-0", 0), ("9007199254740993.0", (1 << 53) + 1)]
    {
        assert_eq!(read(&Type::S64, json), Ok(Val::S64(value)), "{json}");
    }
    assert_eq!(read(&Type::F64, "3"), Ok(Val::Float64(3.0)));
    assert_eq!(read(&Type::String, r#""\ud83d\ude00\u0000""#), Ok(text("\u{1F600}\0")));
}

#[test]
fn numbers_out_of_range_are_refused() {
    for (ty, json) in [
        (Type::S8, "128"),
        (Type::U8, "-1"),
        (Type::U16, "65536"),
        (Type::S32, "2147483648"),
        (Type::U32, "1e10"),
        (Type::S64, "9223372036854775808"),
        (Type::U64, "18446744073709551616"),
        (Type::S64, "0.5"),
        (Type::S64, "1e400"),
        (Type::F64, "1e400"),
        (Type::F32, "3.5e38"),
    ] {
        let refusal = format!("/v: expected {ty}, got the number {json}");
        assert_eq!(read(&ty, json), Err(refusal));
    }
}

#[test]
fn what_is_of_another_type_is_refused_with_both_sides() {
    let record = Type::Record(fields(&[("a", Type::S64)]));
    for (ty, json, refusal) in [
        (Type::S64, "\"two\"", "expected s64, got the string \"two\""),
        (Type::S64, "null", "expected s64, got null"),
        (Type::F32, "[1]", "expected f32, got an array"),
        (Type::Bool, "0", "expected bool, got the number 0"),
        (Type::String, "-1.5", "expected string, got the number -1.5"),
        (Type::String, "true", "expected string, got true"),
        (Type::Char, "\"ab\"", "expected char, got the string \"ab\""),
        (Type::Char, "\"\"", "expected char, got the string \"\""),
        (list(Type::Bool), "{}", "expected an array, got an object"),
        (record, "[]", "expected an object, got an array"),
        (option(Type::Bool), "1", "expected bool, got the number 1"),
        (Type::Tuple([Type::Bool].into()), "null", "expected an array of 1, got null"),
        (
            Type::Bytes,
            "\"a\"",
            "expected a base64 string or an array of bytes, got the string \"a\"",
        ),
        (Type::Bytes, "1", "expected a base64 string or an array of bytes, got the number 1"),
        (color(), "1", "expected one of \"red\", \"dark-green\", got the number 1"),
        (shape(), "[]", "expected one of \"point\", {\"circle\": …}, {\"label\": …}, got an array"),
        (result(None, None), "null", "expected {\"ok\": …} or {\"err\": …}, got null"),
        (option(option(Type::Bool)), "true", "expected {\"some\": …} or null, got true"),
    ] {
        assert_eq!(read(&ty, json), Err(format!("/v: {refusal}")));
    }
}

#[test]
fn lists_and_tuples_are_arrays() {
    both_ways(&list(Type::U16), "[1,2,3]", &Val::List([1, 2, 3].map(Val::U16).into()));
    both_ways(
        &list(list(Type::Bool)),
        "[[],[true]]",
        &Val::List(vec![Val::List(vec![]), Val::List(vec![Val::Bool(true)])]),
    );
    let pair = Type::Tuple([Type::String, option(Type::S64)].into());
    both_ways(&pair, r#"["a",1]"#, &Val::Tuple(vec![text("a"), some(Val::S64(1))]));
    assert_eq!(read(&pair, r#"["a"]"#), Ok(Val::Tuple(vec![text("a"), Val::Option(None)])));
    for (json, refusal) in [
        ("[]", "/v/0: expected string, got nothing"),
        (r#"["a",1,2]"#, "/v: expected an array of 2, got a longer one"),
        (r#"["a","b"]"#, "/v/1: expected s64, got the string \"b\""),
    ] {
        assert_eq!(read(&pair, json), Err(refusal.to_owned()));
    }
}

#[test]
fn bytes_are_base64_and_may_be_an_array() {
    let value = Val::List([0, 255, 66].map(Val::U8).into());
    both_ways(&Type::Bytes, "\"AP9C\"", &value);
    both_ways(&Type::Bytes, "\"\"", &Val::List(vec![]));
    assert_eq!(read(&Type::Bytes, "[0,255,66]"), Ok(value));
    assert_eq!(
        read(&Type::Bytes, "[0,256]"),
        Err("/v/1: expected u8, got the number 256".to_owned())
    );
    assert!(read(&Type::Bytes, "\"AP9\"").is_err(), "without its padding");
    assert!(read(&Type::Bytes, "\"A_-C\"").is_err(), "the alphabet for addresses");
}

#[test]
fn a_record_is_an_object_with_keys_in_lower_camel_case() {
    let ty = Type::Record(fields(&[("first-name", Type::String), ("age", option(Type::U8))]));
    let record = |name: &str, age: Option<u8>| {
        let age = Val::Option(age.map(|age| Box::new(Val::U8(age))));
        Val::Record(vec![("first-name".to_owned(), text(name)), ("age".to_owned(), age)])
    };
    both_ways(&ty, r#"{"firstName":"Ada","age":36}"#, &record("Ada", Some(36)));
    both_ways(&ty, r#"{"firstName":"Ada","age":null}"#, &record("Ada", None));
    assert_eq!(read(&ty, r#"{"age":36,"first-name":"Ada"}"#), Ok(record("Ada", Some(36))));
    assert_eq!(read(&ty, r#"{"firstN\u0061me":"Ada"}"#), Ok(record("Ada", None)));
    for (json, refusal) in [
        ("{}", "/v/firstName: expected string, got nothing"),
        (
            r#"{"firstName":"a","ag":1}"#,
            "/v/ag: unknown key, expected one of \"firstName\", \"age\"",
        ),
        (r#"{"fristName":"a"}"#, "/v/fristName: unknown key, did you mean \"firstName\"?"),
        (r#"{"firstName":"a","firstName":"b"}"#, "/v/firstName: the key is there twice"),
        (r#"{"firstName":"a","first-name":"b"}"#, "/v/first-name: the key is there twice"),
        (r#"{"firstName":"a","age":"b"}"#, "/v/age: expected u8, got the string \"b\""),
        (r#"{"firstName":null}"#, "/v/firstName: expected string, got null"),
    ] {
        assert_eq!(read(&ty, json), Err(refusal.to_owned()));
    }
}

#[test]
fn an_option_is_its_value_or_null_and_one_of_an_option_says_which() {
    both_ways(&option(Type::S64), "1", &some(Val::S64(1)));
    both_ways(&option(Type::S64), "null", &Val::Option(None));
    let nested = option(option(Type::S64));
    both_ways(&nested, "null", &Val::Option(None));
    both_ways(&nested, r#"{"some":null}"#, &some(Val::Option(None)));
    both_ways(&nested, r#"{"some":1}"#, &some(some(Val::S64(1))));
    let three = option(nested);
    both_ways(&three, r#"{"some":{"some":1}}"#, &some(some(some(Val::S64(1)))));
    both_ways(&three, r#"{"some":{"some":null}}"#, &some(some(Val::Option(None))));
    let refusal = "/v: expected {\"some\": …} or null, got {\"none\": …}";
    assert_eq!(read(&three, r#"{"none":1}"#), Err(refusal.to_owned()));
}

#[test]
fn an_enum_is_a_string_and_flags_are_an_array_of_them() {
    both_ways(&color(), "\"dark-green\"", &Val::Enum("dark-green".to_owned()));
    let size = Type::Enum(Names::cases(["s", "m", "l"]));
    let refusal = "/v: expected one of \"s\", \"m\", \"l\", got \"xl\"";
    assert_eq!(read(&size, "\"xl\""), Err(refusal.to_owned()));
    let refusal = "/v: expected one of \"red\", \"dark-green\", got \"Red\", did you mean \"red\"?";
    assert_eq!(read(&color(), "\"Red\""), Err(refusal.to_owned()));
    let flags = Type::Flags(Names::cases(["read", "write", "run"]));
    let value = |names: &[&str]| Val::Flags(names.iter().map(|name| (*name).to_owned()).collect());
    both_ways(&flags, r#"["read","run"]"#, &value(&["read", "run"]));
    both_ways(&flags, "[]", &value(&[]));
    assert_eq!(read(&flags, r#"["run","read"]"#), Ok(value(&["read", "run"])));
    for (json, refusal) in [
        (r#"["run","run"]"#, "/v/1: \"run\" is there twice"),
        (r#"["run",1]"#, "/v/1: expected one of \"read\", \"write\", \"run\", got the number 1"),
        (
            r#"["raed"]"#,
            "/v/0: expected one of \"read\", \"write\", \"run\", got \"raed\", did you mean \"read\"?",
        ),
        ("\"run\"", "/v: expected an array of flags, got the string \"run\""),
    ] {
        assert_eq!(read(&flags, json), Err(refusal.to_owned()));
    }
}

#[test]
fn a_variant_is_its_case_or_an_object_with_it() {
    let shape = shape();
    let case = |name: &str, value| Val::Variant(name.to_owned(), value);
    both_ways(&shape, "\"point\"", &case("point", None));
    both_ways(&shape, r#"{"circle":1.5}"#, &case("circle", Some(Box::new(Val::Float64(1.5)))));
    both_ways(&shape, r#"{"label":null}"#, &case("label", Some(Box::new(Val::Option(None)))));
    let all = "one of \"point\", {\"circle\": …}, {\"label\": …}";
    for (json, refusal) in [
        ("\"circle\"", "/v: expected {\"circle\": …}, got \"circle\"".to_owned()),
        (r#"{"point":null}"#, "/v: expected \"point\", got {\"point\": …}".to_owned()),
        ("\"square\"", format!("/v: expected {all}, got \"square\"")),
        (r#"{"square":1}"#, format!("/v: expected {all}, got {{\"square\": …}}")),
        (
            r#"{"cirlce":1}"#,
            format!("/v: expected {all}, got {{\"cirlce\": …}}, did you mean \"circle\"?"),
        ),
        ("{}", format!("/v: expected {all}, got {{}}")),
        (
            r#"{"circle":1,"label":null}"#,
            "/v: expected one key, got \"circle\" and \"label\"".to_owned(),
        ),
        (r#"{"circle":"x"}"#, "/v/circle: expected f64, got the string \"x\"".to_owned()),
    ] {
        assert_eq!(read(&shape, json), Err(refusal));
    }
}

#[test]
fn a_result_inside_a_value_says_which_it_is() {
    let ty = result(Some(Type::S64), None);
    both_ways(&ty, r#"{"ok":1}"#, &Val::Result(Ok(Some(Box::new(Val::S64(1))))));
    both_ways(&ty, r#"{"err":null}"#, &Val::Result(Err(None)));
    for (json, refusal) in [
        (r#"{"err":1}"#, "/v/err: expected null, got the number 1"),
        (r#"{"ok":1,"err":null}"#, "/v: expected one key, got \"ok\" and \"err\""),
        (r#"{"okay":1}"#, "/v: expected {\"ok\": …} or {\"err\": …}, got {\"okay\": …}"),
    ] {
        assert_eq!(read(&ty, json), Err(refusal.to_owned()));
    }
}

#[test]
fn every_example_of_the_documentation_is_so() {
    const PAGE: &str = include_str!("../../../../docs/typed-json.md");
    let person = [("first-name", Type::String), ("age", option(Type::U8))];
    let mut examples = 0;
    for (wit, ty) in [
        ("bool", Type::Bool),
        ("u8", Type::U8),
        ("s64", Type::S64),
        ("u64", Type::U64),
        ("f32", Type::F32),
        ("f64", Type::F64),
        ("char", Type::Char),
        ("string", Type::String),
        ("list<s64>", list(Type::S64)),
        ("list<u8>", Type::Bytes),
        ("tuple<s64, option<string>>", Type::Tuple([Type::S64, option(Type::String)].into())),
        ("record { first-name: string, age: option<u8> }", Type::Record(fields(&person))),
        ("option<s64>", option(Type::S64)),
        ("option<option<s64>>", option(option(Type::S64))),
        ("enum { dark-green, red }", Type::Enum(Names::cases(["dark-green", "red"]))),
        ("flags { read, write }", Type::Flags(Names::cases(["read", "write"]))),
        ("variant { point, circle(f64) }", cases(&[("point", None), ("circle", Some(Type::F64))])),
        ("result<s64, string>", result(Some(Type::S64), Some(Type::String))),
        ("result", result(None, None)),
    ] {
        let row = PAGE.lines().find_map(|line| line.strip_prefix(&format!("| `{wit}` | ")));
        let row = row.unwrap_or_else(|| panic!("{wit} has no row"));
        let (written, accepted) = row.split_once(" |").expect("three columns");
        let code = |cell: &'static str| cell.split('`').skip(1).step_by(2);
        for json in code(written) {
            both_ways(&ty, json, &read(&ty, json).expect("an example"));
            assert!(schema::accepts(&ty, json), "{wit}: {json}");
            examples += 1;
        }
        for json in code(accepted) {
            read(&ty, json).unwrap_or_else(|refusal| panic!("{wit}: {refusal}"));
            // A validator reads it as a double, which is more: see the page.
            assert!(
                json == "1.8446744073709551615e19" || schema::accepts(&ty, json),
                "{wit}: {json}"
            );
            examples += 1;
        }
    }
    let rows = PAGE.lines().skip_while(|line| *line != "| WIT | JSON | also accepted |");
    let rows = rows.skip(2).take_while(|line| line.starts_with("| `"));
    let all: usize = rows.map(|row| row.matches('`').count() / 2 - 1).sum();
    assert_eq!(examples, all, "every row is tested");
}
