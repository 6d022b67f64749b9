//! Small plots as SVG, and a page that holds them: readable in light and dark, by eye and by screen reader, without a script.

mod axis;
mod page;
mod svg;

pub use axis::{Axis, Marks, Scale};
pub use page::{Block, Page};

/// A plot of series over two axes.
#[derive(Clone, Debug)]
pub struct Plot {
    /// What it shows: the heading, and what a screen reader says first.
    pub title: String,
    /// What a reader should see in it, in a sentence.
    pub note: String,
    /// The axis across.
    pub x: Axis,
    /// The axis upwards.
    pub y: Axis,
    /// What is drawn, the first at the bottom.
    pub series: Vec<Series>,
}

/// One line, staircase or cloud of points.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name in the legend; an empty one stays out of it.
    pub name: String,
    /// How its points are drawn.
    pub mark: Mark,
    /// Its points, in the order in which they are joined. A point that is no number, or none on a logarithmic axis, breaks the
    /// line.
    pub points: Vec<[f64; 2]>,
}

/// How points are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// Joined by straight lines.
    Line,
    /// Each point's height holds until the next point.
    Steps,
    /// Dots.
    Points,
    /// A thin dashed line to compare with, such as a diagonal.
    Guide,
}

#[cfg(test)]
mod tests;
