//! What the decoder hands over never points outside, in any form.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kinesis_agg_fuzz::index(data));
