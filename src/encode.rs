//! Encoding: turns collected user records into one aggregated record.
//!
//! The records are collected in a *slab* and in *entries*. JavaScript fills both without calling Rust. The slab
//! holds bytes in the order of the records: for each record its partition key if that is new, its explicit hash key
//! if that is new, and its data. The entries hold numbers for each record:
//!
//! ```text
//! partition key index, [key length if the key is new],
//! explicit hash key index + 1 or 0, [hash key length if the key is new],
//! data length
//! ```
//!
//! A key is new if its index is the next unused one: tables are in the order of first use. The first number of the
//! entries is the count of the numbers after it, up to the last record with a new key. Later records need no search
//! for keys.

use crate::error::Error;
use crate::frame;
use crate::md5;
use crate::wire::{Writer, varint_len};

const KEY_TABLE: u8 = 1 << 3 | 2;
const HASH_KEY_TABLE: u8 = 2 << 3 | 2;
const RECORDS: u8 = 3 << 3 | 2;

const KEY_INDEX: u8 = 1 << 3;
const HASH_KEY_INDEX: u8 = 2 << 3;
const DATA: u8 = 3 << 3 | 2;

/// Writes an aggregated record into `record`, which must have exactly its size.
///
/// # Errors
/// Slab, entries and size contradict each other.
pub fn encode(slab: &[u8], entries: &[u32], record: &mut [u8]) -> Result<(), Error> {
    let mut digest = md5::IncrementalMd5::START;
    write(slab, entries, record, |written| digest.catch_up(written))?;
    let digest = digest.finish(frame::message_of(record));
    frame::close(record, &digest);
    Ok(())
}

/// [`encode`] without the digest. Digests of several records at once are cheaper; see [`seal_all`].
///
/// # Errors
/// As [`encode`].
pub fn encode_unsealed(slab: &[u8], entries: &[u32], record: &mut [u8]) -> Result<(), Error> {
    write(slab, entries, record, no_progress)
}

/// The `progress` of a message whose digest is computed later. A function, not a closure at each call, so that the code
/// of [`write`] exists only once for all of them.
pub(crate) fn no_progress(_written: &[u8]) {}

/// Writes magic and message. Calls `progress` repeatedly with the part of the message that is written.
#[inline]
fn write(
    slab: &[u8],
    entries: &[u32],
    record: &mut [u8],
    mut progress: impl FnMut(&[u8]),
) -> Result<(), Error> {
    let mut writer = Writer::new(frame::open(record)?);
    let (&keyed, entries) =
        entries.split_first().ok_or_else(|| Error::internal("entries without their first number"))?;
    let keyed = entries.get(..keyed as usize).ok_or_else(|| Error::internal("the entries are short"))?;
    let found = walk(slab, keyed, |entry| {
        if let Some(key) = entry.new_key {
            write_partition_key(&mut writer, key);
            progress(writer.written());
        }
    })?;
    if found.hash_keys > 0 {
        walk(slab, keyed, |entry| {
            if let Some(key) = entry.new_hash_key {
                write_hash_key(&mut writer, key);
                progress(writer.written());
            }
        })?;
    }
    let all = walk(slab, entries, |entry| {
        write_record(&mut writer, entry.key, entry.hash_key, entry.data, &mut progress);
    })?;
    if all != found {
        return Err(Error::internal("keys behind the last record that may bring one"));
    }
    writer.finish()
}

/// Writes the digest of each encoded message to the end of its record.
pub fn seal_all(records: &mut [&mut [u8]]) {
    let mut digests = vec![[0; md5::DIGEST_LEN]; records.len()];
    let messages: Vec<&[u8]> = records.iter().map(|record| frame::message_of(record)).collect();
    md5::digest_all(&messages, &mut digests);
    for (record, digest) in records.iter_mut().zip(&digests) {
        frame::close(record, digest);
    }
}

/// Length in bytes of a user record in the message, without its table entries.
pub(crate) fn record_len(key: u64, hash_key: Option<u64>, data: usize) -> usize {
    1 + delimited_len(body_len(key, hash_key, data))
}

