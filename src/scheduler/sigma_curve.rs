//! Sigma curves that do not follow the timesteps.

use super::config::{SchedulerConfig, invalid};
use crate::error::{Result, messages};

/// A curve of noise levels between the highest and the lowest σ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum SigmaCurve {
    /// Denser at the low end (Karras et al. 2022, <https://arxiv.org/abs/2206.00364>, eq. 5).
    Karras,
    /// Even in ln σ.
    Exponential,
    /// Denser at both ends, by quantiles of a beta distribution (Lee et al. 2024,
    /// <https://arxiv.org/abs/2407.12173>).
    Beta,
}

impl SigmaCurve {
    /// Returns the config's curve; `None`: the noise levels follow the timesteps.
    pub fn from_config(config: &SchedulerConfig) -> Result<Option<Self>> {
        let curves = [
            (config.use_karras_sigmas, Self::Karras),
            (config.use_exponential_sigmas, Self::Exponential),
            (config.use_beta_sigmas, Self::Beta),
        ];
        let mut asked = curves.iter().filter(|(on, _)| *on == Some(true)).map(|(_, curve)| *curve);
        match (asked.next(), asked.next()) {
            (curve, None) => Ok(curve),
            (_, Some(_)) => Err(invalid(messages::one_sigma_curve())),
        }
    }

    /// Returns `number` noise levels from the first of `ends` to the last. The config may change
    /// the range.
    pub fn sigmas(
        self,
        config: &SchedulerConfig,
        [highest, lowest]: [f64; 2],
        number: usize,
    ) -> Vec<f64> {
        let highest = config.sigma_max.unwrap_or(highest);
        let lowest = config.sigma_min.unwrap_or(lowest);
        let stride = 1.0 / (number.max(2) - 1) as f64;
        let ramp = (0..number).map(|i| i as f64 * stride);
        match self {
            Self::Karras => {
                const RHO: f64 = 7.0;
                let [highest, lowest] = [highest, lowest].map(|sigma| sigma.powf(1.0 / RHO));
                ramp.map(|u| (highest + u * (lowest - highest)).powf(RHO)).collect()
            }
            Self::Exponential => {
                let [highest, lowest] = [highest, lowest].map(f64::ln);
                ramp.map(|u| (highest + u * (lowest - highest)).exp()).collect()
            }
            Self::Beta => {
                ramp.map(|u| lowest + beta_quantile(1.0 - u) * (highest - lowest)).collect()
            }
        }
    }
}

/// Both parameters of the beta distribution.
const SHAPE: f64 = 0.6;

/// Returns the quantile `q` of a symmetric beta distribution (`scipy.stats.beta.ppf`).
pub(super) fn beta_quantile(q: f64) -> f64 {
    if q == 0.5 {
        return 0.5;
    }
    if q > 0.5 {
        return 1.0 - beta_quantile(1.0 - q);
    }
    // The distribution is symmetric, so that no beta function is needed: I(x) = ½·S(x) / S(½).
    let target = 2.0 * q * beta_series(0.5);
    let (mut low, mut high) = (0.0, 0.5);
    // A double can be halved this often between them.
    for _ in 0..64 {
        let middle = 0.5 * (low + high);
        if beta_series(middle) < target {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Returns the incomplete beta function x^a·Σ (1−b)ₙ/n!·xⁿ/(a+n) with a = b = [`SHAPE`], for x ≤ ½.
fn beta_series(x: f64) -> f64 {
    const TERMS: u32 = 60; // Each at most half of the previous.
    let (mut sum, mut coefficient) = (0.0, 1.0);
    for n in 0..TERMS {
        let n = f64::from(n);
        sum += coefficient / (SHAPE + n);
        coefficient *= (1.0 - SHAPE + n) / (n + 1.0) * x;
    }
    x.powf(SHAPE) * sum
}

#[cfg(test)]
mod tests {
    use super::beta_quantile;

    #[test]
    fn beta_quantiles_equal_those_of_scipy() {
        // scipy.stats.beta.ppf(q, 0.6, 0.6)
        for (q, expected) in [
            (0.0, 0.0),
            (0.001, 1.855873851745199e-05),
            (0.09090909090909091, 0.03382041881065018),
            (0.2, 0.12292175045833292),
            (0.3333333333333333, 0.2754132907776234),
            (0.5, 0.5),
            (0.7, 0.7659829961247643),
            (0.9, 0.9604155944112192),
            (0.999, 0.9999814412614826),
            (1.0, 1.0),
        ] {
            let error = (beta_quantile(q) - expected).abs();
            assert!(error <= 1e-13 * expected + 1e-18, "{q}: off by {error:e}");
        }
    }
}
