//! Walks every row of docs/reference/numbering.md against the code.

use super::{NumberKind, ParseTnError, Region, TelephoneNumber, parse_party, parse_tn};
use crate::call::Party;

const PAGE: &str = include_str!("../../../../docs/reference/numbering.md");

/// The cells of the table below a heading, without its head.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let section = PAGE.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !line.starts_with('#'));
    let table = section.filter(|line| line.starts_with('|')).skip(2);
    let rows: Vec<Vec<&str>> = table.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect();
    assert!(!rows.is_empty(), "no table under {heading}");
    rows
}

/// Tells whether digits fit a cell such as `N11`, `822, 880–887` or `NBB`.
fn fits(cell: &str, digits: &str) -> bool {
    cell.split(", ").any(|pattern| match pattern.split_once('–') {
        Some((from, to)) => (from..=to).contains(&digits),
        None => {
            let mut same: Option<char> = None;
            assert_eq!(pattern.len(), digits.len(), "{pattern}");
            pattern.chars().zip(digits.chars()).all(|(wanted, digit)| match wanted {
                'N' => ('2'..='9').contains(&digit),
                'X' => true,
                'B' => *same.get_or_insert(digit) == digit,
                literal => literal == digit,
            })
        }
    })
}

fn kind_word(kind: NumberKind) -> &'static str {
    match kind {
        NumberKind::Geographic => "geographic",
        NumberKind::TollFree => "toll_free",
        NumberKind::Premium => "premium",
        NumberKind::Personal => "personal",
        NumberKind::Special => "special",
        NumberKind::Fictional => "fictional",
        NumberKind::DirectoryAssistance => "directory_assistance",
        NumberKind::TestLine => "test_line",
        NumberKind::Abroad => "abroad",
        NumberKind::Undialable(_) => "undialable",
    }
}

#[test]
fn every_north_american_number_is_as_its_row_says() {
    const EXCHANGES: [u64; 22] =
        [0, 99, 100, 199, 200, 211, 311, 411, 511, 555, 611, 711, 811, 911, 212, 215, 556, 950, 958, 959, 976, 999];
    const LINES: [u64; 9] = [0, 99, 100, 150, 199, 200, 1211, 1212, 9999];
    let rows = rows("## Kinds of North American numbers");
    let mut used = vec![false; rows.len()];
    for npa in 0..1000u64 {
        for nxx in EXCHANGES {
            for line in LINES {
                let number = 10_000_000_000 + npa * 10_000_000 + nxx * 10_000 + line;
                let kind = TelephoneNumber::from_digits(number).expect("eleven digits").kind();
                let (npa, nxx, line) = (format!("{npa:03}"), format!("{nxx:03}"), format!("{line:04}"));
                let place = rows
                    .iter()
                    .position(|row| fits(row[0], &npa) && fits(row[1], &nxx) && fits(row[2], &line))
                    .unwrap_or_else(|| panic!("no row covers {number}"));
                used[place] = true;
                let row = &rows[place];
                assert_eq!(kind_word(kind), row[3], "+{number}");
                if let NumberKind::Undialable(reason) = kind {
                    assert_eq!(reason.rule(), row[4], "+{number}");
                }
                assert_eq!(kind.is_dialable(), row[3] != "undialable");
                assert!(!row[5].is_empty(), "a row without a source");
            }
        }
    }
    assert!(used.iter().all(|&used| used), "a row that no number reaches");
}

fn shown(read: &Result<Party, ParseTnError>) -> String {
    match read {
        Ok(Party::Number(tn)) => tn.to_string(),
        Ok(Party::Extension(digits)) => format!("extension {digits}"),
        Ok(Party::Anonymous) => "anonymous".to_owned(),
        Err(error) => match error {
            ParseTnError::Blank => "blank",
            ParseTnError::Anonymous => "withheld",
            ParseTnError::Sentinel(_) => "missing",
            ParseTnError::Fragment(_) => "fragment",
            ParseTnError::TooLong(_) => "too long",
            ParseTnError::NoRegion(_) => "no region",
            ParseTnError::NotInPlan(_) => "not in plan",
            ParseTnError::NotANumber(_) => "not a number",
        }
        .to_owned(),
    }
}

