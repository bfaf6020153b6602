//! Room for the heap of a Go program.
//!
//! When its heap grows, Go takes the memory behind what it had for its own, wherever the new memory is; the
//! adapter to WASI 0.2 has put its state there. So the module gets all of its memory at the start, and cannot
//! grow but for the adapter: a heap that is full ends the program in Go's own words.

use std::ops::Range;
use wasm_encoder::{MemorySection, MemoryType, Module, RawSection};
use wasmparser::{Parser, Payload};

/// The custom section that Go's linker writes.
const GO: &str = "go:buildid";
/// What the heap may have, in pages of 64 KiB: 64 MiB, which half of OpenWhisk's least limit holds.
const HEAP: u64 = 1024;
/// The adapter's state and its stack, a page each.
const ADAPTER: u64 = 2;

/// A module of Go with room for its heap; none for any other.
pub(super) fn with_room(module: &[u8]) -> Option<Vec<u8>> {
    let (memory, place) = memory(module)?;
    let room = memory + HEAP;
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: room,
        maximum: Some(room + ADAPTER),
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut out = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let Some((id, range)) = payload.ok()?.as_section() else { continue };
        if range == place {
            out.section(&memories);
        } else {
            let [start, end] = [range.start, range.end].map(usize::try_from);
            out.section(&RawSection { id, data: &module[start.ok()?..end.ok()?] });
        }
    }
    Some(out.finish())
}

/// How much memory a module of Go begins with, in pages, and the section that says so.
fn memory(module: &[u8]) -> Option<(u64, Range<u64>)> {
    let (mut is_go, mut memory) = (false, None);
    for payload in Parser::new(0).parse_all(module) {
        match payload.ok()? {
            Payload::CustomSection(section) => is_go |= section.name() == GO,
            Payload::MemorySection(section) => {
                let place = section.range();
                memory = Some((section.into_iter().next()?.ok()?.initial, place));
            }
            _ => {}
        }
    }
    memory.filter(|_| is_go)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wow_tests::wat;

    fn of_go(memory: &str) -> Vec<u8> {
        let text = format!(
            r#"(module (memory (export "memory") {memory}) (func (export "_start")) (@custom "go:buildid" "x"))"#
        );
        wat::assemble(&text)
    }

    #[test]
    fn a_module_of_go_has_the_memory_of_its_heap_and_of_the_adapter_and_no_more() {
        assert_eq!(with_room(&of_go("42")).unwrap(), of_go("1066 1068"));
        assert_eq!(memory(&of_go("42")).unwrap().0, 42);
    }

    #[test]
    fn any_other_module_is_left_alone() {
        assert_eq!(with_room(&wat::assemble("(module (memory 42))")), None);
        assert_eq!(with_room(b"\0asm\x01\0\0\0rubbish"), None);
    }
}
