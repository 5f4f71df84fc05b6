"""Weighted, long, scheduled and composed prompts: prompting.json and prompting.safetensors.

The grammar is not read here: each case says its fragments, and which text holds at which call of the UNet. The texts
are encoded chunk by chunk, and the rows of a prediction are computed apart, so that no prompt must be as long as
another.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from diffusers import DiffusionPipeline
from diffusers.utils.torch_utils import randn_tensor
from safetensors.torch import load_file, save_file

from components import Cases, randn
from pipeline import SCHEDULERS
from variants import assemble

ROOM = 75
LONG = "sea " * 80


def plain(text: str) -> list:
    """A text of one chunk without weights."""
    return [[(text, 1.0)]]


# Prompt, its chunks of fragments, the grammar, the emphasis. A chunk with more tokens than fit goes on in the next.
ENCODINGS = {
    "weights": ("a (red:1.4) apple, [blue] background", [[("a ", 1.0), ("red", 1.4), (" apple, ", 1.0), ("blue", 1 / 1.1), (" background", 1.0)]]),
    "break": ("a ((red)) apple BREAK an (old:0.7) house", [[("a ", 1.0), ("red", 1.1 * 1.1), (" apple", 1.0)], [("an ", 1.0), ("old", 0.7), (" house", 1.0)]]),
    "long": (f"a (red:1.3) apple {LONG}", [[("a ", 1.0), ("red", 1.3), (f" apple {LONG}", 1.0)]]),
    "negative-weight": ("a (red:-0.5) apple", [[("a ", 1.0), ("red", -0.5), (" apple", 1.0)]]),
}  # fmt: skip
MODES = [("a1111", "original"), ("a1111", "no-norm"), ("comfy", "original")]


class Encoders:
    """The text encoders of a pipeline."""

    def __init__(self, pipe: DiffusionPipeline) -> None:
        self.is_xl = hasattr(pipe, "text_encoder_2")
        self.pairs = [(pipe.tokenizer, pipe.text_encoder)]
        if self.is_xl:
            self.pairs.append((pipe.tokenizer_2, pipe.text_encoder_2))

    def rows(self, tokenizer, chunks: list) -> list:
        """Ids [77] and weights [77] of each chunk."""
        rows = []
        for fragments in chunks:
            tokens = [
                (token, weight)
                for text, weight in fragments
                for token in tokenizer(text, add_special_tokens=False).input_ids
            ]
            for start in range(0, max(len(tokens), 1), ROOM):
                part = tokens[start : start + ROOM]
                pads = [(tokenizer.pad_token_id, 1.0)] * (ROOM - len(part))
                part = [(tokenizer.bos_token_id, 1.0), *part, (tokenizer.eos_token_id, 1.0), *pads]
                rows.append(([token for token, _ in part], torch.tensor([weight for _, weight in part])))
        return rows

    def states(self, encoder, ids: list, skip: int) -> tuple:
        output = encoder(torch.tensor([ids]), output_hidden_states=True)
        if self.is_xl:
            return output.hidden_states[-(skip + 2)], getattr(output, "text_embeds", None)
        if skip == 0:
            return output.last_hidden_state, None
        return encoder.final_layer_norm(output.hidden_states[-(skip + 1)]), None

    def encode(self, schedule: list, mode: tuple, skip: int = 0) -> list:
        """States [1, 77·n, d] and pooled state of each text; `schedule` is the texts' chunks, an entry each."""
        columns = [[] for _ in schedule]
        pooled = [None for _ in schedule]
        for tokenizer, encoder in self.pairs:
            texts = [self.rows(tokenizer, chunks) for chunks in schedule]
            empty = self.rows(tokenizer, [[]])[0]
            longest = max(map(len, texts))
            texts = [rows + [empty] * (longest - len(rows)) for rows in texts]
            empty_states = self.states(encoder, empty[0], skip)[0]
            batches = []
            for index in range(longest):
                encoded = [self.states(encoder, rows[index][0], skip) for rows in texts]
                z = torch.cat([states for states, _ in encoded])
                weights = torch.stack([rows[index][1] for rows in texts])[:, :, None]
                if index == 0:
                    pooled = [embeds for _, embeds in encoded]
                if mode[0] == "comfy":
                    batches.append(torch.where(weights == 1, z, (z - empty_states) * weights + empty_states))
                    continue
                before = z.mean()
                z = z * weights
                batches.append(z * (before / z.mean()) if mode[1] == "original" else z)
            for at, column in enumerate(columns):
                column.append(torch.cat([batch[at : at + 1] for batch in batches], dim=1))
        return [(torch.cat(column, dim=2), pool) for column, pool in zip(columns, pooled)]


