"""Prompts parsed by other programs' own parsers: grammars.json, beside grammars-a1111.json.

`python grammars.py WEBUI COMFYUI`, with the paths of AUTOMATIC1111's modules/prompt_parser.py (v1.10.1 of
AUTOMATIC1111/stable-diffusion-webui) and ComfyUI's comfy/sd1_clip.py (v0.3.64 of comfyanonymous/ComfyUI), of which only
the functions of text are taken. grammars-a1111.json has the tokens of 45 prompts from AUTOMATIC1111's tokenize_line over
CLIP's vocabulary (20 steps, backtracking 20, the embeddings EasyNegative of 8 vectors and badhand of 2).
"""

import ast
import json
import random
import re
import sys
from pathlib import Path
from types import SimpleNamespace

from tokenizer import load

DATA = Path(__file__).parent / "data"
COMFY_FUNCTIONS = ("parse_parentheses", "token_weights", "escape_important", "unescape_important", "tokenize_with_weights")
# Pieces of random prompts: signs, numbers, words, spaces.
PIECES = [
    "(", ")", "[", "]", ":", "|", "\\", "(", ")", "[", "]", ":", " ", " ", "a", "cat", "red", "0.5", "3", "1.2", ":1.3)", ":4]",
    ":.25]", "-1", "1.", "BREAK", "AND", "\n", "é", "猫", "\\(", "\\)", "[a:b:0.5]", "[x|y]", "[a:4]", "(b:1.2)", " : ", "1e2", "+2",
]  # fmt: skip


def functions(path: str, names: tuple[str, ...], owner: str) -> dict:
    """These functions of a file, and methods of the class `owner`, without what it imports."""
    tree = ast.parse(Path(path).read_text())
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == owner]
    nodes = [*tree.body, *(node for owner in classes for node in owner.body)]
    tree.body = [node for node in nodes if isinstance(node, ast.FunctionDef) and node.name in names]
    scope = {"re": re}
    exec(compile(tree, path, "exec"), scope)
    return scope


def random_prompts(count: int) -> list[str]:
    generator = random.Random(15)
    prompts = {"".join(generator.choices(PIECES, k=generator.randint(1, 12))) for _ in range(count)}
    return sorted(prompts)


def attention(parser, prompt: str):
    try:
        return parser.parse_prompt_attention(prompt)
    except ValueError:
        return None


def comfy(scope: dict, prompt: str) -> list:
    pairs = scope["token_weights"](scope["escape_important"](prompt), 1.0)
    return [[scope["unescape_important"](text), weight] for text, weight in pairs]


def comfy_chunks(scope: dict, prompt: str, tokenizer) -> list:
    """SDTokenizer.tokenize_with_weights with CLIP's vocabulary, without ends and padding."""
    start, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    own = SimpleNamespace(
        tokenizer=tokenizer, embedding_identifier="embedding:", embedding_directory=None, max_word_length=8, max_length=77,
        start_token=start, end_token=end, pad_token=end, pad_with_end=True, pad_to_max_length=True, min_length=None,
        tokens_start=1, tokenizer_adds_end_token=True,
    )  # fmt: skip
    chunks = scope["tokenize_with_weights"](own, prompt)
    if any(chunk[0] != (start, 1.0) or len(chunk) != 77 for chunk in chunks):
        raise ValueError(prompt)
    return [[list(pair) for pair in chunk[1:] if pair[0] != end] for chunk in chunks]


def main(webui: str, comfyui: str) -> None:
    scope = {}
    exec(compile(Path(webui).read_text(), webui, "exec"), scope)
    parser = type("Parser", (), {key: staticmethod(value) for key, value in scope.items() if callable(value)})
    own = json.loads((DATA / "grammars-a1111.json").read_text())
    prompts = [case["prompt"] for case in own["prompts"]] + random_prompts(400)
    scope = functions(comfyui, COMFY_FUNCTIONS, "SDTokenizer")
    tokenizer = load(DATA, "clip", None)
    schedule = parser.get_learned_conditioning_prompt_schedules
    cases = []
    for prompt in prompts:
        case = {"prompt": prompt, "schedule": schedule([prompt], 6)[0], "weights": attention(parser, prompt)}
        cases.append(case | {"comfy": comfy(scope, prompt)})
    for case in cases[: len(own["prompts"])]:
        case["comfy_chunks"] = comfy_chunks(scope, case["prompt"], tokenizer)
    lines = ",\n".join(json.dumps(case) for case in cases)
    (DATA / "grammars.json").write_text(f'{{"steps": 6, "prompts": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main(*sys.argv[1:])
