//! Drawing one plot.

use std::fmt::Write as _;

use super::axis::Placed;
use super::{Mark, Plot, Series};

/// Width and height of the drawing, in pixels of its own.
const SIZE: [f64; 2] = [420.0, 280.0];
/// Left, right, top and bottom edge of the field between the axes.
const FIELD: [f64; 4] = [56.0, 396.0, 12.0, 232.0];
/// Room for the names of the series beside their marks. Chosen: twenty letters.
const LEGEND_WIDTH: f64 = 140.0;
/// Series beyond so many share their colours.
const TONES: usize = 6;

impl Plot {
    /// The plot as an SVG element for a page with [`super::Page`]'s style. `id` must be unique in the page.
    #[must_use]
    pub fn svg(&self, id: &str) -> String {
        let [left, right, top, bottom] = FIELD;
        let all = || self.series.iter().flat_map(|series| &series.points);
        let x = Placed::new(&self.x, all().map(|point| point[0]), [left, right]);
        let y = Placed::new(&self.y, all().map(|point| point[1]), [bottom, top]);
        let [width, height] = SIZE;
        let mut out = String::new();
        let _ = write!(
            out,
            "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{}\
             </title><desc id=\"{id}-d\">{}</desc>",
            escaped(&self.title),
            escaped(&self.note)
        );
        frame(&mut out, &x, &y);
        let middle = 0.5 * (left + right);
        let _ = write!(
            out,
            "<text class=\"name\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            height - 10.0,
            escaped(&self.x.label)
        );
        let middle = 0.5 * (top + bottom);
        let _ = write!(
            out,
            "<text class=\"name\" transform=\"translate(13 {middle}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            escaped(&self.y.label)
        );
        let mut tone = 0;
        for series in &self.series {
            let class = if series.mark == Mark::Guide {
                "guide".to_owned()
            } else {
                tone += 1;
                format!("s{}", (tone - 1) % TONES)
            };
            draw(&mut out, series, &class, &x, &y);
        }
        self.legend(&mut out, &x, &y);
        out.push_str("</svg>");
        out
    }

    /// Names the series, when there are several to tell apart: in the field's lower right corner, or in its upper left one where
    /// fewer points lie.
    fn legend(&self, out: &mut String, x: &Placed, y: &Placed) {
        let named: Vec<&Series> = self.series.iter().filter(|series| !series.name.is_empty()).collect();
        if named.len() < 2 {
            return;
        }
        let [left, right, top, bottom] = FIELD;
        let points = || {
            self.series.iter().flat_map(|series| &series.points).filter_map(|&[at, to]| Some([x.px(at)?, y.px(to)?]))
        };
        let height = 15.0 * named.len() as f64 + 10.0;
        let low = points().filter(|&[px, py]| px > right - LEGEND_WIDTH && py > bottom - height).count();
        let high = points().filter(|&[px, py]| px < left + LEGEND_WIDTH && py < top + height).count();
        let (edge, first) = if high < low {
            (left + LEGEND_WIDTH, top + 16.0)
        } else {
            (right, bottom - 10.0 - 15.0 * (named.len() - 1) as f64)
        };
        let mut tone = 0;
        for series in &self.series {
            let class = if series.mark == Mark::Guide { "guide".to_owned() } else { format!("s{}", tone % TONES) };
            if series.mark != Mark::Guide {
                tone += 1;
            }
            let Some(place) = named.iter().position(|one| std::ptr::eq(*one, series)) else { continue };
            let y = first + 15.0 * place as f64;
            let _ = write!(
                out,
                "<path class=\"{class}\" d=\"M{} {}h18\"/><text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{}</text>",
                edge - 24.0,
                y - 4.0,
                edge - 30.0,
                escaped(&series.name)
            );
        }
    }
}

/// The grid, and the marks of both axes.
fn frame(out: &mut String, x: &Placed, y: &Placed) {
    let [left, right, top, bottom] = FIELD;
    for (px, text) in x.ticks() {
        let _ = write!(
            out,
            "<path class=\"grid\" d=\"M{px:.1} {top}V{bottom}\"/><text x=\"{px:.1}\" y=\"{}\" text-anchor=\"middle\">{text}</text>",
            bottom + 16.0
        );
    }
    for (px, text) in y.ticks() {
        let _ = write!(
            out,
            "<path class=\"grid\" d=\"M{left} {px:.1}H{right}\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
            left - 6.0,
            px + 4.0
        );
    }
    let _ = write!(out, "<path class=\"axis\" d=\"M{left} {top}V{bottom}H{right}\"/>");
}

fn draw(out: &mut String, series: &Series, class: &str, x: &Placed, y: &Placed) {
    let places = series.points.iter().map(|[across, up]| x.px(*across).zip(y.px(*up)));
    if series.mark == Mark::Points {
        for (across, up) in places.flatten() {
            let _ = write!(out, "<circle class=\"{class}\" cx=\"{across:.1}\" cy=\"{up:.1}\" r=\"3\"/>");
        }
        return;
    }
    let mut path = String::new();
    let mut pen_down = false;
    for place in places {
        let Some((across, up)) = place else {
            pen_down = false;
            continue;
        };
        let _ = if !pen_down {
            write!(path, "M{across:.1} {up:.1}")
        } else if series.mark == Mark::Steps {
            write!(path, "H{across:.1}V{up:.1}")
        } else {
            write!(path, "L{across:.1} {up:.1}")
        };
        pen_down = true;
    }
    let _ = write!(out, "<path class=\"{class}\" d=\"{path}\"/>");
}

/// Text that may stand between tags or in an attribute.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
