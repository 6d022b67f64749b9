//! The colours of a terminal's text (ECMA-48 §8.3.117), as far as the program uses them.

/// A text of one look.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) bold: bool,
    pub(super) dim: bool,
    /// `None` is the terminal's own text colour.
    pub(super) colour: Option<Colour>,
}

/// A colour of the terminal's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Colour {
    Red,
    Green,
    Yellow,
    Magenta,
}

/// Cuts a line where its look changes. Sequences of other kinds are left out.
pub(super) fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut look = Piece::default();
    for (at, part) in line.split('\u{1b}').enumerate() {
        let text = match part.strip_prefix('[').and_then(|rest| rest.split_once('m')) {
            Some((codes, text)) if at > 0 => {
                codes.split(';').for_each(|code| turn(&mut look, code));
                text
            }
            Some(_) | None => part,
        };
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), ..look.clone() });
        }
    }
    pieces
}

fn turn(look: &mut Piece, code: &str) {
    match code {
        "" | "0" => *look = Piece::default(),
        "1" => look.bold = true,
        "2" => look.dim = true,
        "31" => look.colour = Some(Colour::Red),
        "32" => look.colour = Some(Colour::Green),
        "33" => look.colour = Some(Colour::Yellow),
        "35" => look.colour = Some(Colour::Magenta),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_end_where_they_are_reset() {
        let found = pieces("a \u{1b}[31;1mb\u{1b}[0m c");
        let looks: Vec<(&str, bool, Option<Colour>)> =
            found.iter().map(|piece| (piece.text.as_str(), piece.bold, piece.colour)).collect();
        assert_eq!(looks, [("a ", false, None), ("b", true, Some(Colour::Red)), (" c", false, None)]);
    }
}
