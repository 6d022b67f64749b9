//! Mapping files, and exports read by them.

use std::sync::Arc;

use intake::mapping::{Mapping, MappingError};
use intake::{Format, Options, Output, open, read_block};

use crate::Choice;

/// Reads a mapping file and, when it is sound, what follows a zero byte as an export.
///
/// Invariants: a refusal names a line that the file has; no call becomes known before it was placed.
pub fn mapping(bytes: &[u8]) {
    let (choice, rest) = Choice::split(bytes);
    let (text, export) = rest.iter().position(|&byte| byte == 0).map_or((rest, &[][..]), |at| rest.split_at(at));
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let lines = text.split('\n').count();
    match Mapping::parse(text) {
        Ok(mapping) => read(mapping, export.get(1..).unwrap_or_default(), choice.options()),
        Err(MappingError::Invalid { line, .. }) => assert!(line <= lines, "line {line} of {lines} was refused"),
        Err(MappingError::Missing { .. }) => {}
    }
}

fn read(mapping: Mapping, export: &[u8], options: Options) {
    let format = Format::Mapping(Arc::from(mapping.name()));
    let options = Options { mappings: [Arc::new(mapping)].into(), ..options };
    let Ok(opened) = open(&format, export, &options) else {
        return;
    };
    assert!(opened.skip <= export.len(), "the header is longer than the export");
    let mut out = Output::default();
    read_block(opened.dialect.as_ref(), export.get(opened.skip..).unwrap_or_default(), &mut out);
    for call in &out.calls {
        assert!(call.known() >= call.at, "{call:?} is known too early");
    }
}
