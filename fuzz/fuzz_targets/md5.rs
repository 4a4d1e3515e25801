//! Compares the digests of every backend with the `md-5` crate.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kinesis_agg_fuzz::md5(data));