/// Length in bytes of a table entry in the message.
pub(crate) fn table_entry_len(key: usize) -> usize {
    1 + delimited_len(key)
}

fn delimited_len(length: usize) -> usize {
    varint_len(length as u64) + length
}

/// Length in bytes of a user record without its own tag and length.
fn body_len(key: u64, hash_key: Option<u64>, data: usize) -> usize {
    let hash_key = hash_key.map_or(0, |index| 1 + varint_len(index));
    1 + varint_len(key) + hash_key + 1 + delimited_len(data)
}

/// Bytes of long data that are written between two calls of `progress`.
const PROGRESS_STEP: usize = 1024;

/// A user record as described by the entries.
struct Entry<'a> {
    key: u32,
    new_key: Option<&'a [u8]>,
    hash_key: Option<u32>,
    new_hash_key: Option<&'a [u8]>,
    data: &'a [u8],
}

/// The unread rest of slab and entries.
struct Collected<'a, 'e> {
    slab: &'a [u8],
    entries: std::slice::Iter<'e, u32>,
}

impl<'a> Collected<'a, '_> {
    #[inline]
    fn number(&mut self) -> Result<u32, Error> {
        self.entries.next().copied().ok_or_else(|| Error::internal("the entries end within a record"))
    }

    #[inline]
    fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let length = self.number()? as usize;
        let (bytes, rest) = self
            .slab
            .split_at_checked(length)
            .ok_or_else(|| Error::internal("the slab ends within a record"))?;
        self.slab = rest;
        Ok(bytes)
    }

    /// Returns the bytes of key number `index` if it is a new key, and counts it in `known`.
    #[inline]
    fn key(&mut self, index: u32, known: &mut u32) -> Result<Option<&'a [u8]>, Error> {
        if index < *known {
            return Ok(None);
        }
        if index > *known {
            return Err(Error::internal("a key is skipped"));
        }
        *known += 1;
        self.bytes().map(Some)
    }
}

/// Number of keys in each table.
#[derive(PartialEq, Eq)]
struct Tables {
    keys: u32,
    hash_keys: u32,
}

/// Calls `visit` for each record. Three passes over the entries are faster than one that sorts bytes into three
/// buffers: most records have no new key, and their entries are in the CPU cache.
#[inline]
fn walk<'a>(slab: &'a [u8], entries: &[u32], mut visit: impl FnMut(Entry<'a>)) -> Result<Tables, Error> {
    let mut collected = Collected { slab, entries: entries.iter() };
    let mut tables = Tables { keys: 0, hash_keys: 0 };
    while !collected.entries.as_slice().is_empty() {
        let key = collected.number()?;
        let new_key = collected.key(key, &mut tables.keys)?;
        let hash_key = collected.number()?.checked_sub(1);
        let new_hash_key = match hash_key {
            Some(index) => collected.key(index, &mut tables.hash_keys)?,
            None => None,
        };
        let data = collected.bytes()?;
        visit(Entry { key, new_key, hash_key, new_hash_key, data });
    }
    Ok(tables)
}

/// Writes an entry of the table of partition keys.
pub(crate) fn write_partition_key(writer: &mut Writer<'_>, key: &[u8]) {
    write_delimited(writer, KEY_TABLE, key);
}

/// Writes an entry of the table of explicit hash keys.
pub(crate) fn write_hash_key(writer: &mut Writer<'_>, key: &[u8]) {
    write_delimited(writer, HASH_KEY_TABLE, key);
}

fn write_delimited(writer: &mut Writer<'_>, tag: u8, bytes: &[u8]) {
    writer.byte(tag);
    writer.varint(bytes.len() as u64);
    writer.bytes(bytes);
}

