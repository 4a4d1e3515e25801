//! The corpus of the fuzzers, and every input that was a fault once, by the same checks on any toolchain.

use std::fs;
use std::path::Path;

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

/// Runs `check` over the files of a target; there are some of them.
fn replay(target: &str, check: fn(&[u8])) {
    let mut replayed = 0;
    for kind in ["corpus", "regressions"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(kind).join(target);
        let Ok(files) = fs::read_dir(&folder) else {
            assert_eq!(kind, "regressions", "{target} has no corpus");
            continue;
        };
        // Miri runs some thousand times slower: a part of them is enough there.
        for file in files.step_by(if cfg!(miri) && kind == "corpus" { 20 } else { 1 }) {
            let path = file.unwrap().path();
            // The name of the input, should it fail.
            println!("{}", path.display());
            check(&fs::read(path).unwrap());
            replayed += 1;
        }
    }
    assert!(replayed > 5, "{target}: only {replayed} inputs");
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
fn md5() {
    replay("md5", fuzz::md5);
}
