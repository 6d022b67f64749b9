//! The keys of a mapping file, and what is refused.

use super::*;

const LEAST: &str = r#"
name = "house"
title = "The house dialer"
documentation = ["its manual"]
real_export_seen = true
"#;

fn mapping(rest: &str) -> std::sync::Arc<Mapping> {
    std::sync::Arc::new(Mapping::parse(&format!("{LEAST}{rest}")).unwrap_or_else(|error| panic!("{error}")))
}

fn refusal(rest: &str) -> String {
    Mapping::parse(&format!("{LEAST}{rest}")).expect_err("a refusal").to_string()
}

fn house(rest: &str, file: &str) -> String {
    read(Some("house"), file.as_bytes(), &options(&[mapping(rest)]))
}

#[test]
fn every_key_of_a_csv_mapping() {
    let keys = r#"
delimiter = "pipe"
skip_lines = 1
answered = "word"
[columns]
id = "Ref"
start = ["Begun", 1]
orig = "A"
dest = "B"
carrier = "Net"
sip_code = "Code"
reason = "Reason"
q850_location = "Loc"
attestation = "Att"
hangup_by = "Who"
answered = "Ok"
talk = "Talk"
ring = "Ring"
direction = "Way"
[units]
talk = "min"
ring = "mm:ss"
[words.answered]
y = true
n = false
[words.direction]
out = "outbound"
[words.hangup_by]
us = "own"
them = "other"
[carriers]
"AT&T" = "att"
[observes]
answer = true
"#;
    let file = "Report of the day\nBegun|A|B|Ok|Talk|Ring|Way|Net|Code|Reason|Loc|Att|Who|Ref\n\
        1795183331|2155550112|2155550150|Y|0.5|0:07|OUT|at&t||||A|them|1\n\
        1795183331|2155550112|2155550151|N|||out|Verizon|404||||us|2\n\
        1795183331|2155550112|2155550152|N|||out|Nobody Mobile||||||3\n\
        1795183331|2155550112|2155550153|?||||||||||4\n\
        1795183331|2155550112|2155550154|y|half|||||||||5\n\
        1795183331|2155550112|2155550155|y\n";
    insta::assert_snapshot!(house(keys, file), @r"
    house
    2026-11-20T14:02:11Z +12155550112 > +12155550150 Outbound answered strong sees a ring 7000 talk 30000 by Dest carrier 0 key
    2026-11-20T14:02:11Z +12155550112 > +12155550151 Outbound invalid medium sees aib by Orig carrier 1 key
    2026-11-20T14:02:11Z +12155550112 > +12155550152 Outbound failed weak sees a key
    2026-11-20T14:02:11Z +12155550112 > +12155550153 failed weak sees - key
    line 7: BAD_VALUE talk: `half` is not a duration of at most 7 days in minutes
    line 8: BAD_CSV : the header has 14 columns, this line has 4
    ");
}

#[test]
fn json_by_dotted_paths_under_a_key() {
    let keys = r#"
format = "json"
items = "records"
direction = "outbound"
[columns]
id = "id"
start = "startTime"
orig = "from.phoneNumber"
dest = ["to.phoneNumber", "legs.0.to.phoneNumber"]
talk = "talkMs"
[units]
talk = "ms"
[[outcome]]
column = "result"
words = { Connected = "answered", "No Answer" = "no_answer weak" }
otherwise = "failed"
"#;
    let file = r#"{"records":[
        {"id":1,"startTime":"2026-11-20T14:02:11.000Z","from":{"phoneNumber":"+12155550112"},
         "legs":[{"to":{"phoneNumber":"+12155550150"}}],"talkMs":6200,"result":"Connected"},
        {"id":2,"startTime":"2026-11-20T14:02:11.000Z","from":{"phoneNumber":"+12155550112"},
         "to":{"phoneNumber":"+12155550151"},"result":"Lost"},
        {"id":3}, 4]}"#;
    insta::assert_snapshot!(house(keys, file), @r"
    house
    2026-11-20T14:02:11Z +12155550112 > +12155550150 Outbound answered strong sees - talk 6200 key
    2026-11-20T14:02:11Z +12155550112 > +12155550151 Outbound failed strong sees - key
    line 1: MISSING_FIELD start: `start` is required and is absent or empty
    line 1: BAD_JSON : a JSON object was expected
    ");
}

