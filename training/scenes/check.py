"""Self checks of words, scenes and the held-out rule: `python -m training.scenes.check`."""

from __future__ import annotations

import random

import numpy as np

from . import caption, grammar, pool, scene, things

COUNT = 400  # scenes looked at


def plurals_are_regular() -> None:
    for one, many in {
        "cat": "cats", "strawberry": "strawberries", "fox": "foxes", "bus": "buses", "church": "churches", "key": "keys",
        "brush": "brushes", "toy": "toys",
    }.items():
        assert things.plural(one) == many, one
    names = {n.one: n.many for t in things.load() for n in t.names}
    assert names["mouse"] == "mice" and names["sheep"] == "sheep" and names["tooth"] == "teeth"
    assert names["scissors"] is None and names["bread"] is None


def articles_fit_sounds() -> None:
    for noun, phrase in {"apple": "an apple", "unicorn": "a unicorn", "UFO": "a UFO", "owl": "an owl", "euro": "a euro"}.items():
        assert things.article(noun) == phrase, noun


def names_are_unique() -> None:
    known = things.load()
    assert 600 <= len(known) <= 800, len(known)
    for values in ([t.code for t in known], [n.one for t in known for n in t.names], [c for t in known for c in t.chinese]):
        assert len(values) == len(set(values)), [v for v in values if values.count(v) > 1]


def seed_decides_everything() -> None:
    for seed in range(20):
        a, b = grammar.training_scene(seed), grammar.training_scene(seed)
        assert a == b
        assert np.array_equal(scene.draw(a, 128), scene.draw(b, 128))
        assert caption.caption(a, random.Random(seed)) == caption.caption(b, random.Random(seed))


def held_out_combinations_stay_out() -> None:
    kinds: dict[str, list[bool]] = {}
    for seed in range(COUNT):
        assert not grammar.training_scene(seed).held_out()
        for combination in grammar.draft(seed).combinations():
            kinds.setdefault(combination[0], []).append(grammar.is_held_out(combination))
    share = np.mean([out for found in kinds.values() for out in found])
    assert 0.06 < share < 0.14, share
    for kind in pool.KINDS:
        assert grammar.held_out_scene(0, kind).held_out(), kind


def captions_name_what_is_drawn() -> None:
    for seed in range(COUNT):
        s, rng = grammar.training_scene(seed), random.Random(seed)
        text = caption.caption(s, rng, caption.ENGLISH, complete=True).lower()
        for item in s.items:
            names = [n for name in item.thing.names for n in (name.one, name.many) if n]
            assert any(n.lower() in text for n in names), (text, names)
            assert item.colour is None or item.colour in text, text
        if s.arrangement == "count":
            assert any(w in text for w in (caption.NUMBERS[len(s.items)], str(len(s.items)))), text
        if s.style_named:
            assert caption.STYLES[s.style][0].lower() in text, text
        if s.background.kind != "place":
            assert all(n in text for n in s.background.names), text
        text = caption.caption(s, rng, caption.CHINESE, complete=True)
        for item in s.items:
            assert any(n in text for n in item.thing.chinese), (text, item.thing.chinese)
        if s.style_named:
            assert caption.CHINESE_STYLES[s.style] in text, text


def things_stay_inside() -> None:
    for seed in range(COUNT):
        s = grammar.training_scene(seed)
        for left, top, w, h in scene.compose(s, 64)[1]:
            assert left > -0.02 and top > -0.02 and left + w < 1.02 and top + h < 1.02, (seed, left, top, w, h)


def relations_are_drawn() -> None:
    for seed in range(COUNT):
        s = grammar.training_scene(seed)
        if s.arrangement in ("left", "above"):
            (x0, y0, w0, h0), (x1, y1, w1, h1) = scene.compose(s, 64)[1]
            if s.arrangement == "left":
                assert x0 + w0 / 2 < x1 + w1 / 2, seed
            else:
                assert y0 + h0 / 2 < y1 + h1 / 2, seed


CHECKS = (
    plurals_are_regular, articles_fit_sounds, names_are_unique, seed_decides_everything, held_out_combinations_stay_out,
    captions_name_what_is_drawn, things_stay_inside, relations_are_drawn,
)


def main() -> None:
    for check in CHECKS:
        check()
        print(f"ok {check.__name__}")
    print(f"{len(CHECKS)} passed, 0 failed")


if __name__ == "__main__":
    main()
