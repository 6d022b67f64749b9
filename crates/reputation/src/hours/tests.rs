use super::*;

const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;

fn hours() -> CallingHours {
    CallingHours::parse("area_codes.toml (shipped)", CallingHours::SHIPPED).expect("the shipped area codes")
}

/// The instant of a UTC date and time.
fn utc(year: i64, month: u8, day: u8, hour: i64, minute: i64) -> Timestamp {
    let days = model::time::days_from_civil(year, month, day);
    Timestamp::from_s(days * DAY_S + hour * HOUR_S + minute * 60).expect("an instant")
}

fn check(digits: u64, at: Timestamp, expect: Option<bool>) {
    let tn = TelephoneNumber::from_digits(digits).expect("a number");
    assert_eq!(hours().off_hours(tn, at), expect, "{tn} at {at}");
}

#[test]
fn hours_are_those_of_the_called_place() {
    let philadelphia = 12_155_550_112;
    // Winter: UTC-5. 8:00 is the first fair minute, 21:00 the first unfair one.
    check(philadelphia, utc(2026, 1, 15, 12, 59), Some(true));
    check(philadelphia, utc(2026, 1, 15, 13, 0), Some(false));
    check(philadelphia, utc(2026, 1, 16, 1, 59), Some(false));
    check(philadelphia, utc(2026, 1, 16, 2, 0), Some(true));
    // Summer: UTC-4.
    check(philadelphia, utc(2026, 7, 15, 12, 0), Some(false));
    check(philadelphia, utc(2026, 7, 16, 1, 0), Some(true));
    check(14_155_550_112, utc(2026, 7, 15, 14, 59), Some(true));
    check(14_155_550_112, utc(2026, 7, 15, 15, 0), Some(false));
}

#[test]
fn the_clock_changes_on_its_day() {
    // 2026-03-08 in New York: 2:00 EST becomes 3:00 EDT at 7:00 UTC.
    check(12_125_550_112, utc(2026, 3, 8, 1, 30), Some(false));
    check(12_125_550_112, utc(2026, 3, 8, 12, 0), Some(false));
    check(12_125_550_112, utc(2026, 3, 7, 12, 0), Some(true));
    check(12_125_550_112, utc(2026, 11, 1, 12, 30), Some(true));
}

#[test]
fn a_split_area_is_off_hours_only_in_all_its_zones() {
    // 850 in Florida: Pensacola has Chicago's clock, Tallahassee New York's.
    check(18_505_550_112, utc(2026, 1, 15, 12, 30), Some(true));
    check(18_505_550_112, utc(2026, 1, 15, 13, 30), Some(false));
    check(18_505_550_112, utc(2026, 1, 16, 2, 30), Some(false));
    check(18_505_550_112, utc(2026, 1, 16, 3, 0), Some(true));
    // Half an hour: 8:00 in Newfoundland is 11:30 UTC in winter; Labrador is half an hour behind.
    check(17_095_550_112, utc(2026, 1, 15, 11, 30), Some(false));
    check(17_095_550_112, utc(2026, 1, 15, 11, 29), Some(true));
}

#[test]
fn nobody_can_say_elsewhere() {
    let noon = utc(2026, 6, 1, 17, 0);
    check(442_079_460_018, noon, None);
    check(18_005_550_112, noon, None);
    check(18_765_550_112, noon, None);
    check(12_155_550_112, utc(2011, 12, 31, 23, 0), None);
    check(12_155_550_112, utc(2042, 1, 1, 0, 0), None);
    check(12_155_550_112, utc(2041, 12, 31, 17, 0), Some(false));
}

#[test]
fn off_hours_equal_those_of_the_time_zone_data() {
    let places = [
        (12_125_550_112, "America/New_York"),
        (15_065_550_112, "America/Halifax"),
        (16_025_550_112, "America/Phoenix"),
        (13_065_550_112, "America/Regina"),
        (18_085_550_112, "Pacific/Honolulu"),
        (16_715_550_112, "Pacific/Guam"),
    ];
    let hours = hours();
    for (digits, name) in places {
        let dest = TelephoneNumber::from_digits(digits).expect("a number");
        let zone = TimeZoneDatabase::bundled().get(name).expect("a zone");
        for step in 0..40_000 {
            let at_s = 1_325_376_000 + step * 23_456;
            let local = zone.to_datetime(jiff::Timestamp::from_second(at_s).expect("an instant"));
            let expect = (at_s < 2_272_147_200).then_some(!(8..21).contains(&local.hour()));
            let at = Timestamp::from_s(at_s).expect("an instant");
            assert_eq!(hours.off_hours(dest, at), expect, "{name} at {at}");
        }
    }
}

#[test]
fn a_clock_that_changes_by_half_hours_is_followed() {
    let zone = TimeZoneDatabase::bundled().get("Australia/Lord_Howe").expect("a zone");
    let off = off_slots(&zone, [8, 21]).expect("it keeps to half hours");
    for step in 0..40_000 {
        let at_s = 1_325_376_000 + step * 17_001;
        let local = zone.to_datetime(jiff::Timestamp::from_second(at_s).expect("an instant"));
        let day = usize::try_from(at_s / DAY_S - first_day()).expect("from 2012 on");
        let slot = at_s % DAY_S / SLOT_S;
        assert_eq!(off[day] >> slot & 1 == 1, !(8..21).contains(&local.hour()), "{at_s}");
    }
    assert!(off_slots(&TimeZoneDatabase::bundled().get("Asia/Kathmandu").expect("a zone"), [8, 21]).is_none());
}

#[test]
fn a_wrong_file_is_refused() {
    let refuse = |from: &str, to: &str, expect: &str| {
        let text = CallingHours::SHIPPED.replacen(from, to, 1);
        let error = CallingHours::parse("mine.toml", &text).expect_err("must be refused").to_string();
        assert!(error.contains(expect) && error.contains("mine.toml"), "{error}");
    };
    refuse("America/New_York", "America/New_Yorck", "New_Yorck");
    refuse("\n201 = ", "\n2010 = ", "three digits");
    refuse("from_hour = 8", "from_hour = 22", "to_hour");
    refuse("from_hour", "begin_hour", "begin_hour");
    refuse("201 = \"America/New_York\"", "201 = []", "at least one");
}
