//! Encoded records decode to the same records, and the encoder refuses contradictory input.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kinesis_agg_fuzz::encode(data));
