//! Runs the checks of the fuzzers on their corpus, and on every input that once caused a failure, with any toolchain.

use std::fs;
use std::path::Path;

use base64_simd::STANDARD;

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

/// Runs `check` on all inputs of a target: the corpus, with one input in each line, and a file for each regression.
fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let corpus = fs::read_to_string(folder.join("corpus").join(format!("{target}.txt"))).unwrap();
    let mut replayed = 0;
    // Miri is about a thousand times slower, so it runs only some of the inputs.
    for line in corpus.lines().step_by(if cfg!(miri) { 20 } else { 1 }) {
        // Shown if the check fails.
        println!("{line}");
        let (base64, _name) = line.split_once(' ').unwrap_or((line, ""));
        check(&STANDARD.decode_to_vec(base64).unwrap());
        replayed += 1;
    }
    assert!(replayed > 2, "{target}: only {replayed} inputs");
    let Ok(regressions) = fs::read_dir(folder.join("regressions").join(target)) else { return };
    for file in regressions {
        let path = file.unwrap().path();
        println!("{}", path.display());
        check(&fs::read(path).unwrap());
    }
}

#[test]
fn decode() {
    replay("decode", fuzz::decode);
}

#[test]
fn encode() {
    replay("encode", fuzz::encode);
}

#[test]
fn index() {
    replay("index", fuzz::index);
}

#[test]
fn lanes() {
    replay("lanes", fuzz::lanes);
}

#[test]
fn md5() {
    replay("md5", fuzz::md5);
}
