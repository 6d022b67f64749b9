//! Identity and settings.
#![cfg(test)]

use super::{Bench, code};

pub(in crate::registry) fn identity_is_kept(bench: &dyn Bench) {
    let identity = bench.open().identity().expect("an identity");
    assert_eq!(bench.open().identity().expect("an identity"), identity);
}

pub(in crate::registry) fn settings_are_put(bench: &dyn Bench) {
    let registry = bench.open();
    assert_eq!(registry.setting("policy").expect("readable"), None);
    registry.put_setting("policy", b"1").expect("put");
    registry.put_setting("policy", b"2").expect("put");
    assert_eq!(registry.setting_or("policy", b"3").expect("there"), b"2");
    assert_eq!(registry.setting_or("hash key", b"drawn").expect("put"), b"drawn");
    assert_eq!(code(registry.put_setting("policy", &[0; 4097])), "VALUE_TOO_LONG");
    drop(registry);
    let again = bench.open();
    assert_eq!(again.setting("policy").expect("readable").as_deref(), Some(&b"2"[..]));
    assert_eq!(again.setting_or("hash key", b"another").expect("there"), b"drawn");
}
