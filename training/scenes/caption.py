"""Captions of described scenes, in English and Chinese, with free word order and optional parts."""

from __future__ import annotations

import random

from .colours import CHINESE as CHINESE_COLOURS
from .grammar import Background, Item, Scene
from .things import Name, article

ENGLISH, CHINESE = "en", "zh"
CHINESE_SHARE = 0.38
NUMBERS = {2: "two", 3: "three", 4: "four"}
CHINESE_NUMBERS = {1: "一", 2: "两", 3: "三", 4: "四"}
SIZES = {"large": ("large", "big", "huge"), "small": ("small", "little", "tiny")}
CHINESE_SIZES = {"large": ("大", "巨大的"), "small": ("小", "小小的")}
STYLES = (
    ("3D render", "3D render"), ("flat icon", "flat icon"), ("soft 3D", "soft 3D picture"),
    ("cartoon", "cartoon"), ("sticker", "sticker"),
)
CHINESE_STYLES = ("3D渲染", "扁平图标", "柔和3D", "卡通", "贴纸")
# Where the thing is, with the short form that may stand alone.
PLACES = {
    "meadow": (("in a meadow", "on the grass", "on a green meadow"), "meadow"),
    "beach": (("on a beach", "on the beach", "at the beach"), "beach"),
    "snow": (("in the snow", "in snow", "in a snowy landscape"), "snow"),
    "desert": (("in the desert", "in a desert"), "desert"),
    "mountains": (("in front of mountains", "in the mountains"), "mountains"),
    "forest": (("in a forest", "in the forest", "in the woods"), "forest"),
    "sea": (("on the sea", "at sea", "on the ocean"), "sea"),
    "under water": (("under water", "underwater", "under the sea"), "underwater"),
    "space": (("in space", "in outer space", "among the stars"), "space"),
    "night": (("at night", "under the night sky", "at night under the moon"), "night"),
    "sunset": (("at sunset", "in the sunset", "in the evening"), "sunset"),
    "rain": (("in the rain", "on a rainy day"), "rain"),
    "room": (("in a room", "in the living room", "at home"), "room"),
    "table": (("on a table", "on a wooden table", "on the table"), "wooden table"),
    "street": (("on a street", "in the street", "in the city"), "street"),
}
CHINESE_PLACES = {
    "meadow": ("草地上", "草坪上"), "beach": ("沙滩上", "海滩上"), "snow": ("雪地里", "雪中"), "desert": ("沙漠里", "沙漠中"),
    "mountains": ("山前", "群山前"), "forest": ("森林里", "树林里"), "sea": ("海上", "海面上"), "under water": ("水下", "海底"),
    "space": ("太空中", "太空里"), "night": ("夜晚", "夜空下", "月光下"), "sunset": ("日落时", "夕阳下"),
    "rain": ("雨中", "下雨天"), "room": ("房间里", "屋里"), "table": ("桌子上", "木桌上"), "street": ("街道上", "街上"),
}


def pick_name(item: Item, rng: random.Random, many: bool = False) -> Name:
    """Returns mostly the usual name, one with a plural where that is needed."""
    names = [n for n in item.thing.names if n.countable or not many]
    return names[0] if len(names) == 1 or rng.random() < 0.7 else rng.choice(names[1:])


def adjectives(item: Item, rng: random.Random) -> str:
    words = [rng.choice(SIZES[item.size])] if item.size else []
    words += [item.colour] if item.colour else []
    return "".join(f"{w} " for w in words)


def noun_phrase(item: Item, rng: random.Random, bare: bool = False) -> str:
    """Returns "a small red car"; without article where `bare` or where the name is a plural."""
    name = pick_name(item, rng)
    phrase = adjectives(item, rng) + name.one
    proper = name.one[:1].isupper() and not name.countable
    if bare or not name.countable or (proper and not item.colour):
        return phrase
    return article(phrase)


def counted(scene: Scene, rng: random.Random) -> str:
    item, number = scene.items[0], len(scene.items)
    word = NUMBERS[number] if rng.random() < 0.85 else str(number)
    phrase = f"{word} {adjectives(item, rng)}{pick_name(item, rng, many=True).many}"
    kind = rng.random()
    if kind < 0.12:
        return f"{phrase} in a row"
    if kind < 0.2:
        return f"a row of {phrase}"
    return phrase


def subject(scene: Scene, rng: random.Random) -> str:
    if scene.arrangement == "count":
        return counted(scene, rng)
    bare = rng.random() < 0.15
    parts = [noun_phrase(item, rng, bare) for item in scene.items]
    if scene.arrangement == "single":
        return parts[0]
    if scene.arrangement == "list":
        end = " in a row" if rng.random() < 0.15 else ""
        return f"{parts[0]}, {parts[1]}{rng.choice((' and ', ', ', ' and '))}{parts[2]}{end}"
    a, b = parts
    if scene.arrangement == "left":
        return rng.choice((
            f"{a} to the left of {b}", f"{a} left of {b}", f"{b} to the right of {a}", f"{b} right of {a}",
            f"{a} on the left and {b} on the right", f"{a} on the left, {b} on the right",
        ))
    if scene.arrangement == "above":
        return rng.choice((f"{a} above {b}", f"{a} over {b}", f"{b} below {a}", f"{b} under {a}", f"{a} above {b}"))
    if rng.random() < 0.5:
        a, b = b, a
    return rng.choice((f"{a} next to {b}", f"{a} and {b}", f"{a} beside {b}", f"{a} with {b}"))


