//! A long list of words in pieces of one size.
//!
//! Slips that wait for filing lie in pieces of the same size, so that memory which filing gives back is what the words need next.
//! One block of memory for all words would fit into none of the gaps, which lie among those of other shards.

use std::ops::Range;

/// Words in one piece: 64 KiB less 16 bytes, so that an allocator's own note fits beside them; slips of three words fill it.
pub(super) const PIECE_WORDS: usize = 8190;

/// A long list of words.
#[derive(Default)]
pub(super) struct Pieces {
    /// All but the last are full.
    pieces: Vec<Vec<u64>>,
}

impl Pieces {
    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.pieces.last().map_or(0, |last| (self.pieces.len() - 1) * PIECE_WORDS + last.len())
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        let pieces: usize = self.pieces.iter().map(|piece| piece.capacity() * 8).sum();
        pieces + self.pieces.capacity() * size_of::<Vec<u64>>()
    }

    /// The piece at the end, when it has room for so many words more.
    #[inline]
    pub(super) fn with_room(&mut self, words: usize) -> Option<&mut Vec<u64>> {
        self.pieces.last_mut().filter(|piece| PIECE_WORDS - piece.len() >= words)
    }

    /// Appends words.
    #[inline]
    pub(super) fn extend(&mut self, words: &[u64]) {
        match self.with_room(words.len()) {
            Some(piece) => piece.extend_from_slice(words),
            None => self.extend_over(words),
        }
    }

    fn extend_over(&mut self, mut words: &[u64]) {
        while !words.is_empty() {
            if self.with_room(1).is_none() {
                self.pieces.push(Vec::with_capacity(PIECE_WORDS));
            }
            let Some(piece) = self.pieces.last_mut() else { return };
            let Some((now, later)) = words.split_at_checked(words.len().min(PIECE_WORDS - piece.len())) else { return };
            piece.extend_from_slice(now);
            words = later;
        }
    }

    /// The words of a range, where one piece holds them all.
    #[inline]
    pub(super) fn within(&self, range: Range<usize>) -> Option<&[u64]> {
        let piece = range.start / PIECE_WORDS;
        let begin = piece * PIECE_WORDS;
        self.pieces.get(piece)?.get(range.start - begin..range.end - begin)
    }

    /// The words of a range, piece by piece.
    pub(super) fn slices(&self, mut range: Range<usize>) -> impl Iterator<Item = &[u64]> {
        std::iter::from_fn(move || {
            let end = range.end.min((range.start / PIECE_WORDS + 1) * PIECE_WORDS);
            let slice = self.within(range.start..end).filter(|slice| !slice.is_empty())?;
            range.start = end;
            Some(slice)
        })
    }

    /// Gives back the room for more words.
    pub(super) fn shrink_to_fit(&mut self) {
        self.pieces.shrink_to_fit();
        if let Some(last) = self.pieces.last_mut() {
            last.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_on_from_piece_to_piece() {
        let words: Vec<u64> = (0..PIECE_WORDS as u64 * 3 + 5).collect();
        let mut pieces = Pieces::default();
        assert_eq!(pieces.len(), 0);
        for part in words.chunks(1000) {
            pieces.extend(part);
        }
        pieces.shrink_to_fit();
        assert_eq!(pieces.len(), words.len());
        assert_eq!(pieces.within(5..9), Some(&words[5..9]));
        assert_eq!(pieces.within(PIECE_WORDS..PIECE_WORDS * 2), Some(&words[PIECE_WORDS..PIECE_WORDS * 2]));
        assert_eq!(pieces.within(PIECE_WORDS - 1..PIECE_WORDS + 1), None);
        let spread: Vec<u64> = pieces.slices(7..words.len() - 2).flatten().copied().collect();
        assert_eq!(spread, words[7..words.len() - 2]);
        assert_eq!(pieces.slices(9..9).count(), 0);
        assert_eq!(pieces.slices(words.len()..words.len()).count(), 0);
    }
}
