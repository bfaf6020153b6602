//! Which function of a component `main` means. Knows names, not types.

use super::{HANDLER, RUN};
use crate::error::LoadError;
use crate::listing::listed;
use std::fmt;
use wasmtime::component::{Component, ComponentExportIndex};

/// What OpenWhisk sends where the developer named no function.
const NO_NAME: &str = "main";

/// Where a component has a function.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Export {
    /// With package and version; none if the component exports the function itself.
    pub(crate) interface: Option<String>,
    pub(crate) function: String,
}

/// A function that WASI defines and this host runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standard {
    Http,
    Program,
}

impl Standard {
    /// In the order in which they are chosen where nothing was named.
    const ALL: [(&str, &str, Self); 2] = [
        ("wasi:http/incoming-handler", "handle", Self::Http),
        ("wasi:cli/run", "run", Self::Program),
    ];
}

impl fmt::Display for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.interface {
            Some(interface) => write!(f, "{interface}#{}", self.function),
            None => f.write_str(&self.function),
        }
    }
}

impl Export {
    /// Whether `main` may mean it.
    fn answers_to(&self, main: &str) -> bool {
        let Some((interface, function)) = main.rsplit_once('#') else {
            return main == self.function;
        };
        let Some(own) = &self.interface else { return false };
        let unversioned = unversioned(own);
        let bare = unversioned.rsplit_once('/').map_or(unversioned, |(_, bare)| bare);
        function == self.function && [own.as_str(), unversioned, bare].contains(&interface)
    }

    pub(super) fn index(&self, component: &Component) -> Option<ComponentExportIndex> {
        match &self.interface {
            None => component.get_export_index(None, &self.function),
            Some(interface) => {
                let interface = component.get_export_index(None, interface)?;
                component.get_export_index(Some(&interface), &self.function)
            }
        }
    }

    pub(super) fn is_handler(&self) -> bool {
        self.function == RUN
            && self.interface.as_ref().is_some_and(|interface| unversioned(interface) == HANDLER)
    }

    /// Whether an interface's function can be run: it belongs to no resource, and if
    /// WASI defines it, this host is one that calls it.
    pub(crate) fn is_runnable(&self) -> bool {
        let wasi = self.interface.as_ref().is_some_and(|name| name.starts_with("wasi:"));
        !self.function.starts_with('[') && (!wasi || self.standard().is_some())
    }

    /// Which of WASI's functions it is, of whatever version.
    pub(super) fn standard(&self) -> Option<Standard> {
        let name = unversioned(self.interface.as_ref()?);
        let mut all = Standard::ALL.into_iter();
        all.find_map(|(interface, function, standard)| {
            (name == interface && self.function == function).then_some(standard)
        })
    }

    /// The version of its interface, empty if it has none.
    pub(super) fn version(&self) -> &str {
        let version = self.interface.as_ref().and_then(|interface| interface.split_once('@'));
        version.map_or("", |(_, version)| version)
    }
}

pub(crate) fn unversioned(interface: &str) -> &str {
    interface.split_once('@').map_or(interface, |(name, _)| name)
}

/// The function that `main` means. Where it names none: that of a JSON action, else an
/// HTTP action's, else a program's, else the only one.
pub(crate) fn choose<'a>(
    exports: impl Iterator<Item = &'a Export> + Clone,
    main: &str,
) -> Result<&'a Export, LoadError> {
    let handler = exports.clone().find(|export| export.is_handler());
    if main == NO_NAME
        && let Some(handler) = handler
    {
        return Ok(handler);
    }
    if let Some(export) = exports.clone().find(|export| export.to_string() == main) {
        return Ok(export);
    }
    let (standard, own): (Vec<_>, Vec<_>) = exports
        .clone()
        .filter(|export| export.answers_to(main))
        .partition(|export| export.standard().is_some());
    let named = if own.is_empty() { standard } else { own };
    match &named[..] {
        [export] => Ok(export),
        [export, ..] => Err(LoadError::new(format!(
            "the name `{main}` may mean {}",
            listed(named.iter().map(|export| format!("`{export}`")), "none")
        ))
        .hint(format!("say which with `--main '{export}'`"))),
        [] if main == NO_NAME => unnamed(exports),
        [] if handler.is_some() && exports.clone().count() == 1 => Err(LoadError::new(format!(
            "the action has no function `{main}`: a JSON action has one, `{HANDLER}#{RUN}`"
        ))
        .hint("leave `--main` out")),
        [] => {
            let all = listed(exports.map(|export| format!("`{export}`")), "none");
            Err(LoadError::new(format!("the action has no function `{main}`: it has {all}")))
        }
    }
}