#[test]
fn every_writing_is_read_as_its_row_says() {
    for row in rows("## How numbers are read") {
        let [written, region, expected, why] = row[..] else { panic!("four cells: {row:?}") };
        assert!(!why.is_empty(), "{written} says no reason");
        let text = written.replace('␣', " ");
        let region = (region != "–").then(|| Region::from_code(region).expect("a region"));
        let read = parse_party(text.as_bytes(), region);
        assert_eq!(shown(&read), expected, "{written}");
        let number = read.ok().and_then(Party::number);
        assert_eq!(parse_tn(text.as_bytes(), region).ok(), number, "{written}, as a number only");
    }
}

#[test]
fn marks_of_address_books_are_passed_over() {
    let expected = Ok(Party::Number(TelephoneNumber::from_digits(12_155_550_112).expect("a number")));
    for text in
        ["\u{202a}+1 215\u{2011}555\u{2011}0112\u{202c}", "+1\u{a0}215\u{a0}555\u{2013}0112", "\u{feff}2155550112"]
    {
        assert_eq!(parse_party(text.as_bytes(), None), expected, "{text:?}");
    }
    assert_eq!(shown(&parse_party(b"215\xa0555\xa00112", None)), "not a number", "no UTF-8");
    assert_eq!(shown(&parse_party("2".repeat(5000).as_bytes(), None)), "too long");
    assert_eq!(shown(&parse_party("sip:".repeat(5000).as_bytes(), None)), "too long");
}

#[test]
fn spelt_words_are_no_numbers() {
    for digits in [266_696_687u64, 7_378_742_833, 2_562_533, 8_656_696, 86_282_452_253] {
        let parsed = rlibphonenumber::PHONE_NUMBER_UTIL.parse(format!("+{digits}"), None);
        let valid = parsed.is_ok_and(|parsed| rlibphonenumber::PHONE_NUMBER_UTIL.is_valid_number(&parsed));
        assert!(!valid, "+{digits} is somebody's number");
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn region() -> impl Strategy<Value = Option<Region>> {
        const CODES: &[&str] = &["US", "CA", "GB", "DE", "AU", "IT", "FR", "MX", "CN", "BR"];
        proptest::option::of(proptest::sample::select(CODES)).prop_map(|code| code.and_then(Region::from_code))
    }

    fn comes_back(text: &[u8], region: Option<Region>) -> Result<(), TestCaseError> {
        if let Ok(Party::Number(tn)) = parse_party(text, region) {
            let printed = tn.to_string();
            for region in [None, region] {
                prop_assert_eq!(parse_tn(printed.as_bytes(), region), Ok(tn), "{}", printed);
            }
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn no_bytes_break_the_reader(text in proptest::collection::vec(any::<u8>(), 0..300), region in region()) {
            comes_back(&text, region)?;
        }

        #[test]
        fn numbers_come_back(text in "(\\+|00|011|0|1|%2B|tel:\\+|sip:)?[0-9]{6,17}(@a|;b=1| x1|\\.0)?", region in region()) {
            comes_back(text.as_bytes(), region)?;
        }

        #[test]
        fn noise_comes_back(text in "[+0-9 ().<>@;?x#,e'\"=%2B-]{0,40}", region in region()) {
            comes_back(text.as_bytes(), region)?;
        }

        #[test]
        fn north_america_comes_back(national in 0u64..10_000_000_000, region in region()) {
            let tn = TelephoneNumber::from_digits(10_000_000_000 + national).expect("eleven digits");
            prop_assert_eq!(parse_tn(tn.to_string().as_bytes(), region), Ok(tn));
        }
    }
}
