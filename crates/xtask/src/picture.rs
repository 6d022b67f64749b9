//! `cargo xtask picture`: the picture of the README, drawn anew from what the program writes for the sample.
//!
//! The picture is an SVG of real text, which follows the reader's light or dark colours. A black-box test of the program holds
//! its text to the program's own output, so a picture cannot grow old.

mod ansi;

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use ansi::{Colour, Piece};

/// The picture, relative to the workspace.
const PICTURE: &str = "docs/images/score.svg";
/// What is typed, as it is shown; the program is asked for the same.
const COMMAND: [&str; 2] = [
    "$ cargo run --release -- score fixtures/sample/calls.csv \\",
    "      --reports fixtures/sample/reports.ndjson --standing fixtures/sample/standing.csv",
];
/// The page's width, in columns.
const COLUMNS: usize = 100;
/// A column's width and a line's height, in units of the picture.
const COLUMN: f32 = 8.0;
const LINE: usize = 19;
/// Space around the text.
const MARGIN: usize = 18;

/// How things look: a class for each colour, light first.
const STYLE: &str = "\
:root{--page:#fff;--edge:#d1d9e0;--text:#1f2328;--quiet:#59636e;--red:#cf222e;--green:#1a7f37;--yellow:#bf8700;--magenta:#8250df}
@media(prefers-color-scheme:dark){:root{--page:#0d1117;--edge:#3d444d;--text:#e6edf3;--quiet:#9198a1;--red:#ff7b72;--green:#3fb950;--yellow:#d29922;--magenta:#d2a8ff}}
rect{fill:var(--page);stroke:var(--edge)}
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;fill:var(--text);white-space:pre}
.b{font-weight:700}.q,.c{fill:var(--quiet)}.r{fill:var(--red)}.g{fill:var(--green)}.y{fill:var(--yellow)}.m{fill:var(--magenta)}
";

/// Draws the picture. True when it is done.
pub(crate) fn run(args: &[String]) -> anyhow::Result<bool> {
    anyhow::ensure!(args.is_empty(), "usage: cargo xtask picture");
    let root = crate::workspace::root()?;
    let svg = draw(&written(&root)?);
    let path = root.join(PICTURE);
    std::fs::write(&path, &svg).with_context(|| format!("writing {}", path.display()))?;
    println!("{}: {} bytes", path.display(), svg.len());
    Ok(true)
}

/// What the program writes, in colour.
fn written(root: &Path) -> anyhow::Result<String> {
    let words = COMMAND.iter().flat_map(|line| line.split_whitespace());
    let args = words.skip_while(|word| *word != "score").filter(|word| *word != "\\");
    let output = Command::new("cargo")
        .args(["run", "--quiet", "--package", "ringtrue", "--"])
        .args(args)
        .current_dir(root)
        .env("CLICOLOR_FORCE", "1")
        .output()
        .context("starting cargo")?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).context("what the program wrote")
}

/// The picture of a page.
fn draw(page: &str) -> String {
    let lines: Vec<&str> = page.lines().collect();
    let width = MARGIN * 2 + (COLUMNS as f32 * COLUMN) as usize;
    let height = MARGIN * 2 + LINE * (lines.len() + COMMAND.len() + 1);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"t\">\n<title id=\"t\">What ringtrue score prints for the sample</title>\n\
         <style>\n{STYLE}</style>\n<rect x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n",
        width - 1,
        height - 1
    );
    for (at, line) in COMMAND.iter().enumerate() {
        svg.push_str(&format!("<text class=\"c\" x=\"{MARGIN}\" y=\"{}\">{}</text>\n", y(at), escaped(line)));
    }
    for (at, line) in lines.iter().enumerate() {
        push_line(&mut svg, y(at + COMMAND.len() + 1), line);
    }
    svg.push_str("</svg>\n");
    svg
}

const fn y(line: usize) -> usize {
    MARGIN + LINE * line + LINE * 3 / 4
}

/// Draws a line. Every word group is set at its own column and stretched to its columns, whatever font the reader has.
fn push_line(svg: &mut String, y: usize, line: &str) {
    svg.push_str(&format!("<text y=\"{y}\">"));
    let mut column = 0;
    let mut blanks = String::new();
    for piece in ansi::pieces(line) {
        for group in groups(&piece.text) {
            let count = group.chars().count();
            if group.trim().is_empty() {
                blanks.push_str(group);
            } else {
                let x = MARGIN as f32 + column as f32 * COLUMN;
                let length = count as f32 * COLUMN;
                let class = class(&piece);
                svg.push_str(&format!(
                    "{blanks}<tspan{class} x=\"{x}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\">"
                ));
                svg.push_str(&escaped(group));
                svg.push_str("</tspan>");
                blanks.clear();
            }
            column += count;
        }
    }
    svg.push_str("</text>\n");
}

/// Cuts a text where two blanks stand together, and around them.
fn groups(text: &str) -> Vec<&str> {
    let mut groups = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        let end = if blanks > 0 { blanks } else { rest.find("  ").unwrap_or(rest.len()) };
        let (group, after) = rest.split_at(end);
        groups.push(group);
        rest = after;
    }
    groups
}

fn class(piece: &Piece) -> String {
    let colour = match piece.colour {
        None => "",
        Some(Colour::Red) => "r",
        Some(Colour::Green) => "g",
        Some(Colour::Yellow) => "y",
        Some(Colour::Magenta) => "m",
    };
    let names: Vec<&str> = [if piece.bold { "b" } else { "" }, if piece.dim { "q" } else { "" }, colour]
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() { String::new() } else { format!(" class=\"{}\"", names.join(" ")) }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_columns() {
        let svg = draw("ab  \u{1b}[31;1mc < d\u{1b}[0m\n");
        assert!(svg.contains("x=\"18\" textLength=\"16\" lengthAdjust=\"spacingAndGlyphs\">ab<"), "{svg}");
        assert!(svg.contains("  <tspan class=\"b r\" x=\"50\" textLength=\"40\""), "{svg}");
        assert!(svg.contains(">c &lt; d</tspan></text>"), "{svg}");
    }

    #[test]
    fn groups_join_to_the_whole() {
        for text in ["", " ", "a", "a b", "  a  b c   ", "a  "] {
            assert_eq!(groups(text).concat(), text);
        }
        assert_eq!(groups("a b  c"), ["a b", "  ", "c"]);
    }
}
