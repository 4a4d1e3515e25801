//! The data of user records as base64, all in one slab.
//!
//! JavaScript makes one string of the slab and cuts it up: one call where `toString('base64')` takes one
//! per record. For large data that call is the cheaper one, so the way is chosen by the average size.

use base64_simd::{Out, STANDARD};

use crate::decode::RECORD_WORDS;
use crate::error::Error;

/// Average message bytes of a record up to which the slab pays. Measured: equal at about 2 KB, and the
/// string made of a slab is held alive by each piece of it.
const SLAB_AVERAGE: usize = 1536;

/// Whether the slab is the better way for so many records in a message of so many bytes.
pub fn pays(records: usize, message_len: usize) -> bool {
    message_len <= records.saturating_mul(SLAB_AVERAGE)
}

/// Writes each record's data as base64 into `slab`, without gaps, and makes its words point there.
///
/// `slab` needs `4 * ceil(n / 3)` bytes for the n bytes of the whole message: what a record takes beside
/// its data outweighs the padding.
///
/// # Errors
/// The slab is too small, or a record lies outside `data`.
pub fn write(data: &[u8], records: &mut [[u32; RECORD_WORDS]], slab: &mut [u8]) -> Result<(), Error> {
    let mut at = 0;
    for [_, _, offset, length] in records {
        let start = *offset as usize;
        let bytes = data.get(start..start + *length as usize);
        let bytes = bytes.ok_or_else(|| Error::handover("a record lies outside its data"))?;
        let encoded = STANDARD.encoded_length(bytes.len());
        let place = slab.get_mut(at..at + encoded);
        let place = place.ok_or_else(|| Error::handover("the slab is too small"))?;
        let _ = STANDARD.encode(bytes, Out::from_slice(place));
        (*offset, *length) = (word(at)?, word(encoded)?);
        at += encoded;
    }
    Ok(())
}

fn word(number: usize) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| Error::handover("the slab is over 4 GiB"))
}
