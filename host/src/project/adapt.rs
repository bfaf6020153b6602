//! A core module to a component. What its toolchain says of its functions is in the
//! module; what it imports of WASI 0.1 becomes WASI 0.2 by wasmtime's own adapter.

use super::go;
use crate::error::LoadError;
use std::borrow::Cow;
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME as WASI_0_1, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
    WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wasmparser::{Encoding, Parser, Payload};
use wit_component::ComponentEncoder;

/// What the linkers of C, Go and Rust call the entry of a program.
const START: &str = "_start";

/// The component of what a toolchain made. Anything but a core module is left as it is.
pub(crate) fn component(bytes: &[u8]) -> Result<Cow<'_, [u8]>, LoadError> {
    let Some(module) = Module::read(bytes) else { return Ok(Cow::Borrowed(bytes)) };
    if !module.is_described && !module.is_program {
        return Err(LoadError::new("the core module describes none of its functions").hint(
            "build a component, or a program (a `main`) of WASI 0.1, or use wit-bindgen: each says what \
             there is to run",
        ));
    }
    module.encode(bytes).map(Cow::Owned).map_err(|cause| {
        LoadError::new(format!("the core module cannot become a component: {cause:#}"))
    })
}

/// What of a core module decides how it becomes a component.
struct Module {
    is_program: bool,
    is_described: bool,
    uses_wasi_0_1: bool,
}

impl Module {
    /// Reads a core module; anything else is none.
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut found = Self { is_program: false, is_described: false, uses_wasi_0_1: false };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.ok()? {
                Payload::Version { encoding: Encoding::Component, .. } => return None,
                Payload::ImportSection(imports) => {
                    let mut imports = imports.into_imports();
                    found.uses_wasi_0_1 |=
                        imports.any(|import| import.is_ok_and(|import| import.module == WASI_0_1));
                }
                Payload::ExportSection(exports) => {
                    let mut exports = exports.into_iter();
                    found.is_program |=
                        exports.any(|export| export.is_ok_and(|export| export.name == START));
                }
                Payload::CustomSection(section) => {
                    found.is_described |= section.name().starts_with("component-type");
                }
                _ => {}
            }
        }
        Some(found)
    }

    fn encode(&self, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
        let with_room = go::with_room(bytes);
        let mut encoder = ComponentEncoder::default();
        encoder.validate(true).module(with_room.as_deref().unwrap_or(bytes))?;
        if self.is_program {
            encoder.adapter(WASI_0_1, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER)?;
        } else if self.uses_wasi_0_1 {
            encoder.adapter(WASI_0_1, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)?;
        }
        encoder.encode()
    }
}
