//! What users of other programs type: flags, values, names of files and models.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::golden;
use crate::support::terminal::hearth;
use hearth::image::RgbImage;
use hearth::params::PartialParams;
use hearth::pipeline::metadata;

/// Runs `hearth generate` in `folder` with the smallest model, on the CPU.
fn generate(folder: &Path, more: &[&str]) -> Output {
    let model = golden("sd1");
    Command::new(env!("CARGO_BIN_EXE_hearth"))
        .args(["generate", "-m", model.to_str().unwrap(), "--device", "cpu"])
        .args(more)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Runs it with one step, which must succeed.
fn one_step(folder: &Path, more: &[&str]) -> Output {
    let output = generate(folder, &[&["-p", "a cat", "--steps", "1"], more].concat());
    assert!(output.status.success(), "{more:?}: {output:?}");
    output
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn params(png: &[u8]) -> PartialParams {
    let (_, texts) = RgbImage::from_png(png).unwrap();
    metadata::read(&texts).unwrap().params
}

fn params_of(folder: &Path, file: &str) -> PartialParams {
    params(&std::fs::read(folder.join(file)).unwrap())
}

#[test]
fn familiar_flags_and_names_are_the_programs_own() {
    let folder = tempfile::tempdir().unwrap();
    one_step(
        folder.path(),
        &[
            "-n",
            "dog",
            "--cfg-scale",
            "3",
            "--sampler",
            "DPM++ 2M Karras",
            "-W",
            "64",
            "-H",
            "48",
            "-s",
            "7",
            "-o",
            "a",
        ],
    );
    let params = params_of(folder.path(), "a.png");
    assert_eq!(params.negative_prompt.as_deref(), Some("dog"));
    assert_eq!((params.num_inference_steps, params.guidance_scale), (Some(1), Some(3.0)));
    assert_eq!((params.width, params.height, params.seed), (Some(64), Some(48), Some(7)));
    assert_eq!(params.scheduler.map(|name| name.as_str()), Some("dpmpp-2m-karras"));

    one_step(folder.path(), &["--scheduler", "euler_a", "--guidance_scale", "1", "-o", "b.png"]);
    let params = params_of(folder.path(), "b.png");
    assert_eq!(params.scheduler.map(|name| name.as_str()), Some("euler-ancestral"));
    assert_eq!(params.guidance_scale, Some(1.0));
}

#[test]
fn numbers_below_zero_are_values() {
    let folder = tempfile::tempdir().unwrap();
    for (more, words) in [
        (["--width", "-64"], "width is -64: it must be a whole number from 8 to 4096"),
        (["--steps", "-3"], "num_inference_steps is -3"),
        (["--seed", "-2"], "seed is -2: it must be a whole number from 0 to"),
        (["--seed", "18446744073709551616"], "or random"),
        (["--num-images", "-1"], "-1"),
    ] {
        let output = generate(folder.path(), &[&["-p", "a"], &more[..]].concat());
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words) && !said.contains("unexpected argument"), "{more:?}: {said}");
    }
    let output = generate(folder.path(), &["--prompt", "--steps", "2"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("a value is required"), "a forgotten prompt: {}", said(&output));
}

#[test]
fn prompt_may_begin_with_a_dash() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        generate(folder.path(), &["--prompt", "-1girl, red hat", "--steps", "1", "--seed", "1"]);
    assert!(output.status.success(), "{output:?}");
    let prompt = params_of(folder.path(), "hearth.png").prompt;
    assert_eq!(prompt.as_deref(), Some("-1girl, red hat"));
    let more = ["-p", "-1girl", "-n", "-bad, worse", "--steps", "1", "--overwrite"];
    assert!(generate(folder.path(), &more).status.success());
    let params = params_of(folder.path(), "hearth.png");
    assert_eq!(params.prompt.as_deref(), Some("-1girl"));
    assert_eq!(params.negative_prompt.as_deref(), Some("-bad, worse"));
}

