"""Learns the byte-pair vocabulary of both languages and writes it in CLIP's file format."""

from __future__ import annotations

import json
import random
import unicodedata
from collections import Counter
from pathlib import Path

import regex

from .. import tokenizer as base
from . import caption, colours, grammar, paths, things

MERGES = 5100
SAMPLE = 20_000  # captions that English words are counted in


def chinese_units() -> Counter[str]:
    """Returns the words that Chinese captions are made of. A run of Chinese has no spaces, so merges
    learnt on whole captions would join what happens to stand together."""
    units: Counter[str] = Counter()
    for thing in things.load():
        for word in thing.chinese:
            units[word] += 20
        for number in caption.CHINESE_NUMBERS.values():
            units[number + thing.measure] += 4
    for word in colours.CHINESE.values():
        units[word] += 200
    fixed = [w for words in caption.CHINESE_PLACES.values() for w in words]
    fixed += [w for words in caption.CHINESE_SIZES.values() for w in words]
    fixed += [w for style in caption.CHINESE_STYLES for w in regex.findall(r"\p{Han}+", style)]
    fixed += "背景 渐变背景 的 在 上 上面 上方 下面 下方 左边 右边 左边是 右边是 旁边 排成一排 风格 有 和 与 到 的左边 的右边 \uff0c 、".split()
    for word in fixed:
        units[word] += 100
    return units


def symbol_words() -> Counter[tuple[str, ...]]:
    """Returns the pieces that merges are learnt on, as symbols; the last of a run ends with </w>."""
    letters = base._letters_by_byte()
    words: Counter[tuple[str, ...]] = Counter()

    def add(word: str, count: int, ends: bool) -> None:
        symbols = [letters[b] for b in unicodedata.normalize("NFC", word).lower().encode()]
        if ends:
            symbols[-1] += "</w>"
        words[tuple(symbols)] += count

    rng = random.Random(grammar.SEED)
    texts = [caption.caption(grammar.draft(seed), rng, caption.ENGLISH) for seed in range(SAMPLE)]
    for thing in things.load():
        texts += [text for n in thing.names for text in (n.one, n.many or n.one) for _ in range(4)]
    for text in texts:
        for word in base.WORDS.findall(text.lower()):
            add(word, 1, True)
    for word, count in chinese_units().items():
        add(word, count, False)  # inside a run
        add(word, count, True)
        if len(word) > 1:  # characters too, for words that no caption has
            for character in word:
                add(character, 1, False)
                add(character, 1, True)
    return words


def learn(words: Counter[tuple[str, ...]], merges: int) -> list[tuple[str, str]]:
    """Joins the most frequent pair, again and again, counting anew only the words that contain it."""
    pieces = [[list(word), count] for word, count in words.items()]
    counts: Counter[tuple[str, str]] = Counter()
    where: dict[tuple[str, str], set[int]] = {}
    for index, (word, count) in enumerate(pieces):
        for pair in zip(word, word[1:]):
            counts[pair] += count
            where.setdefault(pair, set()).add(index)
    learnt: list[tuple[str, str]] = []
    while len(learnt) < merges:
        best = max(counts, key=lambda pair: (counts[pair], pair), default=None)
        if best is None or counts[best] < 2:
            break
        learnt.append(best)
        for index in where.pop(best):
            word, count = pieces[index]
            for pair in zip(word, word[1:]):
                counts[pair] -= count
            out: list[str] = []
            for symbol in word:
                if out and (out[-1], symbol) == best:
                    out[-1] += symbol
                else:
                    out.append(symbol)
            pieces[index][0] = out
            for pair in zip(out, out[1:]):
                counts[pair] += count
                where.setdefault(pair, set()).add(index)
        counts = +counts
    return learnt


def write(folder: Path = paths.TOKENIZER) -> int:
    """Writes the tokenizer's files; returns the size of the vocabulary."""
    merges = learn(symbol_words(), MERGES)
    letters = base.byte_letters()
    tokens = [*letters, *(c + "</w>" for c in letters), *(a + b for a, b in merges), base.START, base.END]
    tokens = list(dict.fromkeys(tokens))  # two merges can spell the same token
    folder.mkdir(parents=True, exist_ok=True)

    def dump(name: str, content: object) -> None:
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")

    lines = ["#version: 0.2", *(f"{a} {b}" for a, b in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", "utf-8")
    dump("tokenizer_config.json", base.CONFIG)
    dump("special_tokens_map.json", {"bos_token": base.START, "eos_token": base.END, "pad_token": base.END, "unk_token": base.END})
    dump("vocab.json", {token: number for number, token in enumerate(tokens)})
    return len(tokens)
