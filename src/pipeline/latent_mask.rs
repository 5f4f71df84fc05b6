//! Mask at the size of the latents.

use crate::image::Mask;

/// Returns a mask at the size of the latents, one or zero. `[h, w]`
///
/// As in diffusers a latent has the value of its top left pixel. A part of the mask that no such
/// pixel hits, as a thin line between them, would have no effect at all: each latent that it touches
/// is then one, as with the maximum over each cell. Parts are connected latents.
pub(super) fn latent_mask(mask: &Mask, [h, w]: [usize; 2]) -> Vec<u8> {
    let [width, height] = mask.size();
    let (down, right) = ((height / h).max(1), (width / w).max(1));
    let row = |y: usize| &mask.values()[y * width..(y + 1) * width];
    let mut sampled = Vec::with_capacity(h * w);
    let mut touched = vec![0; h * w];
    for y in 0..h {
        sampled.extend(row(y * down).iter().step_by(right).take(w).map(|value| (*value).min(1)));
        for line in y * down..(y + 1) * down {
            for (x, cell) in row(line).chunks_exact(right).take(w).enumerate() {
                touched[y * w + x] |= u8::from(cell.iter().any(|value| *value != Mask::BLACK));
            }
        }
    }
    add_lost_parts(&mut sampled, touched, w);
    sampled
}

/// Adds the connected parts of `touched` that have nothing in common with `sampled`.
fn add_lost_parts(sampled: &mut [u8], mut touched: Vec<u8>, w: usize) {
    let h = touched.len() / w.max(1);
    for start in 0..touched.len() {
        if touched[start] == 0 {
            continue;
        }
        touched[start] = 0;
        let (mut part, mut next) = (vec![start], 0);
        while let Some(&at) = part.get(next) {
            next += 1;
            let (x, y) = (at % w, at / w);
            for row in y.saturating_sub(1)..(y + 2).min(h) {
                for column in x.saturating_sub(1)..(x + 2).min(w) {
                    let neighbour = row * w + column;
                    if std::mem::take(&mut touched[neighbour]) != 0 {
                        part.push(neighbour);
                    }
                }
            }
        }
        if part.iter().all(|at| sampled[*at] == 0) {
            part.into_iter().for_each(|at| sampled[at] = 1);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::latent_mask;
    use crate::image::Mask;

    /// A mask of 32 × 32 pixels for latents of 4 × 4.
    fn latents(is_white: impl Fn(usize, usize) -> bool) -> Vec<String> {
        let bytes: Vec<u8> =
            (0..32 * 32).map(|at| if is_white(at % 32, at / 32) { 255 } else { 0 }).collect();
        let values = latent_mask(&Mask::new(32, 32, &bytes).unwrap(), [4, 4]);
        let sign = |value: &u8| if *value == 1 { '#' } else { '.' };
        values.chunks(4).map(|row| row.iter().map(sign).collect()).collect()
    }

    #[test]
    fn hit_part_is_sampled_as_in_diffusers() {
        // It touches nine cells and hits the upper left pixels of four.
        let part = latents(|x, y| (8..20).contains(&x) && (8..20).contains(&y));
        assert_eq!(part, ["....", ".##.", ".##.", "...."]);
        let touching = latents(|x, y| (5..20).contains(&x) && (5..20).contains(&y));
        assert_eq!(touching, ["....", ".##.", ".##.", "...."]);
    }

    #[test]
    fn line_between_sampled_pixels_is_kept() {
        assert_eq!(latents(|x, _| (9..12).contains(&x)), [".#.."; 4]);
        assert_eq!(latents(|_, y| y == 31), ["....", "....", "....", "####"]);
        assert_eq!(latents(|_, _| false), ["...."; 4]);
    }

    #[test]
    fn lost_part_is_kept_beside_hit_part() {
        let both = latents(|x, y| (x < 9 && y < 9) || (x == 30 && y > 20));
        assert_eq!(both, ["##..", "##..", "...#", "...#"]);
    }
}
