//! The attribute `#[wow_action::main]`. Use it through the crate `wow-action`.

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
    let function = parse_macro_input!(item as ItemFn);
    expand(attribute.into(), &function)
        .unwrap_or_else(|error| {
            let error = error.into_compile_error();
            // The function stays, so that its absence is not reported as well.
            quote!(#error #function)
        })
        .into()
}

fn expand(attribute: TokenStream, function: &ItemFn) -> syn::Result<TokenStream> {
    check(attribute, function)?;
    let name = &function.sig.ident;
    // If a type does not fit, the compiler shows the signature.
    let run =
        quote_spanned!(function.sig.span()=> ::wow_action::__private::run(#name, &parameters));
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
fn check(attribute: TokenStream, function: &ItemFn) -> syn::Result<()> {
    let sig = &function.sig;
    if !attribute.is_empty() {
        return Err(Error::new_spanned(attribute, "`#[wow_action::main]` takes no arguments"));
    }
    if let Some(token) = &sig.asyncness {
        return Err(Error::new_spanned(
            token,
            "an action is not `async`: WASI 0.2 waits by blocking",
        ));
    }
    if let Some(token) = &sig.unsafety {
        return Err(Error::new_spanned(token, "an action is not `unsafe`: the platform calls it"));
    }
    if !sig.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &sig.generics,
            "an action is not generic: its types say what its JSON looks like",
        ));
    }
    let mut inputs = sig.inputs.iter();
    match (inputs.next(), inputs.next()) {
        (Some(FnArg::Typed(_)), None) => {}
        (Some(FnArg::Receiver(own)), _) => {
            return Err(Error::new_spanned(own, "an action is a function, not a method"));
        }
        _ => {
            return Err(Error::new_spanned(
                sig,
                "an action has one parameter, such as `input: Input` or `input: serde_json::Value`",
            ));
        }
    }
    if let ReturnType::Default = sig.output {
        return Err(Error::new_spanned(
            sig,
            "an action returns a `Result`, such as `wow_action::Result<Output>`",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expansion(attribute: &str, function: &str) -> Result<String, String> {
        let attribute = attribute.parse().expect("tokens");
        let function = syn::parse_str(function).expect("a function");
        expand(attribute, &function).map(|tokens| tokens.to_string()).map_err(|e| e.to_string())
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
}
