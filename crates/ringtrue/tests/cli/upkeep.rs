//! `ringtrue backup`, `restore`, `verify`, `inspect` and `rebuild`, as an operator meets them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::Value;

use crate::run::{Desk, Told, ringtrue};
use crate::serve::{Server, await_folded, calls, key, labelled};

const TN: &str = "+12155550112";

/// A data directory with 200 calls, on which no server works any more.
fn filled(desk: &Desk) -> (String, Value) {
    let all = key(desk, "--scope ingest --scope lookup");
    let server = Server::start(desk, &[]);
    assert_eq!(server.json(&all, "POST /v1/calls", &calls(TN))["accepted"], 200);
    let label = labelled(&server, &all, TN);
    stop(server);
    (all, label)
}

fn stop(server: Server) {
    server.signal("TERM");
    assert_eq!(server.ended(), Some(0));
}

fn same_label(one: &Value, other: &Value) {
    assert_eq!((&one["label"], &one["engine"]), (&other["label"], &other["engine"]));
}

/// A file of a data directory whose name ends so; the first, if there are several.
fn file_in(folder: &str, ends: &str) -> PathBuf {
    let entries = fs::read_dir(Path::new(folder)).expect("a folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files.into_iter().find(|file| file.to_string_lossy().ends_with(ends)).expect("such a file")
}

/// Changes one bit of a byte, and gives its place from the end.
fn flip(file: &Path, from_end: usize) {
    let mut bytes = fs::read(file).expect("a file");
    let at = bytes.len() - from_end;
    bytes[at] ^= 1;
    fs::write(file, bytes).expect("written");
}

fn verify(folder: &str) -> Told {
    ringtrue(&format!("verify --data {folder}"))
}

#[track_caller]
fn damaged(told: &Told, expect: &[&str]) {
    assert_eq!(told.code, 1, "{}{}", told.out, told.err);
    assert!(told.err.contains("is damaged"), "{}", told.err);
    for expect in expect {
        assert!(told.out.contains(expect), "{expect} in {}", told.out);
    }
}

#[test]
fn a_server_is_copied_while_calls_stream_in() {
    let desk = Desk::new();
    let all = key(&desk, "--scope ingest --scope lookup --scope read:facts");
    let server = Server::start(&desk, &[]);
    server.json(&all, "POST /v1/calls", &calls(TN));
    let label = labelled(&server, &all, TN);
    let (ended, sent) = (AtomicBool::new(false), AtomicU64::new(0));
    let (data, copy, again) = (desk.path("data"), desk.path("copy"), desk.path("again"));
    let acknowledged = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Acquire) {
                let body =
                    calls("+12155550113").replace("+12155550113-", &format!("{}-", sent.load(Ordering::Acquire)));
                assert_eq!(server.json(&all, "POST /v1/calls", &body)["accepted"], 200);
                sent.fetch_add(1, Ordering::AcqRel);
            }
        });
        while sent.load(Ordering::Acquire) < 3 {
            std::thread::yield_now();
        }
        let acknowledged = sent.load(Ordering::Acquire) * 200;
        let told = ringtrue(&format!("backup --data {data} --to {copy}")).done();
        assert!(told.contains(" events (0 to ") && told.ends_with(&format!("copied to {copy}\n")), "{told}");
        ended.store(true, Ordering::Release);
        acknowledged
    });
    stop(server);
    verify(&copy).done();
    ringtrue(&format!("restore --from {copy} --data {again}")).done();
    let server = Server::start_in(&desk, "again", &[]);
    same_label(&labelled(&server, &all, TN), &label);
    await_folded(&server);
    let number = server.json(&all, "GET /v1/numbers/+12155550113", "");
    let attempts = number["facts"]["d35"]["attempts"].as_u64().expect("a count");
    assert!((acknowledged..=sent.load(Ordering::Acquire) * 200).contains(&attempts), "{attempts} of {acknowledged}");
}

