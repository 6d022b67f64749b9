use std::io::Write as _;

use super::*;

fn limits() -> Limits {
    Limits { body_bytes_max: 1_000, unpacked_bytes_max: 5_000, bodies_bytes_max: 20_000, ..Limits::default() }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("a buffer takes everything");
    encoder.finish().expect("a buffer takes everything")
}

async fn check(encoding: &str, body: Vec<u8>, expect: Result<usize, Code>) {
    let budget = Budget::new(20_000);
    let request = Request::builder().header("content-encoding", encoding).body(Body::from(body)).expect("a request");
    let got = receive(request, &limits(), &budget).await;
    let held = budget.taken();
    match &got {
        Ok(received) => assert_eq!(held, received.bytes().len(), "what is held is what is there"),
        Err(_) => assert_eq!(held, 0, "nothing stays held"),
    }
    assert_eq!(got.map(|received| received.bytes().len()).map_err(|problem| problem.code()), expect, "{encoding}");
    assert_eq!(budget.taken(), 0);
}

#[tokio::test]
async fn bodies_are_unpacked() {
    check("", b"abc".to_vec(), Ok(3)).await;
    check("identity", b"abc".to_vec(), Ok(3)).await;
    check("gzip", gzip(b"abc"), Ok(3)).await;
    check("GZIP", [gzip(b"abc"), gzip(b"defg")].concat(), Ok(7)).await;
    check("zstd", zstd::encode_all(&b"abc"[..], 3).expect("packed"), Ok(3)).await;
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    check("", vec![b'a'; 1_000], Ok(1_000)).await;
    check("", vec![b'a'; 1_001], Err(Code::TooLarge)).await;
    check("gzip", gzip(&[b'a'; 5_000]), Ok(5_000)).await;
    check("gzip", gzip(&[b'a'; 5_001]), Err(Code::TooLarge)).await;
    check("gzip", gzip(&vec![0; 500_000]), Err(Code::TooLarge)).await;
    check("zstd", zstd::encode_all(&vec![0; 10_000_000][..], 3).expect("packed"), Err(Code::TooLarge)).await;
}

#[tokio::test]
async fn what_is_damaged_is_refused() {
    check("br", b"abc".to_vec(), Err(Code::UnsupportedEncoding)).await;
    check("gzip, gzip", gzip(b"abc"), Err(Code::UnsupportedEncoding)).await;
    check("gzip", b"abc".to_vec(), Err(Code::BadBody)).await;
    check("zstd", b"abc".to_vec(), Err(Code::BadBody)).await;
    let mut cut = gzip(b"abcdefghijklmnopqrstuvwxyz");
    cut.truncate(cut.len() - 9);
    check("gzip", cut, Err(Code::BadBody)).await;
}

#[tokio::test]
async fn bodies_share_one_budget() {
    let budget = Budget::new(1_500);
    let send = || Request::new(Body::from(vec![b'a'; 1_000]));
    let first = receive(send(), &limits(), &budget).await.expect("room for one");
    let second = receive(send(), &limits(), &budget).await.expect_err("no room for two");
    assert_eq!(second.code(), Code::Overloaded);
    drop(first);
    assert!(receive(send(), &limits(), &budget).await.is_ok());
}
