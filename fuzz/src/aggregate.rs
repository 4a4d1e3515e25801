//! Collects user records in Rust, as JavaScript does it in the package. Without limits and without a thought for speed.

use std::collections::HashMap;

use kinesis_agg::encode::encode;
use kinesis_agg::error::Error;
use kinesis_agg::frame::OVERHEAD;
use kinesis_agg::wire::varint_len;

/// User records that will be encoded as one aggregated record.
#[derive(Default)]
pub struct Aggregate {
    slab: Vec<u8>,
    entries: Vec<u32>,
    /// Number of entries up to the last record with a new key.
    keyed: u32,
    keys: HashMap<Vec<u8>, u32>,
    hash_keys: HashMap<Vec<u8>, u32>,
    message_len: usize,
}

impl Aggregate {
    /// Size in bytes of the aggregated record after one more user record, including magic and digest.
    pub fn size_with(&self, key: &[u8], hash_key: Option<&[u8]>, data: &[u8]) -> usize {
        OVERHEAD + self.message_len + self.added(key, hash_key, data)
    }

    /// Adds a user record.
    pub fn push(&mut self, key: &[u8], hash_key: Option<&[u8]>, data: &[u8]) {
        self.message_len += self.added(key, hash_key, data);
        let (index, mut has_new_key) = intern(&mut self.keys, key);
        self.write_key(index, has_new_key, key);
        match hash_key {
            Some(hash_key) => {
                let (index, is_new) = intern(&mut self.hash_keys, hash_key);
                self.write_key(index + 1, is_new, hash_key);
                has_new_key |= is_new;
            }
            None => self.entries.push(0),
        }
        self.entries.push(word(data.len()));
        self.slab.extend_from_slice(data);
        if has_new_key {
            self.keyed = word(self.entries.len());
        }
    }

    /// The aggregated record.
    ///
    /// # Errors
    /// There are no user records.
    pub fn finish(&self) -> Result<Vec<u8>, Error> {
        let entries = [&[self.keyed], &self.entries[..]].concat();
        let mut record = vec![0; OVERHEAD + self.message_len];
        encode(&self.slab, &entries, &mut record)?;
        Ok(record)
    }

    /// Bytes that a user record adds to the message.
    fn added(&self, key: &[u8], hash_key: Option<&[u8]>, data: &[u8]) -> usize {
        let (key_index, table_bytes) = look_up(&self.keys, key);
        let mut body = 1 + varint_len(key_index) + field_len(data.len());
        let mut added = table_bytes;
        if let Some(hash_key) = hash_key {
            let (index, table_bytes) = look_up(&self.hash_keys, hash_key);
            body += 1 + varint_len(index);
            added += table_bytes;
        }
        added + field_len(body)
    }

    fn write_key(&mut self, number: u32, is_new: bool, key: &[u8]) {
        self.entries.push(number);
        if is_new {
            self.entries.push(word(key.len()));
            self.slab.extend_from_slice(key);
        }
    }
}

/// Length of a length-delimited field: tag, length and `length` bytes.
fn field_len(length: usize) -> usize {
    1 + varint_len(length as u64) + length
}

/// The index that a key has or would get, and the bytes that it adds to its table.
fn look_up(table: &HashMap<Vec<u8>, u32>, key: &[u8]) -> (u64, usize) {
    match table.get(key) {
        Some(&index) => (u64::from(index), 0),
        None => (table.len() as u64, field_len(key.len())),
    }
}

/// The index of a key in its table, and whether it is new there.
fn intern(table: &mut HashMap<Vec<u8>, u32>, key: &[u8]) -> (u32, bool) {
    let next = word(table.len());
    let index = *table.entry(key.to_vec()).or_insert(next);
    (index, index == next)
}

fn word(number: usize) -> u32 {
    u32::try_from(number).expect("a test needs fewer than 2^32")
}
