"""CLIP's merges in www/clip/, its vocabulary in clip/, and the ids of difficult prompts: tokens.json."""

import gzip
import importlib.util
import json
import shutil
import tempfile
from pathlib import Path

from transformers import CLIPTokenizer

import vocabulary
from prompts import PROMPTS

# Name to the folder of the vocabulary and the one of the two config files, if any.
SETS = {
    "clip": ("clip", None),
    "clip-sd1": ("clip", "sd1/tokenizer"),
    "clip-sd2": ("clip", "sd2/tokenizer"),
    "sd1": ("sd1/tokenizer", "sd1/tokenizer"),
    "sd2": ("sd2/tokenizer", "sd2/tokenizer"),
}
CONFIGS = ("tokenizer_config.json", "special_tokens_map.json")
MERGES = 48_894
MAX_LENGTH = 77
CLIP_MERGES = Path(__file__).parents[2] / "www/clip/merges.txt"


def write_clip(out_dir: Path) -> None:
    """Makes CLIP's two files from OpenAI's list; without the package that has it they stay as they are."""
    package = importlib.util.find_spec("open_clip")
    if package is None:
        print("open_clip_torch is not installed; CLIP's files stay as they are")
        return
    path = Path(package.origin).parent / "bpe_simple_vocab_16e6.txt.gz"
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
    # The first line is a title; behind the merges that CLIP uses there are more.
    vocabulary.write(out_dir / "clip", [tuple(line.split()) for line in lines[1 : MERGES + 1]])
    # The page ships the merges, from which the rest follows.
    (out_dir / "clip/merges.txt").replace(CLIP_MERGES)


def load(out_dir: Path, vocab: str, config: str | None) -> CLIPTokenizer:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(out_dir / vocab, folder, dirs_exist_ok=True)
        if vocab == "clip":
            shutil.copy(CLIP_MERGES, folder)
        for name in CONFIGS if config else ():
            shutil.copy(out_dir / config / name, folder)
        return CLIPTokenizer.from_pretrained(folder)


def encode(tokenizer: CLIPTokenizer, prompt: str) -> dict:
    """What a pipeline gives the text encoder, how many tokens there were, and the text that did not fit."""
    input_ids = tokenizer(prompt, padding="max_length", truncation=True, max_length=MAX_LENGTH).input_ids
    whole = tokenizer(prompt, add_special_tokens=False, return_offsets_mapping=True)
    room = MAX_LENGTH - 2
    cut = prompt[whole.offset_mapping[room][0] :] if len(whole.input_ids) > room else None
    # The pads at the end are as many as it takes.
    while len(input_ids) > 1 and input_ids[-1] == input_ids[-2] == tokenizer.pad_token_id:
        input_ids.pop()
    return {"input_ids": input_ids, "token_count": len(whole.input_ids), "truncated": cut}


def main(out_dir: Path) -> None:
    write_clip(out_dir)
    sets = []
    for name, (vocab, config) in SETS.items():
        tokenizer = load(out_dir, vocab, config)
        cases = [{"prompt": prompt, **encode(tokenizer, prompt)} for prompt in PROMPTS]
        sets.append({"name": name, "vocab": vocab, "config": config, "pad": tokenizer.pad_token_id, "cases": cases})
    text = ",\n".join(json.dumps(one_set) for one_set in sets)
    (out_dir / "tokens.json").write_text(f'{{"model_max_length": {MAX_LENGTH}, "sets": [\n{text}\n]}}\n')