/// Writes a user record with the given indexes into the tables.
#[inline]
pub(crate) fn write_record(
    writer: &mut Writer<'_>,
    key: u32,
    hash_key: Option<u32>,
    data: &[u8],
    progress: &mut impl FnMut(&[u8]),
) {
    if let Some(head) = short_head(key, hash_key, data) {
        writer.bytes(&head);
        writer.bytes(data);
        progress(writer.written());
        return;
    }
    let (key, hash_key) = (u64::from(key), hash_key.map(u64::from));
    writer.byte(RECORDS);
    writer.varint(body_len(key, hash_key, data.len()) as u64);
    writer.byte(KEY_INDEX);
    writer.varint(key);
    if let Some(index) = hash_key {
        writer.byte(HASH_KEY_INDEX);
        writer.varint(index);
    }
    writer.byte(DATA);
    writer.varint(data.len() as u64);
    for part in data.chunks(PROGRESS_STEP) {
        writer.bytes(part);
        progress(writer.written());
    }
}

/// The bytes before the data of a short record without a hash key, in which every number takes one byte.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "numbers below 128 fit in a byte")]
fn short_head(key: u32, hash_key: Option<u32>, data: &[u8]) -> Option<[u8; 6]> {
    let body = data.len() + 4;
    (body < 0x80 && key < 0x80 && hash_key.is_none())
        .then(|| [RECORDS, body as u8, KEY_INDEX, key as u8, DATA, (body - 4) as u8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::OVERHEAD;

    /// Two keys, a hash key with the second: `1, 'a', 'x'; 2, 'b', '7', 'y'; 1, 'z'`.
    const SLAB: &[u8] = b"axb7yz";
    const ENTRIES: &[u32] = &[9, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1];
    const MESSAGE: &[u8] = b"\x0a\x01a\x0a\x01b\x12\x017\x1a\x05\x08\0\x1a\x01x\x1a\x07\x08\x01\x10\0\x1a\x01y\x1a\x05\x08\0\x1a\x01z";

    fn encoded(slab: &[u8], entries: &[u32], length: usize) -> Result<Vec<u8>, Error> {
        let mut record = vec![0xaa; OVERHEAD + length];
        encode(slab, entries, &mut record)?;
        Ok(record)
    }

    #[test]
    fn the_message_is_written_and_sealed() {
        let record = encoded(SLAB, ENTRIES, MESSAGE.len()).unwrap();
        assert_eq!(frame::message_of(&record), MESSAGE);
        assert!(frame::Framed::split(&record).unwrap().verify().is_ok());
    }

    #[test]
    fn a_record_is_the_same_if_it_is_sealed_later() {
        let mut later = vec![0; OVERHEAD + MESSAGE.len()];
        encode_unsealed(SLAB, ENTRIES, &mut later).unwrap();
        seal_all(&mut [&mut later]);
        assert_eq!(encoded(SLAB, ENTRIES, MESSAGE.len()).unwrap(), later);
    }

    #[test]
    fn contradictions_are_refused() {
        let with = |place: usize, number: u32| {
            let mut entries = ENTRIES.to_vec();
            entries[place] = number;
            entries
        };
        for (what, slab, entries, length) in [
            ("no numbers at all", SLAB, vec![], MESSAGE.len()),
            ("more numbers with keys than there are", SLAB, with(0, 13), MESSAGE.len()),
            ("keys behind those that may bring one", SLAB, with(0, 4), MESSAGE.len()),
            ("the numbers with keys end within a record", SLAB, with(0, 8), MESSAGE.len()),
            ("the numbers end within a record", SLAB, ENTRIES[..12].to_vec(), MESSAGE.len()),
            ("a key is skipped", SLAB, with(1, 1), MESSAGE.len()),
            ("the slab is short", &SLAB[..5], ENTRIES.to_vec(), MESSAGE.len()),
            ("a length of 4 GiB", SLAB, with(12, u32::MAX), MESSAGE.len()),
            ("a byte too little room", SLAB, ENTRIES.to_vec(), MESSAGE.len() - 1),
            ("a byte too much room", SLAB, ENTRIES.to_vec(), MESSAGE.len() + 1),
        ] {
            let error = encoded(slab, &entries, length).expect_err(what);
            assert_eq!(error.code(), "ERR_INTERNAL", "{what}");
        }
    }
}
