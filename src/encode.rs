//! The way out: collected user records become one aggregated record.
//!
//! What is collected is *slab* and *entries*, both of which JavaScript fills without calling Rust. The slab
//! holds bytes in the order in which they came: of each record its partition key, if that is new, its
//! explicit hash key, if that is new, and its data. The entries hold numbers for each record:
//!
//! ```text
//! partition key index, [key length if the index is new],
//! explicit hash key index + 1 or 0, [hash key length if the index is new],
//! data length
//! ```
//!
//! An index is new if it is the next one: tables are in the order of first use. Before all of them stands how many
//! numbers there are up to the last record that brings a key: behind it nobody has to look for keys.
//!
//! [`Aggregate`] collects in Rust as `src-js/collector.ts` does in JavaScript.

use std::collections::HashMap;

use crate::error::Error;
use crate::frame::{self, OVERHEAD};
use crate::md5;
use crate::wire::{Writer, varint_len};

const KEY_TABLE: u8 = 1 << 3 | 2;
const HASH_KEY_TABLE: u8 = 2 << 3 | 2;
const RECORDS: u8 = 3 << 3 | 2;

const KEY_INDEX: u8 = 1 << 3;
const HASH_KEY_INDEX: u8 = 2 << 3;
const DATA: u8 = 3 << 3 | 2;

/// Writes an aggregated record into `record`, which has exactly its size.
///
/// # Errors
/// Slab, entries and size contradict each other.
pub fn encode(slab: &[u8], entries: &[u32], record: &mut [u8]) -> Result<(), Error> {
    let mut digest = md5::Running::START;
    write(slab, entries, record, |written| digest.follow(written))?;
    let digest = digest.finish(frame::message_of(record));
    frame::close(record, &digest);
    Ok(())
}

/// [`encode`] without the digest, of which several are cheaper at once ([`seal_all`]).
///
/// # Errors
/// As [`encode`].
pub fn encode_unsealed(slab: &[u8], entries: &[u32], record: &mut [u8]) -> Result<(), Error> {
    write(slab, entries, record, |_| ())
}

/// Writes magic and message, and shows every now and then what there is of the message.
#[inline]
fn write(
    slab: &[u8],
    entries: &[u32],
    record: &mut [u8],
    mut show: impl FnMut(&[u8]),
) -> Result<(), Error> {
    let mut writer = Writer::new(frame::open(record)?);
    let (&keyed, entries) =
        entries.split_first().ok_or_else(|| Error::handover("entries without their first number"))?;
    let keyed = entries.get(..keyed as usize).ok_or_else(|| Error::handover("the entries are short"))?;
    let found = walk(slab, keyed, |entry| {
        if let Some(key) = entry.new_key {
            write_delimited(&mut writer, KEY_TABLE, key);
            show(writer.written());
        }
    })?;
    if found.hash_keys > 0 {
        walk(slab, keyed, |entry| {
            if let Some(key) = entry.new_hash_key {
                write_delimited(&mut writer, HASH_KEY_TABLE, key);
                show(writer.written());
            }
        })?;
    }
    let all = walk(slab, entries, |entry| write_record(&mut writer, &entry, &mut show))?;
    if all != found {
        return Err(Error::handover("keys behind the last record that may bring one"));
    }
    writer.finish()
}

/// Puts the digest behind each encoded message.
pub fn seal_all(records: &mut [&mut [u8]]) {
    let mut digests = vec![[0; md5::DIGEST_LEN]; records.len()];
    let messages: Vec<&[u8]> = records.iter().map(|record| frame::message_of(record)).collect();
    md5::digest_all(&messages, &mut digests);
    for (record, digest) in records.iter_mut().zip(&digests) {
        frame::close(record, digest);
    }
}

/// Bytes of one user record in the message, without its table entries.
pub fn record_len(key: u64, hash_key: Option<u64>, data: usize) -> usize {
    1 + delimited_len(body_len(key, hash_key, data))
}

/// Bytes of one table entry in the message.
pub fn table_entry_len(key: usize) -> usize {
    1 + delimited_len(key)
}

fn delimited_len(length: usize) -> usize {
    varint_len(length as u64) + length
}

fn body_len(key: u64, hash_key: Option<u64>, data: usize) -> usize {
    let hash_key = hash_key.map_or(0, |index| 1 + varint_len(index));
    1 + varint_len(key) + hash_key + 1 + delimited_len(data)
}

/// Bytes of long data between two looks at what is written.
const SHOWN_AT_LEAST: usize = 1024;

/// One user record as the entries describe it.
struct Entry<'a> {
    key: u32,
    new_key: Option<&'a [u8]>,
    hash_key: Option<u32>,
    new_hash_key: Option<&'a [u8]>,
    data: &'a [u8],
}

/// Slab and entries while they are read.
struct Collected<'a, 'e> {
    slab: &'a [u8],
    entries: std::slice::Iter<'e, u32>,
}

impl<'a> Collected<'a, '_> {
    #[inline]
    fn number(&mut self) -> Result<u32, Error> {
        self.entries.next().copied().ok_or_else(|| Error::handover("the entries end within a record"))
    }

    #[inline]
    fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let length = self.number()? as usize;
        let (bytes, rest) = self
            .slab
            .split_at_checked(length)
            .ok_or_else(|| Error::handover("the slab ends within a record"))?;
        self.slab = rest;
        Ok(bytes)
    }

    /// The bytes of key number `index` if it is the next one of `known`.
    #[inline]
    fn key(&mut self, index: u32, known: &mut u32) -> Result<Option<&'a [u8]>, Error> {
        if index < *known {
            return Ok(None);
        }
        if index > *known {
            return Err(Error::handover("a key is skipped"));
        }
        *known += 1;
        self.bytes().map(Some)
    }
}

