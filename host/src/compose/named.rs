//! The name of a part in its core modules, so that a trap says whose it was: strangers'
//! components bear no names, and once they are one component nothing else tells them
//! apart. Knows how a binary is cut into sections, and nothing of what is in them.

use crate::component::{LONGEST_PART, MARK};
use std::borrow::Cow;
use wasm_encoder::{ComponentSection as _, CustomSection, Encode as _, RawSection};

/// How deep components are looked into; what is deeper stays without a name.
const DEEPEST: usize = 50;

/// The header of a module and of a component.
const HEADER: usize = 8;

/// Ids of sections, by the component model's `Binary.md`.
const CUSTOM: u8 = 0;
const MODULE: u8 = 1;
const COMPONENT: u8 = 4;

/// A component whose core modules are a part's. Those that were another's already stay
/// its; what cannot be read is left as it is, for who validates it to say.
pub(super) fn named(component: &[u8], part: &str) -> Vec<u8> {
    let part: String = part.rsplit('/').next().unwrap_or(part).chars().take(LONGEST_PART).collect();
    inside(component, &format!("{MARK}{part}"), DEEPEST).unwrap_or_else(|| component.to_vec())
}

fn inside(component: &[u8], name: &str, depth: usize) -> Option<Vec<u8>> {
    let mut out = component.get(..HEADER)?.to_vec();
    let mut rest = component.get(HEADER..)?;
    while !rest.is_empty() {
        let (id, content, after) = section(rest)?;
        let data: Cow<'_, [u8]> = match id {
            MODULE if !is_named(content) => module(content, name).into(),
            COMPONENT if depth > 0 => inside(content, name, depth - 1)?.into(),
            _ => content.into(),
        };
        RawSection { id, data: &data }.append_to_component(&mut out);
        rest = after;
    }
    Some(out)
}

/// A module with one more section `name`, of which a later one wins.
fn module(module: &[u8], name: &str) -> Vec<u8> {
    let mut text = Vec::new();
    name.encode(&mut text);
    // Subsection 0 is the module's name.
    let mut data = vec![0];
    text.as_slice().encode(&mut data);
    let mut out = module.to_vec();
    CustomSection { name: "name".into(), data: data.into() }.append_to_component(&mut out);
    out
}

/// Whether a module was named here before.
fn is_named(module: &[u8]) -> bool {
    let Some(mut rest) = module.get(HEADER..) else { return true };
    while let Some((id, content, after)) = section(rest) {
        if id == CUSTOM && content.windows(MARK.len()).any(|text| text == MARK.as_bytes()) {
            return true;
        }
        rest = after;
    }
    // What follows the sections is none: it is not ours to change.
    !rest.is_empty()
}

/// The first section's id and content, and what follows it.
fn section(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&id, mut rest) = bytes.split_first()?;
    let mut length = 0_usize;
    // LEB128: seven bits a byte, at most five bytes for 32 bits.
    for shift in (0..35).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        length |= usize::from(byte & 0x7f) << shift;
        rest = after;
        if byte & 0x80 == 0 {
            let (content, after) = rest.split_at_checked(length)?;
            return Some((id, content, after));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component;
    use wow_tests::wat;

    fn text(text: &str) -> Vec<u8> {
        wat::assemble(text)
    }

    fn count(bytes: &[u8], text: &str) -> usize {
        bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
    }

    #[test]
    fn every_module_has_the_name_of_the_part_that_brought_it() {
        let inner = "(component (core module) (component (core module (func))))";
        let bytes = text(&format!("(component (core module) {inner})"));
        let once = named(&bytes, "folder/a.wasm");
        assert_eq!(count(&once, "wow compose: a.wasm"), 3);
        assert_eq!(named(&once, "b.wasm"), once, "it was another's already");
        assert_eq!(component::part("wow compose: a.wasm"), Some("a.wasm".to_owned()));
        assert_eq!(component::part("a.wasm"), None);
    }

    #[test]
    fn what_cannot_be_read_is_left_as_it_is() {
        let whole = text("(component (core module))");
        let long = [whole.as_slice(), &[MODULE, 0xff, 0xff, 0xff, 0xff, 0xff]].concat();
        for bytes in [&b""[..], b"\0asm", &whole[..whole.len() - 1], &long] {
            assert_eq!(named(bytes, "a"), bytes);
        }
    }
}