def runs() -> list[tuple]:
    """Name, request, the negative prompt's chunks, and for each part its weight, its schedule's texts and which holds at each call."""
    base = {"negative_prompt": "blurry", "scheduler": "euler", "guidance_scale": 6.0, "eta": 0.0, "num_inference_steps": 6}
    base |= {"seed": 51, "width": 48, "height": 40}
    blurry = plain("blurry")
    red, blue = plain("a red apple"), plain("a blue apple")
    bold = [[("a ", 1.0), ("blue", 1.5), (" apple", 1.0)]]
    three = [[(LONG * 2, 1.0)]]
    two = [[("low quality " * 40, 1.0)]]
    heun = {"scheduler": "heun", "num_inference_steps": 4}
    cases = [
        ("weights", {"prompt": ENCODINGS["weights"][0]}, blurry, [(1.0, [ENCODINGS["weights"][1]], [0] * 6)]),
        ("no-norm", {"prompt": ENCODINGS["weights"][0], "emphasis": "no-norm"}, blurry, [(1.0, [ENCODINGS["weights"][1]], [0] * 6)]),
        ("comfy", {"prompt": ENCODINGS["negative-weight"][0], "grammar": "comfy"}, blurry, [(1.0, [ENCODINGS["negative-weight"][1]], [0] * 6)]),
        ("two-to-one", {"prompt": LONG, "grammar": "a1111"}, blurry, [(1.0, [[[(LONG, 1.0)]]], [0] * 6)]),
        ("three-to-two", {"prompt": LONG * 2, "negative_prompt": "low quality " * 40, "grammar": "a1111"}, two, [(1.0, [three], [0] * 6)]),
        ("five-to-three", {"prompt": LONG * 4, "negative_prompt": "low quality " * 90, "grammar": "a1111"}, [[("low quality " * 90, 1.0)]], [(1.0, [[[(LONG * 4, 1.0)]]], [0] * 6)]),
        ("edit", {"prompt": "a [red:blue:0.5] apple"}, blurry, [(1.0, [red, blue], [0, 0, 0, 0, 1, 1])]),
        ("edit-mean", {"prompt": "a [red:(blue:1.5):2] apple"}, blurry, [(1.0, [red, bold], [0, 0, 0, 1, 1, 1])]),
        ("alternate", {"prompt": "a [red|(blue:1.5)] apple"}, blurry, [(1.0, [red, bold] * 3, [0, 0, 1, 0, 1, 0])]),
        ("edit-twice", {"prompt": "a [red:blue:0.5] apple", **heun}, blurry, [(1.0, [red, blue], [0, 0, 0, 0, 0, 1, 1])]),
        ("and", {"prompt": "a red apple AND an old house :0.6"}, blurry, [(1.0, [red], [0] * 6), (0.6, [plain(" an old house")], [0] * 6)]),
        ("and-unguided", {"prompt": "a red apple AND an old house :0.6", "guidance_scale": 1.0}, blurry, [(1.0, [red], [0] * 6), (0.6, [plain(" an old house")], [0] * 6)]),
        ("and-edit", {"prompt": "a [red:blue:3] apple AND an old house"}, blurry, [(1.0, [red, blue], [0, 0, 0, 0, 1, 1]), (1.0, [plain(" an old house")], [0] * 6)]),
        ("and-long", {"prompt": f"a red apple AND {LONG.strip()}", "grammar": "a1111"}, blurry, [(1.0, [red], [0] * 6), (1.0, [[[(LONG, 1.0)]]], [0] * 6)]),
        ("clip-skip-both", {"prompt": "a red apple", "clip_skip": 1, "clip_skip_negative": 1}, blurry, [(1.0, [red], [0] * 6)]),
    ]  # fmt: skip
    return [(name, base | request, negative, parts) for name, request, negative, parts in cases]


def lengthened(states: torch.Tensor, length: int) -> torch.Tensor:
    return torch.cat([states, states[:, -1:].repeat(1, length - states.shape[1], 1)], dim=1)


