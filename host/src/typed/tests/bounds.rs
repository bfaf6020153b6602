//! How large, how long and how deep.

use super::*;

#[test]
fn bytes_end_at_their_limit_both_ways() {
    let longest = Val::List(vec![Val::U8(0); LARGEST_BYTES]);
    let json = write(&Type::Bytes, &longest).expect("as long as it may be");
    assert_eq!(read(&Type::Bytes, &json), Ok(longest));
    let refusal = format!("/v: longer than {LARGEST_BYTES} bytes");
    let base64 = base64_simd::STANDARD.encode_to_string(vec![0; LARGEST_BYTES + 1]);
    assert_eq!(read(&Type::Bytes, &format!("\"{base64}\"")), Err(refusal.clone()));
    let array = format!("[{}0]", "0,".repeat(LARGEST_BYTES));
    assert_eq!(read(&Type::Bytes, &array), Err(refusal));
    let longer = Val::List(vec![Val::U8(0); LARGEST_BYTES + 1]);
    let Err(Unwritable::Mismatch(mismatch)) = write(&Type::Bytes, &longer) else { panic!() };
    assert_eq!(mismatch.to_string(), format!("/0: longer than {LARGEST_BYTES} bytes"));
}

#[test]
fn many_names_are_not_all_listed() {
    let names: Vec<_> = (0..1000).map(|number| format!("case-{number}")).collect();
    let ty = Type::Enum(Names::cases(names.iter().map(String::as_str)));
    let refusal = read(&ty, "\"other\"").expect_err("no case");
    assert!(refusal.ends_with("\"case-11\", … (1000 in all), got \"other\""), "{refusal}");
    assert!(refusal.len() < 250, "{refusal}");
}

#[test]
fn a_result_that_is_too_long_is_cut_and_measured() {
    let write =
        |ty: Type, value: Val, limit| function(&[], Returns::Value(ty)).write(Some(&value), limit);
    let too_long =
        |length, start: &str| Err(Unwritable::TooLong { length, start: start.to_owned() });
    let numbers = || Val::List((0..10_i64).map(Val::S64).collect());
    assert_eq!(
        write(list(Type::S64), numbers(), 21),
        Ok(Answer::Outcome("[0,1,2,3,4,5,6,7,8,9]".to_owned()))
    );
    assert_eq!(write(list(Type::S64), numbers(), 20), too_long(21, "[0,1,2,3,4,5,6,7,8,9"));
    assert_eq!(write(Type::String, text("ßß"), 5), too_long(6, "\"ßß"));
    assert_eq!(write(Type::String, text("ßß"), 4), too_long(6, "\"ß"));
    assert_eq!(
        write(Type::S64, Val::S64(1), 12),
        Ok(Answer::Outcome(r#"{"result":1}"#.to_owned()))
    );
    assert_eq!(write(Type::S64, Val::S64(1), 11), too_long(12, "1"));
}

#[test]
fn what_values_take_is_asked_for_before_it_is_used() {
    let read = |ty: Type, json: &str, limit: usize| {
        let mut taken = 0;
        let mut take = |bytes| {
            taken += bytes;
            taken <= limit
        };
        let read = function(&[("v", ty)], Returns::Nothing).read(json, "", &mut take);
        read.map(|_| taken).map_err(|mismatch| mismatch.to_string())
    };
    assert_eq!(size_of::<Val>(), 40, "what docs/typed-json.md says");
    let many = |count: usize| format!(r#"{{"v":[{}true]}}"#, "true,".repeat(count - 1));
    assert_eq!(read(list(Type::Bool), &many(2), usize::MAX), Ok(4096), "in portions");
    let taken = read(list(Type::Bool), &many(1 << 16), usize::MAX).expect("no limit");
    assert!((40 << 16..(40 << 16) + 8192).contains(&taken), "{taken}");
    let refusal = "/v: as values this takes more memory than there is";
    assert_eq!(read(list(Type::Bool), &many(1 << 16), 1_000_000), Err(refusal.to_owned()));
    let text = format!(r#"{{"v":"{}"}}"#, "x".repeat(10_000));
    assert_eq!(read(Type::String, &text, 8192), Err(refusal.to_owned()));
    let base64 = format!(r#"{{"v":"{}"}}"#, "AAAA".repeat(1000));
    assert_eq!(read(Type::Bytes, &base64, 100_000), Err(refusal.to_owned()));
    // A few bytes of JSON for many of values.
    let names: Vec<_> = (0..1000).map(|number| format!("n{number}")).collect();
    let wide: Vec<_> = names.iter().map(|name| (&**name, option(Type::Bool))).collect();
    let wide = list(Type::Record(fields(&wide)));
    let many = format!(r#"{{"v":[{}{{}}]}}"#, "{},".repeat(1000));
    assert!(read(wide, &many, 1_000_000).is_err_and(|problem| problem.ends_with(&refusal[3..])));
}

#[test]
fn the_deepest_type_is_read_and_written_on_a_small_stack() {
    let mut json = "1".to_owned();
    let mut deep = (Type::S64, Val::S64(1));
    for _ in 1..DEEPEST_TYPE {
        json = format!("[{json}]");
        deep = (list(deep.0), Val::List(vec![deep.1]));
    }
    let walk = move || both_ways(&deep.0, &json, &deep.1);
    // A thread of tokio's runtime has 2 MB.
    std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(walk)
        .expect("a thread")
        .join()
        .expect("no overflow");
}

#[test]
fn json_that_is_deeper_than_its_type_is_refused_without_recursion() {
    let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
    assert_eq!(read(&Type::S64, &deep), Err("/v: expected s64, got an array".to_owned()));
    assert_eq!(
        read(&list(Type::String), &deep),
        Err("/v/0: expected string, got an array".to_owned())
    );
    let function = function(&[], Returns::Nothing);
    let ignored = format!(r#"{{"__ow_body":{deep}}}"#);
    assert_eq!(function.read(&ignored, "__ow_", &mut |_| true), Ok(vec![]));
}
