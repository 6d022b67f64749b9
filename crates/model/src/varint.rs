//! Whole numbers as bytes, small ones short: how the event log and snapshots write them.

/// Appends a whole number in seven-bit groups, the lowest first (LEB128).
#[inline]
pub fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed number so that small ones of either sign are short (zigzag).
#[inline]
pub fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, (value << 1 ^ value >> 63) as u64);
}

/// Appends bytes after their count.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Why bytes hold no number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoNumber {
    /// They end within it.
    Short,
    /// It takes more than 64 bits.
    TooLarge,
}

/// Takes what [`put`] appended off the front of `rest`.
///
/// # Errors
/// [`NoNumber`]; `rest` is then of no use.
#[inline]
pub fn take(rest: &mut &[u8]) -> Result<u64, NoNumber> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, behind) = rest.split_first().ok_or(NoNumber::Short)?;
        *rest = behind;
        let bits = u64::from(byte & 0x7f);
        if bits << shift >> shift != bits {
            return Err(NoNumber::TooLarge);
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(NoNumber::TooLarge)
}

/// The signed number that [`put_signed`] wrote as `value`.
#[inline]
#[must_use]
pub const fn signed(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}
