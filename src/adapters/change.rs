//! The change of one layer: which tensors of the file it consists of, and its values.
//!
//! Formulas of LyCORIS 4.1 (`functional/`), which kohya's LoRA, LoCon, LoHa, LoKr, full differences and DoRA
//! share. W is `[o, i]` or `[o, i, k, k]` and seen as `[o, n]`; m is the user's weight, s = alpha / rank.

use std::collections::BTreeMap;

use super::suffixes::Part;
use crate::error::{Error, Result, messages};
use crate::weights::patch::{Matrix, Norms, Patch};
use crate::weights::tensors::Located;

/// Kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Low-rank product.
    Lora,
    /// Elementwise product of two of them.
    Loha,
    /// Kronecker product.
    Lokr,
    /// The whole difference.
    Full,
}

impl ChangeKind {
    /// Returns the usual name.
    pub fn name(self) -> &'static str {
        match self {
            ChangeKind::Lora => "LoRA",
            ChangeKind::Loha => "LoHa",
            ChangeKind::Lokr => "LoKr",
            ChangeKind::Full => "full difference",
        }
    }
}

/// Tensors of the change of one layer.
#[derive(Debug, Clone, Default)]
pub struct LayerChange {
    /// Their places in the file.
    pub parts: BTreeMap<Part, Located>,
    /// Alpha from the file's metadata, for files that have no tensor of it.
    pub alpha: Option<f64>,
}

/// Values of the tensors of a change.
pub type Values = BTreeMap<Part, Vec<f32>>;

impl LayerChange {
    /// Returns the kind of the change of the weight; `None` if there is only one of the bias.
    pub fn kind(&self) -> Option<ChangeKind> {
        let has = |part| self.parts.contains_key(&part);
        if has(Part::Up) && has(Part::Down) {
            Some(ChangeKind::Lora)
        } else if has(Part::HadaW1A) {
            Some(ChangeKind::Loha)
        } else if has(Part::LokrW1) || has(Part::LokrW1A) {
            Some(ChangeKind::Lokr)
        } else if has(Part::Diff) {
            Some(ChangeKind::Full)
        } else {
            None
        }
    }

    /// Returns the rank; `None` where there is none.
    pub fn rank(&self) -> Option<usize> {
        let rows = |part| self.parts.get(&part).and_then(|at: &Located| at.shape.first()).copied();
        match self.kind()? {
            ChangeKind::Lora => rows(Part::Down),
            ChangeKind::Loha => rows(Part::HadaW1B),
            ChangeKind::Lokr => rows(Part::LokrW2B).or_else(|| rows(Part::LokrW1B)),
            ChangeKind::Full => None,
        }
    }

    /// Whether the norms of the changed weight are given.
    pub fn is_decomposed(&self) -> bool {
        self.parts.contains_key(&Part::DoraScale) || self.parts.contains_key(&Part::Magnitude)
    }

    /// Checks the shapes against those of the layer's weight and bias.
    ///
    /// # Errors
    /// [`Error::CorruptWeights`] names the tensor that does not fit, or a part that is missing.
    pub fn check(&self, weight: Option<&[usize]>, bias: Option<&[usize]>) -> Result<()> {
        if let (Some(part), Some(bias)) = (self.parts.get(&Part::DiffBias), bias) {
            fits(part, bias.iter().product())?;
        }
        let (Some(kind), Some(weight)) = (self.kind(), weight) else { return Ok(()) };
        let (o, n) = (weight[0], weight[1..].iter().product::<usize>());
        let i = weight.get(1).copied().unwrap_or(1);
        let taps = n / i.max(1);
        let r = self.rank().unwrap_or(1);
        if r == 0 {
            return Err(self.broken());
        }
        match kind {
            ChangeKind::Lora => match self.parts.get(&Part::Mid) {
                Some(mid) => {
                    let columns = self.part(Part::Up)?.count() / o.max(1);
                    fits(self.part(Part::Up)?, o * columns)?;
                    fits(self.part(Part::Down)?, r * i)?;
                    fits(mid, columns * r * taps)
                }
                None => {
                    fits(self.part(Part::Up)?, o * r)?;
                    fits(self.part(Part::Down)?, r * n)
                }
            },
            ChangeKind::Loha => {
                for (a, b, t) in [
                    (Part::HadaW1A, Part::HadaW1B, Part::HadaT1),
                    (Part::HadaW2A, Part::HadaW2B, Part::HadaT2),
                ] {
                    let b = self.part(b)?;
                    let rank = b.shape.first().copied().unwrap_or(0);
                    fits(self.part(a)?, o * rank)?;
                    match self.parts.get(&t) {
                        Some(t) => {
                            fits(b, rank * i)?;
                            fits(t, rank * rank * taps)?;
                        }
                        None => fits(b, rank * n)?,
                    }
                }
                Ok(())
            }
            ChangeKind::Lokr => self.check_kronecker([o, i, taps]),
            ChangeKind::Full => fits(self.part(Part::Diff)?, o * n),
        }
    }

