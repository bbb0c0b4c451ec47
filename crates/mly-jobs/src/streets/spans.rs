//! Parts of a line, in metres from its beginning.

/// Joins parts that overlap or touch. They come back sorted.
pub(super) fn union(parts: impl IntoIterator<Item = [f64; 2]>) -> Vec<[f64; 2]> {
    let mut parts: Vec<[f64; 2]> = parts.into_iter().collect();
    parts.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let mut joined: Vec<[f64; 2]> = Vec::new();
    for [from, to] in parts {
        match joined.last_mut() {
            Some(last) if from <= last[1] => last[1] = last[1].max(to),
            _ => joined.push([from, to]),
        }
    }
    joined
}

/// The length of parts that do not overlap.
pub(super) fn length(parts: &[[f64; 2]]) -> f64 {
    // The sum of nothing would be -0.
    parts.iter().fold(0.0, |sum, [from, to]| sum + (to - from))
}

/// What is left of a line, given parts of it that are sorted and do not overlap.
pub(super) fn rest(parts: &[[f64; 2]], length: f64) -> Vec<[f64; 2]> {
    let begins = std::iter::once(0.0).chain(parts.iter().map(|[_, to]| *to));
    let ends = parts.iter().map(|[from, _]| *from).chain(std::iter::once(length));
    begins.zip(ends).filter(|(from, to)| from < to).map(|(from, to)| [from, to]).collect()
}
