"""What the schedulers of diffusers do with fixed model outputs: schedulers.json and .safetensors."""

import json
import math
import warnings
from pathlib import Path

import diffusers
import torch
from diffusers.utils import logging
from safetensors.torch import save_file

SHAPE = (1, 2, 1, 3)
CLASSES = {
    "ddim": diffusers.DDIMScheduler,
    "pndm": diffusers.PNDMScheduler,
    "euler": diffusers.EulerDiscreteScheduler,
    "euler-ancestral": diffusers.EulerAncestralDiscreteScheduler,
    "dpmpp-2m": diffusers.DPMSolverMultistepScheduler,
    "dpmpp-2m-karras": diffusers.DPMSolverMultistepScheduler,
    "lcm": diffusers.LCMScheduler,
    "heun": diffusers.HeunDiscreteScheduler,
    "kdpm2": diffusers.KDPM2DiscreteScheduler,
    "kdpm2-ancestral": diffusers.KDPM2AncestralDiscreteScheduler,
    "lms": diffusers.LMSDiscreteScheduler,
    "unipc": diffusers.UniPCMultistepScheduler,
    "deis": diffusers.DEISMultistepScheduler,
    "ddpm": diffusers.DDPMScheduler,
    "tcd": diffusers.TCDScheduler,
}
# Those with timesteps of their own.
DISTILLED = ("lcm", "tcd")
# What the user's choice of noise levels changes in the checkpoint's config.
OFF = {"use_karras_sigmas": False, "use_exponential_sigmas": False, "use_beta_sigmas": False}
SIGMAS = {
    "uniform": OFF,
    "karras": OFF | {"use_karras_sigmas": True},
    "exponential": OFF | {"use_exponential_sigmas": True},
    "beta": OFF | {"use_beta_sigmas": True},
    "leading": OFF | {"timestep_spacing": "leading"},
    "linspace": OFF | {"timestep_spacing": "linspace"},
    "trailing": OFF | {"timestep_spacing": "trailing"},
}
SPACINGS = ["leading", "linspace", "trailing"]
# Samplers whose name alone says what their noise levels are.
UNIFORM = ("dpmpp-2m", "kdpm2")
# Samplers that can be told all of SIGMAS; the others but the distilled ones the spacings.
CURVED = ("euler", "heun", "kdpm2", "dpmpp-2m", "kdpm2-ancestral", "lms", "unipc", "deis")
# Samplers whose class has no zero terminal SNR.
WITHOUT_ZERO_SNR = ("pndm", "heun", "kdpm2", "kdpm2-ancestral", "lms", "deis")

