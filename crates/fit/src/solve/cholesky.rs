//! Linear equations with a symmetric, positive matrix.

/// Solves `matrix · x = right` by Cholesky's decomposition in place, reading the lower half only. Unknowns that are `held` come
/// out as 0, as if they were not there; so do those without curvature of their own.
pub(super) fn solve_symmetric(matrix: &mut [f64], right: &[f64], held: &[bool]) -> Vec<f64> {
    let size = right.len();
    let diagonal = |matrix: &[f64], place: usize| matrix.get(place * size + place).copied().unwrap_or(0.0);
    let largest = (0..size).map(|place| diagonal(matrix, place)).fold(0.0_f64, f64::max);
    let mut used = vec![false; size];
    for row in 0..size {
        let (above, own) = matrix.split_at_mut(row * size);
        let own = own.get_mut(..size).unwrap_or_default();
        for column in 0..row {
            if !used.get(column).copied().unwrap_or(false) {
                continue;
            }
            let other = above.get(column * size..=column * size + column).unwrap_or_default();
            let sum = dot(own.get(..column).unwrap_or_default(), other.get(..column).unwrap_or_default(), &used);
            let pivot = other.last().copied().unwrap_or(1.0);
            if let Some(cell) = own.get_mut(column) {
                *cell = (*cell - sum) / pivot;
            }
        }
        let squares = own.get(..row).unwrap_or_default();
        let rest = own.get(row).copied().unwrap_or(0.0) - dot(squares, squares, &used);
        let is_held = held.get(row).copied().unwrap_or(false);
        if !is_held
            && rest > 1e-12 * largest
            && let (Some(cell), Some(used)) = (own.get_mut(row), used.get_mut(row))
        {
            *cell = libm::sqrt(rest);
            *used = true;
        }
    }
    substitute(matrix, right, &used)
}

/// Forward, then back.
fn substitute(matrix: &[f64], right: &[f64], used: &[bool]) -> Vec<f64> {
    let size = right.len();
    let cell = |row: usize, column: usize| matrix.get(row * size + column).copied().unwrap_or(0.0);
    let is_used = |place: usize| used.get(place).copied().unwrap_or(false);
    let mut found = vec![0.0; size];
    for row in (0..size).filter(|row| is_used(*row)) {
        let before = matrix.get(row * size..row * size + row).unwrap_or_default();
        let sum = dot(before, &found, used);
        let value = (right.get(row).copied().unwrap_or(0.0) - sum) / cell(row, row);
        if let Some(found) = found.get_mut(row) {
            *found = value;
        }
    }
    for row in (0..size).rev().filter(|row| is_used(*row)) {
        let later = (row + 1..size).filter(|later| is_used(*later));
        let sum: f64 = later.map(|later| cell(later, row) * found.get(later).copied().unwrap_or(0.0)).sum();
        if let Some(found) = found.get_mut(row) {
            *found = (*found - sum) / cell(row, row);
        }
    }
    found
}

/// The product of two rows over the unknowns in use.
fn dot(left: &[f64], right: &[f64], used: &[bool]) -> f64 {
    left.iter().zip(right).zip(used).map(|((left, right), used)| if *used { left * right } else { 0.0 }).sum()
}
