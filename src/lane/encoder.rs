//! Encodes as many records of a lane as fit into one aggregated record.

use super::key_table::{KeyTable, Seed};
use super::{Place, SlabRecord};
use crate::encode::{
    no_progress, record_len, table_entry_len, write_hash_key, write_partition_key, write_record,
};
use crate::error::Error;
use crate::frame::{self, OVERHEAD};
use crate::wire::Writer;

/// Limits of an aggregated record.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum size in bytes as counted by Kinesis: the aggregated record plus its partition key, which is that of its
    /// first user record.
    pub size: usize,
    /// Maximum number of user records.
    pub records: usize,
}

/// The records at the head of a lane that were encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of user records.
    pub records: usize,
    /// Length of the aggregated record in bytes.
    pub size: usize,
    /// Length of the records in the slab, in bytes.
    pub slab_bytes: usize,
}

impl Head {
    /// Not even the first record fits.
    const NOTHING: Head = Head { records: 0, size: 0, slab_bytes: 0 };
}

/// Writes an aggregated record of the first records of a lane to the start of `out`, as many as `limits` allow. The
/// digest is left out, because digests of several aggregates at once are cheaper: see [`crate::encode::seal_all`].
///
/// # Errors
/// A record lies outside `slab`; `out` is too short for the records that `limits` allow.
pub fn encode(
    slab: &[u8],
    places: &[Place],
    limits: Limits,
    seed: Seed,
    out: &mut [u8],
) -> Result<Head, Error> {
    let chosen = Chosen::new(slab, places, limits, seed)?;
    if chosen.numbers.is_empty() {
        return Ok(Head::NOTHING);
    }
    let size = OVERHEAD + chosen.message_len;
    let record = out.get_mut(..size).ok_or_else(|| Error::internal("no room for an aggregate"))?;
    let mut writer = Writer::new(frame::open(record)?);
    chosen.keys.keys().for_each(|key| write_partition_key(&mut writer, key));
    chosen.hash_keys.keys().for_each(|key| write_hash_key(&mut writer, key));
    let mut rest = slab;
    for (place, &[key, hash_key]) in places.iter().zip(&chosen.numbers) {
        let record = SlabRecord::take(&mut rest, place)?;
        write_record(&mut writer, key, hash_key.checked_sub(1), record.data, &mut no_progress);
    }
    writer.finish()?;
    Ok(Head { records: chosen.numbers.len(), size, slab_bytes: slab.len() - rest.len() })
}

/// The records that fit, and their tables.
struct Chosen<'a> {
    /// For each record the number of its partition key, and the number of its explicit hash key + 1 (0 = none).
    numbers: Vec<[u32; 2]>,
    keys: KeyTable<'a>,
    hash_keys: KeyTable<'a>,
    message_len: usize,
}

impl<'a> Chosen<'a> {
    fn new(
        mut slab: &'a [u8],
        places: &[Place],
        limits: Limits,
        seed: Seed,
    ) -> Result<Chosen<'a>, Error> {
        let outer_key = places.first().map_or(0, |place| place[0] as usize);
        let room = limits.size.saturating_sub(OVERHEAD).saturating_sub(outer_key);
        let most = places.len().min(limits.records).min(room / record_len(0, None, 0));
        let mut chosen = Chosen {
            numbers: Vec::with_capacity(most),
            keys: KeyTable::new(seed),
            hash_keys: KeyTable::new(seed),
            message_len: 0,
        };
        for place in places.iter().take(limits.records) {
            let record = SlabRecord::take(&mut slab, place)?;
            if !chosen.add(record, room) {
                break;
            }
        }
        Ok(chosen)
    }

    /// Adds a record. Returns `false` and changes nothing if the message would have more than `room` bytes.
    #[inline]
    fn add(&mut self, record: SlabRecord<'a>, room: usize) -> bool {
        let key = self.keys.find(record.key);
        let hash_key = (!record.hash_key.is_empty()).then(|| self.hash_keys.find(record.hash_key));
        let mut added = record_len(
            key.number.into(),
            hash_key.as_ref().map(|hash_key| hash_key.number.into()),
            record.data.len(),
        );
        if key.is_new {
            added += table_entry_len(record.key.len());
        }
        if hash_key.as_ref().is_some_and(|hash_key| hash_key.is_new) {
            added += table_entry_len(record.hash_key.len());
        }
        // This form cannot overflow, because the message never has more than `room` bytes.
        if added > room - self.message_len {
            return false;
        }
        self.message_len += added;
        if key.is_new {
            self.keys.insert(record.key, &key);
        }
        let mut hash_key_number = 0;
        if let Some(hash_key) = hash_key {
            if hash_key.is_new {
                self.hash_keys.insert(record.hash_key, &hash_key);
            }
            hash_key_number = hash_key.number + 1;
        }
        self.numbers.push([key.number, hash_key_number]);
        true
    }
}
