//! The attributes `#[wow_action::main]` and `#[wow_action::middleware]`. Use them
//! through the crate `wow-action`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, FnArg, ItemFn, ReturnType, parse_macro_input};

/// Makes the function the action: `wow:action/handler.run` of the component.
///
/// The function takes one parameter, any type that serde can deserialize, and
/// returns a `Result` of any type that serde can serialize and any error that
/// converts into `wow_action::Error`:
///
/// ```text
/// #[wow_action::main]
/// fn main(order: Order) -> wow_action::Result<Receipt> {
///     …
/// }
/// ```
///
/// becomes, with the function left as it is,
///
/// ```ignore
/// const _: () = {
///     struct Action;
///
///     impl wow_action::__private::Guest for Action {
///         fn run(parameters: String) -> Result<String, String> {
///             wow_action::__private::run(main, &parameters)
///         }
///     }
///
///     wow_action::__private::export!(Action with_types_in wow_action::__private);
/// };
/// ```
///
/// so that the function can be called as usual, in tests for example.
#[proc_macro_attribute]
pub fn main(
    attribute: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    attribute_of(&ACTION, attribute, item)
}

/// Makes the function a middleware: an action around the action that the component
/// imports as `wow:action/handler`.
///
/// The function takes the parameters, as that of [`main`](macro@main) does, and
/// after them the action inside, which it calls as often as it wants:
///
/// ```text
/// use wow_action::{Error, Next, Result};
/// use wow_action::serde_json::Value;
///
/// #[wow_action::middleware]
/// fn main(parameters: Value, next: Next) -> Result<Value> {
///     if parameters["user"].is_null() {
///         return Err(Error::message("who is asking?"));
///     }
///     next.run(&parameters)
/// }
/// ```
///
/// `wow compose MIDDLEWARE ACTION -o OUT` makes one component of both.
#[proc_macro_attribute]
pub fn middleware(
    attribute: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    attribute_of(&MIDDLEWARE, attribute, item)
}

/// What an attribute makes of a function.
struct Kind {
    attribute: &'static str,
    noun: &'static str,
    /// How many parameters the function has, and in words.
    parameters: usize,
    signature: &'static str,
}

const ACTION: Kind = Kind {
    attribute: "main",
    noun: "an action",
    parameters: 1,
    signature: "an action has one parameter, such as `input: Input` or `input: serde_json::Value`",
};

const MIDDLEWARE: Kind = Kind {
    attribute: "middleware",
    noun: "a middleware",
    parameters: 2,
    signature: "a middleware has two parameters, such as `input: serde_json::Value` and \
                `next: wow_action::Next`",
};

