//! The team's numbers and the story of each.

/// Shares are per mille.
pub(super) struct Line {
    /// The calling number.
    pub(super) tn: &'static str,
    /// Calls on a working day, and on a day of the weekend.
    pub(super) calls_a_day: [u32; 2],
    /// The first day that it calls, from 0.
    pub(super) from_day: u32,
    /// Days, from the first up to but not including the last, on which it does not call.
    pub(super) silent: [u32; 2],
    /// How many people are on its list.
    pub(super) list: u32,
    /// Calls that go to somebody not called before, while the list has such people.
    pub(super) first_calls: u32,
    /// People on its list whose number is not in service.
    pub(super) invalid: u32,
    /// Calls that are answered, of those that reach a phone.
    pub(super) answered: u32,
    /// Answered calls of at most six seconds.
    pub(super) short: u32,
    /// The middle length of the others, in seconds.
    pub(super) talk_s: u32,
    /// Calls that somebody places at another hour than the called person's day.
    pub(super) off_hours: u32,
    /// People who call the number back, each time a call to them was missed.
    pub(super) called_back: u32,
    /// How its calls are signed.
    pub(super) attestation: &'static str,
    /// What happens to it.
    pub(super) twist: Twist,
}

/// What happens to a number, from some day on or at one carrier.
pub(super) enum Twist {
    /// Nothing.
    None,
    /// A carrier's analytics blocks so many of its calls; some people refuse it with a 607.
    Blocked {
        /// The carrier.
        carrier: &'static str,
        /// The first day, from 0.
        from_day: u32,
        /// Calls that are blocked, per mille.
        share: u32,
    },
    /// A carrier's people stop answering.
    AnswersFall {
        /// The carrier.
        carrier: &'static str,
        /// The first day, from 0.
        from_day: u32,
        /// Calls that are still answered, per mille.
        answered: u32,
    },
    /// The part of the list at one carrier is old.
    OldList {
        /// The carrier.
        carrier: &'static str,
        /// Numbers not in service there, per mille.
        invalid: u32,
    },
}

/// A number with the habits of an ordinary office.
const OFFICE: Line = Line {
    tn: "",
    calls_a_day: [30, 0],
    from_day: 0,
    silent: [0, 0],
    list: 200,
    first_calls: 400,
    invalid: 8,
    answered: 550,
    short: 120,
    talk_s: 95,
    off_hours: 0,
    called_back: 60,
    attestation: "A",
    twist: Twist::None,
};

/// The number whose owner says that others show it.
pub(super) const SPOOFED: &str = "+13125550165";
/// The number that people report, and that a carrier blocks.
pub(super) const COLD: &str = "+13125550131";
/// The number that sells.
pub(super) const SALES: &str = "+12155550112";
/// The number with the old list.
pub(super) const OLD_LIST: &str = "+13125550120";
/// The number of the clinic.
pub(super) const CLINIC: &str = "+12155550110";

/// The team.
pub(super) const TEAM: [Line; 10] = [
    // A clinic reminds its patients: short messages, many known people, a clean list.
    Line {
        tn: CLINIC,
        calls_a_day: [48, 8],
        list: 260,
        invalid: 10,
        answered: 560,
        short: 200,
        talk_s: 42,
        called_back: 90,
        ..OFFICE
    },
    // Sales to strangers, who hang up at once.
    Line {
        tn: SALES,
        calls_a_day: [48, 0],
        list: 480,
        first_calls: 900,
        invalid: 12,
        answered: 420,
        short: 600,
        talk_s: 70,
        off_hours: 60,
        called_back: 4,
        attestation: "B",
        ..OFFICE
    },
    // An old list, never cleaned: decent calls otherwise.
    Line { tn: OLD_LIST, calls_a_day: [40, 0], list: 330, first_calls: 800, invalid: 150, answered: 500, ..OFFICE },
    // Cold calls from a bought list. AT&T's analytics begins to block them.
    Line {
        tn: COLD,
        calls_a_day: [52, 20],
        list: 640,
        first_calls: 960,
        invalid: 110,
        answered: 220,
        short: 610,
        talk_s: 30,
        off_hours: 30,
        called_back: 0,
        attestation: "B",
        twist: Twist::Blocked { carrier: "att", from_day: 10, share: 850 },
        ..OFFICE
    },
    // A loan servicer whose calls Verizon's people stopped answering.
    Line {
        tn: "+15125550140",
        calls_a_day: [46, 0],
        list: 240,
        answered: 600,
        called_back: 20,
        twist: Twist::AnswersFall { carrier: "verizon", from_day: 9, answered: 110 },
        ..OFFICE
    },
    // A new number: too few calls for an opinion.
    Line { tn: "+15125550145", calls_a_day: [2, 0], from_day: 11, list: 20, ..OFFICE },
    // A pharmacy's registered and attested line: short recorded notices.
    Line {
        tn: "+12155550150",
        calls_a_day: [40, 6],
        list: 240,
        first_calls: 550,
        invalid: 8,
        answered: 480,
        short: 340,
        talk_s: 24,
        ..OFFICE
    },
    // A help desk that people call back.
    Line { tn: "+13125550160", list: 150, answered: 620, talk_s: 150, called_back: 240, ..OFFICE },
    // The switchboard, closed for a week. Somebody else shows its number meanwhile.
    Line { tn: SPOOFED, calls_a_day: [30, 0], silent: [2, 9], list: 130, ..OFFICE },
    // A survey: its people at T-Mobile come from an older list than the others.
    Line {
        tn: "+15125550170",
        calls_a_day: [42, 0],
        list: 360,
        first_calls: 850,
        invalid: 12,
        answered: 450,
        short: 180,
        talk_s: 60,
        called_back: 10,
        attestation: "B",
        twist: Twist::OldList { carrier: "tmobile", invalid: 190 },
        ..OFFICE
    },
];

/// Area codes of the called people, with the hours by which their clocks are behind UTC in November.
pub(super) const AREAS: [(u16, u32); 48] = [
    (202, 5),
    (203, 5),
    (207, 5),
    (216, 5),
    (267, 5),
    (301, 5),
    (302, 5),
    (304, 5),
    (401, 5),
    (404, 5),
    (412, 5),
    (484, 5),
    (513, 5),
    (603, 5),
    (610, 5),
    (614, 5),
    (717, 5),
    (802, 5),
    (803, 5),
    (919, 5),
    (205, 6),
    (210, 6),
    (214, 6),
    (217, 6),
    (314, 6),
    (319, 6),
    (402, 6),
    (405, 6),
    (414, 6),
    (501, 6),
    (504, 6),
    (515, 6),
    (601, 6),
    (612, 6),
    (615, 6),
    (630, 6),
    (713, 6),
    (817, 6),
    (303, 7),
    (406, 7),
    (505, 7),
    (801, 7),
    (206, 8),
    (213, 8),
    (415, 8),
    (503, 8),
    (619, 8),
    (702, 8),
];
