//! Numbers keys in the order of their first use.

/// Makes the hashes differ from those of any other process. Keys are untrusted, and an attacker must not be able to
/// choose keys that all collide.
#[derive(Clone, Copy, Debug)]
pub struct Seed([u64; 2]);

impl Seed {
    /// Both numbers must be random and secret.
    pub const fn new(random: [u64; 2]) -> Seed {
        Seed(random)
    }

    /// Multiplies 16 bytes at a time and folds the product. An attacker who knows neither number cannot predict which
    /// keys collide. Only the running time depends on a hash.
    fn hash(self, bytes: &[u8]) -> u32 {
        let [first, second] = self.0;
        // The length is folded in separately; otherwise bytes could be chosen that compensate another length.
        let mut state = fold(first ^ bytes.len() as u64, second);
        // The last 16 bytes may overlap the chunk before them; the length makes that unambiguous.
        let (low, high) =
            match (bytes.last_chunk::<16>(), bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
                (Some(last), _, _) => {
                    for chunk in bytes[..bytes.len() - 1].as_chunks::<16>().0 {
                        let (low, high) = halves(chunk);
                        state = fold(state ^ low, second ^ high);
                    }
                    halves(last)
                }
                (None, Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
                _ => short(bytes),
            };
        let product = fold(state ^ low, second ^ high);
        #[allow(clippy::cast_possible_truncation, reason = "the upper half is folded in")]
        return (product ^ product >> 32) as u32;
    }
}

#[inline]
fn halves(chunk: &[u8; 16]) -> (u64, u64) {
    let (low, high) = chunk.split_at(8);
    let read = |half: &[u8]| half.first_chunk().map_or(0, |half| u64::from_le_bytes(*half));
    (read(low), read(high))
}

/// Fewer than 8 bytes as two numbers. Other bytes of the same length give other numbers.
#[inline]
fn short(bytes: &[u8]) -> (u64, u64) {
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(head), Some(tail)) => (u32::from_le_bytes(*head).into(), u32::from_le_bytes(*tail).into()),
        _ => (bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)), 0),
    }
}

#[inline]
#[allow(clippy::cast_possible_truncation, reason = "both halves are taken")]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// Initial number of slots of a table. Most lanes have few keys.
const SLOTS: usize = 64;

/// The different keys of one aggregate, borrowed.
pub struct KeyTable<'a> {
    seed: Seed,
    keys: Vec<Entry<'a>>,
    /// A hash table: number of a key + 1, or 0 for a free slot. Its length is a power of two, and at least half of the
    /// slots are free.
    slots: Vec<u32>,
}

struct Entry<'a> {
    key: &'a [u8],
    hash: u32,
}

/// The result of a look-up.
pub struct Lookup {
    /// The number of the key, or the number that it would get.
    pub number: u32,
    pub is_new: bool,
    hash: u32,
    slot: usize,
}

impl<'a> KeyTable<'a> {
    pub fn new(seed: Seed) -> KeyTable<'a> {
        KeyTable { seed, keys: Vec::new(), slots: Vec::new() }
    }

    /// The keys, in the order of their numbers.
    pub fn keys(&self) -> impl Iterator<Item = &'a [u8]> {
        self.keys.iter().map(|entry| entry.key)
    }

    /// Looks a key up without adding it.
    #[inline]
    pub fn find(&self, key: &[u8]) -> Lookup {
        let hash = self.seed.hash(key);
        let mut slot = self.first_slot(hash);
        // An empty table has no slots. In others half of the slots are free, so the search ends.
        while let Some(number) = self.slots.get(slot).and_then(|taken| taken.checked_sub(1)) {
            match self.keys.get(number as usize) {
                Some(entry) if entry.hash == hash && entry.key == key => {
                    return Lookup { number, is_new: false, hash, slot };
                }
                _ => slot = (slot + 1) & (self.slots.len() - 1),
            }
        }
        #[allow(clippy::cast_possible_truncation, reason = "2^32 different keys do not fit in memory")]
        let number = self.keys.len() as u32;
        Lookup { number, is_new: true, hash, slot }
    }

    /// Adds a new key, with the result of [`find`](KeyTable::find) for it.
    #[inline]
    pub fn insert(&mut self, key: &'a [u8], &Lookup { number, hash, slot, .. }: &Lookup) {
        self.keys.push(Entry { key, hash });
        if self.keys.len() * 2 > self.slots.len() {
            self.grow();
        } else if let Some(free) = self.slots.get_mut(slot) {
            *free = number + 1;
        }
    }

    #[inline]
    fn first_slot(&self, hash: u32) -> usize {
        hash as usize & self.slots.len().wrapping_sub(1)
    }

    #[cold]
    fn grow(&mut self) {
        self.slots = vec![0; (self.slots.len() * 4).max(SLOTS)];
        for (number, entry) in (1..).zip(&self.keys) {
            let mut slot = self.first_slot(entry.hash);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (self.slots.len() - 1);
            }
            self.slots[slot] = number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: Seed = Seed::new([0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344]);

    #[test]
    fn keys_have_numbers_in_the_order_of_first_use() {
        let keys: Vec<Vec<u8>> = (0..5000_u32).map(|i| format!("key {i}").into_bytes()).collect();
        let mut table = KeyTable::new(SEED);
        for round in 0..2 {
            for (number, key) in (0..).zip(&keys) {
                let found = table.find(key);
                assert_eq!((found.number, found.is_new), (number, round == 0));
                if found.is_new {
                    table.insert(key, &found);
                }
            }
        }
        assert!(table.keys().eq(keys.iter().map(Vec::as_slice)));
    }

    #[test]
    fn keys_that_only_look_alike_are_different() {
        // All lengths at which bytes are read differently, each byte changed, and zeros at the end.
        let mut keys = vec![Vec::new()];
        for length in 1..=50_usize {
            keys.push(vec![0; length]);
            for at in 0..length {
                let mut key = vec![0; length];
                key[at] = 1;
                keys.push(key);
            }
        }
        let mut table = KeyTable::new(SEED);
        for (number, key) in (0..).zip(&keys) {
            let found = table.find(key);
            assert_eq!((found.number, found.is_new), (number, true), "{key:?}");
            table.insert(key, &found);
        }
        let hashes: std::collections::HashSet<u32> = keys.iter().map(|key| SEED.hash(key)).collect();
        assert!(hashes.len() > keys.len() - 3, "{} hashes of {} keys", hashes.len(), keys.len());
    }

    #[test]
    fn collisions_cost_time_but_no_key() {
        // With these numbers all hashes are equal.
        let mut table = KeyTable::new(Seed::new([0, 0]));
        let keys: Vec<Vec<u8>> = (0..100_u8).map(|i| vec![0, i, 0, 0, 0, 0, 0, 0, 0, 0]).collect();
        for key in &keys {
            let found = table.find(key);
            assert!(found.is_new);
            table.insert(key, &found);
        }
        for (number, key) in (0..).zip(&keys) {
            assert_eq!(table.find(key).number, number);
        }
    }

    #[test]
    fn another_seed_gives_other_hashes() {
        let other = Seed::new([1, 2]);
        let alike = (0..100_u32).filter(|i| SEED.hash(&i.to_le_bytes()) == other.hash(&i.to_le_bytes()));
        assert_eq!(alike.count(), 0);
    }
}