/// How many keys there are in each table.
#[derive(PartialEq, Eq)]
struct Tables {
    keys: u32,
    hash_keys: u32,
}

/// Calls `visit` for each record. Three walks over the entries beat one that sorts bytes into three places:
/// most records bring no key, and their entries are in the cache.
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

fn write_delimited(writer: &mut Writer<'_>, tag: u8, bytes: &[u8]) {
    writer.byte(tag);
    writer.varint(bytes.len() as u64);
    writer.bytes(bytes);
}

#[inline]
fn write_record(writer: &mut Writer<'_>, entry: &Entry<'_>, show: &mut impl FnMut(&[u8])) {
    if let Some(head) = usual_head(entry) {
        writer.bytes(&head);
        writer.bytes(entry.data);
        show(writer.written());
        return;
    }
    let (key, hash_key) = (u64::from(entry.key), entry.hash_key.map(u64::from));
    writer.byte(RECORDS);
    writer.varint(body_len(key, hash_key, entry.data.len()) as u64);
    writer.byte(KEY_INDEX);
    writer.varint(key);
    if let Some(index) = hash_key {
        writer.byte(HASH_KEY_INDEX);
        writer.varint(index);
    }
    writer.byte(DATA);
    writer.varint(entry.data.len() as u64);
    for part in entry.data.chunks(SHOWN_AT_LEAST) {
        writer.bytes(part);
        show(writer.written());
    }
}

/// What stands before the data of a short record without a hash key, whose numbers are all of one byte.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "what is below 128 fits a byte")]
fn usual_head(entry: &Entry<'_>) -> Option<[u8; 6]> {
    let body = entry.data.len() + 4;
    (body < 0x80 && entry.key < 0x80 && entry.hash_key.is_none())
        .then(|| [RECORDS, body as u8, KEY_INDEX, entry.key as u8, DATA, (body - 4) as u8])
}

/// User records on their way into one aggregated record.
///
/// It knows no limit: [`size_with`](Aggregate::size_with) tells what the next record would make of it.
#[derive(Debug, Default)]
pub struct Aggregate {
    slab: Vec<u8>,
    entries: Vec<u32>,
    keyed: u32,
    keys: HashMap<Vec<u8>, u32>,
    hash_keys: HashMap<Vec<u8>, u32>,
    message_len: usize,
}

impl Aggregate {
    /// Bytes of the whole record with one more user record in it, magic and digest included.
    pub fn size_with(&self, key: &[u8], hash_key: Option<&[u8]>, data: &[u8]) -> usize {
        OVERHEAD + self.message_len + self.added(key, hash_key, data)
    }

    /// Adds one user record.
    ///
    /// # Errors
    /// A length or count over 32 bits; nothing was added then.
    pub fn push(&mut self, key: &[u8], hash_key: Option<&[u8]>, data: &[u8]) -> Result<(), Error> {
        let too_long = |_| Error::handover("over 4 GiB in one record");
        for length in [key.len(), hash_key.map_or(0, <[u8]>::len), data.len()] {
            u32::try_from(length).map_err(too_long)?;
        }
        self.message_len += self.added(key, hash_key, data);
        let index = note(&mut self.keys, key);
        let mut brings_key = index.1;
        self.write_key(index, key, 0)?;
        match hash_key {
            Some(hash_key) => {
                let index = note(&mut self.hash_keys, hash_key);
                brings_key |= index.1;
                self.write_key(index, hash_key, 1)?;
            }
            None => self.entries.push(0),
        }
        self.entries.push(u32::try_from(data.len()).map_err(too_long)?);
        self.slab.extend_from_slice(data);
        if brings_key {
            self.keyed = u32::try_from(self.entries.len()).map_err(too_long)?;
        }
        Ok(())
    }

    /// The aggregated record.
    ///
    /// # Errors
    /// Nothing was added.
    pub fn finish(&self) -> Result<Vec<u8>, Error> {
        let entries = [&[self.keyed], &self.entries[..]].concat();
        let mut record = vec![0; OVERHEAD + self.message_len];
        encode(&self.slab, &entries, &mut record)?;
        Ok(record)
    }

    fn added(&self, key: &[u8], hash_key: Option<&[u8]>, data: &[u8]) -> usize {
        let (key_index, key_len) = place(&self.keys, key);
        let hash_key = hash_key.map(|key| place(&self.hash_keys, key));
        key_len
            + hash_key.map_or(0, |(_, length)| length)
            + record_len(key_index, hash_key.map(|(index, _)| index), data.len())
    }

    fn write_key(&mut self, (index, is_new): (u32, bool), key: &[u8], plus: u32) -> Result<(), Error> {
        self.entries.push(index + plus);
        if is_new {
            let length = u32::try_from(key.len()).map_err(|_| Error::handover("a key over 4 GiB"))?;
            self.entries.push(length);
            self.slab.extend_from_slice(key);
        }
        Ok(())
    }
}

/// The index that a key has or would get, and the bytes that it adds to its table.
fn place(table: &HashMap<Vec<u8>, u32>, key: &[u8]) -> (u64, usize) {
    match table.get(key) {
        Some(&index) => (u64::from(index), 0),
        None => (table.len() as u64, table_entry_len(key.len())),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "2^32 different keys do not fit in memory")]
fn note(table: &mut HashMap<Vec<u8>, u32>, key: &[u8]) -> (u32, bool) {
    if let Some(&index) = table.get(key) {
        return (index, false);
    }
    let index = table.len() as u32;
    table.insert(key.to_vec(), index);
    (index, true)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn sealed_at_once_or_later_is_the_same() {
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
