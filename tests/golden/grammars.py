"""Prompts parsed by other programs' own parsers: grammars.json, beside grammars-a1111.json.

`python grammars.py WEBUI COMFYUI`, with the paths of AUTOMATIC1111's modules/prompt_parser.py and ComfyUI's
comfy/sd1_clip.py, of which only the functions of text are taken. grammars-a1111.json has the tokens of 45 prompts
from AUTOMATIC1111's tokenize_line over CLIP's vocabulary (20 steps, backtracking 20, the embeddings EasyNegative of 8
vectors and badhand of 2).
"""

import ast
import json
import random
import sys
from pathlib import Path

from tokenizer import load

DATA = Path(__file__).parent / "data"
COMFY_FUNCTIONS = ("parse_parentheses", "token_weights", "escape_important", "unescape_important")
# Pieces of random prompts: signs, numbers, words, spaces.
PIECES = [
    "(", ")", "[", "]", ":", "|", "\\", "(", ")", "[", "]", ":", " ", " ", "a", "cat", "red", "0.5", "3", "1.2", ":1.3)", ":4]",
    ":.25]", "-1", "1.", "BREAK", "AND", "\n", "é", "猫", "\\(", "\\)", "[a:b:0.5]", "[x|y]", "[a:4]", "(b:1.2)", " : ", "1e2", "+2",
]  # fmt: skip


def functions(path: str, names: tuple[str, ...]) -> dict:
    """These functions of a file, without what it imports."""
    tree = ast.parse(Path(path).read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in names]
    scope = {}
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


def comfy_chunks(pairs: list, tokenizer) -> list:
    """tokenize_with_weights, without ends and padding: fragments of less than 8 tokens stay whole."""
    chunks, chunk = [], []
    for text, weight in pairs:
        group = [[token, weight] for token in tokenizer(text, add_special_tokens=False).input_ids]
        is_large = len(group) >= 8
        while group:
            if len(group) + 1 + len(chunk) <= 76:
                chunk += group
                break
            room = 75 - len(chunk) if is_large else 0
            chunks.append(chunk + group[:room])
            chunk, group = [], group[room:]
    return [*chunks, chunk]


def main(webui: str, comfyui: str) -> None:
    scope = {}
    exec(compile(Path(webui).read_text(), webui, "exec"), scope)
    parser = type("Parser", (), {key: staticmethod(value) for key, value in scope.items() if callable(value)})
    own = json.loads((DATA / "grammars-a1111.json").read_text())
    prompts = [case["prompt"] for case in own["prompts"]] + random_prompts(400)
    scope = functions(comfyui, COMFY_FUNCTIONS)
    tokenizer = load(DATA, "clip", None)
    schedule = parser.get_learned_conditioning_prompt_schedules
    cases = []
    for prompt in prompts:
        case = {"prompt": prompt, "schedule": schedule([prompt], 6)[0], "weights": attention(parser, prompt)}
        cases.append(case | {"comfy": comfy(scope, prompt)})
    for case in cases[: len(own["prompts"])]:
        case["comfy_chunks"] = comfy_chunks(case["comfy"], tokenizer)
    lines = ",\n".join(json.dumps(case) for case in cases)
    (DATA / "grammars.json").write_text(f'{{"steps": 6, "prompts": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main(*sys.argv[1:])