#[test]
fn times_need_a_zone_from_somewhere() {
    let keys = "[columns]\nstart = 1\norig = 2\ndest = 3\n";
    let with_header = mapping(&format!("header = false\n{keys}"));
    let mut options = options(&[with_header]);
    options.tz = None;
    let text = read(Some("house"), b"2026-11-20 09:02:11,2155550112,2155550150\n", &options);
    insta::assert_snapshot!(text, @r"
    house
    line 1: TIME_WITHOUT_ZONE start: `2026-11-20 09:02:11` names no zone: give one with --tz, such as --tz America/New_York or --tz UTC
    ");
}

#[test]
fn the_signature_with_most_columns_wins_and_a_later_mapping_stands_in() {
    let few = mapping("[[detect]]\ncolumns = [\"x\"]\n[columns]\nstart = \"s\"\norig = \"a\"\ndest = \"b\"\n");
    let mut mappings = presets();
    mappings.push(few);
    let options = options(&mappings);
    assert_eq!(detect(b"x,s,a,b\n", &options), Ok(Format::Mapping("house".into())));
    let both = b"x,call_id,date_started,direction,external_number,internal_number\n";
    assert_eq!(detect(both, &options), Ok(Format::Mapping("dialpad".into())));
    assert_eq!(Format::named("csv", &options), Some(Format::Csv));
    assert_eq!(Format::named("nothing", &options), None);
    let unknown = open(&Format::Mapping("nothing".into()), b"x\n", &options).err().expect("a refusal");
    assert_eq!(unknown.to_string(), "there is no mapping named `nothing`");
}

#[test]
fn refusals_name_the_line_and_the_key() {
    let columns = "[columns]\nstart = \"s\"\norig = \"a\"\ndest = \"b\"\n";
    let all = [
        "colour = \"blue\"\n".to_owned() + columns,
        columns.to_owned() + "speed = \"x\"\n",
        columns.to_owned() + "talk = 0\n",
        columns.to_owned() + "[time]\nzone = \"Atlantis\"\n",
        columns.to_owned() + "[time]\nformats = [\"%!\"]\n",
        columns.to_owned() + "[numbers]\nregion = \"QQQ\"\n",
        columns.to_owned() + "[units]\ntalk = \"weeks\"\n",
        columns.to_owned() + "[[outcome]]\ncolumn = \"o\"\n[outcome.words]\nGone = \"lost\"\n",
        columns.to_owned() + "[[outcome]]\ncolumn = \"o\"\n[outcome.words]\nGone = \"invalid very\"\n",
        columns.to_owned() + "[words.direction]\nout = \"sideways\"\n",
        "[columns]\norig = \"a\"\ndest = \"b\"\n".to_owned(),
        "[columns]\nstart = \"s\"\norig = \"a\"\n".to_owned(),
        "[columns]\nstart = \"s\"\nown = \"a\"\nother = \"b\"\n".to_owned(),
        "answered = \"word\"\n".to_owned() + columns,
        "format = \"json\"\n[columns]\nstart = 1\norig = \"a\"\ndest = \"b\"\n".to_owned(),
        "items = \"x\"\n".to_owned() + columns,
        "title = \"twice\"\n".to_owned() + columns,
    ];
    let text: Vec<String> = all.iter().map(|rest| refusal(rest)).collect();
    insta::assert_snapshot!(text.join("\n"), @r#"
    line 6: colour: unknown field `colour`, expected one of `name`, `title`, `documentation`, `real_export_seen`, `note`, `format`, `delimiter`, `header`, `skip_lines`, `items`, `detect`, `columns`, `id_parts`, `time`, `numbers`, `answered`, `direction`, `units`, `words`, `outcome`, `skip`, `observes`, `carriers`
    line 10: columns: unknown variant `speed`, expected one of `start`, `start_time`, `answered_at`, `ended_at`, `zone`, `orig`, `dest`, `own`, `other`, `direction`, `answered`, `talk`, `ring`, `duration`, `id`, `carrier`, `sip_code`, `reason`, `q850`, `q850_location`, `hangup_by`, `attestation`
    line 10: columns: expected a column's name, its position from 1, or a list of them
    line 11: time.zone: `Atlantis` is not a zone such as America/New_York or UTC
    line 11: time.formats[0]: `%!` is not a time pattern: strftime formatting failed: found unrecognized specifier directive `!`
    line 11: numbers.region: `QQQ` is not a region such as US or GB
    line 11: units.talk: unknown variant `weeks`, expected one of `auto`, `s`, `ms`, `min`, `mm:ss`, `h:mm:ss`
    line 13: outcome[0].words.Gone: `lost` is none of answered, no_answer, busy, declined, cancelled, invalid, unreachable, blocked, unwanted, failed, unknown
    line 13: outcome[0].words.Gone: `very` is none of strong, medium, weak
    line 11: words.direction.out: unknown variant `sideways`, expected one of `outbound`, `inbound`, `internal`
    columns.start is missing: every call has a start time
    columns.orig is missing: a call has both ends: `orig` and `dest`, or `own` and `other`
    columns.direction is missing: `own` and `other` need a direction to tell who called
    columns.answered is missing: `answered = "word"` needs the column and `[words.answered]`
    columns: a JSON record has no column positions: name the keys
    items: only a JSON document holds items
    line 6: duplicate key
    "#);
    let named = Mapping::parse(&LEAST.replace("house", "The House")).expect_err("a refusal").to_string();
    insta::assert_snapshot!(named, @"line 2: name: `The House` is not a name of 1 to 40 lower-case letters, digits, `_` and `-`");
}

#[test]
fn the_page_shows_mappings_that_read_and_names_every_preset() {
    let page = include_str!("../../../../../docs/reference/mappings.md");
    let examples: Vec<&str> = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        Mapping::parse(example).unwrap_or_else(|error| panic!("{error}\n{example}"));
    }
    for (name, _) in PRESETS {
        assert_eq!(page.matches(&format!("\n| `{name}` |")).count(), 2, "{name}");
    }
}