#[test]
fn seed_is_random_unless_given_and_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let mut seeds = Vec::new();
    for (file, more) in
        [("a.png", &[][..]), ("b.png", &["--seed", "-1"]), ("c.png", &["--seed", "random"])]
    {
        let output = one_step(folder.path(), &[more, &["-o", file]].concat());
        let seed = params_of(folder.path(), file).seed.unwrap();
        let line = format!("hearth: {file}: seed {seed}, ");
        assert!(said(&output).contains(&line), "{line} {}", said(&output));
        assert!(said(&output).trim_end().ends_with(" s on CPU"), "{}", said(&output));
        seeds.push(seed);
    }
    seeds.dedup();
    assert_eq!(seeds.len(), 3, "{seeds:?}");
    assert!(seeds.iter().all(|seed| *seed <= u64::from(u32::MAX)), "{seeds:?}");
}

#[test]
fn existing_files_are_numbered_unless_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let printed = |output: Output| String::from_utf8(output.stdout).unwrap().trim().to_string();
    assert_eq!(printed(one_step(folder.path(), &["-s", "1"])), "hearth.png");
    let first = std::fs::read(path("hearth.png")).unwrap();
    let output = one_step(folder.path(), &["-s", "2", "--latents", "l.safetensors"]);
    assert_eq!(printed(output), "hearth-2.png");
    assert_eq!(std::fs::read(path("hearth.png")).unwrap(), first);
    one_step(folder.path(), &["-s", "3", "--overwrite", "--latents", "l.safetensors"]);
    assert_ne!(std::fs::read(path("hearth.png")).unwrap(), first);
    assert!(!path("l-2.safetensors").exists(), "--overwrite is for the latents, too");
    assert!(!path("hearth-3.png").exists());
}

#[test]
fn picture_goes_to_the_standard_output_alone() {
    let folder = tempfile::tempdir().unwrap();
    let output = one_step(folder.path(), &["--output", "-", "--seed", "5"]);
    assert_eq!(params(&output.stdout).seed, Some(5));
    assert!(said(&output).contains("hearth: seed 5, "), "{}", said(&output));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let output = generate(folder.path(), &["-p", "a", "-o", "-", "--num-images", "2"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("only one picture"), "{}", said(&output));
}

#[test]
fn output_is_checked_before_the_model_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    for (output, words) in [
        ("a.jpg", "only PNG files are written, which keep the settings too; name it a.png"),
        ("a.webp", "name it a.png"),
        ("no/a.png", "no such folder"),
    ] {
        let done = generate(folder.path(), &["-p", "a", "--steps", "1", "-o", output]);
        assert_eq!(done.status.code(), Some(1));
        assert!(said(&done).contains(words), "{output}: {}", said(&done));
        assert!(!said(&done).contains("step"), "{}", said(&done));
    }
    let latents = ["-p", "a", "--steps", "1", "--latents", "no/l.safetensors"];
    assert!(said(&generate(folder.path(), &latents)).contains("no such folder"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn full_disk_is_not_to_be_checked_for_existence() {
    let folder = tempfile::tempdir().unwrap();
    let output = generate(folder.path(), &["-p", "a", "--steps", "1", "-o", "/dev/full"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("no space left on the disk. Free some"), "{}", said(&output));
}

#[test]
fn progress_without_a_terminal_is_a_line_every_tenth() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        generate(folder.path(), &["-p", "a", "--steps", "20", "-s", "1", "--sampler", "ddim"]);
    let lines: Vec<String> =
        said(&output).lines().filter(|line| line.contains("step ")).map(str::to_string).collect();
    assert_eq!(lines.len(), 10, "{lines:?}");
    assert_eq!(lines[0], "hearth: step 2 of 20 (10 %)");
    assert_eq!(lines[9], "hearth: step 20 of 20 (100 %)");
}

#[test]
fn values_that_spoil_the_picture_are_said_first() {
    let folder = tempfile::tempdir().unwrap();
    for (more, words) in [
        (["--cfg-scale", "70"], Some("guidance_scale is 70: above 30 the picture burns out")),
        (["--cfg-scale", "-2"], Some("guidance_scale is -2: below 0 it has no effect")),
        (["--cfg-scale", "30"], None),
    ] {
        let said = said(&one_step(folder.path(), &more));
        match words {
            Some(words) => {
                let (warning, step) = (said.find(words), said.find("step 1"));
                assert!(warning.is_some() && warning < step, "{said}");
            }
            None => assert!(!said.contains("guidance_scale"), "{said}"),
        }
    }
}

#[test]
fn prompts_are_read_from_a_file_or_the_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("prompts.txt"), "a cat\n\na dog\n").unwrap();
    let more = ["--prompts", "prompts.txt", "--steps", "1", "-s", "4", "-o", "x.png"];
    let output = generate(folder.path(), &more);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "x-1.png\nx-2.png\n");
    for (file, prompt) in [("x-1.png", "a cat"), ("x-2.png", "a dog")] {
        let params = params_of(folder.path(), file);
        assert_eq!((params.prompt.as_deref(), params.seed), (Some(prompt), Some(4)));
    }

    let mut child = Command::new(env!("CARGO_BIN_EXE_hearth"))
        .args(["generate", "-m", golden("sd1").to_str().unwrap(), "--device", "cpu"])
        .args(["--prompts", "-", "--steps", "1", "-o", "y"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), b"a bird").unwrap();
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert_eq!(params_of(folder.path(), "y.png").prompt.as_deref(), Some("a bird"));

    let both = generate(folder.path(), &["-p", "a", "--prompts", "prompts.txt"]);
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn size_beyond_the_limit_is_said_with_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    for (more, words) in [
        (["-W", "80000"], "width is 80000: it can be at most 4096"),
        (["-H", "5001"], "height is 5001: it can be at most 4096"),
        (["-W", "100"], "width is 100: it must be a multiple of 8, for instance 96"),
    ] {
        let output = generate(folder.path(), &[&["-p", "a", "--steps", "1"], &more[..]].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(words), "{more:?}: {}", said(&output));
    }
}