def denoise(pipe: DiffusionPipeline, request: dict, negative: tuple, parts: list) -> torch.Tensor:
    """Latents after a run; a part is its weight and the encoded text at each call."""
    scheduler, changes = SCHEDULERS[request["scheduler"]]
    scheduler = scheduler.from_config(pipe.scheduler.config, **changes)
    scheduler.set_timesteps(request["num_inference_steps"])
    generator = torch.Generator("cpu").manual_seed(request["seed"])
    size = [request["height"], request["width"]]
    shape = (1, 4, *(side // pipe.vae_scale_factor for side in size))
    latents = randn_tensor(shape, generator=generator) * scheduler.init_noise_sigma

    def predict(sample: torch.Tensor, timestep, text: tuple) -> torch.Tensor:
        states, pooled = text
        added = None if pooled is None else {"text_embeds": pooled, "time_ids": torch.tensor([[*size, 0.0, 0.0, *size]])}
        return pipe.unet(sample, timestep, encoder_hidden_states=states, added_cond_kwargs=added).sample

    for call, timestep in enumerate(scheduler.timesteps):
        sample = scheduler.scale_model_input(latents, timestep)
        uncond = predict(sample, timestep, negative)
        guided = uncond
        for weight, texts in parts:
            guided = guided + weight * request["guidance_scale"] * (predict(sample, timestep, texts[call]) - uncond)
        latents = scheduler.step(guided, timestep, latents).prev_sample
    return latents


def write_embeddings(out_dir: Path) -> None:
    """Textual inversions: A1111's layout, diffusers' with one vector in half precision, SDXL's pair."""
    folder = out_dir / "embeddings"
    folder.mkdir(exist_ok=True)
    save_file({"emb_params": randn("my-style", 3, 24)}, folder / "my-style.safetensors")
    save_file({"<cat-toy>": randn("cat-toy", 24).half()}, folder / "learned_embeds.safetensors")
    pair = {"clip_l": randn("pair-l", 2, 16), "clip_g": randn("pair-g", 2, 24)}
    save_file(pair, folder / "pair.safetensors")


# Model, prompt, its fragments, and for each file the words that diffusers gives it.
INVERSIONS = [
    ("sd1", "a photo of my-style in red", [("a photo of my-style in red", 1.0)]),
    ("sd1", "a (my-style:1.3) and <cat-toy> cat", [("a ", 1.0), ("my-style", 1.3), (" and <cat-toy> cat", 1.0)]),
    ("sdxl", "a [pair] house", [("a ", 1.0), ("pair", 1 / 1.1), (" house", 1.0)]),
]  # fmt: skip


def with_embeddings(out_dir: Path, pipe: DiffusionPipeline) -> None:
    """Loads the files of a model as diffusers does."""
    folder = out_dir / "embeddings"
    if hasattr(pipe, "text_encoder_2"):
        # With the old end id of its config transformers pools at the largest id, which is then an added word.
        for module in pipe.text_encoder_2.modules():
            if hasattr(module, "eos_token_id"):
                module.eos_token_id = pipe.tokenizer_2.eos_token_id
        pair = load_file(folder / "pair.safetensors")
        encoders = (("clip_l", pipe.text_encoder, pipe.tokenizer), ("clip_g", pipe.text_encoder_2, pipe.tokenizer_2))
        for key, encoder, tokenizer in encoders:
            pipe.load_textual_inversion({"pair": pair[key]}, token="pair", text_encoder=encoder, tokenizer=tokenizer)
        return
    pipe.load_textual_inversion(folder / "my-style.safetensors", token="my-style")
    pipe.load_textual_inversion(folder / "learned_embeds.safetensors")


@torch.no_grad()
def main(out_dir: Path) -> None:
    cases = Cases()
    write_embeddings(out_dir)
    with TemporaryDirectory() as folder:
        for index, (model, prompt, fragments) in enumerate(INVERSIONS):
            pipe = DiffusionPipeline.from_pretrained(assemble(out_dir, model, Path(folder)))
            with_embeddings(out_dir, pipe)
            expanded = [(pipe.maybe_convert_prompt(text, pipe.tokenizer), weight) for text, weight in fragments]
            states, pooled = Encoders(pipe).encode([[expanded]], MODES[0])[0]
            outputs = {"states": states} | ({} if pooled is None else {"pooled": pooled})
            cases.add(f"{model}.inversion-{index}", "inversion", model, {}, outputs, request={"prompt": prompt})
    with TemporaryDirectory() as folder:
        for model in ("sd1", "sd2", "sdxl"):
            pipe = DiffusionPipeline.from_pretrained(assemble(out_dir, model, Path(folder)))
            encoders = Encoders(pipe)
            for name, (prompt, chunks) in ENCODINGS.items():
                for mode in MODES:
                    if mode[0] == "comfy" and name in ("break", "weights"):
                        continue
                    states, pooled = encoders.encode([chunks], mode)[0]
                    outputs = {"states": states} | ({} if pooled is None else {"pooled": pooled})
                    request = {"prompt": prompt, "grammar": mode[0], "emphasis": mode[1]}
                    cases.add(f"{model}.{name}.{'-'.join(mode)}", "encode", model, {}, outputs, request=request)
            for name, request, negative, parts in [] if model == "sd2" else runs():
                mode = (request.get("grammar", "a1111"), request.get("emphasis", "original"))
                skip = request.get("clip_skip", 0)
                negative = encoders.encode([negative], mode, skip)[0]
                encoded, longest = [], 0
                for weight, schedule, calls in parts:
                    texts = encoders.encode(schedule, mode, skip)
                    encoded.append((weight, [texts[at] for at in calls]))
                    longest = max(longest, texts[0][0].shape[1])
                # AUTOMATIC1111 repeats the last vector of shorter parts (reconstruct_multicond_batch).
                encoded = [(weight, [(lengthened(states, longest), pool) for states, pool in texts]) for weight, texts in encoded]
                latents = denoise(pipe, request, negative, encoded)
                cases.add(f"{model}.{name}", "pipeline", model, {}, {"latents": latents}, request=request)
    cases.write(out_dir, "prompting")
