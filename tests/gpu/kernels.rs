//! Every kernel of ours against Burn's plain operations (`src/bench/operations.rs`), on a native GPU, also
//! those that are for browsers without one; in a browser `tests/browser/kernels.test.mjs` does the same.

use crate::support;
use hearth::bench;
use hearth::kernels::stores_scores;

#[test]
fn heads_that_attention_is_not_written_for_keep_their_scores() {
    for (head_size, stores) in [(4, false), (44, false), (512, false), (516, true), (6, true)] {
        assert_eq!(stores_scores(head_size, true), stores, "{head_size}");
        assert!(stores_scores(head_size, false), "{head_size}");
    }
}

#[test]
fn kernels_equal_plain_operations() {
    let Some(gpu) = support::gpu() else { return };
    let all = pollster::block_on(bench::check(&gpu, |comparison| comparison.is_usual)).unwrap();
    for (dtype, family) in
        ["f32", "f16"].into_iter().flat_map(|dtype| ["tiled", "direct"].map(|of| (dtype, of)))
    {
        let is_of = |one: &&bench::Compared| one.dtype == dtype && one.family == family;
        let of_both: Vec<_> = all.iter().filter(is_of).collect();
        let worst = of_both.iter().max_by(|a, b| a.error.total_cmp(&b.error));
        match worst {
            Some(worst) => println!(
                "{dtype}, {family}: {} compared, worst error {:.2e} ({}), limit {:.0e}",
                of_both.len(),
                worst.error,
                worst.name,
                worst.limit
            ),
            None if dtype == "f32" => panic!("nothing was compared"),
            None => println!("{dtype}: left out, {} does not compute in it", gpu.name),
        }
        let compared = of_both.len();
        let wanted = if family == "tiled" || dtype == "f32" { 80 } else { 5 };
        assert!(worst.is_none() || compared > wanted, "{family}: only {compared} were compared");
    }
    let wrong: Vec<_> = all.iter().filter(|compared| !compared.is_equal()).collect();
    assert!(wrong.is_empty(), "beyond the limit: {wrong:#?}");
}
