"""What k-diffusion, the web UI and ComfyUI do with fixed model outputs: samplers.json and .safetensors.

Their packages need much that a CPU lacks, so the functions alone are run, out of their own files: k-diffusion's
and torchsde's as installed, those of the two programs below HEARTH_PROGRAMS (README.md says which files).
"""

import __future__
import ast
import importlib.util
import json
import math
import os
import sys
import types
from pathlib import Path

import diffusers
import numpy as np
import scipy.stats
import torch
import torchsde
import tqdm
from safetensors.torch import save_file

SHAPE = (1, 4, 4, 4)
SEED = 42
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
STEPS = (1, 2, 8, 12, 20, 61)
# Schedules that begin at the highest σ of a model with zero terminal SNR.
ZERO_SNR = ("uniform", "karras", "exponential", "sgm-uniform", "simple", "normal", "ddim-uniform", "beta")
# Samplers with a function of their own there, as k-diffusion calls them.
FUNCTIONS = {
    "dpmpp-2s-ancestral": "sample_dpmpp_2s_ancestral",
    "dpmpp-sde": "sample_dpmpp_sde",
    "dpmpp-2m-sde": "sample_dpmpp_2m_sde",
    "dpmpp-2m-sde-heun": "sample_dpmpp_2m_sde",
    "dpmpp-3m-sde": "sample_dpmpp_3m_sde",
    "euler": "sample_euler",
    "euler-ancestral": "sample_euler_ancestral",
    "heun": "sample_heun",
    "kdpm2": "sample_dpm_2",
    "kdpm2-ancestral": "sample_dpm_2_ancestral",
    "lms": "sample_lms",
    "dpmpp-2m": "sample_dpmpp_2m",
}
# Samplers with a Brownian path.
BROWNIAN = ("dpmpp-sde", "dpmpp-2m-sde", "dpmpp-2m-sde-heun", "dpmpp-3m-sde")


