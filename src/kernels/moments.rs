//! Mean and variance of channel groups.

use burn::tensor::Tensor;

/// Mean and variance of each group of channels.
#[derive(Debug, Clone)]
pub struct Moments {
    /// `[b, groups, 1]`, f32
    pub(super) mean: Tensor<3>,
    /// `[b, groups, 1]`, f32
    pub(super) variance: Tensor<3>,
}

impl Moments {
    /// Combines `records` `[b, groups, parts, 4]`, f32: count, mean, sum of squared deviations from
    /// that mean, unused (Chan et al. 1979).
    pub(super) fn from_records(records: Tensor<4>) -> Self {
        let [b, groups, parts, _] = records.dims();
        let column = |at: usize| records.clone().narrow(3, at, 1).reshape([b, groups, parts]);
        let (count, mean, squares) = (column(0), column(1), column(2));
        let all = count.clone().sum_dim(2);
        let mean_of_all = count.clone().mul(mean.clone()).sum_dim(2).div(all.clone());
        let between = count.mul(mean.sub(mean_of_all.clone()).square());
        let variance = squares.add(between).sum_dim(2).div(all);
        Moments { mean: mean_of_all, variance }
    }

    /// Returns the record `[b, groups, 1, 4]` of `count` numbers in each group with these moments.
    pub(super) fn record(&self, count: usize) -> Tensor<4> {
        let [b, groups, _] = self.mean.dims();
        let Moments { mean, variance } = self.clone();
        let counts = mean.zeros_like().add_scalar(count as f32);
        let squares = variance.mul_scalar(count as f32);
        let columns = vec![counts, mean.clone(), squares, mean.zeros_like()];
        Tensor::cat(columns, 2).reshape([b, groups, 1, 4])
    }
}
