//! Every kernel of ours against Burn's plain operations (`src/bench/operations.rs`), on a native GPU; in a
//! browser `tests/browser/kernels.test.mjs` does the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use hearth::bench;

#[test]
fn kernels_equal_plain_operations() {
    let Some(gpu) = support::gpu() else { return };
    let all = pollster::block_on(bench::check(&gpu)).unwrap();
    for dtype in ["f32", "f16"] {
        let of_dtype: Vec<_> = all.iter().filter(|compared| compared.dtype == dtype).collect();
        let worst = of_dtype.iter().max_by(|a, b| a.error.total_cmp(&b.error));
        match worst {
            Some(worst) => println!(
                "{dtype}: {} compared, worst error {:.2e} ({}), limit {:.0e}",
                of_dtype.len(),
                worst.error,
                worst.name,
                worst.limit
            ),
            None => println!("{dtype}: left out, {} does not compute in it", gpu.name),
        }
    }
    assert!(all.len() > 70, "only {} operations were compared", all.len());
    let wrong: Vec<_> = all.iter().filter(|compared| !compared.is_equal()).collect();
    assert!(wrong.is_empty(), "beyond the limit: {wrong:#?}");
}
