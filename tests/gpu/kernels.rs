//! Comparison of every kernel with Burn's operations (`src/bench/operations.rs`), on a native GPU.
//!
//! Both kernel families are compared; `tests/browser/long/kernels.test.mjs` does the same in a browser.

use crate::support;
use hearth::bench;
use hearth::kernels::materializes_scores;

#[test]
fn materializes_scores_only_without_an_attention_kernel() {
    for (head_size, stores) in [(4, false), (44, false), (512, false), (516, true), (6, true)] {
        assert_eq!(materializes_scores(head_size), stores, "{head_size}");
    }
}

#[test]
fn kernels_equal_burn_operations() {
    let Some(gpu) = support::gpu() else { return };
    let all = pollster::block_on(bench::check(&gpu, |comparison| comparison.by_default)).unwrap();
    for (dtype, family) in
        ["f32", "f16"].into_iter().flat_map(|dtype| ["tiled", "direct"].map(|of| (dtype, of)))
    {
        let is_of = |one: &&bench::KernelComparison| one.dtype == dtype && one.family == family;
        let compared: Vec<_> = all.iter().filter(is_of).collect();
        let worst = compared.iter().max_by(|a, b| a.error.total_cmp(&b.error));
        match worst {
            Some(worst) => println!(
                "{dtype}, {family}: {} compared, worst error {:.2e} ({}), limit {:.0e}",
                compared.len(),
                worst.error,
                worst.name,
                worst.limit
            ),
            None if dtype == "f32" => panic!("nothing was compared"),
            None => println!("{dtype}: left out, {} does not compute in it", gpu.name),
        }
        let count = compared.len();
        let wanted = if family == "tiled" || dtype == "f32" { 80 } else { 5 };
        assert!(worst.is_none() || count > wanted, "{family}: only {count} were compared");
    }
    let wrong: Vec<_> = all.iter().filter(|compared| !compared.is_within_limit()).collect();
    assert!(wrong.is_empty(), "beyond the limit: {wrong:#?}");
}