    fn check_kronecker(&self, [o, i, taps]: [usize; 3]) -> Result<()> {
        let ([a, c], [b, d]) = (self.kronecker_1()?, self.kronecker_2(taps)?);
        match a * b == o && c * d == i {
            true => Ok(()),
            false => Err(self.broken()),
        }
    }

    /// Returns `[a, c]` of the first Kronecker factor.
    fn kronecker_1(&self) -> Result<[usize; 2]> {
        match self.parts.get(&Part::LokrW1) {
            Some(w1) => two(w1),
            None => self.factored(Part::LokrW1A, Part::LokrW1B),
        }
    }

    /// Returns `[b, d]` of the second, which has `taps` for each of these.
    fn kronecker_2(&self, taps: usize) -> Result<[usize; 2]> {
        if let Some(w2) = self.parts.get(&Part::LokrW2) {
            let [b, d] = two(w2)?;
            // Two axes may hold the taps in the second.
            return Ok(if w2.shape.len() == 2 { [b, d / taps.max(1)] } else { [b, d] });
        }
        if self.parts.contains_key(&Part::LokrT2) {
            // Here w2_a is [r, b] and w2_b [r, d].
            let ([r, b], [r_b, d]) =
                (two(self.part(Part::LokrW2A)?)?, two(self.part(Part::LokrW2B)?)?);
            fits(self.part(Part::LokrT2)?, r * r_b * taps)?;
            return Ok([b, d]);
        }
        let [b, columns] = self.factored(Part::LokrW2A, Part::LokrW2B)?;
        Ok([b, columns / taps.max(1)])
    }

    /// Returns the shape of the product of two parts.
    fn factored(&self, a: Part, b: Part) -> Result<[usize; 2]> {
        let (first, second) = (self.part(a)?, self.part(b)?);
        let [rows, r] = two(first)?;
        fits(second, r * (second.count() / r.max(1)))?;
        Ok([rows, second.count() / r.max(1)])
    }

    fn part(&self, part: Part) -> Result<&Located> {
        self.parts.get(&part).ok_or_else(|| self.broken())
    }

    fn broken(&self) -> Error {
        let any = self.parts.values().next();
        Error::CorruptWeights {
            path: any.map(|at| at.file.clone()).unwrap_or_default(),
            reason: messages::adapter_part_does_not_fit(any.map_or("", |at| &at.key)),
        }
    }

    /// Returns the change of the bias; `None` if there is none.
    pub fn bias_patch(&self, mut values: Values, weight: f32) -> Option<Patch> {
        let values = values.remove(&Part::DiffBias)?;
        Some(Patch::Whole(Matrix::with_rows(values.len(), values).scaled(weight)))
    }