#[test]
fn nothing_is_copied_over_what_is_there() {
    let desk = Desk::new();
    filled(&desk);
    let (data, copy) = (desk.path("data"), desk.path("copy"));
    let backup = || ringtrue(&format!("backup --data {data} --to {copy}"));
    backup().done();
    assert!(backup().refused(2).contains("is not empty"));
    assert!(ringtrue(&format!("restore --from {copy} --data {data}")).refused(2).contains("is not empty"));
    assert!(ringtrue(&format!("restore --from {data} --data {copy}2")).refused(2).contains("is no backup"));
    let none = desk.path("none");
    assert!(ringtrue(&format!("backup --data {none} --to {copy}2")).refused(2).contains("holds no data of a server"));
    fs::create_dir(format!("{copy}2.part")).expect("a folder");
    assert!(ringtrue(&format!("backup --data {data} --to {copy}2")).refused(2).contains("broken off"));
    assert!(!Path::new(&format!("{copy}2")).exists(), "a copy that is not whole never bears its name");
}

#[test]
fn a_folder_that_is_there_is_filled_in_place() {
    // Such as a disk that is mounted, which cannot be renamed.
    let desk = Desk::new();
    filled(&desk);
    let (data, mounted, again) = (desk.path("data"), desk.path("mounted"), desk.path("again"));
    let part = format!("{mounted}/.part");
    fs::create_dir_all(format!("{mounted}/lost+found")).expect("a folder");
    fs::create_dir(&part).expect("a folder");
    let backup = || ringtrue(&format!("backup --data {data} --to {mounted}"));
    assert!(backup().refused(2).contains("mounted/.part is there"));
    fs::remove_dir(&part).expect("removed");
    backup().done();
    assert!(verify(&mounted).done().contains("backup     well: ") && !Path::new(&part).exists());
    fs::create_dir(&again).expect("a folder");
    ringtrue(&format!("restore --from {mounted} --data {again}")).done();
    verify(&again).done();
}

#[test]
fn a_directory_in_use_is_told_so() {
    let desk = Desk::new();
    let _server = Server::start(&desk, &[]);
    let data = desk.path("data");
    for command in ["verify", "inspect", "rebuild"] {
        let told = ringtrue(&format!("{command} --data {data}")).refused(2);
        assert!(told.contains(&format!("{data} is in use: stop the server")), "{told}");
    }
}

#[test]
fn a_check_names_each_flipped_bit_and_missing_file() {
    let desk = Desk::new();
    filled(&desk);
    let data = desk.path("data");
    let told = verify(&data).done();
    assert!(told.starts_with("log        well: 1 segment, 2") && told.ends_with("all is well\n"), "{told}");
    let segment = file_in(&desk.path("data/log"), ".log");
    let whole = fs::read(&segment).expect("a segment");
    // The body of the first frame, which holds the first event or, when they were logged at once, all of them.
    flip(&segment, whole.len() - 100);
    damaged(&verify(&data), &[&segment.display().to_string(), " bytes at 32: ", "checksum", " 0 ", "may be lost"]);
    assert!(ringtrue(&format!("inspect --data {data}")).done().contains("DAMAGED: "));
    fs::write(&segment, &whole).expect("written");
    let snapshot = file_in(&desk.path("data/snapshots"), ".snap");
    flip(&snapshot, 1);
    damaged(&verify(&data), &[&snapshot.display().to_string(), "broken at byte"]);
    flip(&snapshot, 1);
    verify(&data).done();
    fs::write(&segment, &whole[..32]).expect("cut");
    damaged(&verify(&data), &["it reaches to event", "segments are missing"]);
    fs::write(&segment, &whole).expect("written");
    fs::remove_file(desk.path("data/carriers")).expect("removed");
    damaged(&verify(&data), &["data/carriers: it is missing"]);
    fs::remove_file(desk.path("data/registry.sqlite")).expect("removed");
    assert!(verify(&data).refused(2).contains("there is no registry.sqlite in it"));
}

