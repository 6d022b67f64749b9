//! The rules of the North American Numbering Plan (country code 1).
//!
//! Sources: ATIS-0300051 (central-office codes) and ATIS-0300055 (area codes) as the plan's administrator summarises
//! them: area codes `[2-9][0-8]X`, exchanges `[2-9]XX`, no N11, 37X and 96X set aside, N9X kept for expansion.

/// The three parts of a North American number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Nanp {
    /// Numbering plan area ("area code"), 0 to 999.
    pub npa: u16,
    /// Central office code ("exchange"), 0 to 999.
    pub nxx: u16,
    /// Line number, 0 to 9999.
    pub line: u16,
}

/// What kind of number a number is, by the rules of its plan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NumberKind {
    /// Belongs to an area.
    Geographic,
    /// 800, 833, 844, 855, 866, 877, 888.
    TollFree,
    /// 900: the caller pays extra.
    Premium,
    /// 5XX: personal numbers and machines.
    Personal,
    /// Services that belong to no area: 600, 622, 700, 710 and the other area codes whose last two digits are alike, and the
    /// exchanges 950 and 976.
    Special,
    /// 555-0100 to 555-0199: kept for fiction. Counts as assigned and dialable.
    Fictional,
    /// 555-1212: directory assistance.
    DirectoryAssistance,
    /// 958 and 959 exchanges: the carriers' own test lines.
    TestLine,
    /// A number of another country's plan.
    Abroad,
    /// No call can have this number.
    Undialable(Undialable),
}

/// Which rule a number breaks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Undialable {
    /// The area code begins with 0 or 1.
    AreaCodeStart,
    /// The area code is N11.
    AreaCodeN11,
    /// The area code is N9X, kept for expansion, or 37X or 96X, set aside.
    AreaCodeReserved,
    /// The area code is a toll-free code that is not in service (822, 880 to 887, 889).
    TollFreeReserved,
    /// The exchange begins with 0 or 1.
    ExchangeStart,
    /// The exchange is N11 in an area, or 911 in a toll-free code.
    ExchangeN11,
}

impl Undialable {
    /// The rule in words.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::AreaCodeStart => "an area code begins with 2 to 9",
            Self::AreaCodeN11 => "an area code is never N11",
            Self::AreaCodeReserved => "area codes N9X, 37X and 96X are not in use",
            Self::TollFreeReserved => "toll-free codes 822, 880 to 887 and 889 are not in use",
            Self::ExchangeStart => "an exchange begins with 2 to 9",
            Self::ExchangeN11 => "an exchange is never N11 in an area, nor 911 in a toll-free code",
        }
    }
}

impl NumberKind {
    /// Tells whether a call can have this number.
    #[must_use]
    pub const fn is_dialable(self) -> bool {
        !matches!(self, Self::Undialable(_))
    }
}

impl Nanp {
    /// Splits ten national digits.
    #[must_use]
    pub(super) const fn from_national(national: u64) -> Self {
        Self {
            npa: (national / 10_000_000 % 1000) as u16,
            nxx: (national / 10_000 % 1000) as u16,
            line: (national % 10_000) as u16,
        }
    }

    /// What kind of number this is.
    #[must_use]
    pub const fn kind(self) -> NumberKind {
        let (npa, nxx) = (self.npa, self.nxx);
        if npa < 200 {
            return NumberKind::Undialable(Undialable::AreaCodeStart);
        }
        if npa % 100 == 11 {
            return NumberKind::Undialable(Undialable::AreaCodeN11);
        }
        let toll_free = matches!(npa, 800 | 833 | 844 | 855 | 866 | 877 | 888);
        if !toll_free && matches!(npa, 822 | 880..=887 | 889) {
            return NumberKind::Undialable(Undialable::TollFreeReserved);
        }
        if npa / 10 % 10 == 9 || npa / 10 == 37 || npa / 10 == 96 {
            return NumberKind::Undialable(Undialable::AreaCodeReserved);
        }
        if nxx < 200 {
            return NumberKind::Undialable(Undialable::ExchangeStart);
        }
        if toll_free {
            return if nxx == 911 { NumberKind::Undialable(Undialable::ExchangeN11) } else { NumberKind::TollFree };
        }
        match npa {
            900 => return NumberKind::Premium,
            500 | 521..=529 | 533 | 544 | 566 | 577 | 588 => return NumberKind::Personal,
            710 => return NumberKind::Special,
            _ if npa / 10 % 10 == npa % 10 => return NumberKind::Special,
            _ => {}
        }
        if nxx % 100 == 11 {
            return NumberKind::Undialable(Undialable::ExchangeN11);
        }
        match (nxx, self.line) {
            (555, 100..=199) => NumberKind::Fictional,
            (555, 1212) => NumberKind::DirectoryAssistance,
            (958 | 959, _) => NumberKind::TestLine,
            (950 | 976, _) => NumberKind::Special,
            _ => NumberKind::Geographic,
        }
    }
}
