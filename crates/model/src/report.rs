//! What people say of the calls they get.

use crate::call::CarrierId;
use crate::time::Timestamp;
use crate::tn::TelephoneNumber;

/// What a person says of a call or a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReportCategory {
    /// The call was unwanted: spam, telemarketing, a robocall.
    Unwanted,
    /// The call tried to defraud.
    Fraud,
    /// The call was wanted; the label, if any, is wrong.
    NotSpam,
    /// The caller asked for somebody else.
    WrongNumber,
    /// "My own number is being spoofed": the owner of `tn` says that others show it. A shield, not a mark.
    SpoofedMe,
}

impl ReportCategory {
    /// All categories.
    pub const ALL: [Self; 5] = [Self::Unwanted, Self::Fraud, Self::NotSpam, Self::WrongNumber, Self::SpoofedMe];

    /// The word used in report records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unwanted => "unwanted",
            Self::Fraud => "fraud",
            Self::NotSpam => "not_spam",
            Self::WrongNumber => "wrong_number",
            Self::SpoofedMe => "spoofed_me",
        }
    }

    /// Reads the word used in report records; `None` for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == word)
    }
}

/// One report by one person about one calling number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// A hash of source and id; `None` when the report has no id.
    pub key: Option<crate::RecordKey>,
    /// When the call that is reported happened; for regulator complaints the violation date.
    pub at: Timestamp,
    /// When we learned of it; for regulator complaints the date of creation. `None` means at once.
    pub known_at: Option<Timestamp>,
    /// The number that is reported.
    pub tn: TelephoneNumber,
    /// What the person says.
    pub category: ReportCategory,
    /// A keyed hash that stands for the person; `None` makes each report a person of its own.
    pub reporter: Option<u64>,
    /// The hash of the reporter's telephone number as the facts hash destinations, when the reporter gave one: it is what
    /// makes a proof of call possible.
    pub reporter_tn: Option<TelephoneNumber>,
    /// When the reporter's account was made; `None` when unknown.
    pub reporter_since: Option<Timestamp>,
    /// A hash of the network that the report came from; `None` when unknown.
    pub network: Option<u64>,
    /// A hash of the family of device; `None` when unknown.
    pub device: Option<u64>,
    /// The reporter's area code or region; `None` when unknown.
    pub area_code: Option<u16>,
    /// The reporter's carrier; `None` when unknown.
    pub carrier: Option<CarrierId>,
    /// The report is itself part of a recorded call (a 607), and so proven.
    pub proven: bool,
    /// The report comes from a regulator's file, which names no reporter and covers no carrier in particular.
    pub regulator: bool,
}

impl Report {
    /// When a verdict may first use this report.
    #[must_use]
    pub fn known(&self) -> Timestamp {
        self.known_at.unwrap_or(self.at).max(self.at)
    }
}
