//! `cargo xtask sample`: the outbound team that ships with the project, written anew from its seed.
//!
//! Ten numbers of one imagined team call for two weeks. Each has a story that its records should tell, so that the first thing a
//! newcomer scores shows every label. Only fictional numbers (555-0100 to 555-0199) occur. The same program writes the same
//! bytes everywhere: whole numbers only, and no clock.

mod random;
mod reports;
mod team;
mod traffic;

use std::path::Path;

use anyhow::Context as _;

/// Where the sample lies, relative to the workspace.
const FOLDER: &str = "fixtures/sample";

/// Writes the sample. True when it is done.
pub(crate) fn run(args: &[String]) -> anyhow::Result<bool> {
    anyhow::ensure!(args.is_empty(), "usage: cargo xtask sample");
    let folder = crate::workspace::root()?.join(FOLDER);
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    for (name, text) in files() {
        write(&folder.join(name), &text)?;
    }
    Ok(true)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
    println!("{}: {} bytes", path.display(), text.len());
    Ok(())
}

/// The files by name.
fn files() -> [(&'static str, String); 3] {
    let calls = traffic::calls();
    [
        ("calls.csv", traffic::csv(&calls)),
        ("reports.ndjson", reports::ndjson(&calls)),
        ("standing.csv", reports::STANDING.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_what_its_seed_gives() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FOLDER);
        for (name, text) in files() {
            let kept = std::fs::read_to_string(folder.join(name)).expect("the sample ships with the project");
            assert!(kept == text, "{name} differs from what `cargo xtask sample` writes");
        }
    }

    #[test]
    fn only_fictional_numbers_occur() {
        for (name, text) in files() {
            for (at, _) in text.match_indices("+1") {
                let line = text.get(at + 5..at + 10).unwrap_or_default();
                assert_eq!(line, "55501", "{name} at byte {at}");
            }
        }
    }
}
