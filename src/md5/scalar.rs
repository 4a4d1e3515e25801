//! One stream.

use super::block::{self, BLOCK_LEN, Block};
use super::rounds::{self, INITIAL, State};

/// Digests blocks into the state of one stream.
pub(super) fn compress(state: &mut State<u32>, blocks: &[Block]) {
    for block in blocks {
        let mut words = [0; BLOCK_LEN / 4];
        for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        rounds::compress(state, &words);
    }
}

/// The digest of one message.
#[inline]
pub(super) fn digest(message: &[u8]) -> [u8; 16] {
    let (body, tail) = block::split(message);
    let mut state = INITIAL;
    compress(&mut state, body);
    compress(&mut state, tail.blocks());
    block::to_digest(state)
}

/// Computes the digests of messages, one after the other.
pub(super) fn digest_each(messages: &[&[u8]], digests: &mut [[u8; 16]]) {
    for (message, target) in messages.iter().zip(digests) {
        *target = digest(message);
    }
}