def setting(background: Background, rng: random.Random) -> tuple[str, str]:
    """Returns the place behind a subject ("on a blue background") and alone ("blue background")."""
    if background.kind == "place":
        long, short = PLACES[background.names[0]]
        return rng.choice(long), short if rng.random() < 0.5 else rng.choice(long)
    if background.kind == "flat":
        colour = background.names[0]
        alone = f"{colour} background"
        return rng.choice((f"on {article(colour)} background", f"on {article(colour)} background", f"on {colour}",
                           f"against {article(colour)} background")), alone
    top, bottom = background.names
    alone = rng.choice((f"{top} and {bottom} gradient", f"gradient from {top} to {bottom}"))
    return f"on {article(alone)}", alone


def english(scene: Scene, rng: random.Random, complete: bool) -> str:
    what = subject(scene, rng)
    where, alone = setting(scene.background, rng) if rng.random() < 0.9 or complete else ("", "")
    kind = rng.random()
    if not where:
        text, style_first = what, kind < 0.7
    elif kind < 0.66:
        text, style_first = f"{what} {where}", rng.random() < 0.7
    elif kind < 0.84:
        text, style_first = f"{what}, {alone}", rng.random() < 0.5
    else:
        text, style_first = f"{where}, {what}" if rng.random() < 0.5 else f"{alone}, {what}", False
    if not scene.style_named:
        return text
    short, of = STYLES[scene.style]
    if style_first:
        lead = rng.choice((f"{of} of", f"{of} of", f"{article(of)} of")) if rng.random() < 0.8 else f"{short},"
        return f"{lead} {text}"
    return f"{text}, {short}" if rng.random() < 0.8 else f"{text}, {short} style"


def chinese_phrase(item: Item, number: int, rng: random.Random, bare: bool = False) -> str:
    names = item.thing.chinese
    name = names[0] if len(names) == 1 or rng.random() < 0.7 else rng.choice(names[1:])
    colour = CHINESE_COLOURS[item.colour] + ("的" if rng.random() < 0.8 else "") if item.colour else ""
    size = rng.choice(CHINESE_SIZES[item.size]) if item.size else ""
    described = size + colour + name if size.endswith("的") else colour + size + name
    if bare:
        return described
    measure = item.thing.measure if rng.random() < 0.85 else "个"
    return CHINESE_NUMBERS[number] + measure + described


def chinese_subject(scene: Scene, rng: random.Random) -> str:
    if scene.arrangement == "count":
        phrase = chinese_phrase(scene.items[0], len(scene.items), rng)
        return phrase + "排成一排" if rng.random() < 0.12 else phrase
    bare = rng.random() < 0.4
    parts = [chinese_phrase(item, 1, rng, bare) for item in scene.items]
    if scene.arrangement == "single":
        return parts[0]
    if scene.arrangement == "list":
        return f"{parts[0]}、{parts[1]}{rng.choice(('和', '、'))}{parts[2]}"
    a, b = parts
    if scene.arrangement == "left":
        return rng.choice((f"{a}在{b}的左边", f"{a}在{b}左边", f"{b}在{a}的右边", f"{b}在{a}右边", f"左边是{a},右边是{b}"))
    if scene.arrangement == "above":
        return rng.choice((f"{a}在{b}上面", f"{a}在{b}的上方", f"{b}在{a}下面", f"{b}在{a}的下方"))
    if rng.random() < 0.5:
        a, b = b, a
    return rng.choice((f"{a}和{b}", f"{a}在{b}旁边", f"{a}与{b}"))


def chinese(scene: Scene, rng: random.Random, complete: bool) -> str:
    what = chinese_subject(scene, rng)
    where = ""
    if rng.random() < 0.9 or complete:
        background = scene.background
        if background.kind == "place":
            where = rng.choice(CHINESE_PLACES[background.names[0]])
        elif background.kind == "flat":
            where = CHINESE_COLOURS[background.names[0]] + "背景"
        else:
            where = "到".join(CHINESE_COLOURS[n] for n in background.names) + "渐变背景"
    relation = scene.arrangement not in ("single", "count", "list")
    place = scene.background.kind == "place"
    text = what
    if where:
        kind = rng.random()
        if kind < 0.35 and not relation:
            text = f"{where}{'' if place else '上'}的{what}"
        elif kind < 0.55 and not relation and place:
            text = f"{what}在{where}"
        elif kind < 0.8:
            text = f"{what},{where}"
        else:
            text = f"{where},{what}"
    if scene.style_named:
        style = CHINESE_STYLES[scene.style]
        kind = rng.random()
        text = f"{text},{style}" if kind < 0.5 else f"{style}:{text}" if kind < 0.7 else f"{style}风格,{text}"
    return text.replace(",", "\uff0c") if rng.random() < 0.7 else text


def caption(scene: Scene, rng: random.Random, language: str | None = None, complete: bool = False) -> str:
    """Returns one of the scene's captions; a `complete` one always names the background."""
    if language is None:
        language = CHINESE if rng.random() < CHINESE_SHARE else ENGLISH
    text = chinese(scene, rng, complete) if language == CHINESE else english(scene, rng, complete)
    return text[:1].upper() + text[1:] if rng.random() < 0.1 else text