/// The function that needs no name.
fn unnamed<'a>(exports: impl Iterator<Item = &'a Export> + Clone) -> Result<&'a Export, LoadError> {
    for (_, _, standard) in Standard::ALL {
        if let Some(export) = exports.clone().find(|export| export.standard() == Some(standard)) {
            return Ok(export);
        }
    }
    let mut all = exports.clone();
    if let (Some(only), None) = (all.next(), all.next()) {
        return Ok(only);
    }
    let all = listed(exports.map(|export| format!("`{export}`")), "none");
    Err(LoadError::new(format!("the component has several functions: {all}"))
        .hint("say which with `--main`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exports(names: &[&str]) -> Vec<Export> {
        let export = |name: &&str| match name.rsplit_once('#') {
            Some((interface, function)) => {
                Export { interface: Some(interface.to_owned()), function: function.to_owned() }
            }
            None => Export { interface: None, function: (*name).to_owned() },
        };
        names.iter().map(export).collect()
    }

    fn chosen(names: &[&str], main: &str) -> Result<String, String> {
        match choose(exports(names).iter(), main) {
            Ok(export) => Ok(export.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    const MATH: &str = "acme:calc/math@1.2.0#add";

    #[test]
    fn a_function_is_found_by_every_name_that_means_it() {
        for main in ["add", "math#add", "acme:calc/math#add", MATH] {
            assert_eq!(chosen(&[MATH, "acme:calc/math@1.2.0#sub"], main), Ok(MATH.to_owned()));
        }
        assert_eq!(chosen(&["add", MATH], "add"), Ok("add".to_owned()), "its whole name");
        assert_eq!(chosen(&["main", "add"], "main"), Ok("main".to_owned()));
    }

    #[test]
    fn the_only_function_and_the_handler_need_no_name() {
        assert_eq!(chosen(&[MATH], "main"), Ok(MATH.to_owned()));
        let handler = "wow:action/handler@0.1.0#run";
        for main in ["main", "run", "handler#run", "wow:action/handler#run", handler] {
            assert_eq!(chosen(&["add", handler], main), Ok(handler.to_owned()), "{main}");
        }
        assert_eq!(chosen(&["add", handler], "add"), Ok("add".to_owned()));
    }

    #[test]
    fn what_is_named_comes_first_then_http_then_a_program() {
        let (http, program) = ("wasi:http/incoming-handler@0.2.3#handle", "wasi:cli/run@0.2.0#run");
        let handler = "wow:action/handler@0.1.0#run";
        let all = [program, http, MATH, handler];
        for (names, main, expected) in [
            (&all[..], "main", handler),
            (&all[..3], "main", http),
            (&[program, MATH][..], "main", program),
            (&[http, "main"][..], "main", "main"),
            (&all[..], "add", MATH),
            (&all[..], "handle", http),
            (&all[..], "incoming-handler#handle", http),
            (&all[..3], "run", program),
            (&all[..], "run", handler),
            (&all[..], "wasi:cli/run#run", program),
        ] {
            assert_eq!(chosen(names, main), Ok(expected.to_owned()), "{names:?} {main}");
        }
        let sentence = format!("the action has no function `nil`: it has `{http}`");
        assert_eq!(chosen(&[http], "nil"), Err(sentence));
    }

    #[test]
    fn a_name_that_means_none_or_several_is_answered_with_what_there_is() {
        let other = "acme:calc/other@1.2.0#add";
        let both = format!("`{MATH}`, `{other}`");
        for (main, sentence) in [
            (
                "main",
                format!(
                    "the component has several functions: {both}\n\nhint: say which with `--main`"
                ),
            ),
            (
                "add",
                format!("the name `add` may mean {both}\n\nhint: say which with `--main '{MATH}'`"),
            ),
            ("sub", format!("the action has no function `sub`: it has {both}")),
            ("math#sub", format!("the action has no function `math#sub`: it has {both}")),
        ] {
            assert_eq!(chosen(&[MATH, other], main), Err(sentence));
        }
        let many: Vec<_> = (0..30).map(|number| format!("f{number}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        let sentence = chosen(&many, "g").expect_err("none");
        assert!(sentence.ends_with("`f19` and 10 more"), "{sentence}");
    }
}