def k_diffusion() -> types.ModuleType:
    """k_diffusion.sampling alone: the package imports training code."""
    folder = next(Path(path) / "k_diffusion" for path in sys.path if (Path(path) / "k_diffusion").is_dir())
    package = types.ModuleType("k_diffusion")
    package.__path__ = [str(folder)]
    utils = types.ModuleType("k_diffusion.utils")
    utils.append_dims = lambda x, n: x[(...,) + (None,) * (n - x.ndim)]
    odes = types.ModuleType("torchdiffeq")
    odes.odeint = None
    sys.modules |= {"k_diffusion": package, "k_diffusion.utils": utils, "torchdiffeq": odes}
    spec = importlib.util.spec_from_file_location("k_diffusion.sampling", folder / "sampling.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["k_diffusion.sampling"] = module
    package.utils, package.sampling = utils, module
    spec.loader.exec_module(module)
    return module


def functions(path: str, names: dict) -> types.SimpleNamespace:
    """The functions of a file, with `names` in place of its imports."""
    source = Path(os.environ["HEARTH_PROGRAMS"], path).read_text()
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    names = dict(names)
    # Types of what is not imported are not looked up.
    exec(compile(tree, path, "exec", flags=__future__.annotations.compiler_flag), names)  # noqa: S102
    return types.SimpleNamespace(**{node.name: names[node.name] for node in tree.body})


class Model:
    """The noise levels of Stable Diffusion, as k-diffusion's DiscreteSchedule and ComfyUI's ModelSamplingDiscrete."""

    def __init__(self, rescale=lambda alphas: alphas) -> None:
        alphas = rescale(diffusers.DDIMScheduler(**BETAS).alphas_cumprod)
        self.sigmas = ((1 - alphas) / alphas) ** 0.5
        self.log_sigmas = self.sigmas.log()
        self.sigma_min, self.sigma_max = self.sigmas[0], self.sigmas[-1]

    def get_sigmas(self, n: int) -> torch.Tensor:
        t = torch.linspace(len(self.sigmas) - 1, 0, n)
        return torch.cat([self.t_to_sigma(t), torch.zeros(1)])

    def sigma_to_t(self, sigma: torch.Tensor) -> torch.Tensor:
        log_sigma = sigma.log()
        dists = log_sigma - self.log_sigmas[:, None]
        low_idx = dists.ge(0).cumsum(dim=0).argmax(dim=0).clamp(max=self.log_sigmas.shape[0] - 2)
        low, high = self.log_sigmas[low_idx], self.log_sigmas[low_idx + 1]
        w = ((low - log_sigma) / (low - high)).clamp(0, 1)
        return ((1 - w) * low_idx + w * (low_idx + 1)).view(sigma.shape)

    def t_to_sigma(self, t: torch.Tensor) -> torch.Tensor:
        t = t.float()
        low_idx, high_idx, w = t.floor().long(), t.ceil().long(), t.frac()
        return ((1 - w) * self.log_sigmas[low_idx] + w * self.log_sigmas[high_idx]).exp()


def schedules(k) -> list[dict]:
    """Every list of the two programs; the functions' own names say which."""
    shared = types.SimpleNamespace(
        sd_model=types.SimpleNamespace(is_sdxl=False),
        opts=types.SimpleNamespace(beta_dist_alpha=0.6, beta_dist_beta=0.6),
    )
    webui = functions(
        "webui/modules/sd_schedulers.py", {"torch": torch, "np": np, "stats": scipy.stats, "shared": shared}
    )
    names = {"torch": torch, "numpy": np, "scipy": scipy, "math": math}
    comfyui = functions("ComfyUI/comfy/samplers.py", names)
    result = list_of(Model(), k, webui, comfyui, shared, {"is_zero_snr": False})
    rescale = functions("webui/modules/sd_models.py", {"torch": torch}).rescale_zero_terminal_snr_abar
    return result + list_of(Model(rescale), k, webui, comfyui, shared, {"is_zero_snr": True})


def list_of(model: Model, k, webui, comfyui, shared, of_case: dict) -> list[dict]:
    low, high = model.sigma_min.item(), model.sigma_max.item()
    of_model = {"sigma_min": low, "sigma_max": high, "inner_model": model, "device": "cpu"}
    of_range = {"sigma_min": low, "sigma_max": high, "device": "cpu"}
    lists = {
        "uniform": lambda n: webui.uniform(n, **of_model),
        "karras": lambda n: k.get_sigmas_karras(n, **of_range),
        "exponential": lambda n: k.get_sigmas_exponential(n, **of_range),
        "polyexponential": lambda n: k.get_sigmas_polyexponential(n, **of_range),
        "sgm-uniform": lambda n: webui.sgm_uniform(n, **of_model),
        "kl-optimal": lambda n: webui.kl_optimal(n, **of_range),
        "align-your-steps": lambda n: webui.get_align_your_steps_sigmas(n, **of_range),
        "simple": lambda n: webui.simple_scheduler(n, **of_model),
        "normal": lambda n: webui.normal_scheduler(n, **of_model),
        "ddim-uniform": lambda n: webui.ddim_scheduler(n, **of_model),
        "beta": lambda n: webui.beta_scheduler(n, **of_model),
        "beta-comfyui": lambda n: comfyui.beta_scheduler(model, n),
        "linear-quadratic": lambda n: comfyui.linear_quadratic_schedule(model, n),
        "kl-optimal-comfyui": lambda n: comfyui.kl_optimal_scheduler(n, low, high),
    }
    result = []
    for is_sdxl in (False, True):
        shared.sd_model.is_sdxl = is_sdxl
        for name, sigmas in lists.items():
            if of_case["is_zero_snr"] and (is_sdxl or name not in ZERO_SNR):
                continue
            if is_sdxl and name != "align-your-steps":
                continue
            for n in STEPS:
                # One step of these divides by zero there, or begins at the lowest level.
                if n == 1 and name in ("kl-optimal-comfyui", "align-your-steps"):
                    continue
                values = [float(f"{value:.8g}") for value in sigmas(n).tolist()]
                result.append({"schedule": name, "is_sdxl": is_sdxl, **of_case, "steps": n, "sigmas": values})
    return result


def karras(n: int) -> torch.Tensor:
    """In double precision like diffusers, then rounded: a Brownian path reacts to the last bit of a level."""
    model = Model()
    low, high = model.sigma_min.item() ** (1 / 7), model.sigma_max.item() ** (1 / 7)
    sigmas = (high + np.linspace(0, 1, n) * (low - high)) ** 7
    return torch.from_numpy(np.concatenate([sigmas, [0.0]]).astype(np.float32))


def without_penultimate(sigmas: torch.Tensor) -> torch.Tensor:
    return torch.cat([sigmas[:-2], sigmas[-1:]])


class Samplers:
    def __init__(self, k) -> None:
        self.k = k
        generator = torch.Generator("cpu").manual_seed(7)
        self.tensors = {"sample": torch.randn(SHAPE, generator=generator)[None]}
        self.tensors["model_output"] = torch.randn((128, *SHAPE), generator=generator)
        self.tensors["noise"] = torch.randn((48, *SHAPE), generator=generator)
        self.rows: list[torch.Tensor] = []
        self.cases: list[dict] = []

    def add(self, name: str, schedule: str, steps: int, sigmas: torch.Tensor, sample) -> None:
        """Runs `sample` with fixed outputs, and keeps the sample at the beginning of each step and the last one."""
        evaluations, samples, seen, self.draws = 0, [], [], 0

        def model(x, sigma, **_):
            nonlocal evaluations
            evaluations += 1
            seen.append(x.clone())
            return x - sigma[:, None, None, None] * self.tensors["model_output"][evaluations - 1]

        x = self.tensors["sample"][0] * sigmas[0]
        last = sample(model, x, sigmas, disable=True, callback=lambda state: samples.append(state["x"].clone()))
        # One function tells its callback the first sample each time; it has an evaluation for each step. Another's steps
        # have as many as its orders.
        samples = [*(seen if name in ("ipndm", "dpm-fast") else samples)[1:], last]
        assert all(sample.isfinite().all() for sample in samples)
        self.cases.append(
            {
                "scheduler": f"{name}-{schedule}" if schedule else name,
                "steps": steps,
                "evaluations": evaluations,
                "draws": self.draws,
                "first_row": sum(map(len, self.rows)),
                "rows": len(samples),
            }
        )
        self.rows.append(torch.stack(samples))

    def noise(self, *_) -> torch.Tensor:
        self.draws += 1
        return self.tensors["noise"][self.draws - 1]

    def add_all(self) -> None:
        for steps in (5, 12, 20):
            for name, function in FUNCTIONS.items():
                sigmas = karras(steps)
                if name == "dpmpp-3m-sde":
                    sigmas = without_penultimate(karras(steps + 1))
                options = {}
                if "ancestral" in name:
                    options["noise_sampler"] = self.noise
                if name in BROWNIAN:
                    ends = sigmas[sigmas > 0].min(), sigmas.max()
                    x = self.tensors["sample"][0]
                    options["noise_sampler"] = self.k.BrownianTreeNoiseSampler(x, *ends, seed=SEED)

                if name.endswith("sde-heun"):
                    options["solver_type"] = "heun"

                def sample(*arguments, function=function, options=options, **more):
                    return getattr(self.k, function)(*arguments, **options, **more)

                self.add(name, "karras", steps, sigmas, sample)
        ipndm = functions("ComfyUI/comfy/k_diffusion/sampling.py", {"torch": torch, "trange": self.k.trange})
        restart = functions(
            "webui/modules/sd_samplers_extra.py",
            {"torch": torch, "tqdm": tqdm, "k_diffusion": sys.modules["k_diffusion"]},
        )
        for steps in (5, 12, 20):
            self.add("ipndm", "karras", steps, karras(steps), ipndm.sample_ipndm)
        low, high = Model().sigma_min.item(), Model().sigma_max.item()
        for steps in (1, 2, 3, 5, 12, 20):

            def fast(model, x, _, steps=steps, **more):
                return self.k.sample_dpm_fast(model, x, low, high, steps, eta=1.0, noise_sampler=self.noise, **more)

            self.add("dpm-fast", "", steps, karras(steps), fast)
        plain = self.k.torch
        for steps in (12, 20, 40):
            self.k.torch = types.SimpleNamespace(
                **{name: getattr(plain, name) for name in ("linspace", "cat")}, randn_like=self.noise
            )
            self.add("restart", "", steps, karras(steps), restart.restart_sampler)
        self.k.torch = plain


    def add_adaptive(self) -> dict:
        """A run whose steps depend on the outputs, which a function makes from the scaled sample."""
        evaluations, self.draws = 0, 0

        def model(x, sigma, **_):
            nonlocal evaluations
            evaluations += 1
            scaled = x / (sigma[:, None, None, None] ** 2 + 1) ** 0.5
            return x - sigma[:, None, None, None] * (0.8 * scaled + 0.3 * torch.tanh(2 * scaled + 0.5))

        ends = Model().sigma_min.item(), Model().sigma_max.item()
        x = self.tensors["sample"][0] * ends[1]
        options = {"eta": 1.0, "noise_sampler": self.noise, "return_info": True, "disable": True}
        latents, info = self.k.sample_dpm_adaptive(model, x, *ends, **options)
        self.tensors["adaptive"] = latents[None]
        return {"evaluations": evaluations, "draws": self.draws, "accepted": info["n_accept"]}


def brownian() -> list[dict]:
    """Increments of torchsde's tree between some points, in an order that no run has."""
    ends = [0.0291675, 14.6146469]
    result = []
    for seed, size in ((0, 6), (42, 64), (2**40 + 3, 64)):
        tree = torchsde.BrownianTree(t0=ends[0], w0=torch.zeros(size), t1=ends[1], entropy=seed)
        for low, high in ((1.0, 2.0), (ends[0], 0.5), (7.123456, ends[1]), (0.5, 0.500002), (3.0, 3.25)):
            result.append(
                {"seed": seed, "size": size, "ends": ends, "step": [high, low], "values": tree(low, high).tolist()[:8]}
            )
    return result


def main(out_dir: Path) -> None:
    k = k_diffusion()
    samplers = Samplers(k)
    samplers.add_all()
    adaptive = samplers.add_adaptive()
    samplers.tensors["latents"] = torch.cat(samplers.rows)
    save_file({name: tensor.contiguous() for name, tensor in samplers.tensors.items()}, out_dir / "samplers.safetensors")
    data = {"seed": SEED, "schedules": schedules(k), "cases": samplers.cases, "adaptive": adaptive, "brownian": brownian()}
    rows = {
        key: json.dumps(value)
        if not isinstance(value, list)
        else "[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in value) + "\n]"
        for key, value in data.items()
    }
    text = "{\n" + ",\n".join(f'"{key}": {row}' for key, row in rows.items()) + "\n}\n"
    (out_dir / "samplers.json").write_text(text)
