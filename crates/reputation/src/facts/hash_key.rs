//! What stands for people in facts: hashes, under a secret key where there is one.

use model::TelephoneNumber;

use super::store::dest_hash;

/// The key under which called and reporting people are hashed.
///
/// The fixed one gives a run over files the same facts on every machine, and stands for nothing that is kept. A service that keeps
/// facts has a secret one: ten digits are soon tried out where the hash is known.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct HashKey(Option<[u64; 2]>);

impl std::fmt::Debug for HashKey {
    /// Tells nothing of the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "HashKey(secret)" } else { "HashKey(fixed)" })
    }
}

/// What a hash is for: of two uses, equal numbers have other hashes.
#[derive(Clone, Copy)]
enum Use {
    Dest = 1,
    Pair = 2,
    Reporter = 3,
    Word = 4,
}

impl HashKey {
    /// The key that everybody knows.
    pub const FIXED: Self = Self(None);

    /// A secret key.
    #[must_use]
    pub const fn secret(bits: [u64; 2]) -> Self {
        Self(Some(bits))
    }

    /// Stands for a destination in facts; never 0.
    #[must_use]
    #[inline]
    pub fn dest(&self, tn: TelephoneNumber) -> u32 {
        match self.0 {
            None => dest_hash(tn),
            Some(key) => u32::try_from(sip(key, Use::Dest, tn.digits()) >> 32).unwrap_or(1).max(1),
        }
    }

    /// Stands for a destination where pairs of callers and called people are kept as bits.
    #[must_use]
    #[inline]
    pub fn pair(&self, tn: TelephoneNumber) -> u64 {
        self.0.map_or(tn.digits(), |key| sip(key, Use::Pair, tn.digits()))
    }

    /// Stands for a person who reports under a number; `None` under the fixed key, where the reader of reports has hashed it.
    #[must_use]
    pub fn reporter(&self, tn: TelephoneNumber) -> Option<u64> {
        self.0.map(|key| sip(key, Use::Reporter, tn.digits()))
    }

    /// What stands for a hash that everybody could make, of a person's name, network or device; the hash itself under the fixed key.
    #[must_use]
    pub fn word(&self, hash: u64) -> u64 {
        self.0.map_or(hash, |key| sip(key, Use::Word, hash))
    }
}

/// SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012) of two words.
fn sip([k0, k1]: [u64; 2], of: Use, value: u64) -> u64 {
    let mut v = [
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ];
    // The last word of a message tells its length, here sixteen bytes.
    for word in [of as u64, value, 16 << 56] {
        v[3] ^= word;
        round(&mut v);
        round(&mut v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    (0..4).for_each(|_| round(&mut v));
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

const fn round([v0, v1, v2, v3]: &mut [u64; 4]) {
    *v0 = v0.wrapping_add(*v1);
    *v2 = v2.wrapping_add(*v3);
    *v1 = v1.rotate_left(13) ^ *v0;
    *v3 = v3.rotate_left(16) ^ *v2;
    *v0 = v0.rotate_left(32);
    *v2 = v2.wrapping_add(*v1);
    *v0 = v0.wrapping_add(*v3);
    *v1 = v1.rotate_left(17) ^ *v2;
    *v3 = v3.rotate_left(21) ^ *v0;
    *v2 = v2.rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tn(line: u64) -> TelephoneNumber {
        TelephoneNumber::from_digits(12_155_550_100 + line).expect("a number")
    }

    #[test]
    #[allow(deprecated, reason = "the standard library's SipHash-2-4 is what ours must agree with")]
    fn the_hash_is_siphash() {
        use std::hash::Hasher as _;
        let key = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];
        for value in [0, 1, 12_155_550_112, u64::MAX] {
            let mut theirs = std::hash::SipHasher::new_with_keys(key[0], key[1]);
            theirs.write(&[(Use::Pair as u64).to_le_bytes(), value.to_le_bytes()].concat());
            assert_eq!(sip(key, Use::Pair, value), theirs.finish(), "{value}");
        }
    }

    #[test]
    fn the_fixed_key_changes_nothing_and_a_secret_one_everything() {
        let (fixed, one, other) = (HashKey::FIXED, HashKey::secret([1, 2]), HashKey::secret([1, 3]));
        assert_eq!(fixed, HashKey::default());
        assert_eq!((fixed.dest(tn(1)), fixed.word(7), fixed.reporter(tn(1))), (dest_hash(tn(1)), 7, None));
        assert_ne!(one.dest(tn(1)), fixed.dest(tn(1)));
        assert_ne!(one.dest(tn(1)), other.dest(tn(1)));
        assert_ne!(one.pair(tn(1)), one.reporter(tn(1)).expect("a hash"), "uses do not meet");
        assert_eq!(format!("{one:?}"), "HashKey(secret)");
    }
}
