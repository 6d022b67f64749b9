//! Sets of a few words, such as a key's scopes.

/// Makes a set of the values of an enum that has `ALL`, `as_str` and `from_word`.
macro_rules! word_set {
    ($(#[$doc:meta])* $set:ident of $word:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $set(u32);

        impl $set {
            /// Tells whether a word is among them.
            #[must_use]
            pub const fn has(self, word: $word) -> bool {
                self.0 & (1 << word as u32) != 0
            }

            /// Tells whether there is none.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// The words, in the order in which they are printed.
            pub fn iter(self) -> impl Iterator<Item = $word> {
                $word::ALL.into_iter().filter(move |word| self.has(*word))
            }

            /// Reads what is printed: words with single spaces between; `None` when one is not known.
            #[must_use]
            pub fn from_words(words: &str) -> Option<Self> {
                words.split_ascii_whitespace().map($word::from_word).collect()
            }
        }

        impl FromIterator<$word> for $set {
            fn from_iter<I: IntoIterator<Item = $word>>(words: I) -> Self {
                Self(words.into_iter().fold(0, |bits, word| bits | 1 << word as u32))
            }
        }

        impl std::fmt::Display for $set {
            /// The words with single spaces between, as in OAuth (RFC 6749 §3.3).
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                for (index, word) in self.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { " " })?;
                    f.write_str(word.as_str())?;
                }
                Ok(())
            }
        }

        impl std::fmt::Debug for $set {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($set), "({})"), self)
            }
        }
    };
}

pub(super) use word_set;
