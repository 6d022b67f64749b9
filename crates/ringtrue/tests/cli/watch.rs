//! Folders that a server watches.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::run::{Desk, ringtrue};
use crate::serve::{Server, await_folded, calls, key, labelled};

const TN: &str = "+12155550112";

fn config(desk: &Desk, role: &str) -> String {
    let folder = desk.path("spool");
    desk.file("config.toml", format!("[[watch]]\nfolder = '{folder}'\nsource = 'switch'\nrole = '{role}'\n"))
}

/// Leaves a file in the folder, as one that was finished a minute ago.
fn leave(desk: &Desk, name: &str, text: &str) {
    let path = desk.file("finished", text);
    let minute_ago = SystemTime::now() - Duration::from_secs(60);
    File::options().write(true).open(&path).and_then(|file| file.set_modified(minute_ago)).expect("a time");
    fs::rename(path, desk.path(&format!("spool/{name}"))).expect("renamed");
}

/// Waits until a file is there.
fn await_file(desk: &Desk, name: &str) {
    while !Path::new(&desk.path(name)).exists() {
        std::thread::yield_now();
    }
}

#[test]
fn what_appears_in_a_folder_is_imported_once() {
    let desk = Desk::new();
    fs::create_dir(desk.path("spool")).expect("a folder");
    let lookup = key(&desk, "--scope lookup --scope read:facts");
    let config = config(&desk, "terminating");
    let server = Server::start(&desk, &["--config", &config]);
    leave(&desk, "one.ndjson", &calls(TN));
    await_file(&desk, "spool/done/one.ndjson");
    labelled(&server, &lookup, TN);
    leave(&desk, "two.csv", "start,orig,dest\nyesterday,+12155550112,+13125550199\n");
    await_file(&desk, "spool/failed/two.csv");
    assert!(desk.read("spool/failed/two.csv.rejects").contains("\"line\":2,"));
    let text = desk.read("spool/done/one.ndjson");
    server.signal("KILL");
    assert_eq!(server.ended(), None);
    leave(&desk, "again.ndjson", &text);
    let server = Server::start(&desk, &["--config", &config]);
    await_file(&desk, "spool/done/again.ndjson");
    await_folded(&server);
    let number = server.json(&lookup, &format!("GET /v1/numbers/{TN}"), "");
    assert_eq!(number["facts"]["d35"]["attempts"], 200);
    assert!(desk.read("err").contains("a file was imported before"), "{}", desk.read("err"));
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));
}

#[test]
fn folders_that_cannot_be_watched_are_refused() {
    let desk = Desk::new();
    let serve = |config: &str| {
        ringtrue(&format!("serve --data {} --listen 127.0.0.1:0 --config {config}", desk.path("data"))).refused(2)
    };
    assert!(serve(&config(&desk, "terminating")).contains("spool cannot be read"));
    assert!(serve(&config(&desk, "carrier")).contains("roles are terminating and originating"));
    fs::create_dir(desk.path("spool")).expect("a folder");
    let text = fs::read_to_string(config(&desk, "terminating")).expect("a file");
    assert!(serve(&desk.file("twice.toml", text.repeat(2))).contains("is watched twice"));
    assert!(serve(&config(&desk, "originating")).contains("stays so"), "the source is known by now");
}
