//! Lists are told in pages: at most so many, after a given one.

/// How many items a page holds at most: 1 to 1,000.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit(u16);

impl Limit {
    /// The most items of one page. Chosen: a page of the widest list stays well under a megabyte.
    pub const MAX: Self = Self(1000);

    /// The limit nearest to `wanted`, at least 1 and at most 1,000.
    #[must_use]
    pub fn nearest(wanted: u64) -> Self {
        Self(u16::try_from(wanted).unwrap_or(u16::MAX).clamp(1, Self::MAX.0))
    }

    /// The number of items.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// How many items are fetched for a page: one beyond it, by which [`Listing::cut`] learns whether there are more.
    pub(super) const fn one_more(self) -> u32 {
        self.0 as u32 + 1
    }
}

impl Default for Limit {
    /// 100 items. Chosen: what a person scrolls through.
    fn default() -> Self {
        Self(100)
    }
}

/// Which part of a list is asked for. `C` is what the list is sorted by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page<C> {
    /// The last item of the page before; `None` for the first page.
    pub after: Option<C>,
    /// How many items at most.
    pub limit: Limit,
}

impl<C> Page<C> {
    /// The first page of 1,000 items at most.
    #[must_use]
    pub const fn first() -> Self {
        Self { after: None, limit: Limit::MAX }
    }
}

/// One page of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listing<T, C> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// What to ask for next with [`Page::after`]; `None` when this page is the last.
    pub next: Option<C>,
}

impl<T, C> Listing<T, C> {
    /// Makes a page of `items`, which were fetched one beyond the limit to learn whether there are more.
    pub(super) fn cut(mut items: Vec<T>, limit: Limit, cursor: impl Fn(&T) -> C) -> Self {
        let kept = usize::from(limit.0);
        let more = items.len() > kept;
        items.truncate(kept);
        let next = if more { items.last().map(cursor) } else { None };
        Self { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_held() {
        assert_eq!([0, 1, 500, 1000, 1001, u64::MAX].map(|n| Limit::nearest(n).get()), [1, 1, 500, 1000, 1000, 1000]);
    }

    #[test]
    fn the_last_page_has_no_next() {
        let two = Limit::nearest(2);
        assert_eq!(Listing::cut(vec![1, 2, 3], two, |n| *n), Listing { items: vec![1, 2], next: Some(2) });
        assert_eq!(Listing::cut(vec![1, 2], two, |n| *n), Listing { items: vec![1, 2], next: None });
        assert_eq!(Listing::cut(Vec::<u8>::new(), two, |n| *n), Listing { items: vec![], next: None });
    }
}
