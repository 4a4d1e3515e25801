//! The decoder against prost and against the rules of the format.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kinesis_agg_fuzz::decode(data));
