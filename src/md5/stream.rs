//! A message on its way through a lane.

use super::backend::Work;
use super::block::{self, Block, Tail};
use super::rounds::{INITIAL, State};
use super::{DIGEST_LEN, scalar};

/// A message of which some blocks are still to come.
#[derive(Clone, Copy)]
pub(super) struct Stream<'a> {
    pub(super) state: State<u32>,
    body: &'a [Block],
    tail: Tail,
    tail_used: usize,
    message: usize,
}

impl<'a> Stream<'a> {
    /// A stream that is at its end.
    pub(super) const ENDED: Stream<'static> =
        Stream { state: INITIAL, body: &[], tail: Tail::EMPTY, tail_used: 0, message: 0 };

    /// Goes on with another message, which its caller knows by the number `message`. A new stream in its place
    /// would be copied there, and wait for the stores of its parts.
    #[inline]
    pub(super) fn begin(&mut self, bytes: &'a [u8], message: usize) {
        self.state = INITIAL;
        self.body = self.tail.begin(bytes);
        self.tail_used = 0;
        self.message = message;
    }

    /// The number given at the beginning.
    pub(super) fn message(&self) -> usize {
        self.message
    }

    /// The blocks to take next: the whole ones where they lie, then the tail; none at the end.
    #[inline]
    pub(super) fn next(&self) -> &[Block] {
        if self.body.is_empty() {
            self.tail.blocks().get(self.tail_used..).unwrap_or(&[])
        } else {
            self.body
        }
    }

    /// Notes that the first `count` of [`next`](Self::next) are in the state.
    #[inline]
    pub(super) fn advance(&mut self, count: usize) {
        if self.body.is_empty() {
            self.tail_used += count;
        } else {
            self.body = self.body.get(count..).unwrap_or(&[]);
        }
    }

    /// Whether the digest is complete.
    #[inline]
    pub(super) fn ended(&self) -> bool {
        self.next().is_empty()
    }

    /// The digest, once the stream has [`ended`](Self::ended).
    #[inline]
    pub(super) fn digest(&self) -> [u8; DIGEST_LEN] {
        block::to_digest(self.state)
    }

    /// Takes everything that is left, alone.
    pub(super) fn finish(&mut self) {
        while !self.ended() {
            let mut state = self.state;
            scalar::compress(&mut state, self.next());
            self.state = state;
            self.advance(self.next().len());
        }
    }
}

/// Takes blocks of every stream, until the first one is through its body or its tail.
impl Work for &mut [Stream<'_>] {
    #[inline(always)]
    fn side_by_side<const N: usize>(self, compress: impl FnOnce(&mut State<[u32; N]>, &[&[Block]; N])) {
        let Some((first, _)) = self.split_first() else { return };
        // Lanes without a stream repeat the first one's blocks, and what comes out is dropped.
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