fn attribute_of(
    kind: &Kind,
    attribute: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let function = parse_macro_input!(item as ItemFn);
    expand(kind, attribute.into(), &function)
        .unwrap_or_else(|error| {
            let error = error.into_compile_error();
            // The function stays, so that its absence is not reported as well.
            quote!(#error #function)
        })
        .into()
}

fn expand(kind: &Kind, attribute: TokenStream, function: &ItemFn) -> syn::Result<TokenStream> {
    check(kind, attribute, function)?;
    let name = &function.sig.ident;
    let action = match kind.parameters {
        1 => quote!(#name),
        _ => quote!(|parameters| #name(parameters, ::wow_action::__private::next())),
    };
    // If a type does not fit, the compiler shows the signature.
    let run =
        quote_spanned!(function.sig.span()=> ::wow_action::__private::run(#action, &parameters));
    Ok(quote! {
        #function

        const _: () = {
            struct Action;

            impl ::wow_action::__private::Guest for Action {
                fn run(
                    parameters: ::std::string::String,
                ) -> ::std::result::Result<::std::string::String, ::std::string::String> {
                    #run
                }
            }

            ::wow_action::__private::export!(Action with_types_in ::wow_action::__private);
        };
    })
}

/// Refuses in words what would otherwise fail inside the expansion.
fn check(kind: &Kind, attribute: TokenStream, function: &ItemFn) -> syn::Result<()> {
    let sig = &function.sig;
    let noun = kind.noun;
    if !attribute.is_empty() {
        let message = format!("`#[wow_action::{}]` takes no arguments", kind.attribute);
        return Err(Error::new_spanned(attribute, message));
    }
    if let Some(token) = &sig.asyncness {
        let message = format!("{noun} is not `async`: WASI 0.2 waits by blocking");
        return Err(Error::new_spanned(token, message));
    }
    if let Some(token) = &sig.unsafety {
        let message = format!("{noun} is not `unsafe`: the platform calls it");
        return Err(Error::new_spanned(token, message));
    }
    if !sig.generics.params.is_empty() {
        let message = format!("{noun} is not generic: its types say what its JSON looks like");
        return Err(Error::new_spanned(&sig.generics, message));
    }
    if let Some(FnArg::Receiver(own)) = sig.inputs.first() {
        return Err(Error::new_spanned(own, format!("{noun} is a function, not a method")));
    }
    if sig.inputs.len() != kind.parameters {
        return Err(Error::new_spanned(sig, kind.signature));
    }
    if let ReturnType::Default = sig.output {
        let message = format!("{noun} returns a `Result`, such as `wow_action::Result<Output>`");
        return Err(Error::new_spanned(sig, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expansion(attribute: &str, function: &str) -> Result<String, String> {
        expansion_of(&ACTION, attribute, function)
    }

    fn expansion_of(kind: &Kind, attribute: &str, function: &str) -> Result<String, String> {
        let attribute = attribute.parse().expect("tokens");
        let function = syn::parse_str(function).expect("a function");
        expand(kind, attribute, &function)
            .map(|tokens| tokens.to_string())
            .map_err(|e| e.to_string())
    }

    fn refusal(function: &str) -> String {
        expansion("", function).expect_err("refused")
    }

    #[test]
    fn a_function_from_one_type_to_a_result_is_an_action() {
        let expansion = expansion("", "fn main(input: Input) -> Result<Output> {}").expect("taken");
        assert!(expansion.contains("__private :: run (main , & parameters)"), "{expansion}");
    }

    #[test]
    fn what_is_no_action_is_refused_in_words() {
        assert_eq!(
            refusal("async fn main(input: Input) -> Result<Output> {}"),
            "an action is not `async`: WASI 0.2 waits by blocking"
        );
        assert_eq!(
            refusal("unsafe fn main(input: Input) -> Result<Output> {}"),
            "an action is not `unsafe`: the platform calls it"
        );
        assert_eq!(
            refusal("fn main<T>(input: T) -> Result<Output> {}"),
            "an action is not generic: its types say what its JSON looks like"
        );
        assert_eq!(
            refusal("fn main(&self) -> Result<Output> {}"),
            "an action is a function, not a method"
        );
        for function in
            ["fn main() -> Result<Output> {}", "fn main(a: u8, b: u8) -> Result<Output> {}"]
        {
            assert_eq!(
                refusal(function),
                "an action has one parameter, such as `input: Input` or `input: serde_json::Value`"
            );
        }
        assert_eq!(
            refusal("fn main(input: Input) {}"),
            "an action returns a `Result`, such as `wow_action::Result<Output>`"
        );
    }

    #[test]
    fn the_attribute_takes_no_arguments() {
        assert_eq!(
            expansion("name = 7", "fn main(input: Input) -> Result<Output> {}"),
            Err("`#[wow_action::main]` takes no arguments".to_owned())
        );
    }

    #[test]
    fn a_middleware_is_given_the_action_inside() {
        let function = "fn main(input: Input, next: Next) -> Result<Output> {}";
        let expansion = expansion_of(&MIDDLEWARE, "", function).expect("taken");
        let call = "run (| parameters | main (parameters , :: wow_action :: __private :: next ())";
        assert!(expansion.contains(call), "{expansion}");
        let refusal = |function| expansion_of(&MIDDLEWARE, "", function).expect_err("refused");
        assert_eq!(
            refusal("fn main(input: Input) -> Result<Output> {}"),
            "a middleware has two parameters, such as `input: serde_json::Value` and \
             `next: wow_action::Next`"
        );
        assert_eq!(
            refusal("async fn main(input: Input, next: Next) -> Result<Output> {}"),
            "a middleware is not `async`: WASI 0.2 waits by blocking"
        );
        let named = expansion_of(&MIDDLEWARE, "name = 7", function);
        assert_eq!(named, Err("`#[wow_action::middleware]` takes no arguments".to_owned()));
    }
}