    /// Returns the change of the weight of this `shape`; `None` if there is none.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn weight_patch(
        &self,
        mut values: Values,
        shape: &[usize],
        weight: f32,
    ) -> Result<Option<Patch>> {
        self.check(Some(shape), None)?;
        let Some(kind) = self.kind() else { return Ok(None) };
        let scale = self.scale(kind, &values)?;
        let magnitude = values.remove(&Part::DoraScale).or_else(|| values.remove(&Part::Magnitude));
        // DoRA's norms are those of the weight with the whole change; the user's weight comes after.
        let factor = if magnitude.is_some() { scale } else { scale * weight };
        let (o, n) = (shape[0], shape[1..].iter().product::<usize>());
        let i = shape.get(1).copied().unwrap_or(1);
        let mut take = |part| values.remove(&part).unwrap_or_default();
        let change = match kind {
            ChangeKind::Lora => {
                let up = Matrix::with_rows(o, take(Part::Up));
                let down = Matrix::with_rows(self.rank().unwrap_or(1), take(Part::Down));
                let down = match self.parts.get(&Part::Mid) {
                    Some(_) => with_mid(take(Part::Mid), up.columns, &down),
                    None => down,
                };
                Patch::Product(up.scaled(factor), down)
            }
            ChangeKind::Loha => {
                let mut pair = |a, b, t| {
                    let rank = self.parts.get(&b).and_then(|at| at.shape.first()).copied();
                    let b = Matrix::with_rows(rank.unwrap_or(1), take(b));
                    match self.parts.get(&t) {
                        // Here a is [r, o].
                        Some(_) => {
                            let a = Matrix::with_rows(b.rows, take(a));
                            let rank = a.rows;
                            [transposed(&a), with_mid(take(t), rank, &b)]
                        }
                        None => [Matrix::with_rows(o, take(a)), b],
                    }
                };
                let [a, b] = pair(Part::HadaW1A, Part::HadaW1B, Part::HadaT1);
                let other = pair(Part::HadaW2A, Part::HadaW2B, Part::HadaT2);
                Patch::Hadamard([a.scaled(factor), b], other)
            }
            ChangeKind::Lokr => {
                let taps = n / i.max(1);
                let w1 = match self.parts.get(&Part::LokrW1) {
                    Some(_) => Matrix::with_rows(self.kronecker_1()?[0], take(Part::LokrW1)),
                    None => self.product(Part::LokrW1A, Part::LokrW1B, &mut take)?,
                };
                let [b, _] = self.kronecker_2(taps)?;
                let w2 = if self.parts.contains_key(&Part::LokrW2) {
                    Matrix::with_rows(b, take(Part::LokrW2))
                } else if self.parts.contains_key(&Part::LokrT2) {
                    let rank = two(self.part(Part::LokrW2A)?)?[0];
                    let down =
                        Matrix::with_rows(two(self.part(Part::LokrW2B)?)?[0], take(Part::LokrW2B));
                    let down = with_mid(take(Part::LokrT2), rank, &down);
                    product(&transposed(&Matrix::with_rows(rank, take(Part::LokrW2A))), &down)
                } else {
                    self.product(Part::LokrW2A, Part::LokrW2B, &mut take)?
                };
                Patch::Whole(kronecker(&w1.scaled(factor), &w2))
            }
            ChangeKind::Full => Patch::Whole(Matrix::with_rows(o, take(Part::Diff)).scaled(factor)),
        };
        Ok(Some(match magnitude {
            None => change,
            Some(magnitude) => {
                let norms = self.norms(o, i, magnitude.len())?;
                Patch::Decomposed { change: Box::new(change), magnitude, norms, weight }
            }
        }))
    }

    fn product(&self, a: Part, b: Part, take: &mut impl FnMut(Part) -> Vec<f32>) -> Result<Matrix> {
        let [rows, r] = two(self.part(a)?)?;
        Ok(product(&Matrix::with_rows(rows, take(a)), &Matrix::with_rows(r, take(b))))
    }

    /// Returns s.
    fn scale(&self, kind: ChangeKind, values: &Values) -> Result<f32> {
        let first = |part| values.get(&part).and_then(|values: &Vec<f32>| values.first()).copied();
        // Without a factored part nothing has been scaled in training.
        let is_whole = kind == ChangeKind::Full
            || (kind == ChangeKind::Lokr
                && self.parts.contains_key(&Part::LokrW1)
                && self.parts.contains_key(&Part::LokrW2));
        if is_whole {
            return Ok(1.0);
        }
        if let Some(scale) = first(Part::Scale) {
            return Ok(scale);
        }
        let alpha = first(Part::Alpha).or(self.alpha.map(|alpha| alpha as f32));
        let scale = match (alpha, self.rank()) {
            (Some(alpha), Some(rank)) => alpha / rank as f32,
            _ => 1.0,
        };
        match scale.is_finite() {
            true => Ok(scale),
            false => Err(self.broken()),
        }
    }

    /// Returns which norms DoRA's `count` magnitudes are. PEFT's are always of the outputs; kohya's are by
    /// their shape, and of the inputs if they have one axis.
    fn norms(&self, o: usize, i: usize, count: usize) -> Result<Norms> {
        let Some(scale) = self.parts.get(&Part::DoraScale) else {
            return (count == o).then_some(Norms::Rows).ok_or_else(|| self.broken());
        };
        let of_rows = scale.shape.len() > 1 && scale.shape[0] == o && count == o;
        match (of_rows, count == i, count == o) {
            (true, _, _) => Ok(Norms::Rows),
            (false, true, _) => Ok(Norms::Inputs(i)),
            (false, false, true) => Ok(Norms::Rows),
            _ => Err(self.broken()),
        }
    }
}

