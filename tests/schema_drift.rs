//! `src/schema.rs` is the code that prost generates from `proto/kpl.proto`.
//!
//! `UPDATE_SCHEMA=1 cargo test --test schema_drift` writes it again.

use std::{env, fs};

const COMMITTED: &str = "src/schema.rs";

#[test]
fn schema_is_generated_from_the_proto() {
    let descriptors = protox::compile(["proto/kpl.proto"], ["proto"]).unwrap();
    let out = tempdir();
    prost_build::Config::new().out_dir(&out).compile_fds(descriptors).unwrap();
    let generated = fs::read_to_string(out.join("kpl.rs")).unwrap();
    fs::remove_dir_all(&out).unwrap();
    if env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(COMMITTED, &generated).unwrap();
    }
    assert_eq!(fs::read_to_string(COMMITTED).unwrap(), generated, "run with UPDATE_SCHEMA=1");
}

fn tempdir() -> std::path::PathBuf {
    let dir = env::temp_dir().join(format!("kinesis-agg-schema-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    dir
}
