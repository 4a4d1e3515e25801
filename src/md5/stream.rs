//! The progress of a message in a lane.

use super::backend::Work;
use super::block::{self, Block, Tail};
use super::rounds::{INITIAL, State};
use super::{DIGEST_LEN, scalar};

/// A message whose digest is in progress.
#[derive(Clone, Copy)]
pub(super) struct Stream<'a> {
    pub(super) state: State<u32>,
    body: &'a [Block],
    tail: Tail,
    tail_used: usize,
    message: usize,
}

impl<'a> Stream<'a> {
    /// A stream that has ended.
    pub(super) const ENDED: Stream<'static> =
        Stream { state: INITIAL, body: &[], tail: Tail::EMPTY, tail_used: 0, message: 0 };

    /// Starts another message, whose number is `message`. A new `Stream` would be copied to this memory, and the copy
    /// would have to wait for the stores of its parts.
    #[inline]
    pub(super) fn begin(&mut self, bytes: &'a [u8], message: usize) {
        self.state = INITIAL;
        self.body = self.tail.begin(bytes);
        self.tail_used = 0;
        self.message = message;
    }

    /// The number given to [`begin`](Self::begin).
    pub(super) fn message(&self) -> usize {
        self.message
    }

    /// The next blocks: first the whole blocks in place, then the tail; none at the end.
    #[inline]
    pub(super) fn next(&self) -> &[Block] {
        if self.body.is_empty() {
            self.tail.blocks().get(self.tail_used..).unwrap_or(&[])
        } else {
            self.body
        }
    }

    /// Marks the first `count` blocks of [`next`](Self::next) as digested.
    #[inline]
    pub(super) fn advance(&mut self, count: usize) {
        if self.body.is_empty() {
            self.tail_used += count;
        } else {
            self.body = self.body.get(count..).unwrap_or(&[]);
        }
    }

    /// Whether all blocks are digested.
    #[inline]
    pub(super) fn ended(&self) -> bool {
        self.next().is_empty()
    }

    /// The digest, after the stream has [`ended`](Self::ended).
    #[inline]
    pub(super) fn digest(&self) -> [u8; DIGEST_LEN] {
        block::to_digest(self.state)
    }

    /// Digests all remaining blocks of this stream, without the others.
    pub(super) fn finish(&mut self) {
        while !self.ended() {
            let mut state = self.state;
            scalar::compress(&mut state, self.next());
            self.state = state;
            self.advance(self.next().len());
        }
    }
}

/// Digests blocks of every stream until the first one is at the end of its body or its tail.
impl Work for &mut [Stream<'_>] {
    #[inline(always)]
    fn side_by_side<const N: usize>(self, compress: impl FnOnce(&mut State<[u32; N]>, &[&[Block]; N])) {
        let Some((first, _)) = self.split_first() else { return };
        // Lanes without a stream repeat the blocks of the first one; their results are dropped.
        let mut lanes = [first.next(); N];
        let mut state = [[0; N]; 4];
        for (at, (lane, stream)) in lanes.iter_mut().zip(&*self).enumerate() {
            *lane = stream.next();
            for (words, word) in state.iter_mut().zip(stream.state) {
                words[at] = word;
            }
        }
        let count = lanes.iter().map(|lane| lane.len()).min().unwrap_or(0);
        compress(&mut state, &lanes);
        for (at, stream) in self.iter_mut().take(N).enumerate() {
            for (words, word) in state.iter().zip(&mut stream.state) {
                *word = words[at];
            }
            stream.advance(count);
        }
    }

    fn one_by_one(self) {
        self.iter_mut().for_each(Stream::finish);
    }
}