#[test]
fn a_backup_that_changed_is_neither_well_nor_restored() {
    let desk = Desk::new();
    filled(&desk);
    let (data, copy, again) = (desk.path("data"), desk.path("copy"), desk.path("again"));
    ringtrue(&format!("backup --data {data} --to {copy}")).done();
    let snapshot = file_in(&format!("{copy}/snapshots"), ".snap");
    let whole = fs::read(&snapshot).expect("a snapshot");
    let restore = || ringtrue(&format!("restore --from {copy} --data {again}")).refused(2);
    flip(&snapshot, 1);
    damaged(&verify(&copy), &["the checksum differs"]);
    assert!(restore().contains("the backup cannot be used"));
    fs::remove_dir_all(format!("{again}.part")).expect("removed");
    fs::remove_file(&snapshot).expect("removed");
    damaged(&verify(&copy), &[&format!("{}: it is missing", snapshot.display())]);
    assert!(restore().contains("it is missing"));
    assert!(!Path::new(&again).exists());
    fs::remove_dir_all(format!("{again}.part")).expect("removed");
    fs::write(&snapshot, whole).expect("written");
    ringtrue(&format!("restore --from {copy} --data {again}")).done();
    verify(&again).done();
}

#[test]
fn an_append_that_was_cut_short_is_told_and_left_to_the_start() {
    let desk = Desk::new();
    let (all, label) = filled(&desk);
    let data = desk.path("data");
    let segment = file_in(&desk.path("data/log"), ".log");
    let mut bytes = fs::read(&segment).expect("a segment");
    let whole = bytes.len();
    let frame = bytes[32..72].to_vec();
    bytes.extend_from_slice(&frame);
    fs::write(&segment, &bytes).expect("written");
    for _ in 0..2 {
        let told = verify(&data).done();
        assert!(told.contains(&format!("the last append was cut short at {whole}, 40 bytes of it")), "{told}");
    }
    assert!(ringtrue(&format!("inspect --data {data}")).done().contains("the next start cuts it off"));
    let server = Server::start(&desk, &[]);
    same_label(&labelled(&server, &all, TN), &label);
    let told = fs::read_to_string(desk.path("err")).expect("a log");
    assert!(told.contains("cut short") && told.contains(&format!("offset={whole}")), "{told}");
    stop(server);
    assert!(!verify(&data).done().contains("cut short"));
}

#[test]
fn an_inspection_tells_what_is_there() {
    let desk = Desk::new();
    filled(&desk);
    let data = desk.path("data");
    let told = ringtrue(&format!("inspect --data {data}")).done();
    for expect in [
        "data       data_",
        "log        format 2 of 2 known, 1 segment, ",
        "  sealed  ",
        "appended from ",
        "snapshots  format 2",
        "api_key ",
        "carriers ",
    ] {
        assert!(told.contains(expect), "{expect} in {told}");
    }
    let held = ringtrue(&format!("inspect --data {data} --json")).json();
    assert_eq!(held["log"]["events"]["from"], 0);
    assert!(held["log"]["events"]["before"].as_u64() >= held["snapshots"]["read_from"].as_u64(), "{held}");
    assert_eq!(held["registry"]["rows"]["api_key"], 1);
    let checked = ringtrue(&format!("verify --data {data} --json")).json();
    assert_eq!(checked["well"], true);
    assert_eq!(checked["log"]["events"], held["log"]["events"]);
}

#[test]
fn a_rebuild_gives_the_same_labels() {
    let desk = Desk::new();
    let (all, label) = filled(&desk);
    let data = desk.path("data");
    let told = ringtrue(&format!("rebuild --data {data}")).done();
    assert!(told.contains("the next start works everything out anew from 2"), "{told}");
    assert!(ringtrue(&format!("inspect --data {data}")).done().contains("a start reads the whole log"));
    let server = Server::start(&desk, &[]);
    same_label(&labelled(&server, &all, TN), &label);
}
