//! The order in which the messages of a batch enter the lanes.

use super::block::{self, BLOCK_LEN};

/// Number of messages that are sorted at a time.
const WINDOW: usize = 128;

/// Number of messages between the returned one and the one that is prefetched.
const AHEAD: usize = 4;

/// Returns each message once: messages of similar lengths after each other, the longest ones early.
///
/// Lanes that end together are refilled together, so the lanes run longer without a change if neighbouring messages
/// have similar lengths. And a long message that starts last would run on alone after all other lanes have ended.
/// Sorting the whole batch would achieve both, but needs memory for the order. A window of the batch that is sorted by
/// length achieves the first as well. For the second, the *giants* of a larger batch (messages above a 128th of the
/// total) come first: a window has room for all of them, and every other message is at most an eighth of the work of
/// each of sixteen lanes.
pub(super) struct Queue<'a> {
    messages: &'a [&'a [u8]],
    /// Numbers of messages, the longest one last. The first `left` are not returned yet.
    window: [usize; WINDOW],
    left: usize,
    /// Number of the first message that was in no window yet, except for giants.
    next: usize,
    /// Maximum number of blocks of a message that is not a giant.
    limit: usize,
}

impl<'a> Queue<'a> {
    /// A queue of all messages.
    pub(super) fn new(messages: &'a [&'a [u8]]) -> Queue<'a> {
        let mut queue = Queue { messages, window: [0; WINDOW], left: 0, next: 0, limit: usize::MAX };
        if messages.len() > WINDOW {
            // The sum may exceed the size of the memory, because messages may overlap.
            let total =
                messages.iter().fold(0, |sum: usize, message| sum.saturating_add(block::count(message)));
            let limit = total / WINDOW;
            queue.fill(0, |blocks| blocks > limit);
            queue.limit = limit;
        }
        queue
    }

    /// Fills the window with messages, starting at number `from`, whose number of blocks `wanted` accepts. Returns the
    /// number of the message to continue with.
    #[inline]
    fn fill(&mut self, from: usize, wanted: impl Fn(usize) -> bool) -> usize {
        let messages = self.messages;
        let mut number = from;
        self.left = 0;
        while let (Some(message), Some(entry)) = (messages.get(number), self.window.get_mut(self.left)) {
            if wanted(block::count(message)) {
                *entry = number;
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

    /// Prefetches the start and the end of a message that will be returned soon.
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
