//! A lane encodes and sorts as record by record would, and refuses places that contradict their slab.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kinesis_agg_fuzz::lanes(data));
