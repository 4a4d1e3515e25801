//! Blocks of 64 bytes, and the padding of the last one.

use super::DIGEST_LEN;
use super::rounds::State;

/// Length of a block in bytes.
pub(super) const BLOCK_LEN: usize = 64;

/// Maximum number of bytes in the last block of a message, besides the padding's first byte and the length.
pub(super) const MAX_IN_ONE_BLOCK: usize = BLOCK_LEN - 1 - 8;

/// The bytes that MD5 processes at a time.
pub(super) type Block = [u8; BLOCK_LEN];

/// The end of a message and its padding: one block, or two if the length does not fit after the bytes.
#[derive(Clone, Copy)]
pub(super) struct Tail {
    blocks: [Block; 2],
    used: usize,
}

impl Tail {
    /// A tail without blocks.
    pub(super) const EMPTY: Tail = Tail { blocks: [[0; BLOCK_LEN]; 2], used: 0 };

    /// Sets the tail to the padded end of a message. Returns the whole blocks before it.
    #[inline]
    pub(super) fn begin<'a>(&mut self, message: &'a [u8]) -> &'a [Block] {
        let (body, rest) = message.as_chunks();
        self.used = if rest.len() <= MAX_IN_ONE_BLOCK { 1 } else { 2 };
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

/// Writes the end of a message of `length` bytes and its padding into one or two zeroed blocks.
#[inline(always)]
pub(super) fn pad(rest: &[u8], length: usize, zeros: &mut [u8]) {
    if let Some(start) = zeros.get_mut(..rest.len()) {
        start.copy_from_slice(rest);
    }
    // The bit after the message. It is set in its word, not in its byte: loading a word of which one byte was just
    // stored has to wait for the cache.
    if let Some(word) = zeros.as_chunks_mut().0.get_mut(rest.len() / 4) {
        *word = (u32::from_le_bytes(*word) | 0x80 << (8 * (rest.len() % 4))).to_le_bytes();
    }
    // The length in bits, modulo 2^64.
    let bits = (length as u64).wrapping_mul(8);
    if let Some(end) = zeros.last_chunk_mut() {
        *end = bits.to_le_bytes();
    }
}

/// Splits a message into whole blocks, which are read in place, and the tail.
#[inline]
pub(super) fn split(message: &[u8]) -> (&[Block], Tail) {
    let mut tail = Tail::EMPTY;
    (tail.begin(message), tail)
}

/// Prefetches the cache line at `address`. Any address is allowed: nothing is read from it.
///
/// The CPU predicts the reads of one stream by itself, but not those of a dozen short ones. Without this, thousands
/// of messages of some hundred bytes take 1.5 times as long.
#[inline(always)]
pub(super) fn prefetch(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 CPU has the instruction, and it faults on no address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address; // Stable Rust has no prefetch for other CPUs.
}

/// Number of blocks of a message, including the padding.
#[inline]
pub(super) fn count(message: &[u8]) -> usize {
    (message.len() + 8) / BLOCK_LEN + 1
}

/// The state as bytes. After the last block this is the digest.
#[inline]
pub(super) fn to_digest(state: State<u32>) -> [u8; DIGEST_LEN] {
    let mut digest = [0; DIGEST_LEN];
    for (bytes, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_le_bytes();
    }
    digest
}