#[test]
fn repository_and_address_are_refused_with_the_way_out() {
    for model in ["owner/name", "https://huggingface.co/owner/name"] {
        for command in [
            &["generate", "--model", model, "--prompt", "a", "--device", "cpu"][..],
            &["inspect", model],
            &["bench", "--device", "cpu", "--model", model],
        ] {
            let output = Command::new(env!("CARGO_BIN_EXE_hearth")).args(command).output().unwrap();
            assert_eq!(output.status.code(), Some(1));
            let said = said(&output);
            assert!(said.contains("`hf download owner/name --local-dir name`"), "{said}");
        }
    }
}

#[test]
fn dry_run_on_the_cpu_computes_nothing() {
    let started = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_hearth"))
        .args(["bench", "--dry-run", "--device", "cpu"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let table = String::from_utf8(output.stdout).unwrap();
    // 859,520,964 parameters of Stable Diffusion 1.5's UNet in f32.
    assert!(table.contains("sd15-unet-512  weights 3438 MB, activations "), "{table}");
    assert_eq!(table.lines().count(), 9, "{table}");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[cfg(unix)]
#[test]
fn inspect_names_the_scheduler_that_generate_uses() {
    let folder = tempfile::tempdir().unwrap();
    for (name, scheduler) in [("dreamshaper_8LCM", "LCM"), ("dreamshaper_8", "PNDM (PLMS)")] {
        let model = folder.path().join(name);
        std::os::unix::fs::symlink(golden("sd1"), &model).unwrap();
        let model = model.to_str().unwrap();
        let inspected = hearth(&["inspect", model]);
        let table = String::from_utf8(inspected.stdout).unwrap();
        let row = table.lines().find(|line| line.starts_with("Scheduler")).unwrap();
        assert!(row.contains(&format!(" {scheduler};")), "{row}");

        let file = format!("{name}.png");
        let more = ["-m", model, "--device", "cpu", "-p", "a cat", "--steps", "1", "-o", &file];
        let generated = Command::new(env!("CARGO_BIN_EXE_hearth"))
            .arg("generate")
            .args(more)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(generated.status.success(), "{generated:?}");
        let used = params_of(folder.path(), &file).scheduler.unwrap();
        assert_eq!(used.label(), scheduler);
    }
}
