//! Compares the decoder with prost and with the rules of the format.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kinesis_agg_fuzz::decode(data));
