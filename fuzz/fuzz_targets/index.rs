//! The index of the decoder never points outside the record.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kinesis_agg_fuzz::index(data));