SD = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000}
SD15 = SD | {
    "_class_name": "PNDMScheduler",
    "_diffusers_version": "0.6.0",
    "clip_sample": False,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "trained_betas": None,
}
SD21 = SD15 | {"_class_name": "DDIMScheduler", "prediction_type": "v_prediction"}
# Configs as checkpoints have them, and some that exercise an option.
CONFIGS = {
    "sd15": SD15,
    "sd21": SD21,
    "emoji": SD
    | {
        "_class_name": "DDIMScheduler",
        "prediction_type": "v_prediction",
        "timestep_spacing": "trailing",
        "clip_sample": False,
        "set_alpha_to_one": False,
    },
    "sdxl": SD15
    | {
        "_class_name": "EulerDiscreteScheduler",
        "interpolation_type": "linear",
        "prediction_type": "epsilon",
        "sample_max_value": 1.0,
        "timestep_spacing": "leading",
        "use_karras_sigmas": False,
    },
    # Python writes -Infinity, which is not JSON.
    "dpm": SD
    | {
        "_class_name": "DPMSolverMultistepScheduler",
        "algorithm_type": "dpmsolver++",
        "lambda_min_clipped": -math.inf,
        "lower_order_final": True,
        "solver_order": 2,
        "solver_type": "midpoint",
        "thresholding": False,
        "use_karras_sigmas": True,
        "variance_type": None,
    },
    "dpm-sigma-min": SD
    | {
        "_class_name": "DPMSolverMultistepScheduler",
        "final_sigmas_type": "sigma_min",
        "lower_order_final": False,
        "timestep_spacing": "trailing",
    },
    "dpm-clipped": {
        "_class_name": "DPMSolverMultistepScheduler",
        "beta_schedule": "squaredcos_cap_v2",
        "lambda_min_clipped": -5.1,
        "prediction_type": "v_prediction",
        "final_sigmas_type": "sigma_min",
        "euler_at_final": True,
        "lower_order_final": False,
    },
    "dpm-first-order": SD | {"_class_name": "DPMSolverMultistepScheduler", "solver_order": 1},
    "unipc": SD | {"_class_name": "UniPCMultistepScheduler", "solver_order": 2, "solver_type": "bh2"},
    "euler-karras": SD
    | {"_class_name": "EulerDiscreteScheduler", "use_karras_sigmas": True, "sigma_min": 0.03, "sigma_max": 12.0},
    "lcm": SD
    | {
        "_class_name": "LCMScheduler",
        "clip_sample": True,
        "clip_sample_range": 0.8,
        "original_inference_steps": 40,
        "timestep_scaling": 0.01,
    },
    "linear": SD
    | {"_class_name": "DDIMScheduler", "beta_schedule": "linear", "clip_sample_range": 0.7, "steps_offset": 3},
    "cosine": {
        "_class_name": "DDIMScheduler",
        "beta_schedule": "squaredcos_cap_v2",
        "prediction_type": "v_prediction",
    },
    "unipc-bh1": SD
    | {
        "_class_name": "UniPCMultistepScheduler",
        "solver_order": 3,
        "solver_type": "bh1",
        "final_sigmas_type": "sigma_min",
        "prediction_type": "v_prediction",
    },
    "unipc-karras": SD
    | {
        "_class_name": "UniPCMultistepScheduler",
        "use_karras_sigmas": True,
        "final_sigmas_type": "sigma_min",
        "lower_order_final": False,
    },
    "deis-3": SD | {"_class_name": "DEISMultistepScheduler", "solver_order": 3},
    "trained-betas": {
        "_class_name": "DDIMScheduler",
        "num_train_timesteps": 100,
        "trained_betas": [round(0.001 + 0.0006 * i, 6) for i in range(100)],
        "skip_prk_steps": True,
        "clip_sample": False,
    },
} | {
    # Every default of every class.
    f"bare-{name}": {"_class_name": CLASSES[name].__name__}
    for name in CLASSES
    if not name.endswith("karras")
}
# Flow matching is for models of its own.
FLOW = {
    "flow": {"_class_name": "FlowMatchEulerDiscreteScheduler"},
    "flow-shift": {"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0},
    "flow-terminal": {"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 1.5, "shift_terminal": 0.02},
    "flow-karras": {"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0, "use_karras_sigmas": True},
    "flow-heun": {"_class_name": "FlowMatchHeunDiscreteScheduler"},
    "flow-heun-shift": {"_class_name": "FlowMatchHeunDiscreteScheduler", "shift": 3.0},
}


def matrix() -> dict[str, dict]:
    """Every prediction type with every spacing, with and without zero terminal SNR."""
    configs = {}
    for prediction in ("epsilon", "v_prediction", "sample"):
        for spacing in SPACINGS:
            for zero_snr in (False,) if prediction == "sample" else (False, True):
                name = f"{prediction}-{spacing}" + ("-zero-snr" if zero_snr else "")
                configs[name] = SD15 | {
                    "prediction_type": prediction,
                    "timestep_spacing": spacing,
                    "rescale_betas_zero_snr": zero_snr,
                }
    return configs


def wanted(name: str, config: dict) -> bool:
    """Leaves out what the class refuses, what divides by zero in it, and repetitions."""
    prediction = config.get("prediction_type", "epsilon")
    if name.startswith(("kdpm2-ancestral", "deis")) and config.get("beta_schedule") == "squaredcos_cap_v2":
        # Its levels are too far apart for differences of squares and of logarithms in single precision.
        return False
    if prediction == "sample" and name in ("pndm", "euler-ancestral", "kdpm2", "kdpm2-ancestral"):
        return False
    if name in WITHOUT_ZERO_SNR and config.get("rescale_betas_zero_snr") and prediction == "v_prediction":
        return False  # Has no such option: once is enough.
    if prediction == "epsilon" and config.get("rescale_betas_zero_snr"):
        # The first timestep is 999, where nothing of the picture is left.
        if name in ("ddim", "ddpm"):
            return config["timestep_spacing"] == "leading"
        return name not in DISTILLED
    return True


def combinations() -> list[str]:
    """Every sampler with all noise levels that its class can have."""
    samplers = [name for name in CLASSES if name not in DISTILLED and not name.endswith("karras")]
    names = [f"{name}-{sigmas}" for name in samplers for sigmas in (SIGMAS if name in CURVED else SPACINGS)]
    return [name for name in names if name.removesuffix("-uniform") not in UNIFORM]


def create(name: str | None, config: dict):
    """The checkpoint's own scheduler, or another one made from it."""
    native_class = getattr(diffusers, config["_class_name"])
    native = native_class.from_config(config)
    if name is None:
        return native
    sampler, _, sigmas = name.rpartition("-")
    if sigmas not in SIGMAS:
        sampler, sigmas = name, "uniform" if name in UNIFORM else None
    return CLASSES[sampler].from_config(native.config, **SIGMAS.get(sigmas, {}))


def name_of(config: dict) -> str | None:
    return next((name for name, cls in CLASSES.items() if cls.__name__ == config["_class_name"]), None)


def pred_original_sample(scheduler, output, model_output, t, sample):
    """From the step's output where the class gives it, else from the class's own formula."""
    for key in ("denoised", "pred_original_sample"):
        if key in output:
            return output[key]
    if scheduler.config.prediction_type == "sample":
        return model_output
    alpha = scheduler.alphas_cumprod[t]
    if scheduler.config.prediction_type == "v_prediction":
        return alpha.sqrt() * sample - (1 - alpha).sqrt() * model_output
    return (sample - (1 - alpha).sqrt() * model_output) / alpha.sqrt()


def walk(scheduler, tensors: dict, eta: float) -> tuple[torch.Tensor, torch.Tensor, int]:
    """All prev_sample and all pred_original_sample, and how often noise was drawn."""
    generator = torch.Generator("cpu").manual_seed(7)
    sample = tensors["sample"] * getattr(scheduler, "init_noise_sigma", 1.0)
    samples, originals = [], []
    for i, t in enumerate(scheduler.timesteps):
        if hasattr(scheduler, "scale_model_input"):
            scheduler.scale_model_input(sample, t)
        model_output = tensors["model_output"][i]
        options = {}
        if isinstance(scheduler, (CLASSES["ddim"], CLASSES["tcd"])):
            options = {"eta": eta, "generator": generator}
        if isinstance(scheduler, tuple(CLASSES[name] for name in ("euler-ancestral", "lcm", "kdpm2-ancestral", "ddpm"))):
            options = {"generator": generator}
        if "FlowMatch" in type(scheduler).__name__:
            sigma = t / scheduler.config.num_train_timesteps
            original = sample - sigma * model_output
            output = scheduler.step(model_output, t, sample)
        elif isinstance(scheduler, tuple(CLASSES[name] for name in ("dpmpp-2m", "unipc", "deis"))):
            if scheduler.step_index is None:
                scheduler._init_step_index(t)
            original = scheduler.convert_model_output(model_output, sample=sample)
            if isinstance(scheduler, CLASSES["deis"]):
                # It converts to noise instead.
                alpha, sigma = scheduler._sigma_to_alpha_sigma_t(scheduler.sigmas[scheduler.step_index])
                original = (sample - sigma * original) / alpha
            output = scheduler.step(model_output, t, sample)
        else:
            output = scheduler.step(model_output, t, sample, **options)
            original = pred_original_sample(scheduler, output, model_output, t, sample)
        sample = output.prev_sample
        samples.append(sample)
        originals.append(original)
    samples, originals = torch.stack(samples), torch.stack(originals)
    assert samples.isfinite().all() and originals.isfinite().all()
    after = torch.randn(SHAPE, generator=generator)
    draws = next(i for i, noise in enumerate(tensors["noise"]) if torch.equal(noise, after))
    return samples, originals, draws


def plain(values: torch.Tensor) -> list:
    """Whole numbers without a point: shorter."""
    return [int(value) if value == int(value) else value for value in values.tolist()]


class Cases:
    def __init__(self) -> None:
        self.configs: dict[str, str] = {}
        self.cases: list[dict] = []
        # The trajectories of all cases, one below the other.
        self.samples: list[torch.Tensor] = []
        self.originals: list[torch.Tensor] = []
        generator = torch.Generator("cpu").manual_seed(7)
        self.tensors = {"noise": torch.stack([torch.randn(SHAPE, generator=generator) for _ in range(24)])}
        self.tensors["sample"] = torch.randn(SHAPE, generator=generator)
        self.tensors["model_output"] = torch.randn((24, *SHAPE), generator=generator)

    def add(self, key: str, config: dict, name: str | None, steps: int, eta: float = 0.0, trajectory=True) -> None:
        self.configs[key] = json.dumps(config)
        scheduler = create(name, config)
        scheduler.set_timesteps(steps)
        if hasattr(scheduler, "set_begin_index"):
            # Otherwise a first timestep that occurs twice is taken for the second.
            scheduler.set_begin_index(0)
        case = {
            "config": key,
            "scheduler": name,
            "num_inference_steps": steps,
            "eta": eta,
            "timesteps": plain(scheduler.timesteps),
            "init_noise_sigma": float(getattr(scheduler, "init_noise_sigma", 1.0)),
        }
        kinds = ("Euler", "Heun", "KDPM2", "LMS")
        if any(kind in type(scheduler).__name__ for kind in kinds) and hasattr(scheduler, "scale_model_input"):
            # What a one becomes: the reciprocal of the root of sigma² + 1.
            case["input_scale"] = []
            for i, t in enumerate(scheduler.timesteps):
                scheduler._step_index = i
                if "KDPM2" in type(scheduler).__name__:
                    # Its own sign of being between two steps.
                    scheduler.sample = torch.ones(()) if i % 2 else None
                one = scheduler.scale_model_input(torch.ones(()), t)
                # Eight digits are enough for single precision.
                case["input_scale"].append(float(f"{one.item():.8g}"))
            scheduler._step_index = None
            scheduler.sample = None
        if trajectory:
            samples, originals, case["noise_draws"] = walk(scheduler, self.tensors, eta)
            case["first_row"] = sum(map(len, self.samples))
            self.samples.append(samples)
            self.originals.append(originals)
        self.cases.append(case)


def schedules() -> list[dict]:
    """alphas_cumprod at some timesteps, of every kind of schedule."""
    kinds = {"scaled_linear": SD, "linear": SD | {"beta_schedule": "linear"}, "squaredcos_cap_v2": {}}
    result = []
    for schedule, config in kinds.items():
        for zero_snr in (False, True):
            config = config | {"beta_schedule": schedule, "rescale_betas_zero_snr": zero_snr}
            scheduler = diffusers.DDIMScheduler.from_config(config)
            at = [0, 1, 2, 10, 100, 250, 333, 500, 666, 750, 900, 980, 990, 997, 998, 999]
            values = [scheduler.alphas_cumprod[t].item() for t in at]
            result.append({"config": json.dumps(config), "at": at, "alphas_cumprod": values})
    return result


def fingerprints() -> list[dict]:
    """For 1 to 120 steps the sum of index times timestep: every rounding, in few bytes."""
    result = []
    for spacing in SPACINGS:
        config = SD15 | {"timestep_spacing": spacing}
        for name in CLASSES:
            if name == "dpmpp-2m-karras" and spacing != "leading":
                continue  # Karras spacing overrides it.
            if name.startswith("kdpm2"):
                continue  # Half of them are fractions; the other half is Heun's.
            sums = []
            for steps in range(1, 51 if name in DISTILLED else 121):
                scheduler = create(name, config)
                scheduler.set_timesteps(steps)
                timesteps = scheduler.timesteps.tolist()
                # With 61 steps, for one, rounding makes an extra timestep -1, which is left out.
                timesteps = [t for t in timesteps if t >= 0]
                total = 0.0
                for i, t in enumerate(timesteps):
                    total += (i + 1) * t
                sums.append(int(total) if total == int(total) else total)
            result.append({"config": json.dumps(config), "scheduler": name, "sums": sums})
    return result


def main(out_dir: Path) -> None:
    warnings.simplefilter("ignore")
    logging.set_verbosity_error()
    cases = Cases()
    for key, config in matrix().items():
        for name in CLASSES:
            if wanted(name, config):
                cases.add(key, config, name, 12)
        if key.startswith("epsilon") or key.startswith("v_prediction") and key.endswith("zero-snr"):
            # Timesteps and noise levels do not depend on the prediction.
            for name in CLASSES:
                for steps in (1, 4, 20):
                    if wanted(name, config):
                        cases.add(key, config, name, steps, trajectory=False)
    for key, config in CONFIGS.items():
        native = name_of(config)
        names = ([None] if native else []) + list(CLASSES)
        if key.startswith(("bare", "unipc-", "deis-")):
            names = [None]
        for name in names:
            if wanted(name or native, config):
                cases.add(key, config, name, 12)
                if (name or native) in ("ddim", "tcd"):
                    cases.add(key, config, name, 12, eta=0.6 if key == "sd21" else 1.0)
    for key, config in FLOW.items():
        # One step cannot be stretched.
        for steps in (5, 12) if key == "flow-terminal" else (1, 5, 12):
            cases.add(key, config, None, steps)
    # Up to 14 steps the last is of first order, then of second.
    lower_order = CONFIGS["dpm-sigma-min"] | {"lower_order_final": True, "timestep_spacing": "linspace"}
    for steps in (12, 14, 15, 20):
        cases.add("dpm-lower-order", lower_order, None, steps)
    # Every sampler with all noise levels: once step by step, else the levels.
    for name in combinations():
        cases.add("sd15", SD15, name, 12)
        cases.add("sd15", SD15, name, 1, trajectory=False)
        for key in ("euler-karras", "cosine", "sdxl"):
            if wanted(name, CONFIGS[key]):
                cases.add(key, CONFIGS[key], name, 9, trajectory=False)
    for curve in ("exponential", "beta"):
        for sampler in CURVED:
            config = SD | OFF | {"_class_name": CLASSES[sampler].__name__, f"use_{curve}_sigmas": True}
            cases.add(f"{sampler}-{curve}", config, None, 7)
    cases.add("sd15", SD15, "dpmpp-2m", 20)
    for name in ("lms", "unipc", "deis", "ddpm", "tcd"):
        for steps in (5, 20):
            cases.add("sd15", SD15, name, steps, eta=0.3 if name == "tcd" else 0.0)
    cases.add("deis-3", CONFIGS["deis-3"], None, 20)
    cases.add("unipc-bh1", CONFIGS["unipc-bh1"], None, 20)
    for steps in (1, 2, 3):
        cases.add("sd15", SD15, None, steps)
    cases.tensors["prev_sample"] = torch.cat(cases.samples)
    cases.tensors["pred_original_sample"] = torch.cat(cases.originals)
    save_file(cases.tensors, out_dir / "schedulers.safetensors")
    data = {
        "configs": cases.configs,
        "cases": cases.cases,
        "schedules": schedules(),
        "fingerprints": fingerprints(),
    }
    # One case a line: short, and a change shows where it is.
    rows = {
        key: "{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()) + "\n}"
        if isinstance(value, dict)
        else "[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in value) + "\n]"
        for key, value in data.items()
    }
    text = "{\n" + ",\n".join(f'"{key}": {row}' for key, row in rows.items()) + "\n}\n"
    (out_dir / "schedulers.json").write_text(text)
