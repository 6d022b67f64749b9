//! `ringtrue forget`, beside a server and without one.

use crate::run::{Desk, ringtrue};
use crate::serve::{Server, calls, key, labelled};

const TN: &str = "+12155550112";
const OTHER: &str = "+12155550113";

#[test]
fn a_number_is_forgotten_and_others_are_not() {
    let desk = Desk::new();
    let all = key(&desk, "--scope ingest --scope lookup --scope read:facts --scope admin");
    let server = Server::start(&desk, &[]);
    for tn in [TN, OTHER] {
        server.json(&all, "POST /v1/calls", &calls(tn));
        labelled(&server, &all, tn);
    }
    let data = desk.path("data");
    assert!(ringtrue(&format!("forget {TN} --data {data}")).refused(2).contains("name it with --url and --key"));
    let url = format!("http://{}", server.address);
    let told = ringtrue(&format!("forget 215-555-0112 --url {url} --key {all}")).done();
    assert!(told.starts_with(&format!("{TN} is forgotten: ")) && told.contains(" events that named it"), "{told}");
    assert_eq!(server.json(&all, &format!("GET /v1/labels/{TN}"), "")["label"], "no_opinion");
    assert_eq!(server.ask(&all, &format!("GET /v1/numbers/{TN}"), "", "").0, 404);
    labelled(&server, &all, OTHER);
    let lookup = key(&desk, "--scope lookup");
    while server.ask(&lookup, &format!("GET /v1/labels/{TN}"), "", "").0 == 401 {}
    let told = ringtrue(&format!("forget {OTHER} --url {url} --key {lookup}")).refused(2);
    assert!(told.contains("MISSING_SCOPE"), "{told}");
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));

    let server = Server::start(&desk, &[]);
    assert_eq!(server.json(&all, &format!("GET /v1/labels/{TN}"), "")["label"], "no_opinion");
    labelled(&server, &all, OTHER);
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));
    let told = ringtrue(&format!("forget {OTHER} --data {data}")).done();
    assert!(told.starts_with(&format!("{OTHER} is forgotten: ")), "{told}");
    let again = ringtrue(&format!("forget {OTHER} --data {data}")).done();
    assert!(again.contains(" 0 events that named it"), "{again}");
    let server = Server::start(&desk, &[]);
    assert_eq!(server.json(&all, &format!("GET /v1/labels/{OTHER}"), "")["label"], "no_opinion");
}

#[test]
fn what_cannot_be_forgotten_is_told() {
    let desk = Desk::new();
    assert!(ringtrue("forget 12 --data x").refused(2).contains("12"));
    assert!(ringtrue(&format!("forget {TN}")).refused(2).contains("--data"));
    let none = desk.path("none");
    assert!(ringtrue(&format!("forget {TN} --data {none}")).refused(2).contains("is no data directory"));
    assert!(!std::path::Path::new(&none).exists(), "nothing is begun to forget in");
}
