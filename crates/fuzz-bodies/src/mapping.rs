//! Mapping files, and exports read by them.

use std::sync::Arc;

use intake::mapping::{Mapping, MappingError};
use intake::{Format, Options};

use crate::Choice;
use crate::calls::read_in_every_way;

/// Reads a mapping file and, when it is sound, what follows a zero byte as an export.
///
/// Invariants: a refusal names a line that the file has; what is read keeps to the invariants of [`crate::calls`].
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
    read_in_every_way(&format, export, &options);
}
