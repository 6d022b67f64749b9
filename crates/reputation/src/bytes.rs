//! State as bytes and back: what a snapshot is made of.

use model::varint;
pub use model::varint::{put, put_bytes, put_signed};

/// Appends a number or its absence.
pub fn put_option(out: &mut Vec<u8>, value: Option<u64>) {
    match value {
        None => out.push(0),
        Some(value) => {
            out.push(1);
            put(out, value);
        }
    }
}

/// Reads what was put. Every method answers `None` where the bytes do not hold what is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the beginning of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Tells whether everything is read.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// The next byte.
    #[inline]
    pub fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    /// What [`put`] appended.
    #[inline]
    pub fn get(&mut self) -> Option<u64> {
        varint::take(&mut self.rest).ok()
    }

    /// What [`put`] appended, where it fits.
    #[inline]
    pub fn get_as<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.get()?).ok()
    }

    /// What [`put_signed`] appended.
    pub fn signed(&mut self) -> Option<i64> {
        self.get().map(varint::signed)
    }

    /// What [`put_option`] appended.
    pub fn option(&mut self) -> Option<Option<u64>> {
        match self.byte()? {
            0 => Some(None),
            1 => Some(Some(self.get()?)),
            _ => None,
        }
    }

    /// What [`put_bytes`] appended.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.get_as()?;
        self.take(count)
    }

    /// A count of things that take at least `least` bytes each: never more than the bytes can hold, so that a wrong count makes
    /// nobody reserve memory for it.
    pub fn count(&mut self, least: usize) -> Option<usize> {
        let count: usize = self.get_as()?;
        (count.checked_mul(least.max(1))? <= self.rest.len()).then_some(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_there_and_back() {
        let mut out = Vec::new();
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        numbers.iter().for_each(|&n| put(&mut out, n));
        [-1, 0, i64::MIN, i64::MAX].iter().for_each(|&n| put_signed(&mut out, n));
        put_option(&mut out, None);
        put_option(&mut out, Some(7));
        put_bytes(&mut out, b"abc");
        let mut reader = Reader::new(&out);
        assert_eq!(numbers.map(|_| reader.get().expect("a number")), numbers);
        assert_eq!([(); 4].map(|()| reader.signed().expect("a number")), [-1, 0, i64::MIN, i64::MAX]);
        assert_eq!((reader.option(), reader.option()), (Some(None), Some(Some(7))));
        assert_eq!(reader.bytes(), Some(&b"abc"[..]));
        assert!(reader.is_at_end() && reader.get().is_none());
    }

    #[test]
    fn what_is_no_number_is_refused() {
        assert_eq!(Reader::new(&[0xff; 10]).get(), None);
        assert_eq!(Reader::new(&[0x80]).get(), None);
        assert_eq!(Reader::new(&[200, 1, 0]).count(1), None);
    }
}
