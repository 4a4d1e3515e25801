//! What is encoded comes back, and the encoder refuses what contradicts itself.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kinesis_agg_fuzz::encode(data));
