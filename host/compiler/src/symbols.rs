//! Code without the names of its functions. wasmtime writes a symbol for each of them, a tenth of
//! the file, and nothing that runs code reads one: it would be kept on disk, authenticated and
//! mapped for nobody.

use object::Endianness;
use object::elf::{FileHeader64, SHT_SYMTAB, SectionHeader64};
use object::pod::{bytes_of, bytes_of_slice};
use object::read::elf::{FileHeader as _, SectionHeader as _};

/// The same code without its symbol table, or nothing if it is not laid out as wasmtime does:
/// symbols, their names and those of the sections after all else, then the table of sections.
pub(crate) fn strip(code: &[u8]) -> Option<Vec<u8>> {
    let mut header = *FileHeader64::<Endianness>::parse(code).ok()?;
    let endian = header.endian().ok()?;
    let sections = header.section_headers(endian, code).ok()?;
    let names = usize::try_from(header.shstrndx(endian, code).ok()?).ok()?;
    let symbols = sections.iter().position(|section| section.sh_type(endian) == SHT_SYMTAB)?;
    let symbol_names = usize::try_from(sections[symbols].sh_link(endian)).ok()?;
    let moved = [symbols, symbol_names, names];

    let offset = |section: &SectionHeader64<_>| usize::try_from(section.sh_offset(endian)).ok();
    let end = |section: &SectionHeader64<_>| {
        offset(section)?.checked_add(usize::try_from(section.sh_size(endian)).ok()?)
    };
    let starts = moved.map(|index| sections.get(index).and_then(offset));
    let start = starts.into_iter().min()??;
    let (mut kept, mut named) = (Vec::new(), None);
    for (index, section) in sections.iter().enumerate() {
        if index == names {
            named = Some(kept.len());
        } else if moved.contains(&index) {
            continue;
        } else if end(section)? > start {
            return None;
        }
        kept.push(*section);
    }
    let named = named?;

    let mut stripped = code.get(..start)?.to_vec();
    kept[named].sh_offset.set(endian, u64::try_from(start).ok()?);
    stripped.extend_from_slice(sections[names].data(endian, code).ok()?);
    stripped.resize(stripped.len().next_multiple_of(align_of::<u64>()), 0);
    header.e_shoff.set(endian, u64::try_from(stripped.len()).ok()?);
    header.e_shnum.set(endian, u16::try_from(kept.len()).ok()?);
    header.e_shstrndx.set(endian, u16::try_from(named).ok()?);
    stripped.extend_from_slice(bytes_of_slice(&kept));
    stripped.get_mut(..size_of_val(&header))?.copy_from_slice(bytes_of(&header));
    Some(stripped)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
mod tests {
    use super::*;
    use object::read::elf::ElfFile64;
    use object::{Object as _, ObjectSection as _};

    /// What wasmtime reads of a section: its name, its place, what it holds.
    type Section = (String, Option<(u64, u64)>, Vec<u8>);

    fn sections(code: &[u8]) -> Vec<Section> {
        let file = ElfFile64::<Endianness>::parse(code).unwrap();
        let read = |section: object::read::elf::ElfSection64<'_, '_, Endianness>| {
            let name = section.name().unwrap().to_owned();
            (name, section.file_range(), section.data().unwrap().to_owned())
        };
        file.sections().map(read).collect()
    }

    #[test]
    fn all_stays_but_the_symbols() {
        let text = r#"(component
            (core module (func (export "one")) (func (export "two")) (memory 1) (data (i32.const 0) "data")))"#;
        let component = wat::parse_str(text).unwrap();
        let code = crate::engine().unwrap().precompile_component(&component).unwrap();
        let stripped = strip(&code).unwrap();
        assert!(stripped.len() < code.len());
        let before = sections(&code);
        let symbols = [".symtab", ".strtab"];
        let mut expected: Vec<_> =
            before.into_iter().filter(|(name, ..)| !symbols.contains(&name.as_str())).collect();
        let mut after = sections(&stripped);
        // The sections' names are elsewhere.
        assert_eq!(expected.pop().unwrap().2, after.pop().unwrap().2);
        assert_eq!(after, expected);
        assert!(after.iter().any(|(name, ..)| name == ".text"));
        assert_eq!(strip(&stripped), None, "there is nothing left to strip");
    }

    #[test]
    fn what_is_no_code_stays_as_it_is() {
        assert_eq!(strip(b""), None);
        assert_eq!(strip(&[0; 1000]), None);
    }
}
