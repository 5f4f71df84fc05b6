"""Vocabularies in CLIP's file format: bytes, bytes at a word's end, merges, two specials."""

import json
from collections import Counter
from pathlib import Path

START, END = "<|startoftext|>", "<|endoftext|>"

# What the tiny vocabulary learns its merges from; anything else is spelt in shorter pieces.
TEXT = """
a photo of the red apple on a blue background a painting of an old house by the sea at night
green cat sleeping under warm light two small birds and a large mountain in the morning mist
portrait of a smiling astronaut riding a horse highly detailed oil on canvas low quality blurry
watercolor castle with golden trees beside the river bright stars over snowy forest drawing
""".split()


def byte_symbols() -> list[str]:
    """One printable character for each byte, in the order of OpenAI's bytes_to_unicode."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + index) for index in range(len(others))]


def learn_merges(words: list[str], count: int) -> list[tuple[str, str]]:
    """The `count` merges of plain byte pair encoding; ties go to the alphabetically first pair."""
    pieces = [[*word[:-1], word[-1] + "</w>"] for word in words]
    merges = []
    for _ in range(count):
        pairs = Counter(pair for word in pieces for pair in zip(word, word[1:]))
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for word in pieces:
            index = 0
            while index + 1 < len(word):
                if (word[index], word[index + 1]) == best:
                    word[index : index + 2] = ["".join(best)]
                index += 1
    return merges


def number(merges: list[tuple[str, str]]) -> dict[str, int]:
    """Token to id, in CLIP's order."""
    symbols = byte_symbols()
    tokens = [*symbols, *(symbol + "</w>" for symbol in symbols)]
    tokens += ["".join(merge) for merge in merges] + [START, END]
    return {token: index for index, token in enumerate(tokens)}


def write(folder: Path, merges: list[tuple[str, str]]) -> dict[str, int]:
    """Writes vocab.json and merges.txt as CLIP checkpoints have them."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = number(merges)
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(merge) for merge in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return vocabulary
