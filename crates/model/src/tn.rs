//! Telephone numbers in E.164 form, and how they are read.

mod nanp;
mod parse;
mod region;
#[cfg(test)]
mod tables;

use std::fmt;
use std::num::NonZeroU64;

pub use nanp::{Nanp, NumberKind, Undialable};
pub use parse::{ParseTnError, parse_party, parse_tn};
pub use region::Region;

/// A public telephone number: the digits of its E.164 form (ITU-T E.164 §6: at most 15), read as one integer.
///
/// The country code comes first, so there is no leading zero and the integer tells the number. North American numbers
/// always have 11 digits. A value says that the number has the *form* of a telephone number; whether it can be dialled
/// is told by [`TelephoneNumber::kind`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TelephoneNumber(NonZeroU64);

/// The fewest digits of an E.164 number that we take: country code plus subscriber number.
pub const MIN_DIGITS: u32 = 7;
/// The most digits of an E.164 number (ITU-T E.164 §6).
pub const MAX_DIGITS: u32 = 15;

impl TelephoneNumber {
    /// Makes a number from its E.164 digits.
    ///
    /// `None` when there are fewer than 7 or more than 15 digits, or when the country code is 1 and there are not
    /// exactly 11.
    #[must_use]
    #[inline]
    pub const fn from_digits(digits: u64) -> Option<Self> {
        let Some(value) = NonZeroU64::new(digits) else {
            return None;
        };
        if digits >= 10_000_000_000 && digits <= 19_999_999_999 {
            return Some(Self(value));
        }
        let len = digits.ilog10() + 1;
        if len < MIN_DIGITS || len > MAX_DIGITS {
            return None;
        }
        let starts_with_1 = digits / 10u64.pow(len - 1) == 1;
        if starts_with_1 && len != 11 {
            return None;
        }
        Some(Self(value))
    }

    /// Makes a North American number from its ten national digits; `None` when the value has not ten digits.
    #[must_use]
    pub const fn from_national_10(national: u64) -> Option<Self> {
        if national < 1_000_000_000 || national > 9_999_999_999 {
            return None;
        }
        Self::from_digits(10_000_000_000 + national)
    }

    /// The E.164 digits as one integer.
    #[must_use]
    pub const fn digits(self) -> u64 {
        self.0.get()
    }

    /// How many digits the E.164 form has, 7 to 15.
    #[must_use]
    pub const fn len(self) -> u8 {
        (self.0.get().ilog10() + 1) as u8
    }

    /// Never true: a number has digits. Present because [`TelephoneNumber::len`] is.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        false
    }

    /// The first `len` digits as an integer; `None` when the number has fewer, or `len` is 0.
    #[must_use]
    pub const fn leading_digits(self, len: u8) -> Option<u64> {
        let own = self.len();
        if len == 0 || len > own {
            return None;
        }
        Some(self.0.get() / 10u64.pow((own - len) as u32))
    }

    /// The parts of a North American number; `None` for any other country code.
    #[must_use]
    pub const fn nanp(self) -> Option<Nanp> {
        let digits = self.0.get();
        if digits >= 10_000_000_000 && digits <= 19_999_999_999 {
            Some(Nanp::from_national(digits - 10_000_000_000))
        } else {
            None
        }
    }

    /// What kind of number this is, by the rules of its numbering plan.
    ///
    /// North American numbers are judged by rule alone; which exchanges are allocated is not known here. Numbers of other
    /// plans are [`NumberKind::Abroad`]: they were checked against metadata when they were read.
    #[must_use]
    pub const fn kind(self) -> NumberKind {
        match self.nanp() {
            Some(parts) => parts.kind(),
            None => NumberKind::Abroad,
        }
    }

    /// The block of numbers that this one belongs to: the area code and exchange in North America, elsewhere all digits but
    /// the last four.
    #[must_use]
    pub const fn block(self) -> Block {
        Block(self.0.get() / 10_000)
    }
}

/// The leading digits that a group of numbers shares.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Block(pub u64);

/// How many virtual partitions numbers are spread over.
pub const PARTITIONS: u64 = 256;

/// The virtual partition of a number: every number of one block falls in the same one, so that block priors are local.
///
/// Fixed for all time: stored data is laid out by it.
#[must_use]
pub const fn partition_of(tn: TelephoneNumber) -> u8 {
    // The finalizer of SplitMix64: two multiplications spread neighbouring blocks evenly.
    let mut x = tn.block().0;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) % PARTITIONS) as u8
}

impl fmt::Display for TelephoneNumber {
    /// E.164 with a leading `+`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

impl fmt::Debug for TelephoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_to_e164_lengths() {
        assert!(TelephoneNumber::from_digits(123_456).is_none());
        assert!(TelephoneNumber::from_digits(1_234_567).is_none(), "country code 1 has 11 digits");
        assert!(TelephoneNumber::from_digits(4_234_567).is_some());
        assert!(TelephoneNumber::from_digits(999_999_999_999_999).is_some());
        assert!(TelephoneNumber::from_digits(1_000_000_000_000_000).is_none());
        assert!(TelephoneNumber::from_digits(0).is_none());
    }

    #[test]
    fn blocks_share_a_partition() {
        let a = TelephoneNumber::from_digits(12_155_550_100).expect("a number");
        let b = TelephoneNumber::from_digits(12_155_550_199).expect("a number");
        assert_eq!(a.block(), b.block());
        assert_eq!(partition_of(a), partition_of(b));
        assert_eq!(a.leading_digits(4), Some(1215));
        assert_eq!(a.to_string(), "+12155550100");
    }
}
