//! Blocks of 64 bytes, and the padding that fills the last of them.

use super::DIGEST_LEN;
use super::rounds::State;

/// Bytes that MD5 takes at a time.
pub(super) const BLOCK_LEN: usize = 64;

/// Bytes of a message's end for which there is room in one block, beside the bit that ends it and the length.
pub(super) const MOST_IN_ONE: usize = BLOCK_LEN - 1 - 8;

/// What MD5 takes at a time.
pub(super) type Block = [u8; BLOCK_LEN];

/// The end of a message and its padding: one block, or two when the length does not fit behind the bytes.
#[derive(Clone, Copy)]
pub(super) struct Tail {
    blocks: [Block; 2],
    used: usize,
}

impl Tail {
    /// A tail of no blocks.
    pub(super) const EMPTY: Tail = Tail { blocks: [[0; BLOCK_LEN]; 2], used: 0 };

    /// Becomes the padded end of a message; returns the whole blocks before it.
    #[inline]
    pub(super) fn begin<'a>(&mut self, message: &'a [u8]) -> &'a [Block] {
        let (body, rest) = message.as_chunks();
        self.used = if rest.len() <= MOST_IN_ONE { 1 } else { 2 };
        if let Some(blocks) = self.blocks.get_mut(..self.used) {
            let bytes = blocks.as_flattened_mut();
            bytes.fill(0);
            pad(rest, message.len(), bytes);
        }
        body
    }

    /// The blocks.
    #[inline]
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks[..self.used.min(2)]
    }
}

/// Writes the end of a message of `length` bytes, and its padding, into zeros: a block, or two.
#[inline(always)]
pub(super) fn pad(rest: &[u8], length: usize, zeros: &mut [u8]) {
    if let Some(place) = zeros.get_mut(..rest.len()) {
        place.copy_from_slice(rest);
    }
    // The bit that ends the message, set in its word: a load of a word that a single byte was just
    // stored into would have to wait for the cache.
    if let Some(word) = zeros.as_chunks_mut().0.get_mut(rest.len() / 4) {
        *word = (u32::from_le_bytes(*word) | 0x80 << (8 * (rest.len() % 4))).to_le_bytes();
    }
    // The length is in bits, modulo 2^64.
    let bits = (length as u64).wrapping_mul(8);
    if let Some(place) = zeros.last_chunk_mut() {
        *place = bits.to_le_bytes();
    }
}

/// A message as the blocks that can be read where they lie, and the tail.
#[inline]
pub(super) fn split(message: &[u8]) -> (&[Block], Tail) {
    let mut tail = Tail::EMPTY;
    (tail.begin(message), tail)
}

/// Asks for the cache line at `address`, which may lie anywhere: nothing is read from it.
///
/// The CPU sees by itself where one stream is going, but not where a dozen short ones are: without this,
/// thousands of messages of some hundred bytes take half as long again.
#[inline(always)]
pub(super) fn prefetch(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 CPU has the instruction, and it faults on no address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address; // Rust has no stable way to say it here.
}

/// Blocks that a message takes, padding included.
#[inline]
pub(super) fn count(message: &[u8]) -> usize {
    (message.len() + 8) / BLOCK_LEN + 1
}

/// The state as bytes: the digest, once the last block is in.
#[inline]
pub(super) fn to_digest(state: State<u32>) -> [u8; DIGEST_LEN] {
    let mut digest = [0; DIGEST_LEN];
    for (place, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *place = word.to_le_bytes();
    }
    digest
}
