//! The order in which a batch's messages enter the lanes.

use super::block::{self, BLOCK_LEN};

/// So many messages are put in order at a time.
const WINDOW: usize = 128;

/// Messages between the one that is given out and the one that is fetched into the cache.
const AHEAD: usize = 4;

/// Gives out each message once, messages of a length side by side, the longest early.
///
/// Lanes that end together are refilled together, so the fewer lengths there are side by side, the longer
/// the lanes run undisturbed. And a long message that started last would run on alone when the other lanes
/// have nothing left. Sorting the whole batch would do for both, but takes memory for the order; a window
/// of it, sorted by length, does as well for the first. For the second, a larger batch's *giants*, those
/// above a 128th of the total, go first: there cannot be more of them than a window holds, and every other
/// message is at most an eighth of what each of sixteen lanes gets.
pub(super) struct Queue<'a> {
    messages: &'a [&'a [u8]],
    /// Numbers of messages, the longest one last; the first `left` are still to come.
    window: [usize; WINDOW],
    left: usize,
    /// Number of the first message that was in no window yet, giants aside.
    next: usize,
    /// Blocks of the longest message that is no giant.
    limit: usize,
}

impl<'a> Queue<'a> {
    /// A queue of all messages.
    pub(super) fn new(messages: &'a [&'a [u8]]) -> Queue<'a> {
        let mut queue = Queue { messages, window: [0; WINDOW], left: 0, next: 0, limit: usize::MAX };
        if messages.len() > WINDOW {
            // Messages may share memory, so the memory there is does not bound their sum.
            let total =
                messages.iter().fold(0, |sum: usize, message| sum.saturating_add(block::count(message)));
            let limit = total / WINDOW;
            queue.fill(0, |blocks| blocks > limit);
            queue.limit = limit;
        }
        queue
    }

    /// Fills the window with the messages from number `from` on whose blocks `wanted` accepts, and answers
    /// with the number that comes after.
    #[inline]
    fn fill(&mut self, from: usize, wanted: impl Fn(usize) -> bool) -> usize {
        let messages = self.messages;
        let mut number = from;
        self.left = 0;
        while let (Some(message), Some(place)) = (messages.get(number), self.window.get_mut(self.left)) {
            if wanted(block::count(message)) {
                *place = number;
                self.left += 1;
            }
            number += 1;
        }
        if let Some(window) = self.window.get_mut(..self.left) {
            window.sort_unstable_by_key(|&number| {
                messages.get(number).map_or(0, |message| block::count(message))
            });
        }
        number
    }

    /// Fetches what the first steps will read of a message that comes soon.
    #[inline]
    fn prefetch(&self) {
        let soon = self.left.checked_sub(AHEAD).and_then(|at| self.window.get(at));
        if let Some(message) = soon.and_then(|&number| self.messages.get(number)) {
            for block in 0..3 {
                block::prefetch(message.as_ptr().wrapping_add(block * BLOCK_LEN));
            }
            block::prefetch(message.as_ptr_range().end);
        }
    }
}

impl<'a> Iterator for Queue<'a> {
    type Item = (&'a [u8], usize);

    #[inline]
    fn next(&mut self) -> Option<(&'a [u8], usize)> {
        if self.left == 0 {
            let limit = self.limit;
            self.next = self.fill(self.next, |blocks| blocks <= limit);
        }
        self.left = self.left.checked_sub(1)?;
        let number = *self.window.get(self.left)?;
        self.prefetch();
        Some((self.messages.get(number)?, number))
    }
}
