//! Memory for many short lists of words that grow: blocks in size classes, cut from large chunks, reused when they are freed.

/// Words in one chunk: 2 MiB.
const CHUNK_WORDS: usize = 1 << 18;

/// Capacities of blocks, in words. A list moves up one class when it is full; steps of a third to a half keep the waste small.
const CLASSES: [u32; 30] = [
    2, 4, 6, 8, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072,
    4096, 6144, 8192, 16_384, 65_536,
];

/// A list of words in an [`Arena`].
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    offset: u32,
    len: u32,
    class: u8,
}

impl List {
    /// How many words the list has.
    pub(super) const fn len(self) -> usize {
        self.len as usize
    }
}

/// Holds the lists' words.
#[derive(Default)]
pub(super) struct Arena {
    chunks: Vec<Box<[u64]>>,
    /// The next free word of the last chunk.
    next: usize,
    /// Freed blocks by class.
    free: [Vec<u32>; CLASSES.len()],
    /// Lists longer than the largest class, by place.
    long: Vec<Vec<u64>>,
}

const LONG: u8 = u8::MAX;

impl Arena {
    /// An empty list with room for two words.
    pub(super) fn list(&mut self) -> List {
        List { offset: self.block(0), len: 0, class: 0 }
    }

    /// The list's words.
    pub(super) fn words(&self, list: List) -> &[u64] {
        if list.class == LONG {
            return self.long.get(list.offset as usize).map_or(&[], Vec::as_slice);
        }
        let (chunk, at) = place(list.offset);
        self.chunks.get(chunk).and_then(|words| words.get(at..at + list.len())).unwrap_or_default()
    }

    /// How many more words fit without moving.
    pub(super) fn room(&self, list: List) -> usize {
        if list.class == LONG {
            return self.long.get(list.offset as usize).map_or(0, |words| words.capacity() - words.len());
        }
        CLASSES.get(usize::from(list.class)).map_or(0, |&capacity| (capacity - list.len) as usize)
    }

    /// Appends words, at most three at a time.
    pub(super) fn push(&mut self, list: &mut List, words: &[u64]) {
        while list.class != LONG && self.room(*list) < words.len() {
            self.grow(list);
        }
        if list.class == LONG {
            if let Some(long) = self.long.get_mut(list.offset as usize) {
                long.extend_from_slice(words);
                list.len += u32::try_from(words.len()).unwrap_or(0);
            }
            return;
        }
        let (chunk, at) = place(list.offset);
        let at = at + list.len();
        if let Some(target) = self.chunks.get_mut(chunk).and_then(|chunk| chunk.get_mut(at..at + words.len())) {
            target.copy_from_slice(words);
            list.len += u32::try_from(words.len()).unwrap_or(0);
        }
    }

    /// Replaces the list's words. They are never more than it has room for: compaction only shrinks.
    pub(super) fn replace(&mut self, list: &mut List, with: &[u64]) {
        list.len = u32::try_from(with.len()).unwrap_or(list.len);
        if list.class == LONG {
            if let Some(words) = self.long.get_mut(list.offset as usize) {
                words.clear();
                words.extend_from_slice(with);
                words.shrink_to(with.len() * 2);
            }
            return;
        }
        let (chunk, at) = place(list.offset);
        if let Some(target) = self.chunks.get_mut(chunk).and_then(|words| words.get_mut(at..at + with.len())) {
            target.copy_from_slice(with);
        }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        let long: usize = self.long.iter().map(|words| words.capacity() * 8).sum();
        let free: usize = self.free.iter().map(|list| list.capacity() * 4).sum();
        self.chunks.len() * CHUNK_WORDS * 8 + long + free
    }

    fn grow(&mut self, list: &mut List) {
        let next = list.class + 1;
        if usize::from(next) >= CLASSES.len() {
            let words = self.words(*list).to_vec();
            self.free_block(*list);
            list.offset = u32::try_from(self.long.len()).unwrap_or(u32::MAX);
            list.class = LONG;
            self.long.push(words);
            return;
        }
        let to = self.block(next);
        let (from_chunk, from) = place(list.offset);
        let (to_chunk, at) = place(to);
        let len = list.len();
        if from_chunk == to_chunk {
            if let Some(words) = self.chunks.get_mut(from_chunk) {
                words.copy_within(from..from + len, at);
            }
        } else if let Ok([source, target]) = self.chunks.get_disjoint_mut([from_chunk, to_chunk])
            && let (Some(source), Some(target)) = (source.get(from..from + len), target.get_mut(at..at + len))
        {
            target.copy_from_slice(source);
        }
        self.free_block(*list);
        list.offset = to;
        list.class = next;
    }

    fn free_block(&mut self, list: List) {
        if let Some(free) = self.free.get_mut(usize::from(list.class)) {
            free.push(list.offset);
        }
    }

    fn block(&mut self, class: u8) -> u32 {
        if let Some(offset) = self.free.get_mut(usize::from(class)).and_then(Vec::pop) {
            return offset;
        }
        let words = CLASSES.get(usize::from(class)).map_or(2, |&words| words as usize);
        if self.chunks.is_empty() || self.next + words > CHUNK_WORDS {
            self.chunks.push(vec![0; CHUNK_WORDS].into_boxed_slice());
            self.next = 0;
        }
        let offset = (self.chunks.len() - 1) * CHUNK_WORDS + self.next;
        self.next += words;
        u32::try_from(offset).expect("an arena holds less than 32 GiB of words: spread numbers over more stores")
    }
}

const fn place(offset: u32) -> (usize, usize) {
    (offset as usize / CHUNK_WORDS, offset as usize % CHUNK_WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_grow_and_keep_their_words() {
        let mut arena = Arena::default();
        let mut lists: Vec<List> = (0..5).map(|_| arena.list()).collect();
        for round in 0..70_000u64 {
            for (at, list) in lists.iter_mut().enumerate() {
                if round % (at as u64 + 1) == 0 {
                    arena.push(list, &[round, at as u64]);
                }
            }
        }
        for (at, list) in lists.iter().enumerate() {
            let step = at as u64 + 1;
            let words = arena.words(*list);
            assert_eq!(words.len() as u64, 70_000u64.div_ceil(step) * 2);
            assert!(words.chunks(2).enumerate().all(|(i, pair)| pair == [i as u64 * step, at as u64]));
        }
    }
}
