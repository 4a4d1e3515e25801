//! Batches of messages of one block each, as most partition keys are: no order to keep, and no lane to refill.

use super::backend::Work;
use super::block::{self, BLOCK_LEN, Block};
use super::rounds::{INITIAL, State};
use super::{DIGEST_LEN, scalar};

/// At most as many messages as there are lanes, and memory for their digests.
pub(super) struct Short<'a> {
    pub(super) messages: &'a [&'a [u8]],
    pub(super) digests: &'a mut [[u8; DIGEST_LEN]],
}

impl Work for Short<'_> {
    #[inline(always)]
    fn side_by_side<const N: usize>(self, compress: impl FnOnce(&mut State<[u32; N]>, &[&[Block]; N])) {
        let mut blocks = [[0; BLOCK_LEN]; N];
        for (block, message) in blocks.iter_mut().zip(self.messages) {
            block::pad(message, message.len(), block);
        }
        let mut state = INITIAL.map(|word| [word; N]);
        compress(&mut state, &blocks.each_ref().map(std::slice::from_ref));
        let [a, b, c, d] = state;
        for (at, digest) in self.digests.iter_mut().take(N).enumerate() {
            *digest = block::to_digest([a[at], b[at], c[at], d[at]]);
        }
    }

    fn one_by_one(self) {
        scalar::digest_each(self.messages, self.digests);
    }
}
