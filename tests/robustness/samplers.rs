//! Samplers, sigma schedules and noise in the metadata of images.

use hearth::pipeline::metadata::{GenerationMetadata, read, write};
use hearth::scheduler::{NoiseSource, SamplerName};

use crate::metadata::{in_english, parameters, usual};

#[test]
fn samplers_schedules_and_noise_of_other_programs_are_taken_over() {
    for (settings, scheduler, noise) in [
        (
            "Sampler: DPM++ 2M SDE Karras, Version: v1.7.0",
            "dpmpp-2m-sde-karras",
            Some(NoiseSource::Nv),
        ),
        ("Sampler: DPM++ SDE, Schedule type: SGM Uniform, RNG: CPU", "dpmpp-sde-sgm-uniform", None),
        ("Sampler: DPM++ 2M, Version: v1.10.1", "dpmpp-2m-karras", Some(NoiseSource::Nv)),
        ("Sampler: DPM++ 2M, RNG: CPU, Version: v1.8.0", "dpmpp-2m", None),
        (
            "Sampler: Euler a, Schedule type: KL Optimal, RNG: CPU, Version: f2.0.1v1.10.1-previous-664",
            "euler-ancestral-kl-optimal",
            None,
        ),
        (
            "Sampler: DPM++ 3M SDE, Schedule type: Automatic, RNG: NV",
            "dpmpp-3m-sde-exponential",
            Some(NoiseSource::Nv),
        ),
        ("Sampler: UniPC, Size: 8x8", "unipc", None),
    ] {
        let text = format!("a cat\nSteps: 20, CFG scale: 7, {settings}");
        let metadata = read(&[("parameters", text)]).unwrap();
        let name = metadata.params.scheduler.map(|name| name.to_string());
        assert_eq!(
            (name.as_deref(), metadata.params.noise),
            (Some(scheduler), noise),
            "{settings}"
        );
        assert_eq!(in_english(&metadata.unsupported), [""; 0], "{settings}");
    }
    let swarm = r#"{"sui_image_params": {"prompt": "a cat", "sampler": "dpmpp_sde_gpu", "scheduler": "beta"}}"#;
    let fooocus = r#"{"metadata_scheme": "fooocus", "prompt": "a cat", "base_model": "x", "sampler": "dpmpp_2m_sde_gpu", "scheduler": "karras"}"#;
    for (text, scheduler) in [(swarm, "dpmpp-sde-beta-comfyui"), (fooocus, "dpmpp-2m-sde-karras")] {
        let metadata = read(&[("parameters", text)]).unwrap();
        assert_eq!(metadata.params.scheduler.map(|name| name.as_str()), Some(scheduler));
    }
    for (sampler, scheduler) in
        [("kdpm_2_a_k", "kdpm2-ancestral-karras"), ("unipc_k", "unipc-karras"), ("tcd", "tcd")]
    {
        let text = format!(r#"{{"positive_prompt": "a cat", "scheduler": "{sampler}"}}"#);
        let metadata = read(&[("invokeai_metadata", text)]).unwrap();
        assert_eq!(metadata.params.scheduler.map(|name| name.as_str()), Some(scheduler));
    }
}

/// A Brownian path is named, although the sampler implies it.
#[test]
fn noise_of_steps_is_named() {
    let mut metadata = usual();
    metadata.params.scheduler = Some(SamplerName::DpmppSde.into());
    let own = |metadata: &GenerationMetadata| {
        let texts = write(metadata);
        let text = texts.iter().find(|(key, _)| *key == "hearth").unwrap().1.clone();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["noise"].clone()
    };
    assert_eq!(own(&metadata), "brownian");
    assert_eq!(read(&write(&metadata)).unwrap().params.noise, None);
    for (noise, name, rng) in [
        (NoiseSource::Cpu, "cpu", "RNG: CPU"),
        (NoiseSource::Brownian, "brownian", "RNG: CPU"),
        (NoiseSource::Nv, "nv", "RNG: NV"),
    ] {
        metadata.params.scheduler = Some(SamplerName::EulerAncestral.into());
        metadata.params.noise = Some(noise);
        assert_eq!(own(&metadata), name);
        assert!(parameters(&metadata).contains(rng));
        assert_eq!(read(&write(&metadata)).unwrap().params.noise, Some(noise));
    }
}
