//! Imports.
#![cfg(test)]

use super::{Bench, at, clinic, code, name};
use crate::TenantId;
use crate::registry::{ImportKey, ImportProgress, Limit, Page};

fn progress(tenant: TenantId, file: u8, position_bytes: u64) -> ImportProgress {
    ImportProgress {
        key: ImportKey { tenant, source: name("dialer"), file: [file; 32] },
        file_name: format!("calls-{file}.csv"),
        position_bytes,
        records: position_bytes / 100,
        finished: position_bytes >= 1000,
        updated_at: at(i64::from(file)),
    }
}

pub(in crate::registry) fn imports_go_on(bench: &dyn Bench) {
    let registry = bench.open();
    let tenant = clinic(&*registry).id;
    let begun = progress(tenant, 1, 300);
    assert_eq!(registry.import(&begun.key).expect("readable"), None);
    registry.note_import(&begun).expect("noted");
    drop(registry);
    let registry = bench.open();
    assert_eq!(registry.import(&begun.key).expect("readable"), Some(begun.clone()));
    let mut done = progress(tenant, 1, 1000);
    registry.note_import(&done).expect("noted");
    assert_eq!(registry.import(&begun.key).expect("readable"), Some(done.clone()));
    done.file_name = format!("{}ü/calls.csv", "a".repeat(300));
    registry.note_import(&done).expect("noted");
    let kept = registry.import(&begun.key).expect("readable").expect("there");
    assert!(kept.file_name.len() == 256 && kept.file_name.ends_with("ü/calls.csv"));
    done.key.source = name("nowhere");
    assert_eq!(code(registry.note_import(&done)), "NOT_FOUND");
    assert_eq!(code(registry.note_import(&progress(TenantId::OPERATOR, 1, 5))), "NOT_FOUND");
}

pub(in crate::registry) fn imports_are_listed_and_trimmed(bench: &dyn Bench) {
    let registry = bench.open();
    let tenant = clinic(&*registry).id;
    for file in [3, 1, 2] {
        registry.note_import(&progress(tenant, file, 10)).expect("noted");
    }
    let page = Page { after: None, limit: Limit::nearest(2) };
    let first = registry.imports(&page).expect("a page");
    let second = registry.imports(&Page { after: first.next.clone(), ..page }).expect("a page");
    let files: Vec<_> = first.items.iter().chain(&second.items).map(|one| one.file_name.as_str()).collect();
    assert_eq!(files, ["calls-1.csv", "calls-2.csv", "calls-3.csv"]);
    assert_eq!(second.next, None);
    assert_eq!(registry.trim_imports(at(3)).expect("trimmed"), 2);
    assert_eq!(registry.imports(&Page::first()).expect("a page").items.len(), 1);
}
