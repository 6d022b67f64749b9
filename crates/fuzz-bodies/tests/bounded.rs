//! Every body on its seeds, on the fixtures, and on seeded mutations of both: the part of fuzzing that fits into every test run.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use fuzz_bodies::{BODIES, Body};

/// Mutants of each body. Chosen: the slowest body takes a few seconds in an unoptimised build.
const MUTANTS: u32 = 4_000;
/// Bytes that are kept of each fixture: enough for its header and many records.
const SEED_BYTES: usize = 4096;
/// Xorshift (Marsaglia 2003): all we ask of it is variety that each run repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let limit = u64::try_from(limit.max(1)).expect("a length fits 64 bits");
        usize::try_from(self.0 % limit).expect("below a length")
    }

    /// Changes `bytes` in one of the ways in which files are broken.
    fn mutate(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        const TELLING: &[u8] = b"\"\\,;:{}[]\n\r\t\0+-0129eE.\xef\xbb\xbf\xff%<>@";
        let at = self.below(bytes.len());
        let len = self.below(24).min(bytes.len() - at);
        match self.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..at + len)),
            2 => bytes.insert(at, TELLING[self.below(TELLING.len())]),
            3 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            4 => {
                let copy = bytes[at..at + len].to_vec();
                bytes.splice(at..at, copy);
            }
            5 => {
                let from = self.below(other.len());
                bytes.splice(at.., other[from..].iter().copied());
            }
            _ => bytes.extend_from_slice(&other[..self.below(other.len())]),
        }
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("two above crates/fuzz-bodies").to_owned()
}

/// Every file below `folder`, cut to what is kept, in order of names.
fn files(folder: &Path, found: &mut Vec<Vec<u8>>) {
    let Ok(listing) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = listing.map(|entry| entry.expect("a listed file").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, found);
        } else {
            let mut bytes = std::fs::read(&path).expect("a readable file");
            bytes.truncate(SEED_BYTES);
            found.push(bytes);
        }
    }
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let (mut seeds, mut fixtures) = (vec![Vec::new()], Vec::new());
    files(&workspace().join("fuzz/seeds").join(name), &mut seeds);
    assert!(seeds.len() > 1, "fuzz/seeds/{name} holds no seed");
    files(&workspace().join("fixtures"), &mut fixtures);
    // Fixtures lack the byte of choice: `3` gives a region and a zone and leaves the format to be detected.
    seeds.extend(fixtures.iter().map(|bytes| [b"3", &bytes[..]].concat()));
    seeds
}

fn run(name: &str, body: Body, input: &[u8]) {
    let outcome = catch_unwind(AssertUnwindSafe(|| body(input)));
    assert!(outcome.is_ok(), "{name} breaks on b\"{}\"", input.escape_ascii());
}

fn bounded(name: &str, mutants: u32) {
    let (_, body) = BODIES.into_iter().find(|(known, _)| *known == name).expect("a body of that name");
    let seeds = seeds(name);
    for seed in &seeds {
        run(name, body, seed);
    }
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for _ in 0..mutants {
        let mut bytes = seeds[random.below(seeds.len())].clone();
        let other = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(4) {
            random.mutate(&mut bytes, &other);
        }
        // The first byte is a choice to every body, so it deserves more than its share of changes.
        if random.below(2) == 0
            && let Some(first) = bytes.first_mut()
        {
            *first = u8::try_from(random.below(256)).expect("a byte");
        }
        run(name, body, &bytes);
    }
}

#[test]
fn calls() {
    bounded("calls", MUTANTS);
}

#[test]
fn events() {
    bounded("events", MUTANTS);
}

#[test]
fn facts() {
    // Each mutant is folded three times and counted once more.
    bounded("facts", MUTANTS / 8);
}

#[test]
fn mapping() {
    bounded("mapping", MUTANTS);
}

#[test]
fn party() {
    bounded("party", MUTANTS);
}

#[test]
fn policy() {
    bounded("policy", MUTANTS);
}

#[test]
fn reports() {
    bounded("reports", MUTANTS);
}

#[test]
fn side() {
    bounded("side", MUTANTS);
}

#[test]
fn times() {
    bounded("times", MUTANTS);
}

#[test]
fn each_body_has_a_shell_for_the_fuzzer() {
    let folder = workspace().join("fuzz/fuzz_targets");
    let shells: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("fuzz/fuzz_targets")
        .map(|entry| entry.expect("a file").path().file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    let bodies: BTreeSet<String> = BODIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(shells, bodies);
}
