//! Names and configs of schedulers.

use hearth::error::Error;
use hearth::scheduler::{SamplerName, SamplerOptions, SchedulerConfig, SchedulerName, create};

/// Returns the error of `json` used by `name`, or by its own scheduler, for `steps`.
fn refusal(json: &str, name: Option<SchedulerName>, steps: usize) -> Error {
    let sampler = SchedulerConfig::from_json(json)
        .and_then(|config| create(name, &SamplerOptions::new(&config, steps)));
    sampler.err().unwrap_or_else(|| panic!("{json} was accepted"))
}

#[test]
fn invalid_configs_are_typed_errors() {
    use SamplerName::{Ddim, DpmSolverMultistep, Euler, EulerAncestral, Heun, Kdpm2, Lcm, Pndm};
    let invalid: &[(&str, SamplerName)] = &[
        ("{", Ddim),
        (r#"{"beta_start": "small"}"#, Ddim),
        (r#"{"steps_offset": -1}"#, Ddim),
        (r#"{"num_train_timesteps": 0}"#, Euler),
        (r#"{"num_train_timesteps": 1000000000000}"#, Euler),
        (r#"{"beta_end": 2.0}"#, Pndm),
        (r#"{"trained_betas": [0.1, 0.2]}"#, Ddim),
        (r#"{"original_inference_steps": 0}"#, Lcm),
        (r#"{"lambda_min_clipped": 100}"#, DpmSolverMultistep),
        (r#"{"use_karras_sigmas": true, "use_beta_sigmas": true}"#, Euler),
        (r#"{"use_exponential_sigmas": true, "use_beta_sigmas": true}"#, Heun),
    ];
    for (json, name) in invalid {
        assert_eq!(refusal(json, Some((*name).into()), 10).code(), "invalid-config", "{json}");
    }
    assert_eq!(refusal("{}", None, 10).code(), "invalid-config");

    let unsupported: &[(&str, SamplerName)] = &[
        (r#"{"prediction_type": "flow_prediction"}"#, Ddim),
        (r#"{"prediction_type": "sample"}"#, Pndm),
        (r#"{"prediction_type": "sample"}"#, EulerAncestral),
        (r#"{"beta_schedule": "laplace"}"#, Ddim),
        (r#"{"timestep_spacing": "sideways"}"#, Ddim),
        (r#"{"thresholding": true}"#, Ddim),
        (r#"{"prediction_type": "sample"}"#, Kdpm2),
        (r#"{"interpolation_type": "log_linear"}"#, Euler),
        (r#"{"timestep_type": "continuous", "prediction_type": "v_prediction"}"#, Euler),
        (r#"{"solver_order": 3}"#, DpmSolverMultistep),
        (r#"{"algorithm_type": "sde-dpmsolver++"}"#, DpmSolverMultistep),
        (r#"{"use_flow_sigmas": true}"#, DpmSolverMultistep),
        (r#"{"use_flow_sigmas": true}"#, SamplerName::UniPc),
        (r#"{"predict_x0": false}"#, SamplerName::UniPc),
        (r#"{"solver_order": 4}"#, SamplerName::Deis),
        (r#"{"variance_type": "learned_range"}"#, SamplerName::Ddpm),
        // A model of the other kind.
        (r#"{"_class_name": "FlowMatchEulerDiscreteScheduler"}"#, Euler),
        (r#"{"_class_name": "FlowMatchEulerDiscreteScheduler"}"#, SamplerName::Dpmpp2mSde),
        (
            r#"{"_class_name": "FlowMatchEulerDiscreteScheduler", "use_dynamic_shifting": true}"#,
            SamplerName::FlowMatchEuler,
        ),
        // x₀ = (x − ε) / 0 at the first timestep.
        (r#"{"rescale_betas_zero_snr": true, "timestep_spacing": "trailing"}"#, Ddim),
        (r#"{"rescale_betas_zero_snr": true}"#, Lcm),
    ];
    for (json, name) in unsupported {
        assert_eq!(refusal(json, Some((*name).into()), 10).code(), "unsupported", "{json}");
    }
    let error = refusal(r#"{"_class_name": "SASolverScheduler"}"#, None, 10);
    assert_eq!(
        error.to_string(),
        "scheduler/scheduler_config.json asks for SASolverScheduler, which is not supported. \
         Choose a scheduler: euler, euler-ancestral, dpmpp-2m, dpmpp-2m-sde, dpmpp-sde, unipc, \
         ddim, lcm, heun, kdpm2, kdpm2-ancestral, dpmpp-2s-ancestral, dpmpp-3m-sde, dpmpp-2m-sde-heun, deis, lms, \
         ipndm, pndm, ddpm, tcd, restart, dpm-adaptive, dpm-fast, flow-match-euler, flow-match-heun."
    );
}

#[test]
fn invalid_requests_are_typed_errors() {
    for name in SchedulerName::all() {
        let is_flow = name.to_string().starts_with("flow");
        let class =
            if is_flow { r#"{"_class_name": "FlowMatchEulerDiscreteScheduler"}"# } else { "{}" };
        for steps in [0, 1001, usize::MAX] {
            assert_eq!(
                refusal(class, Some(name), steps).code(),
                "invalid-request",
                "{name}, {steps}"
            );
        }
        assert_eq!(name.to_string().parse::<SchedulerName>().unwrap(), name);
    }
    // A model that was not trained by flow matching.
    for name in [SamplerName::FlowMatchEuler, SamplerName::FlowMatchHeun] {
        let error = refusal("{}", Some(name.into()), 10);
        assert_eq!(error.code(), "invalid-request");
        assert!(error.to_string().contains("trained by flow matching"), "{error}");
    }
    // More than the distilled schedule has, fewer than Runge–Kutta needs, an offset outside of the
    // table.
    assert_eq!(refusal("{}", Some(SamplerName::Lcm.into()), 51).code(), "invalid-request");
    assert_eq!(refusal("{}", Some(SamplerName::Pndm.into()), 3).code(), "invalid-request");
    let offset = r#"{"steps_offset": 1}"#;
    assert_eq!(refusal(offset, Some(SamplerName::Ddim.into()), 1000).code(), "invalid-request");
    let config = SchedulerConfig::default();
    let options = SamplerOptions { eta: f64::NAN, ..SamplerOptions::new(&config, 10) };
    let eta = create(Some(SamplerName::Ddim.into()), &options);
    assert_eq!(eta.err().unwrap().code(), "invalid-request");
    for (name, reason) in [
        ("dimm", "choose one of euler, euler-ancestral, dpmpp-2m,"),
        ("dimm-karras", "choose one of euler, euler-ancestral, dpmpp-2m,"),
        ("euler-kerras", "choose one of euler, euler-ancestral, dpmpp-2m,"),
        ("-karras", "choose one of euler, euler-ancestral, dpmpp-2m,"),
        ("pndm-karras", "choose one of pndm, pndm-leading, pndm-linspace, pndm-trailing"),
        ("restart-sgm-uniform", "choose one of restart"),
        ("dpm-adaptive-karras", "choose one of dpm-adaptive"),
        ("flow-match-euler-simple", "choose one of flow-match-euler, flow-match-euler-uniform,"),
        ("lcm-uniform", "choose one of lcm, lcm-karras,"),
    ] {
        let error = name.parse::<SchedulerName>().unwrap_err();
        assert_eq!(error.code(), "invalid-request", "{name}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn outdated_configs_are_corrected() {
    let config = SchedulerConfig::from_json(r#"{"_class_name": "DDIMScheduler"}"#).unwrap();
    let config = config.for_stable_diffusion();
    assert_eq!((config.steps_offset, config.clip_sample), (Some(1), Some(false)));
    assert_eq!(config.scheduler_name().unwrap(), SamplerName::Ddim.into());
}

#[test]
fn scheduler_name_has_sampler_and_sigmas_of_config() {
    for (json, name) in [
        (r#"{"_class_name": "EulerDiscreteScheduler"}"#, "euler"),
        (r#"{"_class_name": "EulerDiscreteScheduler", "use_beta_sigmas": true}"#, "euler-beta"),
        (r#"{"_class_name": "HeunDiscreteScheduler", "use_karras_sigmas": true}"#, "heun-karras"),
        (r#"{"_class_name": "KDPM2DiscreteScheduler"}"#, "kdpm2"),
        (r#"{"_class_name": "DPMSolverMultistepScheduler"}"#, "dpmpp-2m"),
        (
            r#"{"_class_name": "DPMSolverMultistepScheduler", "use_karras_sigmas": true}"#,
            "dpmpp-2m-karras",
        ),
        // The class has no such option.
        (r#"{"_class_name": "DDIMScheduler", "use_karras_sigmas": true}"#, "ddim"),
    ] {
        let config = SchedulerConfig::from_json(json).unwrap();
        assert_eq!(config.scheduler_name().unwrap().to_string(), name, "{json}");
    }
}
