//! The data of user records as base64, all in one slab.
//!
//! JavaScript makes one string of the slab and cuts it up: one call where `toString('base64')` takes one
//! per record. The slab is small, so that it stays in the cache, and is filled again until all is out of it. For
//! large data a call per record is the cheaper way, so the way is chosen by the average size.

use base64_simd::{Out, STANDARD};

use crate::decode::RECORD_WORDS;
use crate::error::Error;

/// Average message bytes of a record up to which the slab pays. Measured: equal at about 2 KB.
const SLAB_AVERAGE: usize = 1536;

/// Whether the slab is the better way for so many records in a message of so many bytes.
pub fn pays(records: usize, message_len: usize) -> bool {
    message_len <= records.saturating_mul(SLAB_AVERAGE)
}

/// Writes the data of records as base64 into `slab`, without gaps, and makes their words point there; returns
/// how many there was room for, from the first one on.
///
/// # Errors
/// A record lies outside `data`.
pub fn write(data: &[u8], records: &mut [[u32; RECORD_WORDS]], slab: &mut [u8]) -> Result<usize, Error> {
    let mut at = 0;
    for (count, [_, _, offset, length]) in records.iter_mut().enumerate() {
        let start = *offset as usize;
        let bytes = data.get(start..start + *length as usize);
        let bytes = bytes.ok_or_else(|| Error::handover("a record lies outside its data"))?;
        let encoded = STANDARD.encoded_length(bytes.len());
        let Some(place) = slab.get_mut(at..at + encoded) else {
            return Ok(count);
        };
        let _ = STANDARD.encode(bytes, Out::from_slice(place));
        (*offset, *length) = (word(at)?, word(encoded)?);
        at += encoded;
    }
    Ok(records.len())
}

fn word(number: usize) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| Error::handover("the slab is over 4 GiB"))
}
