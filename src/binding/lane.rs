//! The functions for lanes of the producer. Places are those of [`crate::lane`]: four words for each record.

use std::hash::{BuildHasher, RandomState};

use napi::bindgen_prelude::{External, Result, Uint8ArraySlice, Uint32ArraySlice};
use napi_derive::napi;

use super::{bytes_of, internal, words_of};
use crate::lane::calls::{self, Part};
use crate::lane::{self, Limits, Seed};
use crate::shard::ShardTable;

/// Length in words of the place of a record: lengths of its partition key, explicit hash key and data, and a free
/// word.
#[napi]
#[allow(clippy::cast_possible_truncation, reason = "it is 4")]
pub const LANE_WORDS: u32 = lane::PLACE_WORDS as u32;

/// Length in words of a run of records of one shard: position of the shard, number of records, number of bytes.
#[napi]
#[allow(clippy::cast_possible_truncation, reason = "it is 3")]
pub const RUN_WORDS: u32 = lane::RUN_WORDS as u32;

/// A new seed for each aggregate: it takes 40 ns and needs no state.
fn seed() -> Seed {
    // The standard library's only source of random numbers.
    let random = RandomState::new();
    Seed::new([random.hash_one(0), random.hash_one(1)])
}

/// Encodes the first records of a part of a lane, as many as `max_size` (bytes of the aggregate and its partition key)
/// and `max_records` allow. The part is the `count` records of `places` that start at number `first`; their bytes are
/// those of `slab` from `from` to `end`. Writes the aggregate to `out`, without a digest. Writes to `head` the number of
/// records, the length of the aggregate in bytes, and the length of the records in the slab in bytes. All are 0 if not
/// even the first record fits.
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments, reason = "an object would cost more than the call")]
pub fn encode_lane(
    slab: &[u8],
    from: u32,
    end: u32,
    places: &[u32],
    first: u32,
    count: u32,
    max_size: u32,
    max_records: u32,
    mut out: Uint8ArraySlice<'_>,
    mut head: Uint32ArraySlice<'_>,
) -> Result<()> {
    let part =
        Part { from: from as usize, end: end as usize, first: first as usize, count: count as usize };
    let limits = Limits { size: max_size as usize, records: max_records as usize };
    // SAFETY: see "Memory" of the module above.
    let (out, head) = unsafe { (bytes_of(&mut out), words_of(&mut head)) };
    Ok(calls::encode_lane(slab, places, part, limits, seed(), out, head)?)
}

/// Sorts the first `count` records of `inbox` by shard. Writes their bytes to `out`, their places to `sorted`, with the
/// number in `inbox` as the fourth word, and three words for each run to `runs`. Returns the number of runs.
#[napi(
    catch_unwind,
    ts_args_type = "table: object, inbox: Uint8Array, places: Uint32Array, count: number, out: Uint8Array, sorted: Uint32Array, runs: Uint32Array"
)]
pub fn sort_by_shard(
    table: &External<ShardTable>,
    inbox: &[u8],
    places: &[u32],
    count: u32,
    mut out: Uint8ArraySlice<'_>,
    mut sorted: Uint32ArraySlice<'_>,
    mut runs: Uint32ArraySlice<'_>,
) -> Result<u32> {
    // SAFETY: see "Memory" of the module above.
    let (out, sorted, runs) =
        unsafe { (bytes_of(&mut out), words_of(&mut sorted), words_of(&mut runs)) };
    let runs = calls::sort_inbox(table, inbox, places, count as usize, out, sorted, runs)?;
    u32::try_from(runs).map_err(|_| internal("too many runs"))
}

/// Writes the hash keys of the first `count` records of `slab` to `out`, 16 bytes each, big-endian.
#[napi(catch_unwind)]
pub fn hash_keys(slab: &[u8], places: &[u32], count: u32, mut out: Uint8ArraySlice<'_>) -> Result<()> {
    // SAFETY: see "Memory" of the module above.
    let out = unsafe { bytes_of(&mut out) };
    Ok(calls::write_hash_keys(slab, places, count as usize, out)?)
}
