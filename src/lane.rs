//! The lanes of the producer: user records that wait in a slab until their aggregate is sent.
//!
//! A *slab* holds the bytes of records, one after the other: for each record its partition key, its explicit hash key
//! as decimal text if it has one, and its data. A *place* holds the lengths of these three, and a free word. While
//! records arrive, nothing is looked up and nothing is encoded:
//!
//! - [`sort_by_shard`] looks up the shards of all records of a slab together, and sorts the slab by shard.
//! - [`encode`] makes one aggregated record of as many records as fit, just before it is sent.
//! - [`hash_keys`] computes the hash key of each record, for lanes of a single hash key.

pub mod calls;
mod encoder;
mod key_table;
mod sorter;

pub use encoder::{Head, Limits, encode};
pub use key_table::Seed;
pub use sorter::{RUN_WORDS, Run, hash_keys, sort_by_shard};

use crate::error::Error;

/// Length of a [`Place`] in words.
pub const PLACE_WORDS: usize = 4;

/// Lengths in bytes of the partition key, the explicit hash key (0 = none) and the data of a record, and a free word.
pub type Place = [u32; PLACE_WORDS];

/// A user record in a slab.
#[derive(Clone, Copy)]
struct SlabRecord<'a> {
    key: &'a [u8],
    /// Empty if the record has none.
    hash_key: &'a [u8],
    data: &'a [u8],
}

impl<'a> SlabRecord<'a> {
    /// Removes the first record from `slab` and returns it.
    #[inline]
    fn take(slab: &mut &'a [u8], &[key, hash_key, data, _]: &Place) -> Result<SlabRecord<'a>, Error> {
        Ok(SlabRecord {
            key: take(slab, key)?,
            hash_key: take(slab, hash_key)?,
            data: take(slab, data)?,
        })
    }

    fn len(&self) -> usize {
        self.key.len() + self.hash_key.len() + self.data.len()
    }
}

#[inline]
fn take<'a>(slab: &mut &'a [u8], length: u32) -> Result<&'a [u8], Error> {
    let (taken, rest) = slab
        .split_at_checked(length as usize)
        .ok_or_else(|| Error::internal("a record lies outside its slab"))?;
    *slab = rest;
    Ok(taken)
}
