//! Axes: what they span, and where their marks stand.

/// An axis.
#[derive(Clone, Debug)]
pub struct Axis {
    /// What it measures, with its unit.
    pub label: String,
    /// How values are spread.
    pub scale: Scale,
    /// How its marks are written.
    pub marks: Marks,
    /// What it spans; `None` spans what is drawn.
    pub span: Option<[f64; 2]>,
}

/// How values are spread over an axis.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scale {
    /// Equal distances for equal differences.
    Linear,
    /// Equal distances for equal ratios; holds values above 0.
    Log,
}

/// How marks are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Marks {
    /// As they are.
    Plain,
    /// As percentages.
    Percent,
}

impl Axis {
    /// A linear axis that spans what is drawn.
    #[must_use]
    pub fn linear(label: &str) -> Self {
        Self { label: label.to_owned(), scale: Scale::Linear, marks: Marks::Plain, span: None }
    }

    /// A linear axis from 0 to 100 %.
    #[must_use]
    pub fn share(label: &str) -> Self {
        Self { label: label.to_owned(), scale: Scale::Linear, marks: Marks::Percent, span: Some([0.0, 1.0]) }
    }

    /// A logarithmic axis that spans what is drawn.
    #[must_use]
    pub fn log(label: &str) -> Self {
        Self { label: label.to_owned(), scale: Scale::Log, marks: Marks::Plain, span: None }
    }
}

/// An axis with its span settled, and the pixels that it covers.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    scale: Scale,
    marks: Marks,
    low: f64,
    high: f64,
    from_px: f64,
    to_px: f64,
}

impl Placed {
    /// Settles an axis for the values drawn on it, which may be none.
    pub(super) fn new(axis: &Axis, values: impl Iterator<Item = f64>, [from_px, to_px]: [f64; 2]) -> Self {
        let place = |value: f64| match axis.scale {
            Scale::Linear => value,
            Scale::Log => libm::log10(value),
        };
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        let spanned = axis.span.into_iter().flatten();
        let drawn = values.filter(|_| axis.span.is_none());
        for value in spanned.chain(drawn).map(place).filter(|value| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if high - low < 1e-12 * high.abs().max(1.0) {
            (low, high) = (low - 0.5, high + 0.5);
        }
        if axis.span.is_none() {
            let margin = 0.03 * (high - low);
            (low, high) = (low - margin, high + margin);
        }
        Self { scale: axis.scale, marks: axis.marks, low, high, from_px, to_px }
    }

    /// Where a value stands, in pixels; `None` when it is no number or has no place on a logarithmic axis. Values outside the
    /// span stand at its end.
    pub(super) fn px(&self, value: f64) -> Option<f64> {
        let place = match self.scale {
            Scale::Linear => value,
            Scale::Log => libm::log10(value),
        };
        if place.is_nan() {
            return None;
        }
        let part = ((place - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        Some(self.from_px + part * (self.to_px - self.from_px))
    }

    /// The marks: pixels and text, about five.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let step = nice_step((self.high - self.low) / 5.0);
        let step = if self.scale == Scale::Log { step.max(1.0) } else { step };
        let first = libm::ceil(self.low / step - 1e-9);
        (0..16)
            .map(|i| (first + f64::from(i)) * step)
            .take_while(|place| *place <= self.high + 1e-9 * step)
            .map(|place| {
                let part = (place - self.low) / (self.high - self.low);
                (self.from_px + part * (self.to_px - self.from_px), self.text(place, step))
            })
            .collect()
    }

    fn text(&self, place: f64, step: f64) -> String {
        let (value, step) = match self.scale {
            Scale::Linear => (place, step),
            Scale::Log => (libm::pow(10.0, place), libm::pow(10.0, place)),
        };
        match self.marks {
            Marks::Plain => plain(value, step, ""),
            Marks::Percent => plain(100.0 * value, 100.0 * step, " %"),
        }
    }
}

/// A value with as many decimals as its step needs.
fn plain(value: f64, step: f64, unit: &str) -> String {
    let decimals = libm::ceil(-libm::log10(step) - 1e-9).clamp(0.0, 9.0) as usize;
    let value = if value.abs() < 1e-9 * step { 0.0 } else { value };
    let text = format!("{value:.decimals$}{unit}");
    text.replacen('-', "−", 1)
}

/// The nearest 1, 2 or 5 times a power of ten that is not below `raw`.
fn nice_step(raw: f64) -> f64 {
    let power = libm::pow(10.0, libm::floor(libm::log10(raw)));
    let part = raw / power;
    let nice = if part <= 1.0 {
        1.0
    } else if part <= 2.0 {
        2.0
    } else if part <= 5.0 {
        5.0
    } else {
        10.0
    };
    nice * power
}
