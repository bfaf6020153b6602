//! A sequence of JSON actions as one component, run by a small module of ours. Knows
//! how that component is laid out, not how components are plugged together.

use wasm_encoder::{
    Alias, CanonicalFunctionSection, CanonicalOption, Component, ComponentAliasSection,
    ComponentExportKind, ComponentExportSection, ComponentImportSection, ComponentInstanceSection,
    ComponentTypeRef, ComponentTypeSection, ComponentValType, ConstExpr, ElementSection, Elements,
    EntityType, ExportKind, ImportSection, InstanceSection, InstanceType, Module, ModuleArg,
    ModuleSection, PrimitiveValType, RawSection, RefType, TableType, TypeSection, ValType,
};

/// `sequencer.wat`, assembled: who composes needs no toolchain. A test compares.
const SEQUENCER: &[u8] = include_bytes!("sequencer.wasm");

/// What the sequencer's table has room for, without the null at its end.
pub(super) const MOST_ELEMENTS: usize = 16;

/// The name under which the component of a sequence imports its element `number`: an
/// interface can be imported once by its own name.
pub(super) fn step(number: usize) -> String {
    format!("step-{number}")
}

/// The component that runs so many elements, each of which it imports.
pub(super) fn component(elements: usize) -> Vec<u8> {
    let count = u32::try_from(elements).unwrap_or(u32::MAX);
    let mut component = Component::new();
    component.section(&types()).section(&imports(elements));
    component
        .section(&RawSection { id: 1, data: SEQUENCER })
        .section(&ModuleSection(&filler(elements)));
    component.section(InstanceSection::new().instantiate(0, no_arguments()));
    component.section(&aliases(count));
    // The sequencer's own functions are the first two.
    let options = [CanonicalOption::UTF8, CanonicalOption::Memory(0), CanonicalOption::Realloc(0)];
    let mut lowered = CanonicalFunctionSection::new();
    for element in 0..count {
        lowered.lower(element, options);
    }
    component.section(&lowered).section(&filled(elements));
    component.section(CanonicalFunctionSection::new().lift(1, RUN_TYPE, options));
    let (json, run) = (ComponentExportKind::Type, ComponentExportKind::Func);
    component.section(
        ComponentInstanceSection::new()
            .export_items([("json", json, JSON_TYPE), ("run", run, count)]),
    );
    let mut exports = ComponentExportSection::new();
    exports.export(super::HANDLER, ComponentExportKind::Instance, count, None);
    component.section(&exports);
    component.finish()
}

const JSON_TYPE: u32 = 0;
const RESULT_TYPE: u32 = 1;
const RUN_TYPE: u32 = 2;
const HANDLER_TYPE: u32 = 3;

/// The types of `wow:action/handler`.
fn types() -> ComponentTypeSection {
    let string = ComponentValType::Primitive(PrimitiveValType::String);
    let mut types = ComponentTypeSection::new();
    types.defined_type().primitive(PrimitiveValType::String);
    types.defined_type().result(Some(string), Some(string));
    let result = Some(ComponentValType::Type(RESULT_TYPE));
    types.function().params([("parameters", string)]).result(result);
    // An instance's type has types of its own.
    let mut handler = InstanceType::new();
    handler.ty().defined_type().result(Some(string), Some(string));
    let result = Some(ComponentValType::Type(0));
    handler.ty().function().params([("parameters", string)]).result(result);
    handler.export("run", ComponentTypeRef::Func(1));
    types.instance(&handler);
    types
}

fn imports(elements: usize) -> ComponentImportSection {
    let mut imports = ComponentImportSection::new();
    for number in 1..=elements {
        imports.import(step(number).as_str(), ComponentTypeRef::Instance(HANDLER_TYPE));
    }
    imports
}

/// What the elements export, and what the sequencer does.
fn aliases(elements: u32) -> ComponentAliasSection {
    let mut aliases = ComponentAliasSection::new();
    for instance in 0..elements {
        let kind = ComponentExportKind::Func;
        aliases.alias(Alias::InstanceExport { instance, kind, name: "run" });
    }
    for (kind, name) in [
        (ExportKind::Memory, "memory"),
        (ExportKind::Table, "steps"),
        (ExportKind::Func, "realloc"),
        (ExportKind::Func, "run"),
    ] {
        aliases.alias(Alias::CoreInstanceExport { instance: 0, kind, name });
    }
    aliases
}

/// A module that puts the elements' functions into the sequencer's table.
fn filler(elements: usize) -> Module {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32; 3], []);
    let mut imports = ImportSection::new();
    let steps = TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: MOST_ELEMENTS as u64 + 1,
        maximum: None,
        shared: false,
    };
    imports.import("sequence", "steps", steps);
    for number in 1..=elements {
        imports.import("sequence", &step(number), EntityType::Function(0));
    }
    let functions: Vec<_> = (0..).take(elements).collect();
    let mut filling = ElementSection::new();
    filling.active(None, &ConstExpr::i32_const(0), Elements::Functions(functions.into()));
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&filling);
    module
}

/// The filler at work.
fn filled(elements: usize) -> InstanceSection {
    let steps = (1..=elements)
        .zip(2..)
        .map(|(number, function)| (step(number), ExportKind::Func, function));
    let mut items = vec![("steps".to_owned(), ExportKind::Table, 0)];
    items.extend(steps);
    let mut instances = InstanceSection::new();
    instances.export_items(items).instantiate(1, [("sequence", ModuleArg::Instance(1))]);
    instances
}

fn no_arguments() -> [(&'static str, ModuleArg); 0] {
    []
}
