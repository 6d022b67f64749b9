//! One page, complete in itself.

use std::fmt::Write as _;

use super::Plot;
use super::svg::escaped;

/// Colours by the reader's preference; series differ in lightness too, so that they are told apart without colour.
const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c2024;--soft:#5f6b76;--grid:#e3e7ea;--back:#fff;--card:#f7f8f9;\
--s0:#1668b8;--s1:#c2410c;--s2:#15803d;--s3:#7e3fb5;--s4:#a16207;--s5:#be185d}\
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#9aa5b1;--grid:#2c333a;--back:#14171a;--card:#1b1f23;\
--s0:#6cb2f5;--s1:#fb923c;--s2:#4ade80;--s3:#c99df0;--s4:#eab308;--s5:#f472b6}}\
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);margin:0 auto;max-width:72rem;padding:1.5rem}\
h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2rem 0 .5rem}\
p{max-width:44rem;margin:.4rem 0}.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr));gap:1rem;margin-top:1rem}\
figure{margin:0;background:var(--card);border-radius:.5rem;padding:.75rem}\
figcaption{font-size:.85rem;color:var(--soft)}figcaption b{display:block;font-size:1rem;color:var(--ink)}\
.table{overflow-x:auto}caption{text-align:left;color:var(--soft);font-size:.85rem}\
table{border-collapse:collapse;font-variant-numeric:tabular-nums}\
th,td{padding:.25rem .75rem;text-align:right;border-bottom:1px solid var(--grid)}\
th:first-child,td:first-child{text-align:left}td{white-space:nowrap}th{color:var(--soft);font-weight:600}\
details{font-size:.85rem;margin-top:.4rem}svg{width:100%;height:auto;display:block}\
svg text{font:11px system-ui,sans-serif;fill:var(--soft)}svg .name{fill:var(--ink)}\
svg path{fill:none;stroke-width:2;stroke-linejoin:round}svg .grid{stroke:var(--grid);stroke-width:1}\
svg .axis{stroke:var(--soft);stroke-width:1}svg .guide{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:4 4}\
svg .s0{stroke:var(--s0)}svg .s1{stroke:var(--s1)}svg .s2{stroke:var(--s2)}svg .s3{stroke:var(--s3)}\
svg .s4{stroke:var(--s4)}svg .s5{stroke:var(--s5)}svg circle{fill:var(--card);stroke-width:2}";

/// The most points that a plot's table spells out; longer series are told by every so many-th point.
const TABLE_POINTS: usize = 40;

/// A page of headings, words, tables and plots.
#[derive(Clone, Debug)]
pub struct Page {
    /// The title and first heading.
    pub title: String,
    /// What stands on it, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading of the second level.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A table: its header and its rows. The first column holds names.
    Table {
        /// What the table shows.
        caption: String,
        /// The names of the columns.
        header: Vec<String>,
        /// The rows, each as long as the header.
        rows: Vec<Vec<String>>,
    },
    /// Plots side by side.
    Plots(Vec<Plot>),
}

impl Page {
    /// The page as HTML without any reference to another file.
    #[must_use]
    pub fn html(&self) -> String {
        let title = escaped(&self.title);
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{title}</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        );
        let mut plots = 0;
        for block in &self.blocks {
            match block {
                Block::Heading(text) => {
                    let _ = writeln!(out, "<h2>{}</h2>", escaped(text));
                }
                Block::Text(text) => {
                    let _ = writeln!(out, "<p>{}</p>", escaped(text));
                }
                Block::Table { caption, header, rows } => push_table(&mut out, caption, header, rows),
                Block::Plots(found) => {
                    out.push_str("<div class=\"plots\">\n");
                    for plot in found {
                        plots += 1;
                        push_figure(&mut out, plot, &format!("plot{plots}"));
                    }
                    out.push_str("</div>\n");
                }
            }
        }
        out.push_str("</main>\n</body>\n</html>\n");
        out
    }
}

fn push_table(out: &mut String, caption: &str, header: &[String], rows: &[Vec<String>]) {
    let _ = write!(out, "<div class=\"table\"><table>\n<caption>{}</caption>\n<thead><tr>", escaped(caption));
    for name in header {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(name));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (place, cell) in row.iter().enumerate() {
            let cell = escaped(cell);
            let _ =
                if place == 0 { write!(out, "<th scope=\"row\">{cell}</th>") } else { write!(out, "<td>{cell}</td>") };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

/// A plot with its caption, and its points as a table for those who cannot see it.
fn push_figure(out: &mut String, plot: &Plot, id: &str) {
    let _ = write!(
        out,
        "<figure>{}<figcaption><b>{}</b>{}</figcaption><details><summary>As a table</summary>",
        plot.svg(id),
        escaped(&plot.title),
        escaped(&plot.note)
    );
    for series in &plot.series {
        let every = series.points.len().div_ceil(TABLE_POINTS).max(1);
        let last = series.points.len().saturating_sub(1);
        let told = series.points.iter().enumerate().filter(|(place, _)| place % every == 0 || *place == last);
        let rows: Vec<Vec<String>> = told.map(|(_, [x, y])| vec![number(*x), number(*y)]).collect();
        push_table(out, &series.name, &[plot.x.label.clone(), plot.y.label.clone()], &rows);
    }
    out.push_str("</details></figure>\n");
}

/// A number with four significant digits.
fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let before = libm::floor(libm::log10(value.abs())) as i32;
    let decimals = usize::try_from(3 - before).unwrap_or(0).min(12);
    format!("{value:.decimals$}")
}
