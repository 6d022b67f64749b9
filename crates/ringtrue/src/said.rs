//! What is said on standard error.

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

use crate::error::ScoreError;

/// What a file is called in messages: its path, or standard input.
pub(crate) fn file_name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// What a file or folder is called without the folders that it lies in, so that what is written names no machine's paths.
pub(crate) fn short_name(path: &Path) -> String {
    path.file_name().map_or_else(|| file_name(path), |name| name.to_string_lossy().into_owned())
}

/// Writes a line to standard error. That nobody can read it, because it is closed or its disk is full, changes no result.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", printable(line));
}

/// Writes a result to standard output. That nobody reads it to its end is no failure.
pub(crate) fn print(text: &str) -> Result<(), ScoreError> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(ScoreError::Unwritable { file: "standard output".to_owned(), source: error })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The text without characters that steer a terminal: what a file holds may be quoted in a message, and must not act there.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let steers = |letter: char| letter.is_control() && letter != '\n';
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if steers(letter) { safe.extend(letter.escape_default()) } else { safe.push(letter) }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(printable("`\u{1b}[31mred\u{7}` is none of"), r"`\u{1b}[31mred\u{7}` is none of");
        assert_eq!(printable("two\nlines – of text"), "two\nlines – of text");
    }
}
