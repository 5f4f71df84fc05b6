"""Learns the byte-pair vocabulary and writes it in CLIP's file format."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path

import regex

from . import data

MERGES = 1500
START, END = "<|startoftext|>", "<|endoftext|>"
# CLIP's own word pattern: the merges must be learnt on the pieces it will cut.
WORDS = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
CONFIG = {
    "add_prefix_space": False,
    "bos_token": START,
    "clean_up_tokenization_spaces": False,
    "do_lower_case": True,
    "eos_token": END,
    "errors": "replace",
    "model_max_length": 77,
    "pad_token": END,
    "tokenizer_class": "CLIPTokenizer",
    "unk_token": END,
}


def byte_letters() -> list[str]:
    """GPT-2's printable stand-ins for the 256 bytes, in the order CLIP numbers them."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(b) for b in plain] + [chr(256 + n) for n in range(256 - len(plain))]


def _letters_by_byte() -> dict[int, str]:
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in plain]
    return dict(zip([*plain, *rest], byte_letters()))


def learn(texts: Counter[str], merges: int) -> list[tuple[str, str]]:
    """Plain BPE: join the most frequent pair, again and again."""
    letters = _letters_by_byte()
    words: Counter[tuple[str, ...]] = Counter()
    for text, count in texts.items():
        for word in WORDS.findall(unicodedata.normalize("NFC", text).lower()):
            symbols = [letters[b] for b in word.encode()]
            words[(*symbols[:-1], symbols[-1] + "</w>")] += count
    learnt: list[tuple[str, str]] = []
    while len(learnt) < merges:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, count in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += count
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        learnt.append(best)
        joined: Counter[tuple[str, ...]] = Counter()
        for word, count in words.items():
            if best[0] in word:
                out: list[str] = []
                for symbol in word:
                    if out and (out[-1], symbol) == best:
                        out[-1] += symbol
                    else:
                        out.append(symbol)
                word = tuple(out)
            joined[word] += count
        words = joined
    return learnt


def write(folder: Path, whole_font: bool = False) -> int:
    """Writes the tokenizer's files; returns the size of the vocabulary."""
    # Everyday words once; the captions' own words often enough to become single tokens.
    texts = Counter(data.cldr_words())
    for emoji in data.emoji_set(whole_font):
        texts[emoji.name] += 20
    for colour in data.COLOURS:
        texts[data.caption("apple", colour)] += 200
    merges = learn(texts, MERGES)
    letters = byte_letters()
    tokens = [*letters, *(c + "</w>" for c in letters), *(a + b for a, b in merges), START, END]
    tokens = list(dict.fromkeys(tokens))  # two merges can spell the same token
    folder.mkdir(parents=True, exist_ok=True)

    def dump(name: str, content: object) -> None:
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")

    dump("vocab.json", {token: number for number, token in enumerate(tokens)})
    lines = ["#version: 0.2", *(f"{a} {b}" for a, b in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", "utf-8")
    dump("tokenizer_config.json", CONFIG)
    dump("special_tokens_map.json", {"bos_token": START, "eos_token": END, "pad_token": END, "unk_token": END})
    return len(tokens)
