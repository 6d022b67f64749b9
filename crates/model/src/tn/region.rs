//! The region whose dialling rules read a number in national form.

use rlibphonenumber as library;

/// A region, by its ISO 3166-1 code: which rules read numbers that are written without a country code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Region(library::Region);

impl Region {
    /// The United States; any region of country code 1 reads numbers alike.
    pub const US: Self = Self(library::Region::US);

    /// Reads a two-letter code such as `US` or `gb`; `None` for an unknown one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let region = library::Region::try_from(code.to_ascii_uppercase().as_str()).ok()?;
        // The library reads all of its tables when it is first asked; the region of most users needs none of them.
        let known =
            region == library::Region::US || library::PHONE_NUMBER_UTIL.get_country_code_for_region(region).is_some();
        known.then_some(Self(region))
    }

    /// The two-letter code.
    #[must_use]
    pub fn code(self) -> String {
        self.0.as_region_str().as_str().to_owned()
    }

    pub(super) fn is_north_american(self) -> bool {
        self.0 == library::Region::US || library::PHONE_NUMBER_UTIL.get_country_code_for_region(self.0) == Some(1)
    }

    pub(super) const fn library(self) -> library::Region {
        self.0
    }
}