/// Returns the first two axes.
fn two(part: &Located) -> Result<[usize; 2]> {
    match part.shape.as_slice() {
        [a, b, ..] => Ok([*a, *b]),
        _ => Err(does_not_fit(part)),
    }
}

fn fits(part: &Located, count: usize) -> Result<()> {
    if part.count() == count && count > 0 { Ok(()) } else { Err(does_not_fit(part)) }
}

fn does_not_fit(part: &Located) -> Error {
    Error::CorruptWeights {
        path: part.file.clone(),
        reason: messages::adapter_part_does_not_fit(&part.key),
    }
}

/// Returns `[n, i·taps]`: Σ_p `mid[n, p, taps]` · `down[p, i]`, where `mid` is `[rank, p, taps]`.
fn with_mid(mid: Vec<f32>, rank: usize, down: &Matrix) -> Matrix {
    let (inner, i) = (down.rows, down.columns);
    let taps = mid.len().checked_div(rank * inner).unwrap_or(0);
    let mut values = vec![0.0; rank * i * taps];
    for n in 0..rank {
        for p in 0..inner {
            let weights = &mid[(n * inner + p) * taps..][..taps];
            let row = &down.values[p * i..][..i];
            for (input, value) in row.iter().enumerate() {
                let out = &mut values[(n * i + input) * taps..][..taps];
                out.iter_mut().zip(weights).for_each(|(out, weight)| *out += weight * value);
            }
        }
    }
    Matrix { rows: rank, columns: i * taps, values }
}

fn transposed(matrix: &Matrix) -> Matrix {
    let Matrix { rows, columns, values } = matrix;
    let at = |c: usize| (0..*rows).map(move |r| values[r * columns + c]);
    Matrix { rows: *columns, columns: *rows, values: (0..*columns).flat_map(at).collect() }
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let mut values = vec![0.0; a.rows * b.columns];
    for (row, out) in a.values.chunks(a.columns.max(1)).zip(values.chunks_mut(b.columns.max(1))) {
        for (factor, other) in row.iter().zip(b.values.chunks(b.columns.max(1))) {
            out.iter_mut().zip(other).for_each(|(out, value)| *out += factor * value);
        }
    }
    Matrix { rows: a.rows, columns: b.columns, values }
}

/// Returns the Kronecker product of w1 `[a, c]` and w2 `[b, d·taps]`, `[a·b, c·d·taps]`.
fn kronecker(w1: &Matrix, w2: &Matrix) -> Matrix {
    let (rows, columns) = (w1.rows * w2.rows, w1.columns * w2.columns);
    let mut values = Vec::with_capacity(rows * columns);
    for outer in w1.values.chunks(w1.columns.max(1)) {
        for inner in w2.values.chunks(w2.columns.max(1)) {
            for factor in outer {
                values.extend(inner.iter().map(|value| factor * value));
            }
        }
    }
    Matrix { rows, columns, values }
}
